// APIs that speak HTTP/2: the same road, another way upstream. Calls of gRPC flow both ways while they last.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createTls, type Server as TlsServer } from 'node:https'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { results } from '../../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'
import { testKey } from '../../support/keys.ts'

const large = Buffer.alloc(3 * 1024 * 1024, 'x')
const open: { close(): unknown }[] = []
const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = []
let api: Http2Server
let plain: HttpGateway
let tls: HttpGateway
let connections = 0

function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  stream.on('error', () => undefined)
  const path = headers[':path'] ?? ''
  if (headers['content-type'] === 'application/grpc') {
    call(stream)
    return
  }
  let body = ''
  stream.on('data', (chunk: Buffer) => {
    body += chunk.toString()
  })
  stream.on('end', () => {
    received.push({ headers, body: body.length > 1000 ? String(body.length) : body })
    if (path === '/reset') stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    else if (path === '/lost') stream.session?.destroy()
    else if (path === '/cut') {
      stream.respond({ ':status': 200, 'content-type': 'text/plain' })
      stream.write('half of it', () => stream.session?.destroy())
    } else if (path === '/empty') stream.respond({ ':status': 204 }, { endStream: true })
    else if (path === '/card') {
      stream.respond({ ':status': 200, 'content-type': 'application/json' })
      stream.end('{"card":"4111111111111111"}')
    } else {
      stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'], 'content-type': 'text/plain' })
      stream.end(path === '/large' ? large : `${headers[':method']} ${path} ${body.length}`)
    }
  })
}

/** Each message is answered as it comes. */
function call(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': 'well' }))
  stream.on('data', (chunk: Buffer) => stream.write(`re:${chunk}`))
  stream.on('end', () => stream.end())
}

async function listening(server: Http2Server | TlsServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({ close: () => server.close() })
  return (server.address() as AddressInfo).port
}

async function gatewayBefore(upstreamPort: number, more: object = {}): Promise<HttpGateway> {
  const gateway = await startHttpGateway({ upstreamPort, target: { http2: true }, ...more })
  open.push(gateway)
  return gateway
}

before(async () => {
  api = createServer()
  api.on('session', (session) => {
    connections++
    session.on('error', () => undefined)
  })
  api.on('stream', serve)
  const port = await listening(api)
  plain = await gatewayBefore(port)
  tls = await gatewayBefore(port, { listener: { tls: { cert: testKey('server.pem'), key: testKey('server.key') } } })
})
beforeEach(() => {
  received.length = 0
  connections = 0
  for (const gateway of [plain, tls]) {
    gateway.judged.length = 0
    gateway.answer = ({ action }) =>
      /forbidden/.test(action.text)
        ? results.deny
        : { ...results.allow, mask: /card/.test(action.text) ? [{ json: '$.card', with: 'last4' }] : [] }
  }
})
after(async () => {
  for (const one of open.reverse()) await one.close()
  assert.deepEqual([...plain.errors, ...tls.errors], [])
})

async function told(text: string | readonly string[], gateway = plain): Promise<string> {
  const socket = connectTcp(gateway.port, '127.0.0.1')
  for (const piece of typeof text === 'string' ? [text] : text) socket.write(piece)
  let got = ''
  for await (const chunk of socket) got += String(chunk)
  return got
}

const head = (line: string, ...more: readonly string[]): string =>
  [`${line} HTTP/1.1`, 'Host: api.example', 'Authorization: Bearer good', 'Connection: close', ...more, '', ''].join(
    '\r\n',
  )

test('a request of HTTP/1.1 goes on in HTTP/2, with the credential of the gateway', async () => {
  const answer = await told(head('GET /a?b=c', 'X-Kept: 1'))
  assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*set-cookie: a=1\r\nset-cookie: b=2[\s\S]*GET \/a\?b=c 0/)
  const headers: IncomingHttpHeaders = received[0]?.headers ?? {}
  assert.equal(headers[':authority'], 'inner.example')
  assert.equal(headers['authorization'], 'Bearer upstream-secret')
  assert.equal(headers['x-kept'], '1')
  assert.equal(headers['connection'] ?? headers['host'], undefined)
  assert.match(await told(head('GET /empty')), /^HTTP\/1\.1 204 /)
  assert.match(await told(head('GET /card')), /\{"card":"\*{12}1111"\}/)
  assert.match(await told(head('HEAD /a')), /^HTTP\/1\.1 200 /)
  const long = await told(head('GET /large'))
  assert.ok(long.includes('x'.repeat(1000)) && long.length > large.length)
})

