// Shells in pods that the gateway itself serves: each line that is typed into `kubectl exec -it POD -- sh` is a command of
// its own, over both transports alike. The shell that was asked for never runs.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { encodeFrame } from '../../../proxy/kubernetes/wire/index.ts'
import { results } from '../../support/gate.ts'
import { ask, type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { acceptStream, openStream, type Peer, type Transport } from '../../support/kube-streams.ts'

let gateway: KubeGateway
let judged: ActionDocument[] = []
/** The commands that the cluster was asked to run, and the window that each was told. */
let ran: { readonly url: URL; typed: string; size: string; readonly peer: Peer }[] = []

before(async () => {
  gateway = await startKubeGateway({ target: { shells: ['wrapper', 'record'] } })
})
after(() => gateway.close())
beforeEach(() => {
  judged = []
  ran = []
  gateway.errors.length = 0
  gateway.parts.live.answer = (input) => policy(input as ActionDocument)
  gateway.upstream.upgrade = (request, socket, head) => {
    const url = new URL(request.url ?? '', 'http://cluster')
    const peer = acceptStream(request, socket)
    const one = { url, typed: '', size: '', peer }
    ran.push(one)
    const has = (name: string): boolean => url.searchParams.get(name) === 'true'
    const channels = ['error', 'stdin', 'stdout', 'stderr', 'resize'].filter(
      (name) => name === 'error' || (name === 'resize' ? has('tty') : has(name)),
    )
    peer.onData((channel, text) => {
      if (channel === 'stdin') one.typed += text
      if (channel === 'resize') one.size += text
      if (channel === 'stdin') answer(one)
    })
    if (head.length > 0) peer.take(head)
    const isOpen = (): boolean => !peer.opens || channels.every((name) => peer.got.has(name))
    void peer.until(isOpen).then(() => answer(one))
  }
})

/** What a pod does: `cat` reads until Ctrl-D or Ctrl-C, `fail N` says how it ended, the rest is told back. */
function answer({ url, typed, peer }: (typeof ran)[number]): void {
  const [, , line = ''] = url.searchParams.getAll('command')
  const over = (output: string, status: number): void => {
    const ended =
      status === 0
        ? { status: 'Success' }
        : { status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: String(status) }] } }
    if (output !== '') peer.send(line.startsWith('warn') ? 'stderr' : 'stdout', output)
    peer.send('error', JSON.stringify({ metadata: {}, ...ended }))
    peer.end()
  }
  if (line === 'break') peer.socket.destroy()
  else if (line === 'garbage') peer.socket.end('no frame of any protocol, and quite long enough to be seen as such')
  else if (line === 'cat' && typed === '') peer.send('stdout', 'ready ')
  else if (line !== 'cat') over(`<${line}>`, Number(/^fail (\d+)/.exec(line)?.[1] ?? 0))
  else if (typed.endsWith('\x03')) over('', 130)
  else if (typed.endsWith('\x04')) over(`read ${typed.slice(0, -1)}`, 0)
}

/** Everything but lines with `rm`, and shells that are only recorded. */
function policy(document: ActionDocument): unknown {
  judged.push(document)
  const { shell } = document.action.kube?.exec ?? {}
  if (shell?.mode !== undefined) return shell.mode === 'wrapper' ? results.allow : results.deny
  return shell?.commands.some(({ name }) => name === 'rm') === true ? results.deny : results.allow
}

const transports: readonly (readonly [Transport, string])[] = [
  ['websocket', 'v5.channel.k8s.io'],
  ['websocket', 'v4.channel.k8s.io'],
  ['spdy', 'v4.channel.k8s.io'],
]
const pod = '/api/v1/namespaces/shop/pods/web'
const terminal = `${pod}/exec?container=app&stdin=true&stdout=true&tty=true&command=sh`
const piped = `${pod}/exec?container=app&stdin=true&stdout=true&stderr=true&command=bash`

async function opened(transport: Transport, protocol: string, path: string): Promise<Peer> {
  const result = await openStream(gateway.port, path, transport, protocol)
  if ('refused' in result) throw new Error(result.refused)
  const tty = path.includes('tty=true')
  result.peer.open(['error', 'stdin', 'stdout', tty ? 'resize' : 'stderr'])
  return result.peer
}

const saw = (peer: Peer, channel = 'stdout'): string => peer.got.get(channel) ?? ''
const prompts = (peer: Peer): number => saw(peer).split('web> ').length - 1
/** Waits for the prompt after so many lines. */
const prompted = (peer: Peer, lines: number): Promise<void> => peer.until(() => prompts(peer) > lines)
/** Waits until so many times a command reads what is typed. */
const ready = (peer: Peer, times: number): Promise<void> =>
  peer.until(() => saw(peer).split('ready ').length - 1 >= times)
