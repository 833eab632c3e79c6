// SSH end to end: a client with a token, the gate, and a host that runs what was judged.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import type ssh2 from 'ssh2'
import type { ClientChannel } from 'ssh2'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { systemClock } from '../../../proxy/gate/index.ts'
import type { RunningSshListener } from '../../../proxy/ssh/index.ts'
import { gateParts, results, type TestParts } from '../../support/gate.ts'
import { byToken, connectTo, hostTarget, listenWith, somebody } from '../../support/ssh-listener.ts'
import { type SshHost, startSshHost } from '../../support/ssh-upstream.ts'

let host: SshHost
let other: SshHost
let listener: RunningSshListener
let parts: TestParts
const errors: string[] = []
before(async () => {
  host = await startSshHost()
  other = await startSshHost()
  parts = gateParts({ clock: systemClock })
  const targets = new Map([
    ['web', hostTarget(host, 'web')],
    ['strange', hostTarget(host, 'strange', {}, () => other.known)],
  ])
  listener = await listenWith(parts, {
    authenticator: byToken(new Map([['good', somebody()]])),
    target: (name) => targets.get(name),
    onError: (_where, error) => errors.push(error instanceof Error ? error.message : String(error)),
  })
})
beforeEach(() => {
  host.ran.length = 0
  parts.live.answer = (input) => {
    const { action } = input as ActionDocument
    if (action.operation === 'connect') return results.allow
    const names = action.shell?.commands.map(({ name }) => name) ?? []
    if (action.shell?.operation === 'shell') return results.deny
    if (action.shell?.operation === 'remote_forward') return results.deny
    if (action.shell?.operation === 'forward') return action.shell.forward?.port === 1 ? results.deny : results.allow
    if (!action.complete || names.includes('rm')) return results.deny
    return results.allow
  }
})
after(async () => {
  await listener.close()
  await host.close()
  await other.close()
})

const connect = (username = 'web', password = 'good'): Promise<ssh2.Client> =>
  connectTo(listener.port, { username, password })

interface Result {
  readonly out: string
  readonly err: string
  readonly code: number | null
  readonly signal: string | undefined
}
/** How a channel ended: it may have before anybody asks. */
const exits = new WeakMap<ClientChannel, { code: number | null; signal: string | undefined }>()
function watchExit(stream: ClientChannel): void {
  exits.set(stream, { code: null, signal: undefined })
  stream.on('exit', (code: number | null, signal?: string) => exits.set(stream, { code, signal }))
}
function channel(client: ssh2.Client, command: string, options: ssh2.ExecOptions = {}): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, options, (error, stream) => {
      if (error) return reject(error)
      watchExit(stream)
      resolve(stream)
    })
  })
}
async function exec(client: ssh2.Client, command: string, input = ''): Promise<Result> {
  return result(await channel(client, command), input)
}
function result(stream: ClientChannel, input = ''): Promise<Result> {
  return new Promise((resolve) => {
    let [out, err] = ['', '']
    stream.on('data', (bytes: Buffer) => {
      out += bytes.toString('latin1')
    })
    stream.stderr.on('data', (bytes: Buffer) => {
      err += bytes.toString()
    })
    stream.on('close', () => resolve({ out, err, ...(exits.get(stream) ?? { code: null, signal: undefined }) }))
    stream.end(input)
  })
}

test('runs what is allowed: output, status, input, and many on one connection', async () => {
  const client = await connect()
  assert.deepEqual(await exec(client, 'echo hello; ls /none 1>&2; exit 3'.replace('; exit 3', '')), {
    out: 'hello\n',
    err: (await exec(client, 'ls /none')).err,
    code: 2,
    signal: undefined,
  })
  assert.equal((await exec(client, 'cat', 'from the client')).out, 'from the client')
  assert.equal((await exec(client, 'true')).code, 0)
  const many = await Promise.all(Array.from({ length: 20 }, (_, index) => exec(client, `echo ${index}`)))
  assert.deepEqual(
    many.map(({ out }) => out.trim()),
    Array.from({ length: 20 }, (_, index) => String(index)),
  )
  client.end()
})

test('refuses with status 126, the rule and the decision, and goes on', async () => {
  const client = await connect()
  const refused = await exec(client, 'echo x; rm -rf /')
  assert.equal(refused.code, 126)
  assert.match(refused.err, /^sallyport: not this\nsallyport: rule p\.no, decision id-\d+\n$/)
  assert.equal(refused.out, '')
  for (const hidden of ['echo cm0= | base64 -d | sh', 'eval "$X"', 'sudo rm x', 'echo $(rm x)'])
    assert.equal((await exec(client, hidden)).code, 126, hidden)
  assert.equal((await exec(client, 'echo still here')).out, 'still here\n')
  assert.deepEqual(host.ran, ['echo still here'])
  client.end()
})

