// Answers that come before their request was sent whole: they reach the client, and nothing waits for what nobody reads.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { results } from '../../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'

let gateway: HttpGateway
let api: Server
/** What the API does once the head of a request is there. */
let serve: (socket: Socket) => void = () => undefined
before(async () => {
  api = createServer((socket) => {
    let head = ''
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      const before = head.includes('\r\n\r\n')
      head = (head + bytes.toString('latin1')).slice(0, 100_000)
      if (!before && head.includes('\r\n\r\n')) serve(socket)
    })
  })
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  gateway = await startHttpGateway({ upstreamPort: (api.address() as AddressInfo).port })
})
after(async () => {
  await gateway.close()
  api.close()
  assert.deepEqual(gateway.errors, [])
})

/** Sends a body that is longer than what is judged, without a look at the answer, and tells what came in the end. */
async function upload(framing: string, piece: string, pieces: number, last = ''): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1')
  let got = ''
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => {
    got += bytes.toString('latin1')
  })
  socket.write(
    `POST /x HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\nContent-Type: text/plain\r\n${framing}\r\n\r\n`,
  )
  const closed = once(socket, 'close')
  for (let at = 0; at < pieces && !socket.destroyed; at++)
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), closed])
  while (last !== '' && got === '') await once(socket, 'data')
  socket.write(last)
  await closed
  return got
}

const early = 'HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno'
const piece = 'a'.repeat(64 * 1024)
const length = `Content-Length: ${piece.length * 400}`

for (const [title, end] of [
  ['closes', (socket: Socket) => void socket.end(early)],
  ['resets', (socket: Socket) => void socket.write(early, () => setTimeout(() => socket.resetAndDestroy(), 20))],
] as const)
  test(`an API that answers early and ${title} ends the upload`, { timeout: 20_000 }, async () => {
    serve = end
    assert.match(await upload(length, piece, 400), /^HTTP\/1\.1 413 /)
  })

test('an upload that is refused ends with the refusal', { timeout: 20_000 }, async () => {
  serve = (socket) => void socket.end(early)
  gateway.answer = () => results.deny
  assert.match(await upload(length, piece, 400), /^HTTP\/1\.1 403 /)
  assert.match(await upload('Transfer-Encoding: chunked', `10000\r\n${piece}\r\n`, 400), /^HTTP\/1\.1 403 /)
  gateway.answer = () => results.allow
  // What is refused by its head alone.
  assert.match(await upload(`X: a\0b\r\n${length}`, piece, 400), /^HTTP\/1\.1 400 /)
  assert.match(
    await upload(`Range: a\r\nRange: b\r\nTE: gzip\r\n${length}\r\n${length}`, piece, 400),
    /^HTTP\/1\.1 400 /,
  )
})

test('over HTTP/2 what is left of a body behind its answer is not asked for', { timeout: 20_000 }, async () => {
  const session = connectHttp2(`http://127.0.0.1:${gateway.port}`, { maxSessionMemory: 100 })
  const asked = { ':method': 'POST', ':path': '/x', ':authority': 'api.example', authorization: 'Bearer good' }
  for (const [status, decision, answer] of [
    [413, results.allow, (socket: Socket) => void socket.end(early)],
    [403, results.deny, () => undefined],
  ] as const) {
    serve = answer
    gateway.answer = () => decision
    const stream = session.request({ ...asked, 'content-type': 'text/plain' })
    stream.on('error', () => undefined)
    const closed = once(stream, 'close')
    const responded = once(stream, 'response')
    stream.write(Buffer.alloc(8 * 1024 * 1024, 'a'))
    stream.resume()
    const [head] = await responded
    assert.equal(head[':status'], status)
    await closed
    assert.equal(stream.rstCode, 0)
  }
  gateway.answer = () => results.allow
  serve = (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  const next = session.request(asked)
  next.end()
  const [head] = await once(next, 'response')
  assert.equal(head[':status'], 200)
  session.destroy()
})

test('a call that ends before its client has said all ends with its trailers', { timeout: 20_000 }, async () => {
  const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
  serve = (socket) => void socket.end(`${head}6\r\nanswer\r\n0\r\ngrpc-status: 5\r\n\r\n`)
  const session = connectHttp2(`http://127.0.0.1:${gateway.port}`)
  const asked = { ':method': 'POST', ':path': '/a.B/C', ':authority': 'api.example', authorization: 'Bearer good' }
  const stream = session.request({ ...asked, 'content-type': 'application/grpc', te: 'trailers' })
  stream.on('error', () => undefined)
  let got = ''
  let status: unknown
  stream.on('data', (bytes: Buffer) => {
    got += bytes.toString()
  })
  stream.on('trailers', (trailers) => {
    status = trailers['grpc-status']
  })
  stream.write('begun')
  await once(stream, 'close')
  assert.deepEqual([got, status, stream.rstCode], ['answer', '5', 0])
  session.destroy()
})

test('what is wrong with a body behind its answer is no second answer', async () => {
  serve = (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  const chunk = `10000\r\n${piece}\r\n`
  const got = await upload('Transfer-Encoding: chunked', chunk, 20, 'no chunk\r\n')
  assert.match(got, /^HTTP\/1\.1 200 /)
  assert.equal(got.split('HTTP/1.1').length, 2, got)
})
