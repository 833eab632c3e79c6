// Exec, attach and port-forward: one table for both transports, because a rule that holds for one must hold for the other.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { results } from '../../support/gate.ts'
import { type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { acceptStream, openStream, type Peer, type Transport } from '../../support/kube-streams.ts'

let gateway: KubeGateway
let server: Peer | undefined
/** What the fake kubelet does once the stream is open. */
let kubelet: (peer: Peer) => void = () => undefined
before(async () => {
  gateway = await startKubeGateway()
})
after(() => gateway.close())
beforeEach(() => {
  gateway.upstream.seen.length = 0
  gateway.errors.length = 0
  gateway.parts.live.answer = () => results.allow
  kubelet = () => undefined
  server = undefined
  gateway.upstream.upgrade = (request, socket, head) => {
    server = acceptStream(request, socket)
    if (head.length > 0) server.take(head)
    kubelet(server)
  }
})

const transports: readonly (readonly [Transport, string])[] = [
  ['websocket', 'v5.channel.k8s.io'],
  ['websocket', 'v4.channel.k8s.io'],
  ['spdy', 'v4.channel.k8s.io'],
]
const exec = '/api/v1/namespaces/shop/pods/web/exec?stdin=true&stdout=true&stderr=true'
const allChannels = ['error', 'stdin', 'stdout', 'stderr']

async function opened(
  transport: Transport,
  protocol: string,
  path = `${exec}&command=cat`,
  channels: readonly string[] = allChannels,
): Promise<Peer> {
  const result = await openStream(gateway.port, path, transport, protocol)
  if ('refused' in result) throw new Error(result.refused)
  result.peer.open(channels)
  return result.peer
}

for (const [transport, protocol] of transports) {
  test(`${transport} ${protocol}: input, output, errors and the end pass; all is recorded`, async () => {
    kubelet = (peer) =>
      peer.onData((channel, text) => {
        if (channel !== 'stdin') return
        peer.send('stdout', `out:${text}`)
        peer.send('stderr', `err:${text}`)
        peer.send('error', '{"metadata":{},"status":"Success"}')
        peer.end()
      })
    const client = await opened(transport, protocol)
    client.send('stdin', 'hello')
    await client.ended()
    assert.equal(client.got.get('stdout'), 'out:hello')
    assert.equal(client.got.get('stderr'), 'err:hello')
    assert.equal(client.got.get('error'), '{"metadata":{},"status":"Success"}')
    const [seen] = gateway.upstream.seen
    const headers = new Map(seen?.headers.map(([name, value]) => [name.toLowerCase(), value]))
    assert.equal(headers.get('authorization'), 'Bearer gateway-token')
    assert.equal(headers.get('impersonate-user'), 'sallyport:agent-1')
    const entries = [...gateway.parts.recorder.sessions.values()].at(-1)?.accepted ?? []
    const actions = entries.flatMap((one) => (one.kind === 'action' ? [one.document.action] : []))
    assert.deepEqual(
      actions.map(({ operation }) => operation),
      ['connect', 'create pods/exec'],
    )
    assert.deepEqual(actions[1]?.kube?.exec?.command, ['cat'])
    const terminal = (): readonly string[] =>
      entries.flatMap((one) => (one.kind === 'terminal' ? [`${one.stream} ${Buffer.from(one.bytes).toString()}`] : []))
    // What flowed is written a few milliseconds later, together.
    for (let look = 0; terminal().length < 3 && look < 12_000; look++) await pause(5)
    assert.deepEqual(terminal(), ['input hello', 'output out:hello', 'output err:hello'])
  })

  test(`${transport} ${protocol}: a refused command never reaches the cluster`, async () => {
    gateway.parts.live.answer = (input) =>
      (input as ActionDocument).action.kube?.subresource === 'exec' ? results.deny : results.allow
    const result = await openStream(gateway.port, `${exec}&command=rm`, transport, protocol)
    assert.ok('refused' in result)
    assert.match(result.refused, /^HTTP\/1\.1 403 [\s\S]*"reason":"Forbidden"[\s\S]*p\.no/)
    assert.equal(gateway.upstream.seen.length, 0)
  })

  test(`${transport} ${protocol}: what detectors find is masked, across messages too`, async () => {
    gateway.parts.live.answer = (input) =>
      (input as ActionDocument).action.stage === 'connect'
        ? results.allow
        : { ...results.allow, mask: [{ detect: 'credit_card', with: 'last4' }] }
    kubelet = (peer) =>
      peer.onData(() => {
        peer.send('stdout', 'card 41111111')
        peer.send('stdout', '11111111 end')
        peer.send('stderr', '4111111111111111')
        peer.send('error', '{"status":"Success"}')
        peer.end()
      })
    const client = await opened(transport, protocol)
    client.send('stdin', 'go')
    await client.ended()
    assert.equal(client.got.get('stdout'), 'card ************1111 end')
    assert.equal(client.got.get('stderr'), '************1111')
  })

  test(`${transport} ${protocol}: an ended session says why and closes both sides`, async () => {
    const client = await opened(transport, protocol)
    client.send('stdin', 'x')
    await until(() => server?.got.get('stdin') === 'x')
    const [live] = [...gateway.parts.recorder.sessions.keys()].slice(-1)
    gatewayEnd(live ?? '')
    await client.ended()
    assert.match(client.got.get('error') ?? '', /"status":"Failure".*revoked/)
    await server?.ended()
  })

  test(`${transport} ${protocol}: a limit of bytes ends the stream`, async () => {
    gateway.parts.live.answer = (input) =>
      (input as ActionDocument).action.stage === 'connect'
        ? results.allow
        : { ...results.allow, limit: [{ bytes: 10 }] }
    kubelet = (peer) => peer.onData(() => peer.send('stdout', 'x'.repeat(100)))
    const client = await opened(transport, protocol)
    client.send('stdin', 'a')
    await client.ended()
    assert.equal(client.got.get('stdout') ?? '', '')
    assert.match(client.got.get('error') ?? '', /Failure/)
  })

  test(`${transport} ${protocol}: the client cannot speak for the server, nor on input that was not asked for`, async () => {
    const client = await opened(transport, protocol)
    client.send('stdout', 'forged')
    await client.ended()
    assert.equal(server?.got.get('stdout') ?? '', '')
    const silent = await opened(
      transport,
      protocol,
      '/api/v1/namespaces/shop/pods/web/exec?stdout=true&command=ls',
      transport === 'spdy' ? ['error', 'stdout', 'stdin'] : [],
    )
    if (transport === 'websocket') silent.send('stdin', 'x')
    await silent.ended()
    assert.equal(server?.got.get('stdin') ?? '', '')
  })

  test(`${transport} ${protocol}: the server cannot speak on the client's channels`, async () => {
    kubelet = (peer) => peer.onData(() => peer.send('stdin', 'back'))
    const client = await opened(transport, protocol)
    client.send('stdin', 'x')
    await client.ended()
    assert.equal(client.got.get('stdin') ?? '', '')
  })

  test(`${transport} ${protocol}: the size of a terminal is recorded`, async () => {
    const client = await opened(transport, protocol, `${exec}&tty=true&command=top`, [
      'error',
      'stdin',
      'stdout',
      'resize',
    ])
    client.send('resize', '{"Width":80,"Height":24}\n')
    await until(() => server?.got.get('resize') === '{"Width":80,"Height":24}\n')
    const entries = [...gateway.parts.recorder.sessions.values()].at(-1)?.accepted ?? []
    assert.ok(entries.some((one) => one.kind === 'resize' && one.columns === 80 && one.rows === 24))
    // A recorder that is behind holds the client back, as it does for what is typed.
    const recorder = [...gateway.parts.recorder.sessions.values()].at(-1)
    assert.ok(recorder !== undefined)
    recorder.congested = true
    client.send('resize', '{"Width":81,"Height":24}\n')
    await until(() => server?.got.get('resize')?.includes('81') === true)
    client.send('resize', '{"Width":82,"Height":24}\n')
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate)
    assert.equal(server?.got.get('resize')?.includes('82'), false)
    recorder.drain()
    await until(() => server?.got.get('resize')?.includes('82') === true)
    client.socket.destroy()
    await server?.ended()
  })

  test(`${transport} ${protocol}: an upstream that chooses another protocol is not believed`, async () => {
    gateway.upstream.upgrade = (request, socket) => void acceptStream(request, socket, 'v1.channel.k8s.io')
    const result = await openStream(gateway.port, `${exec}&command=ls`, transport, protocol)
    assert.ok('refused' in result && result.refused.startsWith('HTTP/1.1 502'))
  })

  test(`${transport} ${protocol}: attach is judged and decoded like exec`, async () => {
    gateway.parts.live.answer = (input) =>
      (input as ActionDocument).action.kube?.subresource === 'attach' ? results.deny : results.allow
    const refused = await openStream(
      gateway.port,
      '/api/v1/namespaces/shop/pods/web/attach?stdout=true',
      transport,
      protocol,
    )
    assert.ok('refused' in refused && refused.refused.startsWith('HTTP/1.1 403'))
  })
}

