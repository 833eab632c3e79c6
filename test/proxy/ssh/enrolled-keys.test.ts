// A listener with enrolled keys: who is let in, who is not, and what a list of keys may say.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import ssh2, { type AnyAuthMethod } from 'ssh2'
import { systemClock } from '../../../proxy/gate/index.ts'
import { generateSshKey } from '../../../proxy/identity/index.ts'
import { parseEnrolledKeys, type RunningSshListener } from '../../../proxy/ssh/index.ts'
import { gateParts, results } from '../../support/gate.ts'
import { byToken, hostTarget, listenWith, somebody } from '../../support/ssh-listener.ts'
import { type SshHost, startSshHost } from '../../support/ssh-upstream.ts'

const [alice, bob, stranger] = [generateSshKey(), generateSshKey(), generateSshKey()]
const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 })
const { issuer } = somebody()
const tokens = byToken(
  new Map([
    ['token of alice', somebody({ subject: 'alice' })],
    ['token of bob', somebody({ subject: 'bob' })],
    ['token of alice elsewhere', somebody({ subject: 'alice', issuer: 'https://other.example' })],
  ]),
)
/** Tokens that were looked at. */
const asked: string[] = []
let host: SshHost
let listener: RunningSshListener
before(async () => {
  host = await startSshHost()
  const parts = gateParts({ clock: systemClock })
  parts.live.answer = () => results.allow
  listener = await listenWith(parts, {
    enrolled: parseEnrolledKeys(
      `# who\n${issuer} alice ${alice.public}\n\n${issuer} bob ${bob.public}\n${issuer} bob ${rsa.public}\n`,
    ),
    authenticator: {
      authenticate: (credential) => {
        if (credential.kind === 'token') asked.push(credential.token)
        return tokens.authenticate(credential)
      },
    },
    target: (name) => hostTarget(host, name),
  })
})
after(async () => {
  await listener.close()
  await host.close()
})

const key = (of: { readonly private: string }, username = 'web'): AnyAuthMethod => ({
  type: 'publickey',
  username,
  key: of.private,
})
const password = (of: string, username = 'web'): AnyAuthMethod => ({ type: 'password', username, password: of })

/** Whether a client that tries these ways one after the other is let in. */
async function isLetIn(ways: readonly AnyAuthMethod[]): Promise<boolean> {
  const client = new ssh2.Client()
  const left = [...ways]
  client.on('error', () => undefined)
  client.connect({
    host: '127.0.0.1',
    port: listener.port,
    username: 'web',
    readyTimeout: 60_000,
    authHandler: (_methods, _partial, next) => {
      const way = left.shift()
      if (way === undefined) client.end()
      else next(way)
    },
  })
  const isIn = await new Promise<boolean>((resolve) => {
    client.once('ready', () => resolve(true)).once('close', () => resolve(false))
  })
  if (isIn) client.end()
  return isIn
}

test('a key and a token of its owner let in', async () => {
  assert.equal(await isLetIn([key(alice), password('token of alice')]), true)
})

test('an RSA key counts by a signature of SHA-2', async () => {
  assert.equal(await isLetIn([key({ private: rsa.private }), password('token of bob')]), true)
})

test('what was tried before in vain does no harm', async () => {
  assert.equal(await isLetIn([key(stranger), key(alice), password('nothing'), password('token of alice')]), true)
})

const refused: readonly (readonly [string, readonly AnyAuthMethod[]])[] = [
  ['a key alone', [key(alice)]],
  ['a key of another with a token', [key(bob), password('token of alice')]],
  ['a key that is not enrolled with a token', [key(stranger), password('token of alice')]],
  ['a token of the same name from elsewhere', [key(alice), password('token of alice elsewhere')]],
  ['no token', [key(alice), password('nothing')]],
  ['a key under another name than the token', [key(alice, 'web2'), password('token of alice', 'web')]],
  ['the key of somebody else shown last', [key(alice), key(bob), password('token of alice')]],
]
for (const [name, ways] of refused) {
  test(`refuses ${name}`, async () => {
    assert.equal(await isLetIn(ways), false)
  })
}

test('refuses a token without a key, and does not even look at it', async () => {
  asked.length = 0
  assert.equal(await isLetIn([password('token of alice')]), false)
  assert.deepEqual(asked, [])
})

for (const [name, line] of [
  ['without a subject', alice.public],
  ['with a private key', `${issuer} alice ${alice.private.split('\n')[1]}`],
  ['with half a key', `${issuer} alice ${alice.public.slice(0, 40)}`],
] as const)
  test(`refuses a line ${name}`, () => {
    assert.throws(() => parseEnrolledKeys(line), /line 1 of the enrolled keys/)
  })
