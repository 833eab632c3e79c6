// The token exchange: a child never has more than its parent, and a revoked ancestor ends everything below it.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose'
import {
  exchangeIssuer,
  exchangeKeys,
  Revocations,
  startTokenServer,
  TokenAuthenticator,
} from '../../../proxy/identity/index.ts'
import { openEmbeddedStorage } from '../../../proxy/storage/index.ts'

let now = Date.parse('2026-01-05T10:00:00Z')
const root = 'https://issuer.example'
const gateway = 'https://gate.example'
const pair = await generateKeyPair('ES256')
const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'ES256' }] }
const pem = (kind: 'ed25519' | 'ec'): string =>
  (kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')).privateKey
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
const limits = { lifetimeMaxMs: 900_000, depthMax: 3 }
const keys = await exchangeKeys(pem('ed25519'), [])
const authenticator = new TokenAuthenticator(
  [
    {
      name: 'main',
      issuer: root,
      audiences: ['sallyport'],
      algorithms: ['ES256'],
      jwks,
      kind: 'agent',
      claims: { subject: 'sub', groups: 'groups', scopes: 'scope', kind: 'kind' },
      lifetimeMaxMs: 3_600_000,
      required: {},
    },
    exchangeIssuer(gateway, keys, limits),
  ],
  { clockSkewMs: 0, nowMs: () => now },
)
const storage = openEmbeddedStorage(':memory:')
let elapsed = 0
const revocations = new Revocations(storage, {
  nowMs: () => now,
  monotonicMs: () => elapsed,
  changed: () => undefined,
  failed: (error) => assert.fail(String(error)),
})
await revocations.read()
let id = 0
const server = await startTokenServer({
  host: '127.0.0.1',
  port: 0,
  connectionsMax: 100,
  issuer: gateway,
  keys,
  limits,
  userAuthority: () => undefined,
  authenticator,
  bars: (identity) => revocations.bars(identity),
  nowMs: () => now,
  newId: () => `child-${++id}`,
  revoke: (key, reason, untilMs) => revocations.revoke('token', key, reason, untilMs),
  onError: (error) => assert.fail(String(error)),
})
after(async () => {
  await server.close()
  revocations.close()
  await storage.close()
})

const jwt = 'urn:ietf:params:oauth:token-type:jwt'
const sign = (claims: object = {}) =>
  new SignJWT({
    iss: root,
    aud: 'sallyport',
    sub: 'agent-1',
    iat: now / 1000 - 10,
    exp: now / 1000 + 600,
    jti: 'root-1',
    scope: 'orders:read orders:write',
    groups: ['g'],
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(pair.privateKey)

interface Answered {
  readonly status: number
  readonly token: string
  readonly error: string
  readonly message: string
}
async function post(path: string, form: readonly (readonly [string, string])[]): Promise<Answered> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: 'POST',
    body: new URLSearchParams(form.map(([name, value]): [string, string] => [name, value])),
  })
  const body: { access_token?: string; error?: string; error_description?: string } = JSON.parse(await response.text())
  return {
    status: response.status,
    token: body.access_token ?? '',
    error: body.error ?? '',
    message: body.error_description ?? '',
  }
}
const exchange = (subject: string, more: { readonly [name: string]: string | readonly string[] }): Promise<Answered> =>
  post('/oauth/token', [
    ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    ['subject_token', subject],
    ['subject_token_type', jwt],
    ...Object.entries(more).flatMap(([name, value]) =>
      (typeof value === 'string' ? [value] : value).map((one): [string, string] => [name, one]),
    ),
  ])
async function identityOf(token: string) {
  const answer = await authenticator.authenticate({ kind: 'token', token })
  assert.ok(answer.ok, answer.ok ? '' : answer.refusal.message)
  return answer.identity
}

test('a child acts for its parent with a part of its authority', async () => {
  const made = await exchange(await sign(), {
    child: 'helper',
    scope: 'orders:read',
    resource: 'orders',
    lifetime: '60',
  })
  assert.equal(made.status, 200, made.message)
  const identity = await identityOf(made.token)
  assert.deepEqual(
    [identity.subject, identity.issuer, identity.kind, identity.scopes, identity.groups],
    ['agent-1/helper', gateway, 'agent', ['orders:read'], ['g']],
  )
  assert.deepEqual(identity.chain, [
    { subject: 'agent-1', issuer: root, kind: 'agent', scopes: ['orders:read', 'orders:write'] },
  ])
  assert.equal(identity.token.expires_at, '2026-01-05T10:01:00Z')
  const claims = decodeJwt(made.token)
  assert.deepEqual(claims['sallyport_resources'], ['orders'])
  assert.deepEqual(claims['sallyport_lineage'], [`${root} root-1`])
})

