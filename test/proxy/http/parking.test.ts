// Clients that do not wait for people: 202 with a token, and the same request with the token goes on once.
import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { sampleDocument } from '../../support/action-document.ts'
import { results } from '../../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'
import { testKey } from '../../support/keys.ts'

interface Received {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
const received: Received[] = []
let api: Server
let gateway: HttpGateway
let tls: HttpGateway

before(async () => {
  api = createServer((incoming, response) => {
    let body = ''
    incoming.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    incoming.on('end', () => {
      received.push({ url: incoming.url ?? '', headers: incoming.headers, body })
      response.end(`done ${incoming.method} ${incoming.url} ${body}`)
    })
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  const upstreamPort = (api.address() as AddressInfo).port
  const expires = new Date(Date.now() + 3_600_000).toISOString()
  const { identity } = sampleDocument()
  const authenticator = {
    authenticate: async (credential: { readonly kind: string; readonly token?: string }) => ({
      ok: true as const,
      identity: {
        ...identity,
        subject: credential.token ?? '',
        token: { ...identity.token, expires_at: expires },
      },
    }),
  }
  gateway = await startHttpGateway({ upstreamPort, listener: { authenticator } })
  tls = await startHttpGateway({
    upstreamPort,
    listener: { authenticator, tls: { cert: testKey('server.pem'), key: testKey('server.key') } },
  })
})
beforeEach(() => {
  for (const one of [gateway, tls])
    one.answer = ({ action }) => (action.operation === 'POST' ? results.hold : results.allow)
})
afterEach(() => {
  received.length = 0
  assert.deepEqual(gateway.errors, [])
})
after(async () => {
  await gateway.close()
  await tls.close()
  api.close()
  api.closeAllConnections()
})

interface Asking {
  readonly path?: string
  readonly method?: string
  readonly who?: string
  readonly body?: string
  readonly headers?: { readonly [name: string]: string }
}
const begin = ({ path = '/a', method = 'POST', who = 'agent-1', body = '{"n":1}', headers = {} }: Asking = {}) => {
  const asking = request({
    host: '127.0.0.1',
    port: gateway.port,
    path,
    method,
    headers: {
      host: 'api.example',
      authorization: `Bearer ${who}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    },
  })
  asking.end(body)
  return asking
}
const ask = (asking: Asking = {}): Promise<Reply> =>
  new Promise((done, failed) => {
    begin(asking)
      .once('error', failed)
      .once('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        })
        response.once('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      })
  })
const aside = { prefer: 'respond-async' }

/** A request that is held, and its token. */
async function parked(asking: Asking = {}): Promise<string> {
  const { status, headers, body } = await ask({ ...asking, headers: { ...asking.headers, ...aside } })
  assert.equal(status, 202, body)
  assert.equal(headers['preference-applied'], 'respond-async')
  const told: { retry_token: string; hold: string } = JSON.parse(body)
  assert.equal(headers['sallyport-retry'], told.retry_token)
  assert.ok(gateway.parts.holds.waiting.has(told.hold), 'the hold stays when its client is gone')
  return told.retry_token
}
const again = (token: string, asking: Asking = {}): Asking => ({
  ...asking,
  headers: { ...asking.headers, 'sallyport-retry': token },
})
const code = ({ status, body }: Reply): readonly [number, string] => [status, JSON.parse(body).code]
const approve = (): boolean => gateway.parts.holds.answer({ on: 'approved', detail: '' })
/** Resolves when the gateway holds so many actions. */
async function holding(count: number): Promise<void> {
  while (gateway.parts.holds.waiting.size < count) await new Promise(setImmediate)
}

test('a held request is answered 202, and goes on once when it comes back after the approval', async () => {
  const token = await parked()
  const early = await ask(again(token, { headers: aside }))
  assert.deepEqual(code(early), [202, 'held'])
  approve()
  assert.equal(received.length, 0, 'an approval alone sends nothing')
  const done = await ask(again(token, { headers: aside }))
  assert.deepEqual([done.status, done.body], [200, 'done POST /a {"n":1}'])
  assert.equal(received.length, 1)
  assert.equal(received[0]?.headers['sallyport-retry'], undefined)
  assert.deepEqual(code(await ask(again(token))), [409, 'retry_used'])
  assert.equal(received.length, 1)
})

test('a retry that waits gets its answer when people approve', async () => {
  const token = await parked()
  const waiting = ask(again(token))
  // The second client of one token shows that the first has arrived.
  let second = await ask(again(token, { headers: aside }))
  while (second.status === 202) second = await ask(again(token, { headers: aside }))
  assert.deepEqual(code(second), [409, 'retry_in_use'])
  approve()
  assert.equal((await waiting).status, 200)
  assert.equal(received.length, 1)
})

test('fifty retries at once after one approval are sent on once', async () => {
  const token = await parked()
  approve()
  const replies = await Promise.all(Array.from({ length: 50 }, () => ask(again(token))))
  assert.equal(replies.filter(({ status }) => status === 200).length, 1)
  assert.equal(replies.filter(({ status }) => status === 409).length, 49)
  assert.equal(received.length, 1)
})

const others: readonly [string, Asking][] = [
  ['another path', { path: '/b' }],
  ['another query', { path: '/a?x=1' }],
  ['another method', { method: 'PUT' }],
  ['one byte of the body', { body: '{"n":2}' }],
  ['another field', { headers: { 'x-mode': 'force' } }],
  ['another client', { who: 'agent-2' }],
]
for (const [name, change] of others) {
  test(`refuses a token with ${name}, and keeps it for the request that it is for`, async () => {
    const token = await parked()
    approve()
    assert.deepEqual(code(await ask(again(token, change))), [403, 'retry_mismatch'])
    assert.deepEqual(received, [])
    assert.equal((await ask(again(token))).status, 200)
  })
}

test('what traces a request may differ; what was judged is what goes on', async () => {
  const token = await parked({ headers: { traceparent: 'first' } })
  approve()
  assert.equal((await ask(again(token, { headers: { traceparent: 'second' } }))).status, 200)
  assert.equal(received[0]?.headers['traceparent'], 'first')
})

test('a token that nobody gave, or two of them, get nothing', async () => {
  assert.deepEqual(code(await ask(again('x'.repeat(43)))), [403, 'retry_unknown'])
  const two = await ask({ headers: { 'sallyport-retry': ['a', 'b'] as unknown as string } })
  assert.deepEqual(code(two), [400, 'two_retry_tokens'])
  assert.deepEqual(received, [])
})

test('a denial, an expiry and a policy that changed reach the retry', async () => {
  const denied = await parked()
  gateway.parts.holds.answer({ on: 'denied', detail: '', message: 'not today' })
  for (let times = 0; times < 2; times++) {
    const reply = await ask(again(denied))
    assert.deepEqual(code(reply), [403, 'hold_denied'])
    assert.match(reply.body, /not today/)
  }
  gateway.answer = () => ({ ...results.hold, hold: [{ ...results.hold.hold[0], expires: '1s' }] })
  const expired = await parked()
  let waited = await ask(again(expired, { headers: aside }))
  while (waited.status === 202) waited = await ask(again(expired, { headers: aside }))
  assert.deepEqual(code(waited), [403, 'hold_expired'])
  gateway.answer = () => results.hold
  const changed = await parked()
  approve()
  gateway.answer = () => results.deny
  assert.deepEqual(code(await ask(again(changed))), [403, 'denied'])
  assert.deepEqual(received, [])
})

test('a request that is not held is answered as ever', async () => {
  const done = await ask({ method: 'PUT', headers: aside })
  assert.deepEqual([done.status, done.headers['preference-applied']], [200, undefined])
  gateway.answer = () => results.deny
  assert.deepEqual(code(await ask({ headers: aside })), [403, 'denied'])
})

test('a body that is not read whole waits as without the preference', async () => {
  const body = 'x'.repeat(1024 * 1024 + 1)
  const waiting = ask({ body, headers: aside })
  await holding(1)
  approve()
  assert.equal((await waiting).status, 200)
})

test('a client that leaves while its retry waits can come back', async () => {
  const token = await parked()
  const leaving = begin(again(token))
  leaving.on('error', () => undefined)
  let second = await ask(again(token, { headers: aside }))
  while (second.status === 202) second = await ask(again(token, { headers: aside }))
  leaving.destroy()
  while (second.status === 409) second = await ask(again(token, { headers: aside }))
  assert.equal(second.status, 202)
  approve()
  assert.equal((await ask(again(token))).status, 200)
})

test('one identity parks sixteen requests; the next one waits, and another identity may', async () => {
  const tokens = await Promise.all(Array.from({ length: 16 }, (_, index) => parked({ path: `/${index}` })))
  const waiting = ask({ path: '/16', headers: aside })
  await holding(17)
  tokens.push(await parked({ who: 'agent-2' }))
  while (approve()) assert.ok(tokens.length > 0)
  assert.equal((await waiting).status, 200)
  for (const [index, token] of tokens.entries()) {
    const asking = index === 16 ? { who: 'agent-2' } : { path: `/${index}` }
    assert.equal((await ask(again(token, asking))).status, 200)
  }
})

test('the same over HTTP/2', async () => {
  const client = connectHttp2(`https://127.0.0.1:${tls.port}`, { rejectUnauthorized: false })
  const send = (headers: { readonly [name: string]: string }): Promise<Reply> =>
    new Promise((done, failed) => {
      const stream = client.request({
        ':method': 'POST',
        ':path': '/two',
        ':authority': 'api.example',
        authorization: 'Bearer agent-1',
        ...headers,
      })
      let status = 0
      let body = ''
      stream.once('response', (head) => {
        status = Number(head[':status'])
      })
      stream.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      stream.once('error', failed)
      stream.once('end', () => done({ status, headers: {}, body }))
      stream.end('hello')
    })
  const held = await send(aside)
  assert.equal(held.status, 202, held.body)
  const retry = { 'sallyport-retry': String(JSON.parse(held.body).retry_token) }
  tls.parts.holds.answer({ on: 'approved', detail: '' })
  assert.deepEqual((await send(retry)).body, 'done POST /two hello')
  assert.equal((await send(retry)).status, 409)
  assert.equal(received.length, 1)
  client.close()
  assert.deepEqual(tls.errors, [])
})
