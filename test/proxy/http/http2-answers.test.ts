// Answers that HTTP/1.1 can carry and HTTP/2 cannot: their clients hear of it, and nothing else suffers.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, connect, createServer as createHttp2, type IncomingHttpHeaders } from 'node:http2'
import { type AddressInfo, connect as connectTcp, createServer, type Server } from 'node:net'
import { after, before, test } from 'node:test'
import { results } from '../../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'
import { testKey } from '../../support/keys.ts'

let api: Server
let gateway: HttpGateway
let session: ClientHttp2Session
let says = ''
before(async () => {
  api = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write(says, 'latin1'))
  })
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  gateway = await startHttpGateway({
    upstreamPort: (api.address() as AddressInfo).port,
    listener: { tls: { cert: testKey('server.pem'), key: testKey('server.key') } },
  })
  gateway.answer = () => results.allow
  session = connect(`https://127.0.0.1:${gateway.port}`, { rejectUnauthorized: false })
  session.on('error', () => undefined)
})
after(async () => {
  session.destroy()
  await gateway.close()
  api.close()
  assert.deepEqual(gateway.errors, [])
})

interface Got {
  readonly status: number
  readonly body: string
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders | undefined
}

function ask(): Promise<Got> {
  const stream = session.request({
    ':authority': 'api.example',
    ':path': '/a',
    authorization: 'Bearer good',
    te: 'trailers',
  })
  let headers: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders | undefined
  let body = ''
  stream.on('error', () => undefined)
  stream.on('response', (all) => {
    headers = all
  })
  stream.on('trailers', (all) => {
    trailers = all
  })
  stream.on('data', (piece: Buffer) => {
    body += piece.toString()
  })
  return new Promise((resolve) =>
    stream.once('close', () => resolve({ status: Number(headers[':status'] ?? 0), headers, body, trailers })),
  )
}

const answer = (...fields: readonly string[]): string =>
  ['HTTP/1.1 200 OK', 'Content-Length: 1', ...fields, '', 'x'].join('\r\n')

test('fields of a connection stay behind', async () => {
  for (const field of [
    'HTTP2-Settings: abc',
    'Proxy-Connection: keep-alive',
    'Upgrade: h2c',
    'Keep-Alive: timeout=5',
  ]) {
    says = answer(field)
    const { status, body, headers } = await ask()
    assert.deepEqual([field, status, body], [field, 200, 'x'])
    assert.equal(headers[field.slice(0, field.indexOf(':')).toLowerCase()], undefined)
  }
})

test('a field that may come once and comes twice is said once where it says the same, and else is no answer', async () => {
  for (const name of ['Content-Type', 'ETag', 'Date', 'Location', 'Age']) {
    says = answer(`${name}: a/b`, `${name}: a/b`)
    const same = await ask()
    assert.deepEqual([same.status, same.body, same.headers[name.toLowerCase()]], [200, 'x', 'a/b'])
    says = answer(`${name}: a/b`, `${name}: c/d`)
    const other = await ask()
    assert.deepEqual([name, other.status, other.body], [name, 502, ''])
  }
  says = answer('Set-Cookie: a=1', 'Set-Cookie: b=2')
  assert.deepEqual((await ask()).headers['set-cookie'], ['a=1', 'b=2'])
})

test('trailers that come more than once come so, and those that cannot break their answer off alone', async () => {
  const chunked = (trailers: string): string =>
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n${trailers}\r\n\r\n`
  says = chunked('X-Sum: 1\r\nX-Sum: 2')
  assert.equal(String((await ask()).trailers?.['x-sum']).replaceAll(' ', ''), '1,2')
  says = chunked('ETag: a\r\nETag: b')
  assert.equal((await ask()).trailers?.etag, undefined)
  says = answer()
  assert.equal((await ask()).status, 200)
})

test('a request that HTTP/2 cannot carry is answered so, and the next one is served', async () => {
  const http2 = createHttp2((_request, response) => response.end('done'))
  http2.listen(0, '127.0.0.1')
  await once(http2, 'listening')
  const other = await startHttpGateway({
    upstreamPort: (http2.address() as AddressInfo).port,
    target: { http2: true },
  })
  other.answer = () => results.allow
  const heard = async (...fields: readonly string[]): Promise<string> => {
    const socket = connectTcp(other.port, '127.0.0.1')
    const head = ['GET /a HTTP/1.1', 'Host: api.example', 'Authorization: Bearer good', 'Connection: close', ...fields]
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    let text = ''
    for await (const piece of socket) text += String(piece)
    return text.slice(0, 12)
  }
  assert.equal(await heard('DNT: 1', 'DNT: 0'), 'HTTP/1.1 502')
  assert.equal(await heard('DNT: 1', 'DNT: 1'), 'HTTP/1.1 200')
  await other.close()
  http2.close()
})
