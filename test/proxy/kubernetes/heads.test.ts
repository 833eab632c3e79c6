// Heads of answers: what detectors find in them is masked like the body, and none goes out for a body that is refused.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { results } from '../../support/gate.ts'
import { ask, type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { openStream } from '../../support/kube-streams.ts'

let gateway: KubeGateway
let under: object = {}
before(async () => {
  gateway = await startKubeGateway()
})
after(() => gateway.close())
beforeEach(() => {
  under = {}
  gateway.errors.length = 0
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.stage === 'connect' ? results.allow : { ...results.allow, ...under }
})

const pod = '/api/v1/namespaces/shop/pods/web'
const warning = '299 - "unknown field \\"spec.card\\": 4111111111111111"'
const masks = { mask: [{ detect: 'credit_card', with: 'last4' }] }

for (const [title, method, body] of [
  ['an object', 'GET', '{"kind":"Pod","metadata":{"name":"web"}}'],
  ['a head alone', 'HEAD', ''],
  ['nothing', 'GET', ''],
] as const)
  test(`a warning beside ${title} is masked as the body is, and without a mask it is as it was`, async () => {
    gateway.upstream.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', Warning: warning, ETag: '"4111111111111111"' })
      response.end(body)
    }
    const plain = await ask(gateway, method, pod)
    assert.deepEqual([plain.status, plain.headers['warning'], plain.body], [200, warning, body])
    under = masks
    const { status, headers, body: seen } = await ask(gateway, method, pod)
    assert.equal(status, 200)
    assert.equal(headers['warning'], warning.replace('411111111111', '************'))
    assert.equal(headers['etag'], undefined)
    assert.equal(headers['content-type'], 'application/json')
    if (body !== '') assert.deepEqual(JSON.parse(seen), JSON.parse(body))
  })

test('whether a guessed entity tag is the one of what is masked is not told', async () => {
  gateway.upstream.answer = ({ headers }, response) => {
    const isGuessed = headers.some(([name, value]) => name.toLowerCase() === 'if-none-match' && value === '"guessed"')
    response.writeHead(isGuessed ? 304 : 200, { 'Content-Type': 'application/json', ETag: '"guessed"' })
    response.end(isGuessed ? undefined : '{"kind":"Pod","metadata":{"name":"web"},"spec":{"card":"4111111111111111"}}')
  }
  const guess = { headers: { 'if-none-match': '"guessed"' } }
  const metrics = '/api/v1/namespaces/shop/pods/web/proxy/metrics'
  for (const path of [pod, metrics, '/openapi/v2']) assert.equal((await ask(gateway, 'GET', path, guess)).status, 304)
  for (const terms of [masks, { mask: [{ json: '$.spec.card', with: 'last4' }] }])
    for (const path of [pod, metrics]) {
      under = terms
      const { status, headers, body } = await ask(gateway, 'GET', path, guess)
      assert.deepEqual(
        [status, headers['etag'], JSON.parse(body).spec.card],
        [200, undefined, '************1111'],
        path,
      )
    }
  // What describes the API is cached by its tag, masks or not.
  assert.equal((await ask(gateway, 'GET', '/openapi/v2', guess)).status, 304)
})

test('what a cluster says when it opens no stream is masked too', async () => {
  gateway.upstream.upgrade = (_request, socket) => {
    const text = JSON.stringify({
      status: 'Failure',
      reason: 'NotFound',
      code: 404,
      message: 'no 4111111111111111 here',
    })
    const head = `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${text.length}`
    socket.end(`${head}\r\nConnection: close\r\n\r\n${text}`)
  }
  for (const [terms, message] of [
    [{}, 'no 4111111111111111 here'],
    [masks, 'no ************1111 here'],
  ] as const) {
    under = terms
    const result = await openStream(gateway.port, `${pod}/exec?command=id&stdout=1`, 'websocket', 'v5.channel.k8s.io')
    assert.ok('refused' in result)
    assert.match(result.refused, /^HTTP\/1\.1 404 /)
    assert.ok(result.refused.includes(message), result.refused)
  }
})

test('an answer over its limit of bytes is a refusal as long as nothing of it went out', async () => {
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', ETag: '"1"' })
    response.end(JSON.stringify({ kind: 'Pod', metadata: { name: 'x'.repeat(500) } }))
  }
  under = { limit: [{ bytes: 100 }] }
  const { status, headers, body } = await ask(gateway, 'GET', pod)
  assert.deepEqual([status, headers['etag'], JSON.parse(body).kind], [403, undefined, 'Status'])
  under = { limit: [{ bytes: 10_000 }] }
  assert.equal((await ask(gateway, 'GET', pod)).status, 200)
})

test('an answer that is not there at once comes in pieces, and one that breaks off is none', async () => {
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.write('{"kind":')
    setImmediate(() => setImmediate(() => response.end('"Pod"}')))
  }
  assert.equal((await ask(gateway, 'GET', pod)).body, '{"kind":"Pod"}')
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' })
    response.write('{"kind":')
    setImmediate(() => response.destroy())
  }
  await assert.rejects(ask(gateway, 'GET', pod))
})
