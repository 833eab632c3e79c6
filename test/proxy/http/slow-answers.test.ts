// Answers that take their time: they are awaited for as long as an API may think, though everything is quiet, and no longer.
// All bounds on silence are a two hundredth of what they are.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2, type Http2Server } from 'node:http2'
import { type AddressInfo, connect, Socket } from 'node:net'
import { after, before, mock, test } from 'node:test'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'

let api: Server
let calls: Http2Server
let gateway: HttpGateway
let http2Gateway: HttpGateway
let asked = 0
let serve: RequestListener = () => undefined

/** Makes the bounds of what has this method shorter. */
function hasten(one: object): void {
  let of: object | null = one
  while (of !== null && !Object.hasOwn(of, 'setTimeout')) of = Object.getPrototypeOf(of)
  assert.ok(of !== null)
  const { setTimeout } = of as Pick<Socket, 'setTimeout'>
  mock.method(of as Pick<Socket, 'setTimeout'>, 'setTimeout', function (this: Socket, ms: number, ...more: unknown[]) {
    return Reflect.apply(setTimeout, this, [Math.ceil(ms / 200), ...more])
  })
}

before(async () => {
  const answer: RequestListener = (request, response) => {
    asked++
    serve(request, response)
  }
  api = createServer(answer)
  calls = createHttp2((request, response) => answer(request as never, response as never))
  const sessions: object[] = []
  const streams: object[] = []
  calls.on('session', (session) => sessions.push(session))
  calls.on('stream', (stream) => streams.push(stream))
  for (const server of [api, calls]) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  serve = (_request, response) => response.end('ok')
  const first = connectHttp2(`http://127.0.0.1:${(calls.address() as AddressInfo).port}`)
  const stream = first.request({ ':path': '/' }).resume()
  await once(stream, 'close')
  first.destroy()
  for (const one of [new Socket(), sessions[0], streams[0]]) hasten(one ?? assert.fail())
  gateway = await startHttpGateway({ upstreamPort: (api.address() as AddressInfo).port })
  http2Gateway = await startHttpGateway({
    upstreamPort: (calls.address() as AddressInfo).port,
    target: { http2: true },
  })
})
after(async () => {
  mock.restoreAll()
  await gateway.close()
  await http2Gateway.close()
  for (const server of [api, calls]) server.close()
  api.closeAllConnections()
})

/** Asks twice over one connection; the second time the one to the API has served before. */
async function overHttp1({ port }: HttpGateway): Promise<readonly string[]> {
  const socket = connect(port, '127.0.0.1')
  let got = ''
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => {
    got += bytes.toString()
  })
  const request = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\n\r\n`
  socket.write(request('/quick'))
  while (!got.endsWith('\r\n\r\nok') && !got.includes('0\r\n\r\n')) await once(socket, 'data')
  const first = got
  got = ''
  socket.write(request('/slow'))
  await Promise.race([once(socket, 'data'), once(socket, 'close')])
  socket.destroy()
  return [first, got].map((one) => one.slice(0, one.indexOf('\r\n')))
}

async function overHttp2({ port }: HttpGateway): Promise<readonly unknown[]> {
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  session.on('error', () => undefined)
  const statuses: unknown[] = []
  for (const path of ['/quick', '/slow']) {
    const stream = session.request({ ':path': path, ':authority': 'api.example', authorization: 'Bearer good' })
    stream.on('error', () => undefined)
    stream.on('response', (head) => statuses.push(head[':status']))
    stream.resume()
    await once(stream, 'close')
  }
  session.destroy()
  return statuses
}

for (const way of ['HTTP/1.1', 'HTTP/2'] as const)
  test(`an answer that takes minutes comes over ${way}, and one that takes too long is given up once`, async () => {
    for (const [lateMs, status] of [
      [900, 200],
      [undefined, 502],
    ] as const)
      for (const one of [gateway, http2Gateway]) {
        serve = (request, response) => {
          if (request.url === '/quick') response.end('ok')
          else if (lateMs !== undefined) setTimeout(() => response.end('ok'), lateMs)
        }
        asked = 0
        if (way === 'HTTP/2') assert.deepEqual(await overHttp2(one), [200, status])
        else assert.ok((await overHttp1(one))[1]?.startsWith(`HTTP/1.1 ${status} `))
        assert.equal(asked, 2)
      }
  })