test('a shell, a remote forward and X11 are refused; a local forward is judged by where it goes', async () => {
  const client = await connect()
  const shell = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell((error, stream) => {
      if (error) return reject(error)
      watchExit(stream)
      resolve(stream)
    })
  })
  assert.equal((await result(shell)).code, 126)
  await assert.rejects(channel(client, 'true', { x11: true }))
  await new Promise<void>((done) => client.forwardIn('127.0.0.1', 0, (error) => done(assert.ok(error))))
  const echo = createServer((socket) => socket.pipe(socket))
  await new Promise<void>((done) => echo.listen(0, '127.0.0.1', done))
  const address = echo.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const forward = (to: number, at = '127.0.0.1') =>
    new Promise<ClientChannel>((resolve, reject) => {
      client.forwardOut('127.0.0.1', 1, at, to, (error, stream) => (error ? reject(error) : resolve(stream)))
    })
  await assert.rejects(forward(1))
  await assert.rejects(forward(1, '::ffff:127.0.0.1'))
  // To resolvers this is 127.0.0.1, and to some the port is the last 16 bits of it.
  await assert.rejects(forward(port, '0x7f.1'))
  await assert.rejects(forward(port + 65_536))
  const tunnel = await forward(port)
  tunnel.write('through')
  const [bytes] = await once(tunnel, 'data')
  assert.equal(String(bytes), 'through')
  tunnel.end()
  client.end()
  echo.close()
})

test('lets nobody in with a wrong token, for an unknown host, or as another user', async () => {
  for (const [username, password] of [
    ['web', 'bad'],
    ['nowhere', 'good'],
    ['root+web', 'good'],
    ['web', 'x'.repeat(20_000)],
  ] as const)
    await assert.rejects(connect(username, password), /authentication methods failed/)
  ;(await connect('deploy+web')).end()
})

test('a host with another key is not logged in to', async () => {
  const client = await connect('strange')
  const { code, err } = await exec(client, 'echo x')
  assert.equal(code, 255)
  assert.match(err, /not the one known/)
  assert.deepEqual(host.ran, [])
  assert.ok(errors.some((message) => message.includes('not the one known')))
  client.end()
})

test('a connect that is refused says so on the first command', async () => {
  parts.live.answer = () => results.deny
  const client = await connect()
  const { code, err } = await exec(client, 'echo x')
  assert.equal(code, 126)
  assert.match(err, /not this/)
})

test('a command that is held says so, waits, and then runs or does not', async () => {
  parts.live.answer = (input) =>
    (input as ActionDocument).action.operation === 'connect' ? results.allow : results.hold
  const client = await connect()
  const held = async (command: string) => {
    const stream = await channel(client, command)
    const [notice] = await once(stream.stderr, 'data')
    assert.match(String(notice), /waiting for approval until .*: big \(p\.ask, hold id-\d+\)/)
    return result(stream)
  }
  const first = held('echo approved')
  while (!parts.holds.answer({ on: 'approved', detail: '' })) await new Promise(setImmediate)
  assert.equal((await first).out, 'approved\n')
  const second = held('echo denied')
  while (!parts.holds.answer({ on: 'denied', detail: '', message: 'no' })) await new Promise(setImmediate)
  assert.deepEqual([(await second).code, (await second).out], [126, ''])
  const third = await channel(client, 'echo gone')
  await once(third.stderr, 'data')
  client.destroy()
  while (parts.holds.waiting.size > 0) await new Promise(setImmediate)
  assert.deepEqual(host.ran, ['echo approved'])
})

test('output is masked across packets, and a mask that cannot be kept refuses', async () => {
  const masked = (mask: object) => (input: unknown) =>
    (input as ActionDocument).action.operation === 'connect' ? results.allow : { ...results.allow, mask: [mask] }
  parts.live.answer = masked({ detect: 'credit_card', with: 'last4' })
  const client = await connect()
  const { out } = await exec(client, 'cat', 'card 4111111111111111 end\n')
  assert.match(out, /^card \S*1111 end\n$/)
  assert.doesNotMatch(out, /411111/)
  await exec(client, 'cat', '4111111111111111 and 5500005555555559\n')
  const counts = parts.recorder.entries().flatMap((entry) => (entry.kind === 'masked' ? [entry] : []))
  assert.deepEqual(
    counts.map(({ rule, count }) => [rule, count]),
    [
      ['credit_card', 1],
      ['credit_card', 2],
    ],
  )
  parts.live.answer = masked({ column: 'public.cards.number', with: 'last4' })
  assert.equal((await exec(client, 'cat', 'x')).code, 126)
  client.end()
})

test('a megabyte each way arrives whole, and budgets of bytes end the output', async () => {
  const client = await connect()
  const data = Buffer.alloc(1024 * 1024, 'abcdefgh').toString('latin1')
  assert.equal((await exec(client, 'cat', data)).out, data)
  parts.live.answer = (input) =>
    (input as ActionDocument).action.operation === 'connect'
      ? results.allow
      : { ...results.allow, limit: [{ bytes: 1000 }] }
  const limited = await exec(client, 'cat', data)
  assert.ok(limited.out.length <= 1000, String(limited.out.length))
  client.end()
})

test('signals reach the command, and its end by a signal reaches the client', async () => {
  const client = await connect()
  const stream = await channel(client, 'exec sleep 30')
  while (!host.ran.includes('exec sleep 30')) await new Promise(setImmediate)
  stream.signal('TERM')
  assert.equal((await result(stream)).signal, 'SIGTERM')
  client.end()
})
