// Keys taken for what they are not: an RSA public key as an HMAC secret, keys of one issuer for another, keys without `alg`.
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { exportJWK, type JWK, SignJWT } from 'jose'
import { type Issuer, TokenAuthenticator } from '../../../proxy/identity/index.ts'

const now = Date.parse('2026-01-05T10:00:00Z')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const issuerOf = (name: string, algorithm: string, jwk: JWK): Issuer => ({
  name,
  issuer: `https://${name}.example`,
  audiences: ['sallyport'],
  algorithms: [algorithm],
  jwks: { keys: [{ ...jwk, kid: 'k' }] },
  kind: 'agent',
  claims: { subject: 'sub' },
  lifetimeMaxMs: 3_600_000,
  required: {},
})
const claims = (iss: string) => ({ iss, aud: 'sallyport', sub: 'a', iat: now / 1000, exp: now / 1000 + 60 })
const verifier = async (): Promise<TokenAuthenticator> =>
  new TokenAuthenticator(
    [
      // Neither key says what it is for (CVE-2026-22817): the configuration says it.
      issuerOf('one', 'RS256', await exportJWK(rsa.publicKey)),
      issuerOf('two', 'ES256', await exportJWK(ec.publicKey)),
    ],
    { clockSkewMs: 0, nowMs: () => now },
  )
const codeOf = async (token: string): Promise<string> => {
  const answer = await (await verifier()).authenticate({ kind: 'token', token })
  return answer.ok ? 'accepted' : answer.refusal.code
}
const sign = (iss: string, alg: string, key: KeyObject) =>
  new SignJWT(claims(iss)).setProtectedHeader({ alg, kid: 'k' }).sign(key)
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('each issuer is believed by its own key', async () => {
  assert.equal(await codeOf(await sign('https://one.example', 'RS256', rsa.privateKey)), 'accepted')
  assert.equal(await codeOf(await sign('https://two.example', 'ES256', ec.privateKey)), 'accepted')
})

for (const hash of ['256', '384', '512'])
  for (const format of ['spki', 'pkcs1'] as const)
    test(`refuses HS${hash} keyed with the RSA public key (${format} PEM, and DER)`, async () => {
      const head = `${part({ alg: `HS${hash}`, kid: 'k' })}.${part(claims('https://one.example'))}`
      for (const secret of [
        rsa.publicKey.export({ type: format, format: 'pem' }),
        rsa.publicKey.export({ type: format, format: 'der' }),
      ]) {
        const signature = createHmac(`sha${hash}`, secret).update(head).digest('base64url')
        assert.equal(await codeOf(`${head}.${signature}`), 'algorithm')
      }
    })

test('an issuer does not speak for another, with its own key or its own algorithm', async () => {
  assert.equal(await codeOf(await sign('https://one.example', 'ES256', ec.privateKey)), 'algorithm')
  assert.equal(await codeOf(await sign('https://two.example', 'RS256', rsa.privateKey)), 'algorithm')
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  assert.equal(await codeOf(await sign('https://two.example', 'ES256', stranger.privateKey)), 'signature')
})

test('a stronger algorithm of the same key is still not the one that is pinned', async () => {
  for (const alg of ['RS384', 'RS512', 'PS256'])
    assert.equal(await codeOf(await sign('https://one.example', alg, rsa.privateKey)), 'algorithm')
})