test('an actor token names the child, three deep, with every hop in the chain', async () => {
  const actor = await sign({ sub: 'builder', jti: 'a-1', kind: 'ci' })
  const one = await exchange(await sign(), { actor_token: actor, actor_token_type: jwt })
  const two = await exchange(one.token, { child: 'b', scope: 'orders:read' })
  const three = await exchange(two.token, { child: 'c' })
  assert.equal(three.status, 200, three.message)
  const identity = await identityOf(three.token)
  assert.deepEqual(
    identity.chain.map((link) => [link.subject, link.issuer, link.kind, link.scopes.length]),
    [
      ['agent-1', root, 'agent', 2],
      ['builder', root, 'ci', 2],
      ['builder/b', gateway, 'agent', 1],
    ],
  )
  assert.equal(identity.subject, 'builder/b/c')
  assert.deepEqual(identity.scopes, ['orders:read'])
  const four = await exchange(three.token, { child: 'd' })
  assert.deepEqual([four.status, four.error], [400, 'invalid_request'])
  assert.match(four.message, /4 delegations deep; at most 3/)
})

const refusals: readonly [string, (token: string) => Promise<Answered>, string, RegExp][] = [
  ['a wider scope', (token) => exchange(token, { child: 'x', scope: 'orders:read admin' }), 'invalid_scope', /`admin`/],
  [
    'a life longer than allowed',
    (token) => exchange(token, { child: 'x', lifetime: '901' }),
    'invalid_request',
    /at most 900 s/,
  ],
  [
    'a child that outlives its parent',
    (token) => exchange(token, { child: 'x', lifetime: '700' }),
    'invalid_request',
    /outlive/,
  ],
  ['no actor at all', (token) => exchange(token, {}), 'invalid_request', /who acts/],
  [
    'two actors',
    (token) => exchange(token, { child: 'x', actor_token: token, actor_token_type: jwt }),
    'invalid_request',
    /who acts/,
  ],
  [
    'the parent as its own actor',
    (token) => exchange(token, { actor_token: token, actor_token_type: jwt }),
    'invalid_request',
    /circles/,
  ],
  ['a child name that is a path', (token) => exchange(token, { child: '../admin' }), 'invalid_request', /letters/],
  ['a parameter twice', (token) => exchange(token, { child: ['x', 'y'] }), 'invalid_request', /twice/],
  [
    'an unknown parameter',
    (token) => exchange(token, { child: 'x', subject: 'admin' }),
    'invalid_request',
    /not a parameter/,
  ],
  [
    'another token type asked for',
    (token) => exchange(token, { child: 'x', requested_token_type: 'urn:ietf:params:oauth:token-type:id_token' }),
    'invalid_request',
    /access tokens/,
  ],
  [
    'a subject token that was changed',
    (token) => exchange(`${token.slice(0, -8)}AAAAAAAA`, { child: 'x' }),
    'invalid_grant',
    /not signed/,
  ],
  [
    'another grant type',
    () => post('/oauth/token', [['grant_type', 'password']]),
    'unsupported_grant_type',
    /RFC 8693/,
  ],
]
for (const [name, ask, error, message] of refusals) {
  test(`refuses ${name}`, async () => {
    const answer = await ask(await sign())
    assert.deepEqual([answer.status, answer.error], [400, error], answer.message)
    assert.match(answer.message, message)
  })
}

test('widened again at a later hop is refused, for scopes and resources', async () => {
  const one = await exchange(await sign(), { child: 'a', scope: 'orders:read', resource: ['orders', 'stock'] })
  assert.equal((await exchange(one.token, { child: 'b', scope: 'orders:write' })).error, 'invalid_scope')
  assert.equal((await exchange(one.token, { child: 'b', resource: 'billing' })).error, 'invalid_target')
  const two = await exchange(one.token, { child: 'b', resource: 'stock' })
  assert.deepEqual((await identityOf(two.token)).claims['sallyport_resources'], ['stock'])
})

