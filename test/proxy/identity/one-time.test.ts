// Tokens that count once: one session, for all gateways that share the storage.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { type Issuer, TokenAuthenticator, type TokenOptions } from '../../../proxy/identity/index.ts'
import { openEmbeddedStorage } from '../../../proxy/storage/index.ts'

const now = Date.parse('2026-01-05T10:00:00Z')
const pair = await generateKeyPair('ES256', { extractable: true })
const storage = openEmbeddedStorage(':memory:')
after(() => storage.close())
const issuer: Issuer = {
  name: 'jobs',
  issuer: 'https://jobs.example',
  audiences: ['sallyport'],
  algorithms: ['ES256'],
  jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k' }] },
  kind: 'ci',
  claims: { subject: 'sub' },
  lifetimeMaxMs: 3_600_000,
  required: {},
  oneTime: true,
}
const gateway = (useOnce: TokenOptions['useOnce'] = (name, untilMs) => storage.useOnce(name, untilMs)) =>
  new TokenAuthenticator([issuer], {
    clockSkewMs: 0,
    nowMs: () => now,
    isUsed: (name) => storage.isUsed(name),
    ...(useOnce === undefined ? {} : { useOnce }),
  })
const sign = (claims: object) =>
  new SignJWT({ iss: issuer.issuer, aud: 'sallyport', sub: 'job', iat: now / 1000, exp: now / 1000 + 60, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(pair.privateKey)
const codeOf = async (token: string, by = gateway(), peek = false): Promise<string> => {
  const answer = await by.authenticate({ kind: 'token', token, ...(peek ? { peek } : {}) })
  return answer.ok ? 'accepted' : answer.refusal.code
}

test('a token opens one session, here and at every gateway of the storage', async () => {
  const token = await sign({ jti: 'a' })
  assert.equal(await codeOf(token), 'accepted')
  assert.equal(await codeOf(token), 'one_time')
  assert.equal(await codeOf(await sign({ jti: 'b' })), 'accepted')
  assert.equal(await codeOf(await sign({ jti: 'a', sub: 'other' })), 'one_time')
})

test('of many that come at once, one wins', async () => {
  const token = await sign({ jti: 'race' })
  const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(token)))
  assert.deepEqual(
    codes.filter((code) => code === 'accepted'),
    ['accepted'],
  )
})

test('a token that is refused for another reason, or only looked at, is not used up', async () => {
  const token = await sign({ jti: 'c' })
  assert.equal(await codeOf(`${token.slice(0, -20)}${'A'.repeat(20)}`), 'signature')
  assert.equal(await codeOf(token, gateway(), true), 'accepted')
  assert.equal(await codeOf(token), 'accepted')
  assert.equal(await codeOf(token, gateway(), true), 'accepted')
})

test('a token that was used for something goes on to count for that, and for nothing else', async () => {
  const codeFor = async (token: string, purpose: string): Promise<string> => {
    const answer = await gateway().authenticate({ kind: 'token', token, purpose })
    return answer.ok ? 'accepted' : answer.refusal.code
  }
  const token = await sign({ jti: 'view' })
  for (let request = 0; request < 3; request++) assert.equal(await codeFor(token, 'recording a'), 'accepted')
  for (let request = 0; request < 3; request++) assert.equal(await codeFor(token, 'recording b'), 'one_time')
  assert.equal(await codeOf(token), 'one_time')
  assert.equal(await codeFor(token, 'recording a'), 'accepted')
  const spent = await sign({ jti: 'spent' })
  assert.equal(await codeOf(spent), 'accepted')
  for (let request = 0; request < 3; request++) assert.equal(await codeFor(spent, 'recording a'), 'one_time')
  const unknown = new TokenAuthenticator([issuer], { clockSkewMs: 0, nowMs: () => now, useOnce: async () => false })
  const answer = await unknown.authenticate({ kind: 'token', token, purpose: 'recording a' })
  assert.equal(answer.ok, false)
})

test('without a jti, without a storage, and where the storage fails, it does not count', async () => {
  assert.equal(await codeOf(await sign({})), 'one_time')
  const none = new TokenAuthenticator([issuer], { clockSkewMs: 0, nowMs: () => now })
  assert.equal(await codeOf(await sign({ jti: 'd' }), none), 'one_time')
  assert.equal(
    await codeOf(
      await sign({ jti: 'e' }),
      gateway(() => Promise.reject(new Error('away'))),
    ),
    'one_time',
  )
})

test('what has expired is forgotten', async () => {
  assert.equal(await storage.useOnce('x', now), true)
  assert.equal(await storage.useOnce('x', now), false)
  await storage.prune(now + 1)
  assert.equal(await storage.useOnce('x', now + 100), true)
})
