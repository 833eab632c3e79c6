import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { after, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { type Issuer, keptMs, TokenAuthenticator } from '../../../proxy/identity/index.ts'

const { publicKey, privateKey } = await generateKeyPair('ES256')
const second = await generateKeyPair('ES256')
const jwk = async (key: Parameters<typeof exportJWK>[0], kid: string) => ({
  ...(await exportJWK(key)),
  kid,
  alg: 'ES256',
})
const [first, next] = [await jwk(publicKey, 'k1'), await jwk(second.publicKey, 'k2')]

const servers = new Set<Server>()
after(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})
async function serving(answer: RequestListener, tls?: { cert: Buffer; key: Buffer }): Promise<string> {
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
  servers.add(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return `${tls === undefined ? 'http' : 'https'}://${tls === undefined ? '127.0.0.1' : 'localhost'}:${address.port}`
}
const json =
  (documents: { readonly [path: string]: () => unknown }): RequestListener =>
  (request, response) => {
    const document = documents[request.url ?? '']
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(document?.() ?? {}))
  }

let now = Date.parse('2026-01-05T10:00:00Z')
const settings = {
  name: 'main',
  audiences: ['sallyport'],
  algorithms: ['ES256'],
  kind: 'agent',
  claims: { subject: 'sub' },
  lifetimeMaxMs: 3_600_000,
  required: {},
} as const
const authenticatorOf = (...issuers: Pick<Issuer, 'issuer' | 'jwks' | 'ca'>[]) =>
  new TokenAuthenticator(
    issuers.map((one) => ({ ...settings, ...one })),
    { clockSkewMs: 5000, nowMs: () => now },
  )
const tokenOf = (issuer: string, kid = 'k1', key = privateKey) =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(issuer)
    .setAudience('sallyport')
    .setSubject('agent-1')
    .setIssuedAt(now / 1000)
    .setExpirationTime(now / 1000 + 600)
    .sign(key)
const codeOf = async (authenticator: TokenAuthenticator, token: string): Promise<string> => {
  const answer = await authenticator.authenticate({ kind: 'token', token })
  return answer.ok ? 'ok' : answer.refusal.code
}

test('a key that is new is fetched once, and not again for every token that names none', async () => {
  let asked = 0
  let keys = [first]
  const url = await serving(json({ '/jwks': () => ({ keys, asked: asked++ }) }))
  const verifier = authenticatorOf({ issuer: url, jwks: new URL(`${url}/jwks`) })
  assert.equal(await codeOf(verifier, await tokenOf(url)), 'ok')
  keys = [first, next]
  now += 31_000
  assert.equal(await codeOf(verifier, await tokenOf(url, 'k2', second.privateKey)), 'ok')
  assert.equal(asked, 2)
  for (let i = 0; i < 20; i++) assert.equal(await codeOf(verifier, await tokenOf(url, `x${i}`)), 'signature')
  assert.equal(asked, 2)
})

test('many who wait for the keys of one issuer cause one fetch', async () => {
  let asked = 0
  const url = await serving(json({ '/jwks': () => ({ keys: [first], asked: asked++ }) }))
  const verifier = authenticatorOf({ issuer: url, jwks: new URL(`${url}/jwks`) })
  const token = await tokenOf(url)
  const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf(verifier, token)))
  assert.deepEqual(new Set(codes), new Set(['ok']))
  assert.equal(asked, 1)
})

test('keys count through an outage of the issuer, for a stated time', async () => {
  let up = true
  const url = await serving((request, response) => {
    if (up) json({ '/jwks': () => ({ keys: [first] }) })(request, response)
    else request.socket.destroy()
  })
  const verifier = authenticatorOf({ issuer: url, jwks: new URL(`${url}/jwks`) })
  assert.equal(await codeOf(verifier, await tokenOf(url)), 'ok')
  up = false
  now += keptMs - 1000
  assert.equal(await codeOf(verifier, await tokenOf(url)), 'ok')
  now += 60_000
  // Not only for the one who waited for the fetch that failed.
  for (let i = 0; i < 3; i++) assert.equal(await codeOf(verifier, await tokenOf(url)), 'keys')
  up = true
  now += 60_000
  assert.equal(await codeOf(verifier, await tokenOf(url)), 'ok')
})

test('a key that was withdrawn while nobody came signs for nobody, and an outage meanwhile changes nothing', async () => {
  let keys = [first]
  let up = true
  let asked = 0
  const url = await serving((request, response) => {
    asked++
    if (up) json({ '/jwks': () => ({ keys }) })(request, response)
    else request.socket.destroy()
  })
  const verifier = authenticatorOf({ issuer: url, jwks: new URL(`${url}/jwks`) })
  assert.equal(await codeOf(verifier, await tokenOf(url)), 'ok')
  up = false
  now += 1_201_000
  // The outage is found out once, and then not for a while.
  for (let i = 0; i < 3; i++) assert.equal(await codeOf(verifier, await tokenOf(url)), 'ok')
  assert.equal(asked, 2)
  up = true
  keys = [next]
  now += 31_000
  const codes = await Promise.all(Array.from({ length: 3 }, async () => codeOf(verifier, await tokenOf(url))))
  assert.deepEqual(codes, ['signature', 'signature', 'signature'])
  assert.equal(asked, 3)
  assert.equal(await codeOf(verifier, await tokenOf(url, 'k2', second.privateKey)), 'ok')
})

