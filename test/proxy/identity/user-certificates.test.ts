// SSH user certificates by the gateway: a token's holder has a key certified, and is known by it for minutes.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, test } from 'node:test'
import type { Identity } from '../../../engine/action/index.ts'
import {
  type Authenticator,
  certifyKey,
  exchangeKeys,
  firstOf,
  parseSshLine,
  SshCertificateAuthenticator,
  signSshCertificate,
  sshLine,
  sshPublicKeyOf,
  startTokenServer,
  userAuthority,
} from '../../../proxy/identity/index.ts'

const now = Date.parse('2026-01-05T10:00:00Z')
const pem = (): string => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const authority = userAuthority(pem(), 900_000)
const key = sshPublicKeyOf(generateKeyPairSync('ed25519').privateKey)
const publicKey = sshLine(key.algorithm, key.blob, 'agent@host')
const identity: Identity = {
  subject: 'agent-1/helper',
  issuer: 'https://gate.example',
  kind: 'agent',
  groups: ['g'],
  scopes: ['a'],
  claims: { iss: 'https://gate.example', sallyport_lineage: ['https://issuer.example root-1'], deep: { x: [1, null] } },
  chain: [{ subject: 'agent-1', issuer: 'https://issuer.example', kind: 'human', scopes: ['a', 'b'] }],
  token: { id: 't-1', issued_at: '2026-01-05T09:59:00Z', expires_at: '2026-01-05T10:10:00Z', binding: 'none' },
}
let clock = now
const trusting = (own = authority, others: readonly (typeof key)[] = []) =>
  new SshCertificateAuthenticator({ own, others, clockSkewMs: 0, nowMs: () => clock })
const show = (certificate: Uint8Array, resource = 'files', by: Authenticator = trusting()) =>
  by.authenticate({ kind: 'ssh_certificate', certificate, resource, clientAddress: '192.0.2.1' })
function certified(more: Partial<Parameters<typeof certifyKey>[2]> = {}, who = identity): Uint8Array {
  const made = certifyKey(authority, who, { publicKey, resources: ['files'], ...more }, now)
  assert.ok(made.ok, made.ok ? '' : made.message)
  return made.certificate
}

test('a certificate carries the identity of the token, chain and lineage too, and ends when it ends', async () => {
  clock = now
  const answer = await show(certified({ lifetimeMs: 60_000 }))
  assert.ok(answer.ok)
  assert.deepEqual(answer.identity, {
    ...identity,
    token: { ...identity.token, expires_at: '2026-01-05T10:01:00Z' },
  })
  const longest = await show(certified())
  assert.equal(longest.ok && longest.identity.token.expires_at, '2026-01-05T10:10:00Z')
  clock = now + 600_000
  const late = await show(certified())
  assert.match(late.ok ? '' : late.refusal.message, /expired/)
  clock = now
})

test('a certificate counts for its resources only', async () => {
  const answer = await show(certified({ resources: ['files', 'shop'] }), 'shop')
  assert.equal(answer.ok, true)
  const other = await show(certified(), 'shop')
  assert.match(other.ok ? '' : other.refusal.message, /does not name this principal/)
})

const refusals: readonly [string, Partial<Parameters<typeof certifyKey>[2]>, Partial<Identity>, string, RegExp][] = [
  ['no resource', { resources: [] }, {}, 'invalid_request', /1 to 32 resources/],
  ['too long a life', { lifetimeMs: 901_000 }, {}, 'invalid_request', /at most 900 s/],
  [
    'a DSA key',
    { publicKey: `ssh-dss ${Buffer.from('\0\0\0\x07ssh-dss').toString('base64')}` },
    {},
    'invalid_request',
    /Ed25519/,
  ],
  [
    'an RSA key without its numbers',
    { publicKey: `ssh-rsa ${Buffer.from('\0\0\0\x07ssh-rsa').toString('base64')}` },
    {},
    'invalid_request',
    /cut off/,
  ],
  ['a line that is no key', { publicKey: 'hello' }, {}, 'invalid_request', /public key/],
  ['a resource with a comma', { resources: ['files,root'] }, {}, 'invalid_request', /comma/],
  [
    'a resource that the token does not reach',
    { resources: ['files', 'shop'] },
    { claims: { sallyport_resources: ['files'] } },
    'invalid_target',
    /`shop`/,
  ],
  [
    'a token that has expired',
    {},
    { token: { ...identity.token, expires_at: '2026-01-05T10:00:00Z' } },
    'invalid_grant',
    /expired/,
  ],
  ['claims that do not fit', {}, { claims: { much: 'x'.repeat(17_000) } }, 'invalid_request', /too large/],
]
for (const [name, asked, who, code, message] of refusals) {
  test(`certifies nothing for ${name}`, () => {
    const made = certifyKey(authority, { ...identity, ...who }, { publicKey, resources: ['files'], ...asked }, now)
    assert.equal(made.ok, false)
    if (made.ok) return
    assert.equal(made.code, code)
    assert.match(made.message, message)
  })
}