const lines = (): readonly (string | undefined)[] => ran.map(({ url }) => url.searchParams.getAll('command')[2])
const exit = (peer: Peer): unknown => JSON.parse(saw(peer, 'error'))

for (const [transport, protocol] of transports) {
  const named = `${transport} ${protocol}`

  test(`${named}: every line is a command of its own, and one that is refused is none`, async () => {
    const client = await opened(transport, protocol, terminal)
    await prompted(client, 0)
    client.send('stdin', 'echo a b\r')
    await prompted(client, 1)
    client.send('stdin', 'rm -rf /\rfail 3\r')
    await prompted(client, 3)
    client.send('stdin', 'exit\r')
    await client.ended()
    assert.deepEqual(lines(), ['echo a b', 'fail 3'])
    assert.match(saw(client), /<echo a b>web> .*sallyport: refused by policy: .*\r\nweb> /s)
    assert.deepEqual(exit(client), {
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: exit status 3',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
    const [connect, shell, first, second] = judged
    assert.equal(connect?.action.stage, 'connect')
    assert.deepEqual([shell?.action.complete, shell?.action.kube?.exec?.shell.mode], [true, 'wrapper'])
    assert.deepEqual(first?.action.kube?.exec?.command, ['sh', '-c', 'echo a b'])
    assert.deepEqual(first.action.kube.exec.shell.commands.at(-1)?.argv, ['echo', 'a', 'b'])
    assert.equal(first.action.operation, 'create pods/exec')
    assert.equal(first.action.complete, true)
    assert.deepEqual(second?.action.kube?.exec?.shell.commands.at(-1)?.argv, ['rm', '-rf', '/'])
    assert.deepEqual(gateway.errors, [])
  })

  test(`${named}: a command that runs reads what is typed, and Ctrl-C is its own`, async () => {
    const client = await opened(transport, protocol, terminal)
    await prompted(client, 0)
    client.send('stdin', 'cat\r')
    await ready(client, 1)
    client.send('stdin', 'rm -rf /\x04')
    await prompted(client, 1)
    assert.equal(ran[0]?.typed.endsWith('\x04'), true)
    client.send('stdin', 'cat\r')
    await ready(client, 2)
    client.send('stdin', '\x03')
    await prompted(client, 2)
    // At the prompt it forgets the line.
    client.send('stdin', 'rm x\x03')
    await prompted(client, 3)
    client.send('stdin', '\x04')
    await client.ended()
    assert.deepEqual(lines(), ['cat', 'cat'])
    assert.equal(JSON.stringify(exit(client)).includes('"130"'), true)
  })

  test(`${named}: a command is told the window as it is, and as it becomes`, async () => {
    const client = await opened(transport, protocol, terminal)
    client.send('resize', '{"Width":80,"Height":24}\n')
    await prompted(client, 0)
    client.send('stdin', 'cat\r')
    await ready(client, 1)
    client.send('resize', '{"Width":100,"Height":30}\n')
    client.send('stdin', '\x04')
    await prompted(client, 1)
    assert.equal(ran[0]?.size, '{"Width":80,"Height":24}\n{"Width":100,"Height":30}\n')
    client.send('stdin', 'exit\r')
    await client.ended()
  })

  test(`${named}: without a terminal lines come out of a pipe, and no command reads them`, async () => {
    const client = await opened(transport, protocol, piped)
    client.send('stdin', 'id\nwarn me\nrm x\ncat /etc/hosts\nexit 4\n')
    await client.ended()
    assert.deepEqual(lines(), ['id', 'warn me', 'cat /etc/hosts'])
    assert.equal(saw(client), '<id><cat /etc/hosts>')
    assert.match(saw(client, 'stderr'), /^<warn me>sallyport: refused by policy/)
    assert.match(JSON.stringify(exit(client)), /"4"/)
    for (const { url } of ran) {
      assert.deepEqual(url.searchParams.getAll('command').slice(0, 2), ['bash', '-c'])
      assert.deepEqual([url.searchParams.get('stdin'), url.searchParams.get('container')], [null, 'app'])
    }
  })

  test(`${named}: a command whose stream breaks is over, and the next one runs`, async () => {
    const client = await opened(transport, protocol, terminal)
    client.send('stdin', 'break\rgarbage\rid\rexit\r')
    await client.ended()
    assert.deepEqual(lines(), ['break', 'garbage', 'id'])
    assert.match(saw(client), /sallyport: .*\r\nweb> .*sallyport: .*\r\nweb> .*<id>/s)
  })

  test(`${named}: a client that is gone takes its command with it`, async () => {
    const client = await opened(transport, protocol, terminal)
    client.send('stdin', 'cat\rid\r')
    await ready(client, 1)
    client.socket.destroy()
    await ran[0]?.peer.ended()
    assert.deepEqual(lines(), ['cat'])
  })
}

for (const [transport, protocol] of transports.filter(([one, version]) => one === 'spdy' || version.startsWith('v5')))
  test(`${transport} ${protocol}: a last line without its end runs before the shell is left`, async () => {
    const client = await opened(transport, protocol, piped)
    client.send('stdin', 'fail 2')
    client.finish('stdin')
    await client.ended()
    assert.deepEqual(lines(), ['fail 2'])
    assert.match(JSON.stringify(exit(client)), /"2"/)
  })

test('lines are masked each under its own terms', async () => {
  gateway.parts.live.answer = (input) => {
    const { exec } = (input as ActionDocument).action.kube ?? {}
    const masks = exec?.command[2]?.startsWith('card') === true
    return masks ? { ...results.allow, mask: [{ detect: 'credit_card', with: 'last4' }] } : results.allow
  }
  const client = await opened('websocket', 'v5.channel.k8s.io', piped)
  client.send('stdin', 'card 4111111111111111\nopen 4111111111111111\nexit\n')
  await client.ended()
  assert.match(saw(client), /<card [^1]*1111><open 4111111111111111>/)
  assert.doesNotMatch(saw(client).split('>')[0] ?? '', /41111/)
})

test('a line that cannot be asked for is not run, and the next one is', async () => {
  const client = await opened('websocket', 'v5.channel.k8s.io', piped)
  client.send('stdin', 'a\x01b\nid\nexit\n')
  await client.ended()
  assert.deepEqual(lines(), ['id'])
  assert.match(saw(client, 'stderr'), /the line is not run: .*control character/)
})

test('a session that ends says why, and ends the command that runs', async () => {
  const client = await opened('websocket', 'v5.channel.k8s.io', terminal)
  client.send('stdin', 'cat\r')
  await ready(client, 1)
  gateway.end(() => true)
  await client.ended()
  await ran[0]?.peer.ended()
  assert.match(saw(client, 'error'), /"status":"Failure".*it was revoked/)
})

test('an attach has the shell too, by commands in its container, and a stream that is not there is refused', async () => {
  const client = await opened(
    'spdy',
    'v4.channel.k8s.io',
    `${pod}/attach?container=app&stdin=true&stdout=true&tty=true`,
  )
  client.send('stdin', 'id\rexit\r')
  await client.ended()
  const [one] = ran
  assert.equal(one?.url.pathname, `${pod}/exec`)
  assert.deepEqual(one.url.searchParams.getAll('command'), ['sh', '-c', 'id'])
  assert.equal(judged[1]?.action.operation, 'create pods/attach')
  assert.equal(judged[1].action.complete, true)
  const other = await opened('spdy', 'v4.channel.k8s.io', terminal)
  other.open(['data'], [], 21)
  await other.ended()
  assert.match(saw(other, 'error'), /no known type/)
})

test('a container for debugging with a shell in it is asked for as its shell is, and one without is not', async () => {
  const asked = async (command: readonly string[], stdin: boolean): Promise<readonly unknown[]> => {
    judged = []
    const ephemeralContainers = [{ name: 'probe', image: 'x', command, stdin, tty: true }]
    const { status } = await ask(gateway, 'PATCH', `${pod}/ephemeralcontainers`, {
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: JSON.stringify({ spec: { ephemeralContainers } }),
    })
    const tried = judged.flatMap(({ action }) =>
      action.stage === 'connect' ? [] : [action.kube?.exec?.shell.mode, action.complete],
    )
    return [status, ...tried]
  }
  assert.deepEqual(await asked(['sh'], true), [200, 'wrapper', true])
  assert.deepEqual(await asked(['ls'], true), [200, undefined, true])
  assert.deepEqual(await asked(['sh'], false), [200, undefined, false])
  gateway.parts.live.answer = (input) => {
    const document = input as ActionDocument
    judged.push(document)
    return document.action.stage === 'connect' ? results.allow : results.deny
  }
  assert.deepEqual(await asked(['sh'], true), [403, 'wrapper', true, 'record', false])
})

test('a client that pings a served shell and takes no answer is not read without end', async () => {
  const client = await opened('websocket', 'v5.channel.k8s.io', terminal)
  await prompted(client, 0)
  const { socket } = client
  socket.pause()
  const pings = Buffer.concat(Array.from({ length: 8192 }, () => encodeFrame('ping', Buffer.alloc(125, 'p'), true)))
  for (let index = 0; index < 64; index++) socket.write(pings)
  for (let quiet = 0, last = -1; quiet < 3000 && socket.writableLength > 0; quiet++) {
    await new Promise(setImmediate)
    if (last !== socket.writableLength) quiet = 0
    last = socket.writableLength
  }
  assert.ok(socket.writableLength > pings.length * 16, `all but ${socket.writableLength} bytes were read`)
  socket.destroy()
})
