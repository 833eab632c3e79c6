// Shells in pods: what is typed into `kubectl exec -it POD -- sh` is judged a line at a time where a cluster says so, over
// both transports alike; what is refused never reaches the shell, and whoever is refused one way may be allowed another.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { results } from '../../support/gate.ts'
import { type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { acceptStream, openStream, type Peer, type Transport } from '../../support/kube-streams.ts'

let gateway: KubeGateway
let judged: ActionDocument[] = []
/** What reached the shell, and who waits for more of it. */
let typed = ''
let arrived: () => void = () => undefined

before(async () => {
  gateway = await startKubeGateway({ target: { shells: ['lines', 'record'] } })
})
after(() => gateway.close())
beforeEach(() => {
  judged = []
  typed = ''
  gateway.errors.length = 0
  gateway.parts.live.answer = (input) => policy(input as ActionDocument)
  gateway.upstream.upgrade = (request, socket, head) => {
    const shell = acceptStream(request, socket)
    shell.onData((channel, text) => {
      if (channel !== 'stdin') return
      typed += text
      // A shell that is told to leave leaves.
      if (/exit[\r\n]/.test(typed)) {
        shell.send('stdout', 'bye')
        shell.send('error', '{"metadata":{},"status":"Success"}')
        shell.end()
      }
      arrived()
    })
    if (head.length > 0) shell.take(head)
  }
})

/** Everything but lines with `rm`, and shells that are only recorded. */
function policy(document: ActionDocument): unknown {
  judged.push(document)
  const { operation, text, kube } = document.action
  const isRefused = operation === 'line' ? text.includes('rm ') : kube?.exec?.shell.mode === 'record'
  return isRefused ? results.deny : results.allow
}

const transports: readonly (readonly [Transport, string])[] = [
  ['websocket', 'v5.channel.k8s.io'],
  ['websocket', 'v4.channel.k8s.io'],
  ['spdy', 'v4.channel.k8s.io'],
]
const exec = '/api/v1/namespaces/shop/pods/web/exec?stdin=true&stdout=true'
const shell = `${exec}&tty=true&command=sh`

async function opened(transport: Transport, protocol: string, path = shell): Promise<Peer> {
  const result = await openStream(gateway.port, path, transport, protocol)
  if ('refused' in result) throw new Error(result.refused)
  result.peer.open(['error', 'stdin', 'stdout'])
  return result.peer
}

/** Waits until the shell was typed something that fits. */
function until(fits: (text: string) => boolean): Promise<void> {
  return new Promise((resolve) => {
    arrived = () => {
      if (fits(typed)) resolve()
    }
    arrived()
  })
}

const lines = (): readonly string[] =>
  judged.flatMap(({ action }) => (action.operation === 'line' ? [action.text] : []))

for (const [transport, protocol] of transports) {
  test(`${transport} ${protocol}: a line that is allowed reaches the shell whole, one that is refused does not`, async () => {
    const client = await opened(transport, protocol)
    for (const key of ['l', 's', ' -', 'x\x7fl', '\r', 'rm -rf /\r', 'exit\r']) client.send('stdin', key)
    await client.ended()
    assert.equal(typed, 'ls -l\r\rexit\r')
    assert.deepEqual(lines(), ['ls -l', 'rm -rf /', 'exit'])
    assert.match(client.got.get('stdout') ?? '', /sallyport: .*bye$/s)
    const [first] = judged.filter(({ action }) => action.operation === 'line')
    assert.equal(first?.action.kube?.name, 'web')
    assert.deepEqual(first?.action.kube?.exec?.shell.commands[0]?.argv, ['ls', '-l'])
    assert.equal(first?.action.complete, true)
  })

  test(`${transport} ${protocol}: keys of signals go to the shell at once, and nothing typed before them does`, async () => {
    const client = await opened(transport, protocol)
    client.send('stdin', 'rm -rf /\x03')
    await until((text) => text.includes('\x03'))
    assert.equal(typed, '\x03')
    assert.deepEqual(lines(), [])
    client.send('stdin', 'exit\r')
    await client.ended()
  })

  test(`${transport} ${protocol}: without a terminal lines come out of a pipe`, async () => {
    const client = await opened(transport, protocol, `${exec}&command=/bin/bash`)
    client.send('stdin', 'id\nrm x\nexit\n')
    await client.ended()
    assert.equal(typed, 'id\nexit\n')
    assert.deepEqual(lines(), ['id', 'rm x', 'exit'])
  })
}

for (const [transport, protocol] of transports.filter(
  ([transport, one]) => transport === 'spdy' || one.startsWith('v5'),
))
  test(`${transport} ${protocol}: a last line without its end is judged before the input ends`, async () => {
    gateway.upstream.upgrade = (request, socket, head) => {
      const reader = acceptStream(request, socket)
      reader.onData((channel, text) => {
        if (channel === 'stdin') typed += text
      })
      if (head.length > 0) reader.take(head)
      void reader.until(() => reader.over.has('stdin')).then(() => reader.end())
    }
    const client = await opened(transport, protocol, `${exec}&command=dash`)
    client.send('stdin', 'id')
    client.finish('stdin')
    await client.ended()
    assert.equal(typed, 'id\n')
    assert.deepEqual(lines(), ['id'])
  })

test('what is no shell is judged as a command, and its input is its own', async () => {
  const client = await opened('websocket', 'v5.channel.k8s.io', `${exec}&command=cat`)
  client.send('stdin', 'rm all of it, exit\n')
  await client.ended()
  assert.equal(typed, 'rm all of it, exit\n')
  assert.deepEqual(lines(), [])
})

test('a shell is asked for in the order of the configuration, and refused once no way is allowed', async () => {
  const modes = (): readonly unknown[] =>
    judged.flatMap(({ action }) => (action.kube === undefined ? [] : [action.kube.exec?.shell.mode]))
  gateway.parts.live.answer = (input) => {
    const document = input as ActionDocument
    const { mode } = document.action.kube?.exec?.shell ?? {}
    judged.push(document)
    return mode === 'lines' ? results.deny : results.allow
  }
  const client = await opened('websocket', 'v5.channel.k8s.io')
  client.send('stdin', 'rm x; exit\r')
  await client.ended()
  assert.deepEqual(modes(), ['lines', 'record'])
  assert.equal(typed, 'rm x; exit\r')
  judged = []
  gateway.parts.live.answer = (input) => {
    const document = input as ActionDocument
    judged.push(document)
    return document.action.kube === undefined ? results.allow : results.deny
  }
  const refused = await openStream(gateway.port, shell, 'websocket', 'v5.channel.k8s.io')
  assert.ok('refused' in refused)
  assert.match(refused.refused, /403/)
  assert.deepEqual(modes(), ['lines', 'record'])
})

test('a line whose output would be masked otherwise than the shell is not sent', async () => {
  gateway.parts.live.answer = (input) => {
    const { operation, text } = (input as ActionDocument).action
    const masks = operation === 'line' && text === 'cat cards'
    return masks ? { ...results.allow, mask: [{ detect: 'credit_card', with: 'last4' }] } : results.allow
  }
  const client = await opened('spdy', 'v4.channel.k8s.io', `${exec}&tty=true&command=bash`)
  client.send('stdin', 'cat cards\rexit\r')
  await client.ended()
  assert.equal(typed, 'exit\r')
  assert.match(client.got.get('stdout') ?? '', /cannot be masked for one line/)
})

for (const [transport, protocol] of transports)
  test(`${transport} ${protocol}: what is typed into an attach is judged by line as into a shell`, async () => {
    const attach = '/api/v1/namespaces/shop/pods/web/attach?stdin=true&stdout=true&tty=true'
    const client = await opened(transport, protocol, attach)
    client.send('stdin', 'rm x\rls\rexit\r')
    await client.ended()
    assert.equal(typed, '\rls\rexit\r')
    assert.deepEqual(lines(), ['rm x', 'ls', 'exit'])
    assert.deepEqual(
      judged.map(({ action }) => [action.kube?.subresource ?? '', action.kube?.exec?.shell.mode ?? '']).slice(1, 3),
      [
        ['attach', 'lines'],
        ['attach', ''],
      ],
    )
  })
