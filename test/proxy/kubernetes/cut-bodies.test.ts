// A request of HTTP/2 whose client goes away before the end of its body: the half of an object may be an object too.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { testKey } from '../../support/keys.ts'
import { type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { departures, fields, flags, frame, frames, rawHttp2 } from '../../support/raw-http2.ts'

let gateway: KubeGateway
before(async () => {
  gateway = await startKubeGateway({
    change: { tls: { cert: testKey('server.pem'), key: testKey('server.key') }, cleartext: false },
  })
})
after(() => gateway.close())

const head = (name: string): Buffer =>
  frame(
    frames.headers,
    flags.endHeaders,
    1,
    fields({
      ':method': 'POST',
      ':scheme': 'https',
      ':authority': 'localhost',
      ':path': `/api/v1/namespaces/shop/configmaps?fieldManager=${name}`,
      authorization: 'Bearer good',
      'content-type': 'application/yaml',
    }),
  )
const half = Buffer.from('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: m }\ndata:\n  a: b\n')

for (const [what, goes] of Object.entries(departures))
  test(`the half of a body is not sent on after ${what}`, async () => {
    gateway.upstream.seen.length = 0
    const socket = await rawHttp2(gateway.port)
    socket.write(Buffer.concat([head('cut'), frame(frames.data, flags.none, 1, half)]))
    goes(socket)
    const other = await rawHttp2(gateway.port)
    const answered = once(other, 'data')
    other.write(Buffer.concat([head('other'), frame(frames.data, flags.endStream, 1, half)]))
    await answered
    while (gateway.upstream.seen.length === 0) await new Promise(setImmediate)
    assert.deepEqual(
      gateway.upstream.seen.map(({ url }) => url),
      ['/api/v1/namespaces/shop/configmaps?fieldManager=other'],
    )
    assert.deepEqual(gateway.errors, [])
    socket.destroy()
    other.destroy()
  })
