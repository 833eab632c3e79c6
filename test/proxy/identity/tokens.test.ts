import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'
import { startDevIssuer, TokenAuthenticator, tokenBytesMax } from '../../../proxy/identity/index.ts'

const now = Date.parse('2026-01-05T10:00:00Z')
const issuer = 'https://issuer.example'
const pair = await generateKeyPair('ES256', { extractable: true })
const other = await generateKeyPair('ES256')
const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'ES256' }] }
const authenticator = new TokenAuthenticator(
  [
    {
      name: 'main',
      issuer,
      audiences: ['sallyport'],
      algorithms: ['ES256'],
      jwks,
      kind: 'agent',
      claims: { subject: 'sub', groups: 'realm.groups', scopes: 'scope', kind: 'kind' },
      lifetimeMaxMs: 3_600_000,
      required: { env: 'test' },
    },
  ],
  { clockSkewMs: 5000, nowMs: () => now },
)
const seconds = now / 1000
const good = {
  iss: issuer,
  aud: 'sallyport',
  sub: 'agent-1',
  iat: seconds - 10,
  exp: seconds + 600,
  jti: 't-1',
  env: 'test',
  scope: 'b a',
  realm: { groups: ['x'] },
}

const sign = (payload: object, header: Partial<JWTHeaderParameters> = {}, key = pair.privateKey) =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg: 'ES256', kid: 'k', ...header }).sign(key)
const check = (token: string, certificateSha256?: string) =>
  authenticator.authenticate({
    kind: 'token',
    token,
    ...(certificateSha256 === undefined ? {} : { certificateSha256 }),
  })

test('a good token becomes an identity: who acts now, and the chain it acts for', async () => {
  const act = { sub: 'agent-2', kind: 'agent', act: { sub: 'agent-0', iss: 'https://evil.example', scope: 'all' } }
  const answer = await check(await sign({ ...good, act, kind: 'human' }))
  assert.ok(answer.ok)
  const { subject, issuer: of, kind, groups, scopes, chain, token } = answer.identity
  assert.deepEqual(
    { subject, of, kind, groups, scopes },
    { subject: 'agent-2', of: issuer, kind: 'agent', groups: ['x'], scopes: ['a', 'b'] },
  )
  // the outermost delegator first; an issuer's word about another issuer does not count
  assert.deepEqual(
    chain.map((link) => [link.subject, link.issuer, link.kind, link.scopes]),
    [
      ['agent-1', issuer, 'human', ['a', 'b']],
      ['agent-0', issuer, 'agent', ['all']],
    ],
  )
  assert.deepEqual(token, {
    id: 't-1',
    issued_at: '2026-01-05T09:59:50Z',
    expires_at: '2026-01-05T10:10:00Z',
    binding: 'none',
  })
})

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const raw = (text: string) => Buffer.from(text).toString('base64url')
/** A token put together by hand, to say what no library would. */
const handmade = (header: object, payload: object, signature = 'AAAA') =>
  `${encode(header)}.${encode(payload)}.${signature}`
const deepAct = (depth: number): object => (depth === 0 ? { sub: 'x' } : { sub: 'x', act: deepAct(depth - 1) })

