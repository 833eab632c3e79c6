// Watches share connections of HTTP/2 upstream: they stream, end with the client, stop no other, and fall back.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { after, before, test } from 'node:test'
import { KubernetesUpstream } from '../../../proxy/kubernetes/index.ts'
import { results } from '../../support/gate.ts'
import { testKey } from '../../support/keys.ts'
import { ask, type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'

let server: Http2SecureServer
let gateway: KubeGateway
const sessions = new Set<ServerHttp2Session>()
const streams: { readonly stream: ServerHttp2Stream; readonly path: string; readonly user: string }[] = []
let answer: (stream: ServerHttp2Stream) => void = () => undefined
before(async () => {
  server = createSecureServer({ cert: testKey('server.pem'), key: testKey('server.key') })
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    session.on('error', () => session.destroy())
  })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    streams.push({
      stream,
      path: String(headers[':path']),
      user: `${String(headers['impersonate-user'])} ${String(headers['authorization'])}`,
    })
    answer(stream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const upstream = new KubernetesUpstream({
    server: `https://127.0.0.1:${port}`,
    tls: { verify: true, ca: testKey('ca.pem') },
    token: async () => 'gateway-token',
    connectMs: 60_000,
  })
  gateway = await startKubeGateway({ target: { upstream } })
})
after(async () => {
  await gateway.close()
  for (const session of sessions) session.destroy()
  server.close()
})

function watch(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { port: gateway.port, path: '/api/v1/pods?watch=1', agent: false, headers: { authorization: 'Bearer good' } },
      resolve,
    )
    sent.on('error', reject)
    sent.end()
  })
}

test('many watches stream over few connections, as the identity, and end with their clients', async () => {
  answer = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    stream.write('{"type":"BOOKMARK"}\n')
  }
  const open = await Promise.all(Array.from({ length: 150 }, watch))
  for (const response of open) {
    response.on('error', () => undefined)
    const [chunk] = await once(response, 'data')
    assert.equal(String(chunk), '{"type":"BOOKMARK"}\n')
  }
  assert.equal(streams.length, 150)
  assert.equal(sessions.size, 2)
  assert.ok(
    streams.every(
      ({ path, user }) => path === '/api/v1/pods?watch=1' && user === 'sallyport:agent-1 Bearer gateway-token',
    ),
  )
  const closed = streams.map(({ stream }) => once(stream, 'close').catch(() => undefined))
  for (const response of open) response.destroy()
  await Promise.all(closed)
})

test('a reader that does not read stops no other on the same connection', async () => {
  const line = `${JSON.stringify({ type: 'ADDED', object: { data: 'x'.repeat(60_000) } })}\n`
  answer = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    for (let at = 0; at < 100; at++) stream.write(line)
  }
  const slow = await watch()
  slow.on('error', () => undefined)
  slow.pause()
  const quick = await watch()
  quick.on('error', () => undefined)
  let bytes = 0
  for await (const chunk of quick) {
    bytes += Buffer.isBuffer(chunk) ? chunk.length : 0
    if (bytes >= line.length * 100) break
  }
  assert.equal(bytes, line.length * 100)
  slow.destroy()
})

test('an upstream that resets a watch or the connection ends it, and the next one works', async () => {
  answer = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    stream.write('{}\n')
  }
  for (const breakOff of [
    () => streams.at(-1)?.stream.destroy(new Error('broken off')),
    () => {
      for (const session of sessions) session.destroy()
    },
  ])
    for (const result of [results.allow, { ...results.allow, mask: [{ detect: 'email', with: 'redact' }] }]) {
      gateway.parts.live.answer = () => result
      const response = await watch()
      await once(response, 'data')
      response.on('error', () => undefined)
      response.resume()
      const broken = new Promise<void>((resolve) => response.once('close', resolve))
      breakOff()
      await broken
      assert.equal(response.complete, false)
    }
  gateway.parts.live.answer = () => results.allow
  answer = (stream) => stream.respond({ ':status': 410, 'content-type': 'application/json' }, { endStream: true })
  assert.equal((await ask(gateway, 'GET', '/api/v1/pods?watch=1')).status, 410)
})

test('a server without HTTP/2 is asked by HTTP/1.1', async () => {
  const own = await startKubeGateway({ upstreamTls: true })
  try {
    for (const _round of [1, 2]) assert.equal((await ask(own, 'GET', '/api/v1/pods?watch=1')).status, 200)
  } finally {
    await own.close()
  }
})
