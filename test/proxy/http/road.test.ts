// HTTP end to end: what was judged is what the API receives, and what it may not show is not shown.
import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { createGate, systemClock } from '../../../proxy/gate/index.ts'
import { listenHttp, type RunningHttpListener } from '../../../proxy/http/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { gateParts, results, type TestParts } from '../../support/gate.ts'

interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
const received: Received[] = []
let api: Server
let listener: RunningHttpListener
let parts: TestParts
let last: ActionDocument | undefined
const errors: unknown[] = []

const large = Buffer.alloc(3 * 1024 * 1024, 'x')
before(async () => {
  api = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      received.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      if (url === '/large') {
        response.end(large)
        return
      }
      if (url === '/gone') {
        response.destroy()
        return
      }
      if (url === '/zip') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('x')
        return
      }
      if (url.startsWith('/users')) {
        response
          .writeHead(200, { 'content-type': 'application/json', etag: '"1"' })
          .end('{"users":[{"card":"4111111111111111","n":1},{"card":"5500005555555559","n":2}]}')
        return
      }
      response.setHeader('x-from', 'api')
      response.end(`${method} ${url}`)
    })
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  const address = api.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  parts = gateParts({ clock: systemClock })
  const identity = {
    ...sampleDocument().identity,
    token: { ...sampleDocument().identity.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() },
  }
  listener = await listenHttp({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    clientCertificates: false,
    cleartext: true,
    tokenHeader: 'authorization',
    gate: createGate(parts),
    authenticator: {
      authenticate: async (credential) =>
        credential.kind === 'token' && credential.token === 'good'
          ? { ok: true, identity }
          : { ok: false, refusal: { code: 'bad_token', message: 'the token is not valid' } },
    },
    target: (host) =>
      host === 'api.example'
        ? {
            resource: { ...sampleDocument().resource, name: 'api', protocol: 'http' },
            upstream: () =>
              Promise.resolve({
                host: '127.0.0.1',
                port,
                authority: 'inner.example',
                basePath: '',
                tls: undefined,
                credential: { kind: 'header', name: 'authorization', value: 'Bearer upstream-secret' } as const,
                connectMs: 60_000,
                linkLocal: false,
              }),
          }
        : undefined,
    hashKey: new Uint8Array(32),
    connectionsMax: 50,
    handshakeMs: 60_000,
    onError: (_where, error) => errors.push(error),
  })
})
beforeEach(() => {
  received.length = 0
  parts.live.answer = (input) => {
    last = input as ActionDocument
    const { action } = last
    return action.operation === 'DELETE' || action.http?.rpc.some(({ tool }) => tool === 'shell')
      ? results.deny
      : results.allow
  }
})
after(async () => {
  await listener.close()
  api.close()
  api.closeAllConnections()
  assert.deepEqual(errors, [])
})

/** Sends bytes as they are and answers everything that comes until the connection ends or `until` is in it. */
async function raw(text: string, until?: string, step = Number.POSITIVE_INFINITY): Promise<string> {
  const socket = connect(listener.port, '127.0.0.1')
  let out = ''
  const over = new Promise<void>((done) => {
    socket.on('data', (bytes: Buffer) => {
      out += bytes.toString('latin1')
      if (until !== undefined && out.includes(until)) {
        socket.destroy()
        done()
      }
    })
    socket.on('close', () => done())
  })
  for (let at = 0; at < text.length; at += step) {
    socket.write(text.slice(at, at + step), 'latin1')
    if (step < text.length) await new Promise(setImmediate)
  }
  await over
  return out
}
const head = (line: string, more = ''): string =>
  `${line} HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\n${more}\r\n`

