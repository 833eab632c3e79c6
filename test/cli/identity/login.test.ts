// Logging in at the development issuer, over the wire: client credentials, device flow, renewal, and what is kept.
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { decodeJwt } from 'jose'
import { clientToken } from '../../../cli/identity/client-token.ts'
import { type LoginAsked, login } from '../../../cli/identity/login.ts'
import { discover, LoginError, type LoginPorts } from '../../../cli/identity/oidc-client.ts'
import { inspectToken } from '../../../cli/identity/token.ts'
import { cacheFolder, keptNames } from '../../../cli/identity/token-cache.ts'
import { type DevIssuer, startDevIssuer } from '../../../proxy/identity/index.ts'

let issuer: DevIssuer
const home = mkdtempSync(join(tmpdir(), 'sallyport-login-'))
const environment = { SALLYPORT_HOME: home, CLIENT_SECRET: 'canary-secret' }
before(async () => {
  issuer = await startDevIssuer(0, 'sallyport', {
    clients: [{ id: 'build', secret: 'canary-secret', kind: 'ci', groups: ['g'], scopes: ['a', 'b'] }],
    lifetimeSeconds: 300,
  })
})
after(async () => {
  await issuer.close()
  rmSync(home, { recursive: true })
})

let now = Date.now()
const said: string[] = []
const ports = (more: Partial<LoginPorts> = {}): LoginPorts => ({
  fetch,
  nowMs: () => now,
  wait: () => assert.fail('nothing to wait for'),
  say: (line) => said.push(line),
  ...more,
})
const asked = (more: Partial<LoginAsked> = {}): LoginAsked => ({
  issuer: issuer.url,
  clientId: 'build',
  clientSecret: 'env:CLIENT_SECRET',
  more: [['scope', 'a']],
  name: 'default',
  ...more,
})
const post = (
  path: string,
  form: { readonly [name: string]: string },
  headers: { readonly [name: string]: string } = {},
) => fetch(`${issuer.url}${path}`, { method: 'POST', body: new URLSearchParams(form), headers })

test('client credentials: the token is kept for its owner alone, the secret is not, and it is renewed before it ends', async () => {
  const file = await login(ports(), environment, asked())
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(statSync(cacheFolder(environment)).mode & 0o777, 0o700)
  assert.doesNotMatch(readFileSync(file, 'utf8'), /canary-secret/)
  const token = await clientToken(ports(), { environment })
  const { sub, aud, scope, kind } = decodeJwt(token)
  assert.deepEqual({ sub, aud, scope, kind }, { sub: 'build', aud: 'sallyport', scope: 'a', kind: 'ci' })
  assert.equal(await clientToken(ports(), { environment }), token)
  now += 250_000
  const renewed = await clientToken(ports(), { environment, reference: 'login:default' })
  assert.notEqual(renewed, token)
  assert.equal(await clientToken(ports(), { environment }), renewed)
  assert.deepEqual(keptNames(cacheFolder(environment)), ['default'])
  assert.deepEqual(readdirSync(cacheFolder(environment)), ['default.json'])
  const away = ports({ fetch: () => Promise.reject(new Error('away')) })
  now += 250_000
  assert.equal(await clientToken(away, { environment }), renewed, 'what is left of it counts while the issuer is away')
  now += 250_000
  await assert.rejects(clientToken(away, { environment }), LoginError)
})

test('a kept token that others may read is not used', async () => {
  const file = await login(ports(), environment, asked({ name: 'open' }))
  chmodSync(file, 0o640)
  await assert.rejects(clientToken(ports(), { environment, reference: 'login:open' }), /can be read by others/)
})

test('the device flow: a person answers on the page, once, and the token is theirs', async () => {
  let polls = 0
  const wait = async (ms: number): Promise<void> => {
    now += ms
    polls++
    const [, code = ''] = /enter ([A-Z]{4}-[A-Z]{4})$/.exec(said.at(-1) ?? '') ?? []
    const answer = { user_code: code.toLowerCase(), subject: 'person-1', groups: 'dba', answer: 'allow' }
    if (polls === 1) {
      const foreign = await post('/device', answer, { origin: 'https://evil.example' })
      assert.equal(foreign.status, 403)
    }
    if (polls === 2) {
      assert.equal((await post('/device', { ...answer, subject: '' })).status, 400)
      assert.equal((await post('/device', answer)).status, 200)
      assert.equal((await post('/device', answer)).status, 400)
    }
  }
  const { clientSecret: _none, ...byDevice } = asked({ name: 'person', more: [['scope', 'x y']] })
  await login(ports({ wait }), environment, byDevice)
  const { sub, kind, groups, scope } = decodeJwt(await clientToken(ports(), { environment, reference: 'login:person' }))
  assert.deepEqual({ sub, kind, groups, scope }, { sub: 'person-1', kind: 'human', groups: ['dba'], scope: 'x y' })
  assert.match(said.at(-1) ?? '', new RegExp(`^open ${issuer.url}/device and enter`))
  now += 3_600_000
  await assert.rejects(clientToken(ports(), { environment, reference: 'login:person' }), /expired; run/)
})