test("another authority's certificate names its holder by its key id, whatever identity it claims to carry", async () => {
  const other = userAuthority(pem(), 900_000)
  const certificate = signSshCertificate(
    {
      key,
      serial: 5n,
      type: 'user',
      keyId: 'deploy-7',
      principals: ['files'],
      validAfter: BigInt(now / 1000 - 60),
      validBefore: BigInt(now / 1000 + 60),
      criticalOptions: [],
      extensions: [{ name: 'identity@sallyport', value: JSON.stringify({ ...identity, subject: 'root' }) }],
    },
    other.key,
  )
  const refused = await show(certificate)
  assert.match(refused.ok ? '' : refused.refusal.message, /authority/)
  const answer = await show(certificate, 'files', firstOf(trusting(), trusting(authority, [other.publicKey])))
  assert.ok(answer.ok)
  const { subject, issuer, kind, groups, chain, claims } = answer.identity
  assert.match(issuer, /^ssh:SHA256:[A-Za-z0-9+/]{43}$/)
  assert.deepEqual(
    { subject, kind, groups, chain, claims },
    { subject: 'deploy-7', kind: 'service', groups: [], chain: [], claims: { principals: ['files'] } },
  )
})

test('a certificate by our own key without an identity, or with one that is malformed, is nobody', async () => {
  const values = [
    '',
    '{}',
    '[]',
    'null',
    JSON.stringify({ ...identity, kind: 'root' }),
    '{"subject":"a","subject":"b"}',
  ]
  for (const value of [...values, JSON.stringify({ ...identity, token: { ...identity.token, expires_at: 'never' } })]) {
    const certificate = signSshCertificate(
      {
        key,
        serial: 1n,
        type: 'user',
        keyId: 'x',
        principals: ['files'],
        validAfter: BigInt(now / 1000),
        validBefore: BigInt(now / 1000 + 60),
        criticalOptions: [],
        extensions: [{ name: 'identity@sallyport', value }],
      },
      authority.key,
    )
    const answer = await show(certificate)
    assert.equal(answer.ok ? 'accepted' : answer.refusal.code, 'claims', value)
  }
  const garbage = await show(Buffer.from('garbage'))
  assert.equal(garbage.ok ? 'accepted' : garbage.refusal.code, 'malformed')
  const token = await trusting().authenticate({ kind: 'token', token: 'x' })
  assert.equal(token.ok ? 'accepted' : token.refusal.code, 'unsupported')
})

let barred: string | undefined
let signs = true
const told: (readonly string[])[] = []
const server = await startTokenServer({
  host: '127.0.0.1',
  port: 0,
  connectionsMax: 100,
  issuer: 'https://gate.example',
  keys: await exchangeKeys(pem(), []),
  limits: { lifetimeMaxMs: 900_000, depthMax: 3 },
  userAuthority: () => (signs ? authority : undefined),
  certified: (who, serial, resources) => told.push([who.subject, serial, resources.join(' ')]),
  authenticator: {
    authenticate: async (credential) =>
      credential.kind === 'token' && credential.token === 'good'
        ? { ok: true, identity }
        : { ok: false, refusal: { code: 'x', message: 'the token is not valid' } },
  },
  bars: () => barred,
  nowMs: () => now,
  newId: () => 'id',
  revoke: () => Promise.resolve(),
  onError: (error) => assert.fail(String(error)),
})
after(() => server.close())

async function ask(form: readonly [string, string][], token = 'Bearer good'): Promise<[number, Map<string, unknown>]> {
  const response = await fetch(`http://127.0.0.1:${server.port}/ssh/certificate`, {
    method: 'POST',
    headers: token === '' ? {} : { authorization: token },
    body: new URLSearchParams(form),
  })
  const body: unknown = await response.json()
  return [response.status, new Map(Object.entries(typeof body === 'object' && body !== null ? body : {}))]
}

test('the identity listener certifies a key for the holder of a token', async () => {
  const [status, body] = await ask([
    ['public_key', publicKey],
    ['resource', 'files'],
    ['lifetime', '120'],
  ])
  assert.equal(status, 200)
  assert.equal(body.get('expires_in'), 120)
  assert.equal(body.get('authority'), sshLine(authority.publicKey.algorithm, authority.publicKey.blob))
  assert.deepEqual(told, [['agent-1/helper', body.get('serial'), 'files']])
  const answer = await show(parseSshLine(String(body.get('certificate'))).blob)
  assert.equal(answer.ok && answer.identity.subject, 'agent-1/helper')
})

test('and refuses others, in words', async () => {
  const good: readonly [string, string][] = [
    ['public_key', publicKey],
    ['resource', 'files'],
  ]
  const message = async (form: readonly [string, string][], token?: string): Promise<string> => {
    const [status, body] = await ask([...form], token)
    return `${status} ${String(body.get('error'))} ${String(body.get('error_description'))}`
  }
  assert.match(await message(good, ''), /^401 invalid_token/)
  assert.match(await message(good, 'Bearer bad'), /^401 invalid_token the token is not valid/)
  assert.match(await message([...good, ['principal', 'root']]), /^400 invalid_request `principal`/)
  assert.match(await message([...good, ['public_key', publicKey]]), /^400 invalid_request exactly one/)
  assert.match(await message([...good, ['lifetime', '1e9']]), /^400 invalid_request `lifetime`/)
  assert.match(await message([...good, ['lifetime', '100000']]), /^400 invalid_request .*at most 900 s/)
  barred = 'the token, or one that it came from, was revoked'
  assert.match(await message(good), /^401 invalid_token .*revoked/)
  barred = undefined
  signs = false
  assert.match(await message(good), /^404/)
  signs = true
  assert.equal((await fetch(`http://127.0.0.1:${server.port}/ssh/certificate`)).status, 405)
})