test('revoking the root ends the whole tree, and nothing can be exchanged from it', async () => {
  const parent = await sign({ jti: 'root-2', sub: 'agent-9' })
  const one = await exchange(parent, { child: 'a' })
  const two = await exchange(one.token, { child: 'b' })
  const grandchild = await identityOf(two.token)
  assert.equal(revocations.bars(grandchild), undefined)
  assert.equal((await post('/oauth/revoke', [['token', `${parent}\n`]])).status, 400)
  assert.equal(revocations.bars(grandchild), undefined)
  assert.equal((await post('/oauth/revoke', [['token', parent]])).status, 200)
  assert.match(revocations.bars(grandchild) ?? '', /revoked/)
  assert.match(revocations.bars(await identityOf(one.token)) ?? '', /revoked/)
  const again = await exchange(two.token, { child: 'c' })
  assert.deepEqual([again.status, again.error], [400, 'invalid_grant'])
  assert.match(again.message, /revoked/)
  assert.equal(revocations.bars(await identityOf(await sign({ jti: 'root-3', sub: 'agent-9' }))), undefined)
})

test('revoking the token by which an actor proved itself ends what it does for others, and nothing else', async () => {
  const parent = await sign({ jti: 'root-5', sub: 'agent-5' })
  for (const named of [{ jti: 'actor-5' }, { jti: undefined }]) {
    const actor = await sign({ sub: 'builder', ...named })
    const one = await exchange(parent, { actor_token: actor, actor_token_type: jwt })
    const two = await exchange(one.token, { child: 'b' })
    assert.equal(two.status, 200, two.message)
    const lineage: unknown = decodeJwt(two.token)['sallyport_lineage']
    assert.ok(Array.isArray(lineage) && lineage.length === 3, JSON.stringify(lineage))
    if (named.jti === undefined) continue
    assert.equal((await post('/oauth/revoke', [['token', actor]])).status, 200)
    assert.match(revocations.bars(await identityOf(one.token)) ?? '', /revoked/)
    assert.match(revocations.bars(await identityOf(two.token)) ?? '', /revoked/)
    assert.match((await exchange(two.token, { child: 'c' })).message, /revoked/)
    assert.equal(revocations.bars(await identityOf(parent)), undefined)
  }
})

test('a revoked token does not count again while clocks may differ, nor when this one is set back', async () => {
  const token = await sign({ jti: 'root-6', sub: 'agent-6' })
  const identity = await identityOf(token)
  assert.equal((await post('/oauth/revoke', [['token', token]])).status, 200)
  const before = now
  try {
    for (const at of [600_000 + 1, 600_000 + 300_000, 0, -60_000]) {
      now = before + at
      await storage.prune(now)
      await revocations.read()
      assert.match(revocations.bars(identity) ?? '', /revoked/, String(at))
    }
  } finally {
    now = before
  }
})

test('how old a reading of revocations is does not hang on what the clock is set to', async () => {
  const identity = await identityOf(await sign({ jti: 'root-7', sub: 'agent-8' }))
  await revocations.read()
  const before = now
  try {
    for (const at of [-86_400_000, 86_400_000]) {
      now = before + at
      assert.equal(revocations.bars(identity), undefined)
    }
    elapsed += 31_000
    for (const at of [-86_400_000, 0]) {
      now = before + at
      assert.match(revocations.bars(identity) ?? '', /cannot be read now/)
    }
  } finally {
    now = before
    await revocations.read()
  }
  assert.equal(revocations.bars(identity), undefined)
})

test('revoking a subject ends what was issued before, below it too', async () => {
  const child = await exchange(await sign({ jti: 'r-4', sub: 'agent-7' }), { child: 'a' })
  await revocations.revoke('subject', `${root} agent-7`, 'lost', now + 3_600_000)
  assert.match(revocations.bars(await identityOf(child.token)) ?? '', /acts for/)
})