test('a clock that was wrong and is set back holds up no rotation, and keeps no withdrawn key', async () => {
  let keys = [first]
  const url = await serving(json({ '/jwks': () => ({ keys }) }))
  const verifier = authenticatorOf({ issuer: url, jwks: new URL(`${url}/jwks`) })
  const right = now
  now += 50 * 365 * 86_400_000
  assert.equal(await codeOf(verifier, await tokenOf(url)), 'ok')
  now = right
  keys = [next]
  assert.equal(await codeOf(verifier, await tokenOf(url)), 'signature')
  assert.equal(await codeOf(verifier, await tokenOf(url, 'k2', second.privateKey)), 'ok')
})

test('an issuer that stalls is waited for in bounds, and others are not held up', async () => {
  const stalled = await serving(() => undefined)
  const fine = await serving(json({ '/jwks': () => ({ keys: [first] }) }))
  const verifier = authenticatorOf(
    { issuer: stalled, jwks: new URL(`${stalled}/jwks`) },
    { issuer: fine, jwks: new URL(`${fine}/jwks`) },
  )
  let isOver = false
  // Counted and not read off a clock: a process that gets no time to run does not tick either.
  let ticks = 0
  const ticking = setInterval(() => ticks++, 50)
  const waiting = codeOf(verifier, await tokenOf(stalled)).finally(() => {
    isOver = true
  })
  assert.equal(await codeOf(verifier, await tokenOf(fine)), 'ok')
  assert.equal(isOver, false)
  assert.equal(await waiting, 'keys')
  clearInterval(ticking)
  assert.ok(ticks < 100, `${ticks} ticks`)
})

const many = Array.from({ length: 10_000 }, (_, at) => ({ ...first, kid: `k${at}` }))
const hostile: readonly [string, RequestListener][] = [
  ['10,000 keys', json({ '/jwks': () => ({ keys: many }) })],
  ['101 keys', json({ '/jwks': () => ({ keys: many.slice(0, 101) }) })],
  [
    'an endless answer',
    (_, response) => {
      response.writeHead(200)
      response.write(' '.repeat(300_000))
    },
  ],
  ['a redirection', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/jwks' }).end()],
  ['something that is not JSON', (_, response) => response.end('<html>')],
  ['no set', json({ '/jwks': () => ({}) })],
  ['an error', (_, response) => response.writeHead(500).end()],
]
for (const [name, answer] of hostile) {
  test(`an issuer that answers with ${name} gives no keys`, async () => {
    const url = await serving(answer)
    assert.equal(
      await codeOf(authenticatorOf({ issuer: url, jwks: new URL(`${url}/jwks`) }), await tokenOf(url)),
      'keys',
    )
  })
}

test('a secret in a key set is no key', async () => {
  const secret = { kty: 'oct', kid: 'k1', k: 'AAAA', alg: 'ES256' }
  const url = await serving(json({ '/jwks': () => ({ keys: [secret] }) }))
  assert.equal(
    await codeOf(authenticatorOf({ issuer: url, jwks: new URL(`${url}/jwks`) }), await tokenOf(url)),
    'signature',
  )
})

test('discovery: its own document is followed, a redirecting one and one of another issuer are not', async () => {
  let url = ''
  let document: () => unknown = () => ({ issuer: url, jwks_uri: `${url}/keys` })
  url = await serving((request, response) =>
    json({ '/.well-known/openid-configuration': document, '/keys': () => ({ keys: [first] }) })(request, response),
  )
  assert.equal(await codeOf(authenticatorOf({ issuer: url }), await tokenOf(url)), 'ok')
  document = () => ({ issuer: 'https://other.example', jwks_uri: `${url}/keys` })
  assert.equal(await codeOf(authenticatorOf({ issuer: url }), await tokenOf(url)), 'keys')
  const redirecting = await serving((request, response) => {
    response.writeHead(302, { location: `${url}${request.url}` }).end()
  })
  assert.equal(await codeOf(authenticatorOf({ issuer: redirecting }), await tokenOf(redirecting)), 'keys')
})

test('an issuer behind a private authority is believed with `ca`, and not without', async () => {
  const file = (name: string) => readFileSync(new URL(`../../../fixtures/keys/${name}`, import.meta.url))
  const tls = { cert: file('server.pem'), key: file('server.key') }
  let url = ''
  url = await serving(json({ '/jwks': () => ({ keys: [first] }) }), tls)
  const jwks = new URL(`${url}/jwks`)
  assert.equal(
    await codeOf(authenticatorOf({ issuer: url, jwks, ca: file('ca.pem').toString() }), await tokenOf(url)),
    'ok',
  )
  assert.equal(await codeOf(authenticatorOf({ issuer: url, jwks }), await tokenOf(url)), 'keys')
})
