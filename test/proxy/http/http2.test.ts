// HTTP/2: many requests on one connection, each on the road that HTTP/1.1 takes, and the floods it is known for.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { request as requestTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { results } from '../../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'
import { testKey } from '../../support/keys.ts'

let api: Server
let gateway: HttpGateway
let session: ClientHttp2Session
const received: {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}[] = []
const large = Buffer.alloc(3 * 1024 * 1024, 'x')
let brokenOff: (() => void) | undefined
before(async () => {
  api = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      received.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      if (url === '/large') response.end(large)
      else if (url === '/endless') {
        response.on('close', () => brokenOff?.())
        response.write(large.subarray(0, 100))
      } else if (url === '/cut') response.write(large.subarray(0, 100), () => response.destroy())
      else if (url === '/card')
        response.setHeader('content-type', 'application/json').end('{"card":"4111111111111111"}')
      else if (url === '/trailers') {
        response.setHeader('trailer', 'x-sum')
        response.write('body')
        response.addTrailers({ 'x-sum': '7' })
        response.end()
      } else response.setHeader('set-cookie', ['a=1', 'b=2']).end(`${method} ${url}`)
    })
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  gateway = await startHttpGateway({
    upstreamPort: (api.address() as AddressInfo).port,
    listener: { tls: { cert: testKey('server.pem'), key: testKey('server.key') } },
  })
})
beforeEach(async () => {
  received.length = 0
  gateway.judged.length = 0
  gateway.answer = (document) => (document.action.operation === 'DELETE' ? results.deny : results.allow)
  session?.destroy()
  session = connectH2()
  await once(session, 'connect')
})
after(async () => {
  session.destroy()
  await gateway.close()
  api.close()
  api.closeAllConnections()
  assert.deepEqual(gateway.errors, [])
})

function connectH2(): ClientHttp2Session {
  const made = connect(`https://127.0.0.1:${gateway.port}`, { rejectUnauthorized: false })
  made.on('error', () => undefined)
  return made
}
const good = { ':authority': 'api.example', authorization: 'Bearer good' }
function open(headers: OutgoingHttpHeaders, end = true): ClientHttp2Stream {
  const stream = session.request({ ...good, ...headers }, { endStream: end })
  stream.on('error', () => undefined)
  return stream
}
interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly trailers: IncomingHttpHeaders
}
async function answer(stream: ClientHttp2Stream): Promise<Got> {
  let headers: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders = {}
  stream.on('response', (found) => {
    headers = found
  })
  stream.on('trailers', (found) => {
    trailers = found
  })
  const chunks: Buffer[] = []
  stream.on('data', (bytes: Buffer) => chunks.push(bytes))
  await once(stream, 'close')
  return {
    status: Number((headers as Record<string, unknown>)[':status']),
    headers,
    body: Buffer.concat(chunks).toString(),
    trailers,
  }
}

test('a request is judged and sent on as one of HTTP/1.1 is', async () => {
  const got = await answer(open({ ':path': '/a/b?x=1', 'x-remote-user': 'root', accept: 'a/b' }))
  assert.equal(got.status, 200)
  assert.equal(got.body, 'GET /a/b?x=1')
  assert.deepEqual(got.headers['set-cookie'], ['a=1', 'b=2'])
  const [one] = received
  assert.equal(one?.headers.host, 'inner.example')
  assert.equal(one?.headers.authorization, 'Bearer upstream-secret')
  assert.equal(one?.headers['x-remote-user'], undefined)
  assert.deepEqual(gateway.judged[0]?.action.http?.path, ['a', 'b'])
  assert.deepEqual(gateway.judged[0]?.action.http?.headers['accept'], ['a/b'])
})

