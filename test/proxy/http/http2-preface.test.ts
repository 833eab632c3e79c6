// HTTP/2 in clear: a client that speaks it without asking is served on the road of all others, and what only looks like one
// is not.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { results } from '../../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'

let api: Server
let gateway: HttpGateway
const large = 'x'.repeat(3 * 1024 * 1024)
before(async () => {
  api = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk
    })
    request.on('end', () => response.end(request.url === '/large' ? large : `${request.method} ${request.url} ${body}`))
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  gateway = await startHttpGateway({ upstreamPort: (api.address() as AddressInfo).port })
})
beforeEach(() => {
  gateway.judged.length = 0
  gateway.answer = (document) => (document.action.operation === 'DELETE' ? results.deny : results.allow)
})
after(async () => {
  await gateway.close()
  api.close()
  api.closeAllConnections()
  assert.deepEqual(gateway.errors, [])
})

interface Asked {
  readonly method?: string
  readonly path: string
  readonly body?: string
  readonly token?: string
  readonly scheme?: string
}

async function ask(
  session: ClientHttp2Session,
  { method = 'GET', path, body, token = 'good', scheme = 'http' }: Asked,
) {
  const stream = session.request({
    ':method': method,
    ':path': path,
    ':authority': 'api.example',
    ':scheme': scheme,
    authorization: `Bearer ${token}`,
  })
  stream.end(body)
  const [headers] = await once(stream, 'response')
  let text = ''
  for await (const piece of stream) text += String(piece)
  return { status: Number(headers[':status']), text }
}

async function withSession(use: (session: ClientHttp2Session) => Promise<void>): Promise<void> {
  const session = connect(`http://127.0.0.1:${gateway.port}`)
  session.on('error', () => undefined)
  try {
    await use(session)
  } finally {
    session.destroy()
  }
}

test('requests at once on one connection in clear are judged, answered and refused as over TLS', async () => {
  await withSession(async (session) => {
    const [read, written, refused, big] = await Promise.all([
      ask(session, { path: '/a' }),
      ask(session, { method: 'POST', path: '/b', body: 'sent' }),
      ask(session, { method: 'DELETE', path: '/c' }),
      ask(session, { path: '/large' }),
    ])
    assert.deepEqual(read, { status: 200, text: 'GET /a ' })
    assert.deepEqual(written, { status: 200, text: 'POST /b sent' })
    assert.equal(refused?.status, 403)
    assert.equal(big?.text.length, large.length)
    assert.equal(gateway.judged.length, 4)
    assert.equal((await ask(session, { path: '/a', token: 'bad' })).status, 401)
    assert.equal((await ask(session, { path: '/a', scheme: 'https' })).status, 400)
  })
})

test('a preface that comes byte by byte is one; what follows another request is none', async () => {
  const socket = connectTcp(gateway.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.setNoDelay(true)
  for (const byte of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') {
    socket.write(byte)
    await new Promise((done) => setImmediate(done))
  }
  socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))
  const [settings]: Buffer[] = await once(socket, 'data')
  assert.equal(settings?.[3], 4, 'the gateway answers with its settings')
  socket.destroy()
  for (const bytes of [
    'GET /a HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'PRI * HTTP/2.0\r\nHost: api.example\r\n\r\nSM\r\n\r\n',
    'PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n',
  ]) {
    const other = connectTcp(gateway.port, '127.0.0.1')
    other.on('error', () => undefined)
    other.write(bytes)
    let text = ''
    for await (const piece of other) text += String(piece)
    assert.match(text, /HTTP\/1\.1 400 /)
  }
  assert.ok(gateway.judged.every(({ action }) => action.operation !== 'PRI'))
})

test('a preface with nothing of HTTP/2 behind it ends the connection', async () => {
  const socket = connectTcp(gateway.port, '127.0.0.1')
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  socket.write(`PRI * HTTP/2.0\r\n\r\n${'GET /a HTTP/1.1\r\n'.repeat(20)}`)
  socket.resume()
  await closed
  assert.equal(gateway.judged.length, 0)
})

const skip = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout?.includes('HTTP2')
  ? false
  : 'there is no curl that speaks HTTP/2'
test('curl with prior knowledge is served', { skip }, async () => {
  const args = ['-sS', '--http2-prior-knowledge', '-H', 'Authorization: Bearer good', '-H', 'Host: api.example']
  const curl = spawn('curl', [...args, '-w', ' %{http_version}', `http://127.0.0.1:${gateway.port}/a`])
  let out = ''
  curl.stdout.on('data', (piece: Buffer) => {
    out += piece
  })
  await once(curl, 'close')
  assert.equal(out, 'GET /a  2')
})