test('what is allowed goes on rebuilt, with the credential of the gateway and none of the client', async () => {
  const out = await raw(
    head('GET /a/b?x=1&y=%20z', 'X-Forwarded-For: 1.2.3.4\r\nCookie: c=1\r\nX-Request-Id: r1\r\nConnection: close\r\n'),
  )
  assert.match(out, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(out, /x-from: api/)
  assert.match(out, /GET \/a\/b\?x=1&y=%20z/)
  const [one] = received
  assert.equal(one?.headers.host, 'inner.example')
  assert.equal(one?.headers.authorization, 'Bearer upstream-secret')
  assert.equal(one?.headers['x-forwarded-for'], undefined)
  assert.equal(one?.headers['x-request-id'], 'r1')
  assert.doesNotMatch(JSON.stringify(received), /Bearer good/)
  assert.deepEqual(last?.action.http?.path, ['a', 'b'])
  assert.deepEqual(last?.action.http?.query, { x: ['1'], y: [' z'] })
})

test('requests follow one another on a connection, and a refusal does not end it', async () => {
  const out = await raw(head('GET /1') + head('DELETE /2') + head('GET /3', 'Connection: close\r\n'))
  const statuses = [...out.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])
  assert.deepEqual(statuses, ['200', '403', '200'])
  assert.match(out, /"rule":"p\.no","decision":"id-\d+"/)
  assert.match(out, /application\/problem\+json/)
  assert.deepEqual(
    received.map(({ url }) => url),
    ['/1', '/3'],
  )
})

test('any split of the bytes gives the same answer', async () => {
  const body = '{"a":[1,2]}'
  const message =
    head('POST /p', `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n`) + body
  const without = (text: string): string => text.replace(/date: [^\r]*\r\n/, '')
  const whole = without(await raw(message))
  for (const step of [1, 3, 7]) assert.equal(without(await raw(message, undefined, step)), whole)
  assert.ok(received.every((one) => one.body === body))
  assert.deepEqual(last?.action.http?.body.value, { a: [1, 2] })
})