test('bodies are judged whole or passed on, trailers come through, masks apply', async () => {
  const small = open({ ':path': '/p', ':method': 'POST', 'content-type': 'application/json' }, false)
  small.end('{"a":[1,2]}')
  assert.equal((await answer(small)).status, 200)
  assert.deepEqual(gateway.judged[0]?.action.http?.body.value, { a: [1, 2] })
  const big = open({ ':path': '/p', ':method': 'POST' }, false)
  big.end(large)
  assert.equal((await answer(big)).status, 200)
  assert.equal(received[1]?.body.length, large.length)
  assert.equal(gateway.judged[1]?.action.complete, false)
  assert.equal((await answer(open({ ':path': '/large' }))).body.length, large.length)
  assert.deepEqual((await answer(open({ ':path': '/trailers', te: 'trailers' }))).trailers['x-sum'], '7')
  gateway.answer = () => ({ ...results.allow, mask: [{ json: '$.card', with: 'last4' }] })
  assert.equal((await answer(open({ ':path': '/card' }))).body, '{"card":"************1111"}')
})

test('many requests run at once, and a refusal ends only its own', async () => {
  const all = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      answer(open({ ':path': `/${index}`, ':method': index % 3 === 0 ? 'DELETE' : 'GET' })),
    ),
  )
  for (const [index, got] of all.entries()) {
    assert.equal(got.status, index % 3 === 0 ? 403 : 200)
    assert.match(got.body, index % 3 === 0 ? /"rule":"p\.no"/ : new RegExp(`GET /${index}$`))
  }
  assert.equal(received.length, 40)
})

const bad: readonly (readonly [what: string, headers: OutgoingHttpHeaders, status: number, code: string])[] = [
  ['dot segments', { ':path': '/a/../b' }, 400, 'dot_segment'],
  ['two slashes', { ':path': '//admin' }, 400, 'empty_segment'],
  ['an encoded slash', { ':path': '/a%2Fb' }, 400, 'encoded_slash'],
  ['a fragment', { ':path': '/a#b' }, 400, 'fragment'],
  ['the whole server', { ':path': '*', ':method': 'OPTIONS' }, 400, 'asterisk_form'],
  ['another scheme', { ':path': '/', ':scheme': 'http' }, 400, 'scheme'],
  ['another host', { ':path': '/', host: 'other.example' }, 400, 'authority_mismatch'],
  ['an unknown authority', { ':path': '/', ':authority': 'other.example' }, 404, 'no_resource'],
  ['an unknown method', { ':path': '/', ':method': 'FOO' }, 400, 'method_unknown'],
  ['a method in lower case', { ':path': '/', ':method': 'get' }, 400, 'method'],
  ['another method by a header', { ':path': '/', 'x-http-method-override': 'DELETE' }, 400, 'method_override'],
  ['a header with an underscore', { ':path': '/', x_a: '1' }, 400, 'header_name'],
  ['no token', { ':path': '/', authorization: '' }, 401, 'no_token'],
  [
    'a length twice',
    { ':path': '/', cookie: ['a=1', 'b=2'], range: 'bytes=0-1', 'user-agent': 'x', expect: 'nothing' },
    400,
    'expectation',
  ],
]
for (const [what, headers, status, code] of bad)
  test(`refuses ${what}, and the connection goes on`, async () => {
    const got = await answer(open(headers))
    assert.equal(got.status, status, got.body)
    assert.match(got.body, new RegExp(`"code":"${code}"`))
    assert.deepEqual(received, [])
    assert.equal((await answer(open({ ':path': '/alive' }))).status, 200)
  })

test('refuses an authority with a user, and the connection goes on', async () => {
  // Newer versions of Node take such a stream for malformed, and reset it before it is judged.
  const got = await answer(open({ ':path': '/', ':authority': 'u@api.example' })).catch(
    ({ code }: { code: string }) => code,
  )
  if (typeof got === 'string') assert.equal(got, 'ERR_HTTP2_STREAM_ERROR')
  else {
    assert.equal(got.status, 400, got.body)
    assert.match(got.body, /"code":"userinfo"/)
  }
  assert.deepEqual(received, [])
  assert.equal((await answer(open({ ':path': '/alive' }))).status, 200)
})

