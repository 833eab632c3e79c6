// Connections to hosts that wait for the next client: whose they are, and when they are none any more.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import type ssh2 from 'ssh2'
import type { ClientChannel } from 'ssh2'
import type { Identity } from '../../../engine/action/index.ts'
import { systemClock } from '../../../proxy/gate/index.ts'
import type { RunningSshListener, SshTarget } from '../../../proxy/ssh/index.ts'
import { gateParts, results } from '../../support/gate.ts'
import { byToken, connectTo, hostTarget, listenWith, somebody } from '../../support/ssh-listener.ts'
import { type SshHost, startSshHost } from '../../support/ssh-upstream.ts'

let host: SshHost
let listener: RunningSshListener
/** What hosts are known by at the moment; throws where it is not to be had. */
let known: () => string = () => host.known
/** How often the gateway logged in. */
let logins = 0
const base = somebody({ chain: [] })
const parent = { subject: 'agent:parent', issuer: base.issuer, kind: 'agent' as const, scopes: [] }
const identities = new Map<string, Identity>([
  ['one', base],
  ['one, a later token', { ...base, token: { ...base.token, id: 'later' } }],
  ['two', { ...base, subject: 'agent:two' }],
  ['one of another issuer', { ...base, issuer: 'https://other.example' }],
  ['one with more groups', { ...base, groups: [...base.groups, 'more'] }],
  ['one with other claims', { ...base, claims: { ...base.claims, team: 'x' } }],
  ['one behind a parent', { ...base, chain: [parent] }],
])

function target(name: string, more: Partial<SshTarget> = {}): SshTarget {
  const made = hostTarget(host, name, { warmMs: 60_000, ...more }, () => known())
  return {
    ...made,
    upstream: () => {
      logins++
      return made.upstream()
    },
  }
}

async function start(): Promise<RunningSshListener> {
  const parts = gateParts({ clock: systemClock })
  parts.live.answer = () => results.allow
  const targets = new Map([
    ['web', target('web')],
    ['web2', target('web2')],
    ['cold', target('cold', { warmMs: 0 })],
  ])
  return await listenWith(parts, { authenticator: byToken(identities), target: (name) => targets.get(name) })
}
before(async () => {
  host = await startSshHost()
  listener = await start()
})
after(async () => {
  await listener.close()
  await host.close()
})

const connect = (password: string, username: string, port: number): Promise<ssh2.Client> =>
  connectTo(port, { username, password })

function exec(client: ssh2.Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)))
  })
}

/** Runs commands on a connection of its own; answers what they wrote. */
async function run(token: string, username = 'web', port = listener.port, commands = ['echo hello']): Promise<string> {
  const client = await connect(token, username, port)
  let out = ''
  for (const command of commands) {
    const channel = await exec(client, command)
    channel.on('data', (bytes: Buffer) => {
      out += bytes.toString()
    })
    await once(channel, 'close')
  }
  client.end()
  await once(client, 'close')
  return out
}

/** Runs it until it needs no login of its own: a connection that was left is there a moment later. */
async function runsWarm(token: string, username = 'web'): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const before = logins
    assert.equal(await run(token, username), 'hello\n')
    if (logins === before) return true
  }
  return false
}

test('the next client of the same identity has the connection that the last one left, with a newer token too', async () => {
  assert.equal(await runsWarm('one'), true)
  assert.equal(await runsWarm('one, a later token'), true)
})

test('whoever differs in anything that is known of them logs in for themselves, and so does another resource', async () => {
  assert.equal(await runsWarm('one'), true)
  for (const token of identities.keys()) {
    if (token.startsWith('one, ') || token === 'one') continue
    const before = logins
    assert.equal(await run(token), 'hello\n')
    assert.equal(logins, before + 1, token)
  }
  const before = logins
  assert.equal(await run('one', 'web2'), 'hello\n')
  assert.equal(logins, before + 1)
})

test('two clients at a time never share one', async () => {
  assert.equal(await runsWarm('one'), true)
  const first = await connect('one', 'web', listener.port)
  const held = await exec(first, 'cat')
  const before = logins
  const second = await connect('one', 'web', listener.port)
  const other = await exec(second, 'cat')
  const third = await connect('one', 'web', listener.port)
  const another = await exec(third, 'cat')
  assert.ok(logins > before)
  for (const channel of [held, other, another]) channel.end()
  await Promise.all([held, other, another].map((channel) => once(channel.resume(), 'close')))
  for (const client of [first, second, third]) client.end()
})

test('a connection with a command that still runs is not left to anybody', async () => {
  const client = await connect('two', 'web', listener.port)
  const before = logins
  const channel = await exec(client, 'trap "" HUP; echo started; cat; sleep 30')
  await once(channel, 'data')
  client.end()
  await once(client, 'close')
  assert.equal(await run('two'), 'hello\n')
  assert.equal(logins, before + 1)
})

test('where none is to be kept every client logs in', async () => {
  const before = logins
  await run('one', 'cold')
  await run('one', 'cold')
  assert.equal(logins, before + 2)
})

test('many commands one after the other each have a channel of their own', async () => {
  const commands = Array.from({ length: 20 }, (_, index) => `echo ${index}`)
  assert.equal(await run('one', 'web', listener.port, commands), commands.map((_, index) => `${index}\n`).join(''))
})

test('a listener that stops keeps none', async () => {
  const own = await start()
  await run('one', 'web', own.port)
  await own.close()
  const again = await start()
  const before = logins
  await run('one', 'web', again.port)
  assert.equal(logins, before + 1)
  await again.close()
})

test('a connection whose host is no longer known by the key that it showed is left to nobody', async () => {
  const other = await startSshHost()
  try {
    assert.equal(await runsWarm('one'), true)
    for (const changed of [
      () => other.known.replace(/:\d+/, `:${host.port}`),
      () => `${host.known}\n@revoked * ${host.known.split(' ').slice(1).join(' ')}`,
      () => '',
      () => {
        throw new Error('gone')
      },
    ]) {
      known = changed
      const before = logins
      const client = await connect('one', 'web', listener.port)
      const exit = await new Promise((resolve, reject) => {
        client.exec('echo hello', (error, channel) =>
          error ? reject(error) : channel.resume().once('exit', (code) => resolve(code)),
        )
      })
      assert.equal(exit, 255)
      client.end()
      await once(client, 'close')
      assert.equal(logins, before + 1)
      known = () => host.known
      assert.equal(await runsWarm('one'), true)
    }
  } finally {
    known = () => host.known
    await other.close()
  }
})