const attacks: readonly [string, () => Promise<string> | string, string][] = [
  ['alg none', () => handmade({ alg: 'none' }, good, ''), 'algorithm'],
  ['alg None in another case', () => handmade({ alg: 'nOnE' }, good, ''), 'algorithm'],
  [
    'HMAC with the public key',
    () => {
      const head = `${encode({ alg: 'HS256', kid: 'k' })}.${encode(good)}`
      return `${head}.${createHmac('sha256', JSON.stringify(jwks.keys[0])).update(head).digest('base64url')}`
    },
    'algorithm',
  ],
  [
    'a key in the header',
    async () => sign(good, { jwk: await exportJWK(other.publicKey) }, other.privateKey),
    'header',
  ],
  ['a key set by jku', () => handmade({ alg: 'ES256', jku: 'https://evil.example/jwks' }, good), 'header'],
  ['a certificate by x5u', () => handmade({ alg: 'ES256', x5u: 'https://evil.example/c' }, good), 'header'],
  ['a chain by x5c', () => handmade({ alg: 'ES256', x5c: ['AAAA'] }, good), 'header'],
  ['a critical extension', () => sign(good, { crit: ['b64'], b64: true }), 'header'],
  ['an unencoded payload', () => handmade({ alg: 'ES256', b64: false, crit: ['b64'] }, good), 'header'],
  ['an empty list of critical extensions', () => handmade({ alg: 'ES256', crit: [] }, good), 'header'],
  ['a compressed payload', () => handmade({ alg: 'ES256', zip: 'DEF' }, good), 'signature'],
  ['an encrypted token', () => handmade({ alg: 'RSA-OAEP', enc: 'A256GCM' }, good, 'a.b.c'), 'malformed'],
  ['an algorithm in a list', () => handmade({ alg: ['ES256', 'none'] }, good), 'algorithm'],
  ['an algorithm with a space in front', () => handmade({ alg: ' ES256' }, good), 'algorithm'],
  ['no algorithm', () => handmade({ kid: 'k' }, good), 'algorithm'],
  [
    'a signature of zeros (CVE-2022-21449)',
    () => handmade({ alg: 'ES256', kid: 'k' }, good, 'A'.repeat(86)),
    'signature',
  ],
  ['a signature in DER', () => handmade({ alg: 'ES256', kid: 'k' }, good, 'MAYCAQECAQE'), 'signature'],
  ['no signature', () => handmade({ alg: 'ES256', kid: 'k' }, good, ''), 'signature'],
  ['a kid that is a path', () => sign(good, { kid: '../../../etc/passwd' }), 'signature'],
  ['a kid that is SQL', () => sign(good, { kid: "' OR 1=1 --" }), 'signature'],
  ['another key', () => sign(good, {}, other.privateKey), 'signature'],
  [
    'a changed payload',
    async () => (await sign(good)).replace(/\.[^.]+\./, `.${encode({ ...good, sub: 'admin' })}.`),
    'signature',
  ],
  ['another audience', () => sign({ ...good, aud: 'other' }), 'claim'],
  ['another issuer', () => sign({ ...good, iss: 'https://other.example' }), 'issuer'],
  ['a look-alike issuer', () => sign({ ...good, iss: 'https://iss\u0443er.example' }), 'issuer'],
  ['an ID token', () => sign(good, { typ: 'id_token+jwt' }), 'type'],
  ['an ID token by its claims', () => sign({ ...good, nonce: 'n', at_hash: 'h' }), 'type'],
  [
    'a claim that is there twice',
    () => `${encode({ alg: 'ES256', kid: 'k' })}.${raw(`{"iss":"${issuer}","sub":"a","su\\u0062":"admin"}`)}.AAAA`,
    'malformed',
  ],
  ['a header that is there twice', () => `${raw('{"alg":"ES256","alg":"none"}')}.${encode(good)}.AAAA`, 'malformed'],
  ['expired beyond the skew', () => sign({ ...good, exp: seconds - 6 }), 'expired'],
  ['not valid yet', () => sign({ ...good, nbf: seconds + 60 }), 'claim'],
  ['issued in the future', () => sign({ ...good, iat: seconds + 60 }), 'future'],
  ['no expiry', () => sign({ ...good, exp: undefined }), 'claim'],
  ['too long a life', () => sign({ ...good, exp: seconds + 7200 }), 'lifetime'],
  ['a required claim that differs', () => sign({ ...good, env: 'prod' }), 'claim'],
  ['a huge token', () => `${'a'.repeat(tokenBytesMax)}.b.c`, 'too_large'],
  ['claims that nest too deep', () => sign({ ...good, deep: deepAct(20) }), 'claims'],
  ['claims that nest a hundred deep', () => sign({ ...good, deep: deepAct(100) }), 'malformed'],
  ['an act bomb', () => sign({ ...good, act: deepAct(40) }), 'claims'],
  ['a subject that is no text', () => sign({ ...good, sub: { a: 1 } as unknown as string }), 'claims'],
  ['groups that are no texts', () => sign({ ...good, realm: { groups: [1] } }), 'claims'],
  ['bound to another certificate', () => sign({ ...good, cnf: { 'x5t#S256': 'abc' } }), 'binding'],
  ['bound in an unknown way', () => sign({ ...good, cnf: { jkt: 'abc' } }), 'binding'],
  ['an audience that only begins like ours', () => sign({ ...good, aud: 'sallyport.evil.example' }), 'claim'],
  ['an audience in another case', () => sign({ ...good, aud: 'Sallyport' }), 'claim'],
  ['no audience', () => sign({ ...good, aud: undefined }), 'claim'],
  ['an issuer with a slash more', () => sign({ ...good, iss: `${issuer}/` }), 'issuer'],
  ['an issuer in another case', () => sign({ ...good, iss: 'https://Issuer.example' }), 'issuer'],
  ['an issuer in a list', () => sign({ ...good, iss: [issuer] as unknown as string }), 'issuer'],
  ['no issuer', () => sign({ ...good, iss: undefined }), 'issuer'],
  ['an ID token by its code hash', () => sign({ ...good, c_hash: 'h' }), 'type'],
  ['expired one second beyond the skew', () => sign({ ...good, exp: seconds - 6 }), 'expired'],
  ['an expiry that is a text', () => sign({ ...good, exp: '9999999999' as unknown as number }), 'claim'],
  ['an expiry that is no time', () => sign({ ...good, iat: 0, exp: 1e300 }), 'lifetime'],
  ['no time of issue', () => sign({ ...good, iat: undefined }), 'claim'],
  ['claims that are too large', () => sign({ ...good, much: 'x'.repeat(13_000) }), 'too_large'],
  ['a line break at the end', async () => `${await sign(good)}\n`, 'malformed'],
  ['padding', async () => `${await sign(good)}=`, 'malformed'],
  ['a leading space', async () => ` ${await sign(good)}`, 'malformed'],
  ['four parts', () => 'a.b.c.d', 'malformed'],
  ['no JSON', () => 'a.b.c', 'malformed'],
]