test('bodies of known and of unknown length go on', async () => {
  assert.match(await told(`${head('POST /p', 'Content-Length: 5')}hello`), /POST \/p 5/)
  assert.match(
    await told([head('POST /p', 'Transfer-Encoding: chunked'), '3\r\nabc\r\n', '2\r\nde\r\n0\r\n\r\n']),
    /POST \/p 5/,
  )
  assert.match(await told(`${head('POST /p', 'Content-Length: 0')}`), /POST \/p 0/)
  plain.answer = () => results.allow
  const long = 2 * 1024 * 1024
  const answer = await told([head('PUT /p', `Content-Length: ${long}`), 'y'.repeat(long)])
  assert.match(answer, new RegExp(`PUT /p ${long}`))
  assert.deepEqual(
    received.map(({ body }) => body),
    ['hello', 'abcde', '', String(long)],
  )
})

test('an exchange that breaks is a bad gateway, and the next one is served', async () => {
  assert.match(await told(head('GET /reset')), /^HTTP\/1\.1 502 /)
  assert.match(await told(head('GET /lost')), /^HTTP\/1\.1 502 /)
  // What was begun cannot be taken back; it must not look whole.
  assert.doesNotMatch(await told(head('GET /cut')), /\r\n0\r\n\r\n$/)
  assert.match(await told(head('GET /next')), /GET \/next 0/)
})

function client(): ClientHttp2Session {
  const session = connect(`https://localhost:${tls.port}`, { ca: testKey('ca.pem') })
  session.on('error', () => undefined)
  open.push({ close: () => session.destroy() })
  return session
}

const to = (path: string, more: OutgoingHttpHeaders = {}): OutgoingHttpHeaders => ({
  ':path': path,
  ':authority': 'api.example',
  authorization: 'Bearer good',
  ...more,
})

test("requests of one client share a connection upstream, which is nobody else's", async () => {
  const session = client()
  const texts = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const stream = session.request(to(`/${at}`))
      let got = ''
      for await (const chunk of stream) got += String(chunk)
      return got
    }),
  )
  assert.deepEqual(
    texts,
    Array.from({ length: 20 }, (_, at) => `GET /${at} 0`),
  )
  assert.equal(connections, 1)
  const other = client().request(to('/other'))
  other.resume()
  await once(other, 'end')
  assert.equal(connections, 2)
})

const grpc = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' }

test('a call flows both ways while it lasts, and ends with its status', async () => {
  const stream = client().request(to('/shop.Orders/Watch', grpc))
  stream.write('one')
  const [first] = await once(stream, 'data')
  assert.equal(String(first), 're:one')
  stream.write('two')
  const [second] = await once(stream, 'data')
  assert.equal(String(second), 're:two')
  const trailers = once(stream, 'trailers')
  stream.resume()
  stream.end()
  const [got] = await trailers
  assert.equal(got['grpc-status'], '0')
  const [document] = tls.judged
  assert.deepEqual(document?.action.http?.path, ['shop.Orders', 'Watch'])
  assert.equal(document?.action.http?.body.kind, 'stream')
  assert.equal(document?.action.complete, false)
})

test('a refused call is told in the words of gRPC', async () => {
  const stream = client().request(to('/shop.Orders/forbidden', grpc))
  const [headers] = await once(stream, 'response')
  assert.equal(headers[':status'], 200)
  assert.equal(headers['grpc-status'], '7')
  assert.match(decodeURIComponent(String(headers['grpc-message'])), /rule p\.no, decision /)
  stream.destroy()
  assert.equal(received.length, 0)
})

test('a client that gives a call up ends it upstream', async () => {
  const stream = client().request(to('/shop.Orders/Watch', grpc))
  const begun = once(api, 'stream')
  stream.write('one')
  await once(stream, 'data')
  const [there] = await begun
  const closed = once(there, 'close')
  stream.close(constants.NGHTTP2_CANCEL)
  await closed
  assert.equal(there.rstCode, constants.NGHTTP2_CANCEL)
})

test('over TLS the upstream must agree to HTTP/2', async () => {
  const secure = { cert: testKey('server.pem'), key: testKey('server.key') }
  const speaks = createSecureServer(secure)
  speaks.on('stream', serve)
  const target = { http2: true, tls: { ca: testKey('ca.pem'), servername: 'localhost' } }
  const good = await gatewayBefore(await listening(speaks), { target })
  assert.match(await told(head('GET /secure'), good), /GET \/secure 0/)
  const old = createTls(secure, (_request, response) => response.end('old'))
  const bad = await gatewayBefore(await listening(old), { target })
  const answer = await told(head('GET /secure'), bad)
  assert.match(answer, /^HTTP\/1\.1 502 /)
})
