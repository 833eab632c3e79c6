// A request of HTTP/2 whose client goes away before the end of its body: what is there of it is never taken for all of it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { results } from '../../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'
import { testKey } from '../../support/keys.ts'
import { departures, fields, flags, frame, frames, rawHttp2 } from '../../support/raw-http2.ts'

let api: Server
let gateway: HttpGateway
const whole: string[] = []
let begun: () => void = () => undefined
before(async () => {
  api = createServer((request, response) => {
    request.on('error', () => undefined)
    request.once('data', () => begun())
    request.resume()
    request.on('end', () => {
      whole.push(request.url ?? '')
      response.end('done')
    })
  })
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  gateway = await startHttpGateway({
    upstreamPort: (api.address() as AddressInfo).port,
    listener: { tls: { cert: testKey('server.pem'), key: testKey('server.key') } },
  })
  gateway.answer = () => results.allow
})
beforeEach(() => {
  whole.length = 0
  gateway.judged.length = 0
})
after(async () => {
  await gateway.close()
  api.close()
  api.closeAllConnections()
  assert.deepEqual(gateway.errors, [])
})

const head = (path: string): Buffer =>
  frame(
    frames.headers,
    flags.endHeaders,
    1,
    fields({
      ':method': 'POST',
      ':scheme': 'https',
      ':authority': 'api.example',
      ':path': path,
      authorization: 'Bearer good',
      'content-type': 'text/plain',
    }),
  )

/** Another request on another connection: by then the gateway has heard of what came before. */
async function another(): Promise<void> {
  const socket = await rawHttp2(gateway.port)
  const answered = once(socket, 'data')
  socket.write(Buffer.concat([head('/other'), frame(frames.data, flags.endStream, 1, Buffer.from('all'))]))
  await answered
  while (!whole.includes('/other')) await new Promise(setImmediate)
  socket.destroy()
}

for (const [what, goes] of Object.entries(departures)) {
  test(`a body that is judged whole is not judged after ${what}`, async () => {
    const socket = await rawHttp2(gateway.port)
    socket.write(Buffer.concat([head('/cut'), frame(frames.data, flags.none, 1, Buffer.from('half'))]))
    goes(socket)
    await another()
    assert.deepEqual(whole, ['/other'])
    assert.deepEqual(
      gateway.judged.map(({ action }) => action.http?.path).filter((path) => path?.[0] === 'cut'),
      [],
    )
    socket.destroy()
  })

  test(`a body that is passed on as it comes is not ended by ${what}`, async () => {
    const socket = await rawHttp2(gateway.port)
    const arrived = new Promise<void>((resolve) => {
      begun = resolve
    })
    const piece = frame(frames.data, flags.none, 1, Buffer.alloc(16_000, 'x'))
    const declared = { ':method': 'POST', ':scheme': 'https', ':authority': 'api.example', ':path': '/passed' }
    const call = { authorization: 'Bearer good', 'content-type': 'application/grpc', te: 'trailers' }
    socket.write(frame(frames.headers, flags.endHeaders, 1, fields({ ...declared, ...call })))
    socket.write(piece)
    await arrived
    goes(socket)
    await another()
    assert.deepEqual(whole, ['/other'])
    socket.destroy()
  })
}