for (const [name, make, code] of attacks) {
  test(`refuses ${name}`, async () => {
    const answer = await check(await make())
    assert.equal(answer.ok, false)
    if (!answer.ok) assert.equal(answer.refusal.code, code, answer.refusal.message)
  })
}

test('a token bound to the presented certificate is accepted and says so', async () => {
  const answer = await check(await sign({ ...good, cnf: { 'x5t#S256': 'abc' } }), 'abc')
  assert.equal(answer.ok && answer.identity.token.binding, 'mtls')
})

test('one second within the skew still counts', async () => {
  assert.equal((await check(await sign({ ...good, exp: seconds - 4 }))).ok, true)
})

test('the development issuer is found by discovery and refused in production', async (t) => {
  const dev = await startDevIssuer()
  t.after(() => dev.close())
  const verifier = new TokenAuthenticator(
    [
      {
        name: 'dev',
        issuer: dev.url,
        audiences: [dev.audience],
        algorithms: ['ES256'],
        kind: 'agent',
        claims: { subject: 'sub', groups: 'groups', kind: 'kind' },
        lifetimeMaxMs: 3_600_000,
        required: {},
      },
    ],
    { clockSkewMs: 5000, nowMs: Date.now },
  )
  const answer = await verifier.authenticate({
    kind: 'token',
    token: await dev.token({ subject: 'ci-job', kind: 'ci', groups: ['g'], scopes: [], lifetimeSeconds: 60 }),
  })
  assert.ok(answer.ok)
  assert.deepEqual([answer.identity.subject, answer.identity.kind, answer.identity.groups], ['ci-job', 'ci', ['g']])
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  await assert.rejects(startDevIssuer())
  process.env['NODE_ENV'] = before
})
