// Requests of HTTP/2, each a stream of its own: heads, bodies and ends are what they are over HTTP/1.1, and an answer that
// breaks off never looks whole.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2'
import { after, before, beforeEach, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { results } from '../../support/gate.ts'
import { testKey } from '../../support/keys.ts'
import { type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { json } from '../../support/kube-upstream.ts'

let gateway: KubeGateway
let session: ClientHttp2Session
before(async () => {
  gateway = await startKubeGateway({
    change: { tls: { cert: testKey('server.pem'), key: testKey('server.key') }, cleartext: false },
  })
})
after(() => gateway.close())
beforeEach(async (context) => {
  gateway.upstream.seen.length = 0
  gateway.errors.length = 0
  gateway.parts.live.answer = () => results.allow
  gateway.upstream.answer = json({ kind: 'Pod', metadata: { name: 'web' } })
  session = connect(`https://localhost:${gateway.port}`, { ca: testKey('ca.pem') })
  session.on('error', () => undefined)
  'after' in context && context.after(() => session.destroy())
})

const pod = '/api/v1/namespaces/shop/pods/web'

function send(headers: Readonly<Record<string, string>>, endStream = true): ClientHttp2Stream {
  const stream = session.request({ authorization: 'Bearer good', ...headers }, { endStream })
  stream.on('error', () => undefined)
  return stream
}

interface Heard {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly code: number
}

async function heard(stream: ClientHttp2Stream): Promise<Heard> {
  let headers: IncomingHttpHeaders = {}
  let body = ''
  stream.on('response', (all) => {
    headers = all
  })
  stream.setEncoding('utf8')
  stream.on('data', (piece: string) => {
    body += piece
  })
  await new Promise<void>((resolve) => stream.on('close', resolve))
  return { status: Number(headers[':status'] ?? 0), headers, body, code: stream.rstCode }
}

test('a GET, and headers that come twice', async () => {
  gateway.upstream.answer = (_request, response) => {
    response.setHeader('Warning', ['299 - "one"', '299 - "two"'])
    response.setHeader('Content-Type', 'application/json')
    response.end('{"kind":"Pod"}')
  }
  const { status, headers, body, code } = await heard(send({ ':path': pod }))
  assert.deepEqual([status, body, code], [200, '{"kind":"Pod"}', constants.NGHTTP2_NO_ERROR])
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(String(headers['warning']).replaceAll(', ', ','), '299 - "one",299 - "two"')
  assert.equal(new Map(gateway.upstream.seen[0]?.headers).get('Authorization'), 'Bearer gateway-token')
})

test('a body is read, judged and sent on, with or without a question whether it may come', async () => {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: 'b' } })
  for (const asked of [{}, { expect: '100-continue' }]) {
    const path = '/api/v1/namespaces/shop/configmaps'
    const stream = send({ ':method': 'POST', ':path': path, 'content-type': 'application/json', ...asked }, false)
    if ('expect' in asked) await once(stream, 'continue')
    stream.end(body)
    assert.equal((await heard(stream)).status, 200)
    assert.deepEqual(JSON.parse(gateway.upstream.seen.at(-1)?.body ?? ''), JSON.parse(body))
  }
})

test('what HEAD asks for has a head alone, allowed or refused', async () => {
  const allowed = await heard(send({ ':method': 'HEAD', ':path': pod }))
  assert.deepEqual([allowed.status, allowed.body, allowed.code], [200, '', constants.NGHTTP2_NO_ERROR])
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.stage === 'connect' ? results.allow : results.deny
  const refused = await heard(send({ ':method': 'HEAD', ':path': pod }))
  assert.deepEqual([refused.status, refused.body, refused.code], [403, '', constants.NGHTTP2_NO_ERROR])
})

test('a refusal is a Status, and the connection goes on', async () => {
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.kube?.resource === 'pods' ? results.deny : results.allow
  const refused = await heard(send({ ':path': pod }))
  assert.equal(refused.status, 403)
  assert.equal(JSON.parse(refused.body).kind, 'Status')
  assert.equal((await heard(send({ ':path': '/api/v1/nodes/a' }))).status, 200)
  assert.equal((await heard(send({ ':path': pod, authorization: 'Bearer wrong' }))).status, 401)
})

test('of a header of an answer that means one thing the first counts', async () => {
  gateway.upstream.answer = (_request, response) => {
    response.socket?.end(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}',
    )
  }
  const { status, headers, body } = await heard(send({ ':path': pod }))
  assert.deepEqual([status, headers['content-type'], body], [200, 'application/json', '{}'])
})

test('a Host that names another authority is refused, one that says the same is not', async () => {
  const authority = `localhost:${gateway.port}`
  assert.equal((await heard(send({ ':path': pod, ':authority': authority, host: 'other' }))).status, 400)
  assert.equal(gateway.upstream.seen.length, 0)
  assert.equal((await heard(send({ ':path': pod, ':authority': authority, host: authority }))).status, 200)
})

test('a tunnel is opened to nobody', async () => {
  const stream = session.request({ ':method': 'CONNECT', ':authority': 'other:443', authorization: 'Bearer good' })
  stream.end()
  stream.on('error', () => undefined)
  const { status } = await heard(stream)
  assert.equal(status, 405)
  assert.equal(gateway.upstream.seen.length, 0)
})

test('an answer that the cluster breaks off is broken off, and so is a watch whose session ends', async () => {
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 })
    response.write('{"kind":')
    setImmediate(() => response.destroy())
  }
  const cut = await heard(send({ ':path': pod }))
  assert.notEqual(cut.code, constants.NGHTTP2_NO_ERROR)
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.write('{"type":"BOOKMARK"}\n')
  }
  const watch = send({ ':path': '/api/v1/pods?watch=1' })
  const over = heard(watch)
  await once(watch, 'data')
  gateway.end(() => true)
  const ended = await over
  assert.deepEqual([ended.status, ended.body], [200, '{"type":"BOOKMARK"}\n'])
  assert.notEqual(ended.code, constants.NGHTTP2_NO_ERROR)
})

test('a client that takes a watch back ends it at the cluster, and nothing of it stays', async () => {
  let gone: () => void = () => undefined
  const closed = new Promise<void>((resolve) => {
    gone = resolve
  })
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.write('{"type":"BOOKMARK"}\n')
    response.once('close', gone)
  }
  const watch = send({ ':path': '/api/v1/pods?watch=1' })
  await once(watch, 'data')
  watch.close(constants.NGHTTP2_CANCEL)
  await closed
  assert.deepEqual(gateway.errors, [])
  gateway.upstream.answer = json({ kind: 'Pod', metadata: { name: 'web' } })
  assert.equal((await heard(send({ ':path': pod }))).status, 200)
})