test('chunked bodies and 100-continue arrive whole; MCP calls are judged by their tool', async () => {
  const call = (tool: string): string =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: { q: 1 } } })
  const post = (body: string): string =>
    `${head('POST /mcp', 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\nConnection: close\r\n')}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const allowed = await raw(post(call('search')))
  assert.match(allowed, /^HTTP\/1\.1 (100 Continue|200)/)
  assert.equal(received[0]?.body, call('search'))
  assert.match(await raw(post(call('shell'))), / 403 /)
  assert.equal(received.length, 1)
})

const refusals: readonly [string, string, number, string][] = [
  ['no token', 'GET / HTTP/1.1\r\nHost: api.example\r\n\r\n', 401, 'no_token'],
  ['a wrong token', 'GET / HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer bad\r\n\r\n', 401, 'bad_token'],
  [
    'an unknown host',
    'GET / HTTP/1.1\r\nHost: other.example\r\nAuthorization: Bearer good\r\n\r\n',
    404,
    'no_resource',
  ],
  ['two lengths', head('POST /', 'Content-Length: 1\r\nContent-Length: 2\r\n'), 400, 'duplicate_header'],
  [
    'a length and chunks',
    head('POST /', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'),
    400,
    'length_and_encoding',
  ],
  ['a folded header', head('GET /', 'X-A: b\r\n c\r\n'), 400, 'obs_fold'],
  ['a bare line feed', 'GET / HTTP/1.1\nHost: api.example\n\n', 400, 'bare_lf'],
  ['a space before the colon', head('GET /', 'X-A : b\r\n'), 400, 'space_before_colon'],
  ['an encoded slash', head('GET /a%2Fb'), 400, 'encoded_slash'],
  ['dot segments', head('GET /a/../b'), 400, 'dot_segment'],
  ['encoded dot segments', head('GET /a/%2e%2e/b'), 400, 'dot_segment'],
  ['a double encoding', head('GET /a%252Fb'), 400, 'double_encoding'],
  ['two slashes', head('GET //admin'), 400, 'empty_segment'],
  ['a fragment', head('GET /a#b'), 400, 'fragment'],
  ['a NUL', head('GET /a%00'), 400, 'encoded_nul'],
  [
    'another method by a header',
    head('POST /', 'X-HTTP-Method-Override: DELETE\r\nContent-Length: 0\r\n'),
    400,
    'method_override',
  ],
  ['another path by a header', head('GET /', 'X-Original-URL: /admin\r\n'), 400, 'path_override'],
  ['a hop-by-hop trick', head('GET /', 'Connection: close, X-Api-Version\r\n'), 400, 'hop_by_hop'],
  ['a tunnel', head('CONNECT a:1'), 400, 'connect'],
  ['TRACE', head('TRACE /'), 400, 'trace'],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: api.example\r\n\r\n', 400, 'version'],
  ['two hosts', head('GET /', 'Host: other.example\r\n'), 400, 'duplicate_header'],
  [
    'a chunk extension',
    `${head('POST /', 'Transfer-Encoding: chunked\r\n')}1;a\r\nx\r\n0\r\n\r\n`,
    400,
    'chunk_extension',
  ],
  ['a WebSocket without a key', head('GET /', 'Connection: upgrade\r\nUpgrade: websocket\r\n'), 400, 'upgrade'],
]
for (const [name, message, status, code] of refusals) {
  test(`refuses ${name}, and nothing reaches the API`, async () => {
    const out = await raw(message)
    assert.match(out, new RegExp(`^(HTTP/1.1 100 Continue\\r\\n\\r\\n)?HTTP/1\\.1 ${status} `), out)
    assert.match(out, new RegExp(`"code":"${code}"`), out)
    assert.deepEqual(received, [])
  })
}

test('JSON paths and detectors mask the answer; what cannot be masked is not shown', async () => {
  const under = (mask: object) => {
    parts.live.answer = (input) =>
      (input as ActionDocument).action.operation === 'connect' ? results.allow : { ...results.allow, mask: [mask] }
  }
  const get = (path: string): Promise<string> =>
    raw(head(`GET ${path}`, 'Accept-Encoding: gzip\r\nConnection: close\r\n'))
  under({ json: '$.users[*].card', with: 'last4' })
  const byPath = await get('/users')
  assert.match(byPath, /"card":"\*{12}1111","n":1/)
  assert.match(byPath, /"card":"\*{12}5559","n":2/)
  assert.doesNotMatch(byPath, /etag|411111/i)
  assert.equal(received[0]?.headers['accept-encoding'], 'identity')
  assert.match(await get('/text'), /403 [\s\S]*cannot be masked/)
  under({ detect: 'credit_card', with: 'redact' })
  assert.doesNotMatch(await get('/users'), /4111111111111111|5500005555555559/)
  assert.match(await get('/zip'), /403 [\s\S]*compressed answer/)
  under({ column: 'public.cards.number', with: 'last4' })
  assert.match(await get('/users'), /403 [\s\S]*names nothing of an HTTP response/)
})

test('large answers and bodies pass whole; an API that fails is a 502', async () => {
  const answer = await raw(head('GET /large', 'Connection: close\r\n'))
  assert.equal(answer.length - answer.indexOf('\r\n\r\n') - 4 >= large.length, true)
  const sent = 'y'.repeat(2 * 1024 * 1024)
  await raw(`${head('POST /up', `Content-Length: ${sent.length}\r\nConnection: close\r\n`)}${sent}`)
  assert.equal(received.at(-1)?.body.length, sent.length)
  assert.equal(last?.action.complete, false)
  assert.match(await raw(head('GET /gone', 'Connection: close\r\n')), /^HTTP\/1\.1 502 /)
})

test('an API that says more than one answer does not answer the next request', async () => {
  const liar = (await import('node:net')).createServer((socket) => {
    socket.on('data', () =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil'),
    )
    socket.on('error', () => undefined)
  })
  await new Promise<void>((done) => liar.listen(0, '127.0.0.1', done))
  const address = liar.address()
  const { connectUpstream } = await import('../../../proxy/http/upstream.ts')
  const upstream = await connectUpstream({
    host: '127.0.0.1',
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    authority: 'x',
    basePath: '',
    tls: undefined,
    credential: undefined,
    connectMs: 60_000,
    linkLocal: false,
  })
  let body = ''
  const fields = [['host', 'x']] as const
  const asked = { method: 'GET', target: '/', authority: 'x', fields, hasBody: false, switches: false }
  await new Promise<void>((done) =>
    upstream.begin(asked, {
      head: () => undefined,
      body: (bytes) => {
        body += Buffer.from(bytes).toString()
        return true
      },
      settle: () => undefined,
      keepsLarge: false,
      end: () => done(),
      failed: () => done(),
      switched: () => done(),
    }),
  )
  await new Promise(setImmediate)
  assert.equal(body, 'ok')
  assert.equal(upstream.usable, false)
  upstream.close()
  liar.close()
})