test('who was revoked gains nothing by an exchange that another gateway signed before it heard of it', async () => {
  const parent = await sign({ jti: 'r-14', sub: 'agent-14' })
  const actor = await sign({ jti: 'r-15', sub: 'builder-15' })
  const before = now
  try {
    now += 20_000
    // That gateway's clock is ahead, or it heard a moment later.
    const one = await exchange(parent, { actor_token: actor, actor_token_type: jwt })
    const two = await exchange(one.token, { child: 'b' })
    const revoke = (subject: string) =>
      storage.revoke({
        kind: 'subject',
        value: `${root} ${subject}`,
        reason: '',
        atMs: now - 5000,
        expiresAtMs: now + 9e6,
      })
    const barred = async (token: string): Promise<boolean> => {
      await revocations.read()
      return revocations.bars(await identityOf(token)) !== undefined
    }
    assert.deepEqual([await barred(one.token), await barred(two.token)], [false, false])
    await revoke('builder-15')
    assert.deepEqual([await barred(one.token), await barred(two.token), await barred(parent)], [true, true, false])
    // A token that the actor was given since is a new start for it, whatever the age of the parent's.
    const again = await sign({ jti: 'r-16', sub: 'builder-15', iat: now / 1000 })
    const three = await exchange(parent, { actor_token: again, actor_token_type: jwt })
    assert.equal(await barred(three.token), false, three.message)
    await revoke('agent-14')
    assert.deepEqual([await barred(three.token), await barred(parent)], [true, true])
  } finally {
    now = before
  }
})

test('a large body, a wrong type and a wrong method are refused and the server lives', async () => {
  const url = `http://127.0.0.1:${server.port}/oauth/token`
  assert.equal((await fetch(url)).status, 405)
  assert.equal(
    (await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status,
    415,
  )
  const large = await fetch(url, {
    method: 'POST',
    body: `a=${'x'.repeat(60_000)}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  assert.equal(large.status, 413)
  const found: { issuer?: string } = JSON.parse(
    await (await fetch(`http://127.0.0.1:${server.port}/.well-known/openid-configuration`)).text(),
  )
  assert.equal(found.issuer, gateway)
  const set = await (await fetch(`http://127.0.0.1:${server.port}/jwks`)).text()
  assert.match(set, /"crv":"Ed25519"/)
  assert.doesNotMatch(set, /"d":/)
})

test('a rotated key: tokens of the earlier key still count', async () => {
  const before = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const old = await exchangeKeys(before.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), [])
  const next = await exchangeKeys(pem('ed25519'), [before.publicKey.export({ type: 'spki', format: 'pem' }).toString()])
  const token = await new SignJWT({ iss: gateway, aud: gateway, sub: 'x', scope: '' })
    .setProtectedHeader({ alg: old.algorithm, kid: old.kid, typ: 'at+jwt' })
    .setIssuedAt(now / 1000)
    .setExpirationTime(now / 1000 + 60)
    .sign(old.signing)
  const both = new TokenAuthenticator([exchangeIssuer(gateway, next, limits)], { clockSkewMs: 0, nowMs: () => now })
  assert.equal((await both.authenticate({ kind: 'token', token })).ok, true)
  const only = new TokenAuthenticator([exchangeIssuer(gateway, await exchangeKeys(pem('ec'), []), limits)], {
    clockSkewMs: 0,
    nowMs: () => now,
  })
  assert.equal((await only.authenticate({ kind: 'token', token })).ok, false)
})

test('whatever is asked for, a child is never wider, longer or deeper than its parent', async () => {
  const parent = await sign()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('orders:read', 'orders:write', 'admin', 'x'), { maxLength: 4 }),
      fc.option(fc.integer({ min: 1, max: 2000 })),
      fc.array(fc.constantFrom('orders', 'stock'), { maxLength: 2 }),
      async (scopes, lifetime, resources) => {
        const made = await exchange(parent, {
          child: 'p',
          ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
          ...(lifetime === null ? {} : { lifetime: String(lifetime) }),
          resource: resources,
        })
        if (made.status !== 200) {
          assert.ok(scopes.some((one) => !one.startsWith('orders:')) || (lifetime ?? 0) > 600, made.message)
          return
        }
        const identity = await identityOf(made.token)
        assert.ok(identity.scopes.every((one) => one === 'orders:read' || one === 'orders:write'))
        assert.ok(Date.parse(identity.token.expires_at) <= now + 600_000)
        assert.equal(identity.chain.length, 1)
      },
    ),
    { numRuns: 60 },
  )
})
