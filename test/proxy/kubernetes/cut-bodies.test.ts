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

test('a request that is refused before its body is there keeps no stream open', async () => {
  const socket = await rawHttp2(gateway.port)
  const bytes: Buffer[] = []
  socket.on('data', (piece: Buffer) => bytes.push(piece))
  /** Type, flags and payload of each frame of stream 1. */
  const heard = (): { readonly type: number; readonly flag: number; readonly payload: Buffer }[] => {
    const all = Buffer.concat(bytes)
    const found = []
    for (let at = 0; at + 9 <= all.length; ) {
      const length = all.readUIntBE(at, 3)
      if (all.readUInt32BE(at + 5) === 1)
        found.push({ type: all[at + 3] ?? -1, flag: all[at + 4] ?? 0, payload: all.subarray(at + 9, at + 9 + length) })
      at += 9 + length
    }
    return found
  }
  const declared = { ':method': 'POST', ':scheme': 'https', ':authority': 'localhost', ':path': '/api/v1/pods' }
  const unknown = fields({ ...declared, authorization: 'Bearer wrong' })
  socket.write(frame(frames.headers, flags.endHeaders, 1, unknown))
  while (!heard().some(({ type }) => type === frames.reset)) await once(socket, 'data')
  const [answer, ...more] = heard()
  assert.equal(answer?.type, frames.headers)
  const body = more.filter(({ type }) => type === frames.data)
  assert.match(Buffer.concat(body.map(({ payload }) => payload)).toString(), /"code":401/)
  assert.equal((body.at(-1)?.flag ?? 0) & flags.endStream, flags.endStream)
  assert.deepEqual([...(more.at(-1)?.payload ?? [])], [0, 0, 0, 0])
  socket.destroy()
})