test('the device flow ends when it is denied', async () => {
  const wait = async (ms: number): Promise<void> => {
    now += ms
    const [, code = ''] = /enter (\S+)$/.exec(said.at(-1) ?? '') ?? []
    await post('/device', { user_code: code, subject: 'x', answer: 'deny' })
  }
  const { clientSecret: _none, ...byDevice } = asked()
  await assert.rejects(login(ports({ wait }), environment, byDevice), /access_denied/)
})

test('who asks too often is told to slow down, and a code counts once', async () => {
  const begun: { device_code: string; user_code: string } = JSON.parse(
    await (await post('/device_authorization', { client_id: 'c' })).text(),
  )
  const poll = async (client = 'c'): Promise<string> => {
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: begun.device_code }
    const body: { error?: string } = JSON.parse(await (await post('/token', { ...form, client_id: client })).text())
    return body.error ?? 'token'
  }
  assert.equal(await poll(), 'authorization_pending')
  assert.equal(await poll(), 'slow_down')
  assert.equal(await poll('other'), 'invalid_grant')
  await post('/device', { user_code: begun.user_code, subject: 'p', answer: 'allow' })
  assert.equal(await poll(), 'token')
  assert.equal(await poll(), 'invalid_grant')
})

const refusals: readonly [string, Partial<LoginAsked>, RegExp][] = [
  ['a wrong secret', { clientSecret: 'env:SALLYPORT_HOME' }, /invalid_client/],
  ['a client that is not known', { clientId: 'other' }, /invalid_client/],
  ['a scope that the client does not have', { more: [['scope', 'admin']] }, /invalid_scope/],
  ['a secret that is not there', { clientSecret: 'env:NOT_SET' }, /has no NOT_SET/],
  ['an issuer in clear beyond this machine', { issuer: 'http://issuer.example' }, /https/],
  ['a name that is a path', { name: '../x' }, /named by/],
]
for (const [name, more, why] of refusals) {
  test(`no login with ${name}`, async () => {
    await assert.rejects(login(ports(), environment, asked(more)), (error: unknown) => {
      assert.ok(error instanceof LoginError)
      assert.match(error.message, why)
      assert.doesNotMatch(error.message, /canary/)
      return true
    })
  })
}

test('an issuer that redirects, names another, or sends secrets in clear is not followed', async (t) => {
  let answer: {
    readonly status: number
    readonly headers?: { readonly [name: string]: string }
    readonly body?: object
  } = {
    status: 302,
    headers: { location: issuer.url },
  }
  const server = createServer((_request, response) => {
    response.writeHead(answer.status, { ...answer.headers })
    response.end(JSON.stringify(answer.body ?? {}))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => server.close())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  await assert.rejects(discover(ports(), url), /cannot be reached, or sends elsewhere/)
  answer = { status: 200, body: { issuer: issuer.url, token_endpoint: `${issuer.url}/token` } }
  await assert.rejects(discover(ports(), url), /names another issuer/)
  answer = { status: 200, body: { issuer: url, token_endpoint: 'http://evil.example/token' } }
  await assert.rejects(discover(ports(), url), /not served over TLS/)
  answer = { status: 200, body: { issuer: url, token_endpoint: `${url}/t`, more: 'x'.repeat(300_000) } }
  await assert.rejects(discover(ports(), url), /too large/)
})

test('a page of another name that resolves to this machine is answered nothing', async () => {
  const { request } = await import('node:http')
  const status = await new Promise<number>((done, failed) => {
    const sent = request(`${issuer.url}/device`, { headers: { host: 'evil.example' } }, (response) => {
      response.resume()
      done(response.statusCode ?? 0)
    })
    sent.on('error', failed)
    sent.end()
  })
  assert.equal(status, 421)
})

test('a token is looked into without its signature', async () => {
  const token = await issuer.token({ subject: 's', kind: 'agent', groups: [], scopes: [], lifetimeSeconds: 60 })
  const shown = JSON.stringify(inspectToken(token, Date.now()))
  assert.match(shown, /"sub":"s"/)
  assert.match(shown, /s from now/)
  assert.ok(!shown.includes(token.split('.')[2] ?? 'no signature'))
  assert.throws(() => inspectToken('opaque', 0), LoginError)
  assert.throws(() => inspectToken('a.b.c', 0), LoginError)
})
