// Tokens that come again: what was found in them is kept, as long as it would be found again.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { type Issuer, TokenAuthenticator } from '../../../proxy/identity/index.ts'

const [first, second] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')]
const keyOf = async ({ publicKey }: typeof first) => ({ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' })
const name = 'https://issuer.example'
const start = Date.parse('2026-01-05T10:00:00Z')
let nowMs = start

const verifier = async (more: Partial<Issuer> = {}, learned: string[] = []): Promise<TokenAuthenticator> => {
  const issuer: Issuer = {
    name: 'main',
    issuer: name,
    audiences: ['sallyport'],
    algorithms: ['ES256'],
    jwks: { keys: [await keyOf(first)] },
    kind: 'agent',
    claims: { subject: 'sub', groups: 'groups' },
    lifetimeMaxMs: 7_200_000,
    required: {},
    ...more,
  }
  return new TokenAuthenticator([issuer], {
    clockSkewMs: 5000,
    nowMs: () => nowMs,
    useOnce: async () => false,
    learn: ({ subject }) => learned.push(subject),
  })
}
const sign = (claims: object = {}): Promise<string> =>
  new SignJWT({ jti: 't', groups: ['a'], ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setIssuer(name)
    .setAudience('sallyport')
    .setSubject('agent-1')
    .setIssuedAt(start / 1000)
    .setExpirationTime(start / 1000 + 3600)
    .sign(first.privateKey)
const ask = async (authenticator: TokenAuthenticator, token: string, certificateSha256?: string) => {
  const bound = certificateSha256 === undefined ? {} : { certificateSha256 }
  const answer = await authenticator.authenticate({ kind: 'token', token, ...bound })
  return answer.ok ? answer.identity : answer.refusal.code
}

test('a token that comes again gives what was found in it, and its groups are learned again', async () => {
  nowMs = start
  const learned: string[] = []
  const authenticator = await verifier({}, learned)
  const token = await sign()
  const found = await ask(authenticator, token)
  assert.equal(typeof found, 'object')
  assert.equal(await ask(authenticator, token), found)
  assert.deepEqual(learned, ['agent-1', 'agent-1'])
})

test('a token that was changed in one byte of its signature is refused, however often the good one came', async () => {
  nowMs = start
  const authenticator = await verifier()
  const token = await sign()
  assert.equal(typeof (await ask(authenticator, token)), 'object')
  const at = token.length - 10
  const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
  assert.equal(await ask(authenticator, changed), 'signature')
  assert.equal(await ask(authenticator, changed), 'signature')
})

test('a token that ended, or is not yet issued by a clock that went back, is refused although it was kept', async () => {
  nowMs = start
  const authenticator = await verifier()
  const token = await sign()
  assert.equal(typeof (await ask(authenticator, token)), 'object')
  nowMs = start + 3_606_000
  assert.equal(await ask(authenticator, token), 'expired')
  nowMs = start
  assert.equal(typeof (await ask(authenticator, token)), 'object')
  nowMs = start - 60_000
  assert.notEqual(typeof (await ask(authenticator, token)), 'object')
})

test('a token that is bound to a certificate is taken with it alone, although it was kept', async () => {
  nowMs = start
  const authenticator = await verifier()
  const token = await sign({ cnf: { 'x5t#S256': 'thumb' } })
  const found = await ask(authenticator, token, 'thumb')
  assert.equal(typeof found, 'object')
  assert.equal(await ask(authenticator, token, 'other'), 'binding')
  assert.equal(await ask(authenticator, token), 'binding')
  assert.equal(await ask(authenticator, token, 'thumb'), found)
})

test('a token that counts once is not kept', async () => {
  nowMs = start
  const authenticator = await verifier({ oneTime: true })
  assert.equal(await ask(authenticator, await sign()), 'one_time')
})

test('keys that the issuer took back end what was kept under them', async (t) => {
  nowMs = start
  let keys = [await keyOf(first)]
  const server = createServer((_, response) => response.end(JSON.stringify({ keys })))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const authenticator = await verifier({ jwks: new URL(`http://127.0.0.1:${address.port}/`) })
  const token = await sign()
  assert.equal(typeof (await ask(authenticator, token)), 'object')
  const found = await ask(authenticator, token)
  assert.equal(await ask(authenticator, token), found)
  keys = [await keyOf(second)]
  nowMs += 601_000
  // Keys that are not fresh are fetched behind the answer that they still give.
  const fetched = once(server, 'request')
  assert.notEqual(await ask(authenticator, token), found)
  await fetched
  let answer = await ask(authenticator, token)
  for (let turn = 0; turn < 100_000 && typeof answer === 'object'; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    answer = await ask(authenticator, token)
  }
  assert.equal(answer, 'signature')
})