test('closing the input passes over v5 and SPDY, and is no message of v4', async () => {
  for (const [transport, protocol] of transports) {
    const client = await opened(transport, protocol)
    client.finish('stdin')
    if (protocol.startsWith('v4') && transport === 'websocket') {
      await client.ended()
      continue
    }
    await until(() => server?.over.has('stdin') === true)
    assert.ok(server?.over.has('stdin'), protocol)
    client.socket.destroy()
    await server?.ended()
  }
})

const forward = '/api/v1/namespaces/shop/pods/web/portforward'

test('port-forward by SPDY: every connection is judged by its port', async () => {
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.kube?.ports?.includes(22) === true ? results.deny : results.allow
  kubelet = (peer) => peer.onData((channel, text) => peer.send(channel, `echo ${text}`))
  const result = await openStream(gateway.port, forward, 'spdy', 'portforward.k8s.io')
  assert.ok('peer' in result)
  const { peer } = result
  peer.open(
    ['error', 'data'],
    [
      ['port', '22'],
      ['requestid', '0'],
    ],
    1,
  )
  await peer.until(() => peer.over.has('error1') && peer.over.has('data1'))
  assert.match(peer.got.get('error1') ?? '', /not this.*p\.no/)
  assert.equal(server?.got.has('data:22') ?? false, false)
  peer.open(
    ['error', 'data'],
    [
      ['port', '8080'],
      ['requestid', '1'],
    ],
    5,
  )
  peer.send('data5', 'ping')
  await peer.until(() => peer.got.get('data5') === 'echo ping')
  assert.equal(server?.got.get('data:8080'), 'ping')
  const entries = [...gateway.parts.recorder.sessions.values()].at(-1)?.accepted ?? []
  const ports = entries.flatMap((one) => (one.kind === 'action' ? [one.document.action.kube?.ports ?? []] : []))
  assert.deepEqual(ports, [[], [], [22], [8080]])
  peer.socket.destroy()
})

test('port-forward is refused where output is masked, because it could not be', async () => {
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.stage === 'connect'
      ? results.allow
      : { ...results.allow, mask: [{ detect: 'email', with: 'redact' }] }
  const result = await openStream(gateway.port, forward, 'spdy', 'portforward.k8s.io')
  assert.ok('refused' in result && result.refused.startsWith('HTTP/1.1 403'))
})

test('a stream that names two ports for one connection, or none, ends', async () => {
  for (const headers of [
    [
      ['port', 'x'],
      ['requestid', '0'],
    ],
    [['requestid', '0']],
    [
      ['port', '0'],
      ['requestid', '0'],
    ],
  ] as const) {
    const result = await openStream(gateway.port, forward, 'spdy', 'portforward.k8s.io')
    assert.ok('peer' in result)
    result.peer.open(['error'], headers)
    await result.peer.ended()
  }
})

/** Waits until something is so, by turns of the event loop. */
async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setImmediate(resolve))
}

function gatewayEnd(id: string): void {
  gateway.end((session) => session.id === id)
}