const malformed: readonly (readonly [what: string, headers: OutgoingHttpHeaders])[] = [
  ['a space in the path', { ':path': '/a b HTTP/1.1' }],
  ['an absolute path', { ':path': 'http://api.example/' }],
  ['no path', { ':path': 'a' }],
  ['a method with a request in it', { ':path': '/', ':method': 'GET / HTTP/1.1' }],
]
for (const [what, headers] of malformed)
  test(`a stream with ${what} is malformed, and the connection goes on`, async () => {
    await assert.rejects(answer(open(headers)), /PROTOCOL_ERROR/)
    assert.deepEqual(received, [])
    assert.equal((await answer(open({ ':path': '/alive' }))).status, 200)
  })

test('an answer that the upstream breaks off does not end as if it were whole', async () => {
  const stream = open({ ':path': '/cut' })
  stream.resume()
  await new Promise<void>((closed) => stream.on('close', closed))
  assert.equal(stream.rstCode, constants.NGHTTP2_INTERNAL_ERROR)
  assert.equal((await answer(open({ ':path': '/next' }))).status, 200)
})

test('cookies in pieces are one field', async () => {
  await answer(open({ ':path': '/', cookie: ['a=1', 'b=2'] }))
  assert.equal(received[0]?.headers.cookie, 'a=1; b=2')
})

test('a client that breaks one stream off ends its request upstream, and no other', async () => {
  const broken = new Promise<void>((resolve) => {
    brokenOff = resolve
  })
  const stream = open({ ':path': '/endless' })
  await once(stream, 'data')
  stream.close(constants.NGHTTP2_CANCEL)
  await broken
  assert.equal((await answer(open({ ':path': '/alive' }))).status, 200)
})

/** A frame of HTTP/2 as bytes. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** HEADERS of a GET, and at once RST_STREAM with CANCEL. */
function reset(at: number): Buffer {
  const head = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x41, 11]), Buffer.from('api.example')])
  return Buffer.concat([frame(1, 5, 2 * at + 1, head), frame(3, 0, 2 * at + 1, Buffer.from([0, 0, 0, 8]))])
}
/** A literal field without indexing, sixteen bytes of name and of value, a hundred times. */
const fields = Buffer.from(`\0\x10${'a'.repeat(16)}\x10${'b'.repeat(16)}`.repeat(100), 'latin1')
const floods: readonly (readonly [what: string, frames: (at: number) => Buffer])[] = [
  ['requests that are broken off (rapid reset, CVE-2023-44487)', reset],
  ['continuations without an end (CVE-2024-27983)', (at) => frame(at === 0 ? 1 : 9, 0, 1, fields)],
  ['settings (CVE-2019-9515)', () => frame(4, 0, 0, Buffer.from('000300000064'.repeat(4), 'hex'))],
  ['pings (CVE-2019-9512)', () => frame(6, 0, 0, Buffer.alloc(8))],
]
for (const [what, frames] of floods)
  test(`a flood of ${what} ends the connection`, async () => {
    const socket = connectTls({
      port: gateway.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    })
    socket.on('error', () => undefined)
    await once(socket, 'secureConnect')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.resume()
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    socket.write(frame(4, 0, 0, Buffer.alloc(0)))
    for (let at = 0; at < 2000 && !socket.destroyed; at++) {
      socket.write(frames(at))
      if (at % 50 === 0) await new Promise(setImmediate)
    }
    await closed
    assert.equal((await answer(open({ ':path': '/alive' }))).status, 200)
  })

test('a client that does not know HTTP/2 is served HTTP/1.1', async () => {
  const request = requestTls({
    port: gateway.port,
    rejectUnauthorized: false,
    headers: { host: 'api.example', authorization: 'Bearer good' },
  })
  request.end()
  const [response] = await once(request, 'response')
  assert.equal(response.httpVersion, '1.1')
  assert.equal(response.statusCode, 200)
  response.resume()
  await once(response, 'end')
  request.destroy()
})
