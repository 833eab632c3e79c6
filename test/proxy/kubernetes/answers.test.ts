import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { results } from '../../support/gate.ts'
import { ask, type KubeGateway, raw, startKubeGateway } from '../../support/kube-gateway.ts'
import { json } from '../../support/kube-upstream.ts'

let gateway: KubeGateway
/** What the policy allows requests under. */
let under: object = {}
before(async () => {
  gateway = await startKubeGateway()
})
after(() => gateway.close())
beforeEach(() => {
  gateway.upstream.seen.length = 0
  under = {}
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.stage === 'connect' ? results.allow : { ...results.allow, ...under }
})

const secretMask = { mask: [{ json: '$.data.*', with: 'redact' }] }
const redacted = Buffer.from('[redacted]').toString('base64')
const secret = (name: string, value: string, more: object = {}) => ({
  metadata: { name, namespace: 'shop', ...more },
  data: { password: Buffer.from(value).toString('base64') },
  type: 'Opaque',
})
const asJson = async (path: string, headers: { [name: string]: string } = {}) => {
  const answer = await ask(gateway, 'GET', path, { headers })
  return { ...answer, value: JSON.parse(answer.body) }
}

test('values of a Secret are masked as base64, in the object and in the copy that kubectl keeps', async () => {
  under = secretMask
  const one = { kind: 'Secret', apiVersion: 'v1', ...secret('db', 'hunter2') }
  const copy = { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(one)}\n`, other: 'kept' }
  gateway.upstream.answer = json({ ...one, metadata: { ...one.metadata, annotations: copy } })
  const { body, value } = await asJson('/api/v1/namespaces/shop/secrets/db')
  assert.equal(value.data.password, redacted)
  assert.ok(!body.includes(Buffer.from('hunter2').toString('base64')) && !body.includes('hunter2'))
  assert.equal(value.metadata.annotations.other, 'kept')
  assert.equal(
    JSON.parse(value.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']).data.password,
    redacted,
  )
})

test('a copy in an annotation that cannot be read is hidden whole', async () => {
  under = secretMask
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"aHVudGVyMg=="' }
  gateway.upstream.answer = json({ kind: 'Secret', ...secret('db', 'x', { annotations }) })
  assert.ok(!(await asJson('/api/v1/namespaces/shop/secrets/db')).body.includes('aHVudGVyMg'))
})

test('a list is masked element by element however it is cut, and frames stay as they were', async () => {
  under = secretMask
  const list = {
    kind: 'SecretList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '7', remainingItemCount: 3 },
    items: [secret('a', 'hunter-a'), secret('b]},{"', 'hunter-b'), { metadata: { name: 'ünï' } }],
  }
  const text = JSON.stringify(list)
  const expected = JSON.parse(text)
  expected.items[0].data.password = redacted
  expected.items[1].data.password = redacted
  for (const step of [1, 7, 4096]) {
    gateway.upstream.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; at += step) response.write(bytes.subarray(at, at + step))
      response.end()
    }
    const { body } = await asJson('/api/v1/namespaces/shop/secrets')
    assert.equal(body, JSON.stringify(expected))
  }
})

test('what nothing is masked in goes on byte for byte, odd numbers and spaces included', async () => {
  under = {
    mask: [
      { json: '$.spec.secret', with: 'redact' },
      { detect: 'credit_card', with: 'last4' },
    ],
  }
  const text =
    '{ "kind":"FooList", "items":[ {"a":1.0,"b":12345678901234567890} , {"spec":{"x":1e3}} ],"metadata":{} }\n'
  gateway.upstream.answer = (_request, response) =>
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(text)
  const { body } = await ask(gateway, 'GET', '/apis/example.org/v1/foos')
  assert.equal(body.replaceAll(' ', ''), text.replaceAll(' ', ''))
})

test('numbers that JavaScript cannot hold survive the masking of their object', async () => {
  under = { mask: [{ json: '$.spec.secret', with: 'redact' }] }
  const text =
    '{"kind":"Foo","spec":{"secret":"s","big":12345678901234567890,"float":1.0,"text":"#1 12345678901234567890"}}'
  gateway.upstream.answer = (_request, response) =>
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(text)
  const { body } = await ask(gateway, 'GET', '/apis/example.org/v1/foos/a')
  assert.equal(body, text.replace('"s"', '"[redacted]"'))
})

test('watch events are masked line by line; bookmarks pass', async () => {
  under = secretMask
  const events = [
    { type: 'ADDED', object: { kind: 'Secret', ...secret('a', 'hunter-a') } },
    { type: 'BOOKMARK', object: { kind: 'Secret', metadata: { resourceVersion: '9' } } },
    { type: 'MODIFIED', object: { kind: 'Table', rows: [{ cells: ['a', 1], object: secret('a', 'hunter-a') }] } },
  ]
  const text = events.map((one) => `${JSON.stringify(one)}\n`).join('')
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    for (let at = 0; at < text.length; at += 11) response.write(text.slice(at, at + 11))
    response.end()
  }
  const { body } = await ask(gateway, 'GET', '/api/v1/secrets?watch=1')
  const hidden = Buffer.from('hunter-a').toString('base64')
  assert.equal(body, text.replaceAll(hidden, redacted))
  assert.ok(text.includes(hidden))
})

test('lists, tables and watches are filtered, and the count says nothing of what is hidden', async () => {
  under = { filter: [{ relation: 'pods', where: "$.metadata.labels.team = 'a'" }] }
  const pod = (name: string, team: string) => ({ metadata: { name, labels: { team } } })
  const metadata = { resourceVersion: '1', continue: 'c', remainingItemCount: 7 }
  gateway.upstream.answer = json({ kind: 'PodList', metadata, items: [pod('x', 'b'), pod('y', 'a'), pod('z', 'b')] })
  const listed = (await asJson('/api/v1/pods')).value
  const { continue: next } = listed.metadata
  assert.deepEqual(listed, {
    kind: 'PodList',
    metadata: { resourceVersion: '1', continue: next },
    items: [pod('y', 'a')],
  })
  gateway.upstream.answer = json({ items: [pod('x', 'b'), pod('y', 'a')], kind: 'PodList', metadata })
  // The name of an object that may not be seen can stand where a list goes on.
  const { metadata: tail } = (await asJson('/api/v1/pods')).value
  for (const token of [next, tail.continue]) {
    assert.match(token, /^sallyport\.[A-Za-z0-9_-]{200,}$/)
    await ask(gateway, 'GET', `/api/v1/pods?limit=1&continue=${token}&watch=0`)
    assert.equal(gateway.upstream.seen.at(-1)?.url, '/api/v1/pods?limit=1&continue=c&watch=0')
  }
  assert.equal(tail.remainingItemCount, undefined)
  const asked = gateway.upstream.seen.length
  // From a name of the client's own, empty pages that go on would tell between which names something is hidden.
  for (const broken of ['sallyport.AAAA', next.slice(0, -4), 'sallyport.', 'own'])
    assert.equal((await ask(gateway, 'GET', `/api/v1/pods?continue=${broken}`)).status, 410)
  assert.equal((await ask(gateway, 'GET', `/api/v1/namespaces/shop/pods?continue=${next}`)).status, 410)
  assert.equal(gateway.upstream.seen.length, asked)
  assert.equal((await ask(gateway, 'GET', '/api/v1/pods?continue=')).status, 200)
  const filtered = under
  under = {}
  assert.equal((await ask(gateway, 'GET', '/api/v1/pods?continue=own')).status, 200)
  under = filtered
  gateway.upstream.answer = json({
    kind: 'Table',
    metadata: {},
    rows: [
      { cells: ['x'], object: pod('x', 'b') },
      { cells: ['y'], object: pod('y', 'a') },
    ],
  })
  assert.deepEqual((await asJson('/api/v1/pods')).value.rows.length, 1)
  gateway.upstream.answer = (_request, response) =>
    response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end([pod('x', 'b'), pod('y', 'a')].map((object) => `${JSON.stringify({ type: 'ADDED', object })}\n`).join(''))
  assert.equal((await ask(gateway, 'GET', '/api/v1/pods?watch=1')).body.split('\n').length, 2)
})

test('an object that may not be seen is not there', async () => {
  under = { filter: [{ relation: 'pods', where: "$.metadata.labels.team in ('a', 'it''s')" }] }
  gateway.upstream.answer = json({ kind: 'Pod', metadata: { name: 'x', labels: { team: 'b' } } })
  const hidden = await asJson('/api/v1/namespaces/shop/pods/x')
  assert.deepEqual([hidden.status, hidden.value.reason, hidden.value.message], [404, 'NotFound', 'pods "x" not found'])
  gateway.upstream.answer = json({ kind: 'Pod', metadata: { name: 'x', labels: { team: "it's" } } })
  assert.equal((await asJson('/api/v1/namespaces/shop/pods/x')).status, 200)
})

test('what may not be seen is neither changed, deleted nor read by its logs, and its collection not deleted', async () => {
  under = { filter: [{ relation: 'pods', where: "$.metadata.labels.team = 'a'" }] }
  const answered = (team: string) => json({ kind: 'Pod', metadata: { name: 'x', labels: { team } } })
  const pod = '/api/v1/namespaces/shop/pods/x'
  const patch = { headers: { 'content-type': 'application/merge-patch+json' }, body: '{}' }
  for (const [method, path, options] of [
    ['DELETE', pod, {}],
    ['PATCH', pod, patch],
    ['GET', `${pod}/log`, {}],
    ['POST', `${pod}/eviction`, {}],
  ] as const) {
    gateway.upstream.answer = answered('b')
    gateway.upstream.seen.length = 0
    assert.equal((await ask(gateway, method, path, options)).status, 404, path)
    assert.deepEqual(
      gateway.upstream.seen.map((one) => [one.method, one.url]),
      [['GET', pod]],
    )
    gateway.upstream.answer = answered('a')
    assert.equal((await ask(gateway, method, path, options)).status, 200, path)
  }
  gateway.upstream.seen.length = 0
  assert.equal((await ask(gateway, 'DELETE', '/api/v1/namespaces/shop/pods')).status, 403)
  const upgrade = `GET ${pod}/exec?command=ls HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n`
  gateway.upstream.answer = answered('b')
  assert.match(await raw(gateway, upgrade), /^HTTP\/1\.1 404/)
  assert.deepEqual(
    gateway.upstream.seen.map((one) => one.url),
    [pod],
  )
})

test('a pod that may not be seen is not bound, by whatever name of the request', async () => {
  under = { filter: [{ relation: 'pods', where: "$.metadata.labels.team = 'a'" }] }
  const pod = '/api/v1/namespaces/shop/pods/x'
  const body = JSON.stringify({ metadata: { name: 'x' }, target: { kind: 'Node', name: 'n' } })
  for (const [path, given, seen] of [
    [`${pod}/binding`, body, [pod]],
    ['/api/v1/namespaces/shop/bindings', body, [pod]],
    ['/api/v1/namespaces/shop/bindings', '{}', []],
    ['/api/v1/namespaces/shop/bindings', '{"metadata":{"name":"x","name":"y"}}', []],
  ] as const) {
    for (const team of ['b', 'a']) {
      gateway.upstream.seen.length = 0
      gateway.upstream.answer = json({ kind: 'Pod', metadata: { name: 'x', labels: { team } } })
      const headers = { 'content-type': 'application/json' }
      const { status } = await ask(gateway, 'POST', path, { headers, body: given })
      assert.equal(status, seen.length === 0 ? 403 : team === 'a' ? 200 : 404, path)
      const more = team === 'a' && seen.length > 0 ? [path] : []
      assert.deepEqual(
        gateway.upstream.seen.map(({ url }) => url),
        [...seen, ...more],
      )
    }
  }
})

test('a scale does not repeat a selector that is masked', async () => {
  gateway.upstream.answer = json({ kind: 'Scale', status: { replicas: 1, selector: 'app=hunter2' } })
  const scale = '/apis/apps/v1/namespaces/shop/deployments/x/scale'
  for (const path of ['$.spec.selector.matchLabels.*', '$.spec.selector', '$..app', '$.spec.*']) {
    under = { mask: [{ json: path, with: 'redact' }] }
    assert.doesNotMatch((await ask(gateway, 'GET', scale)).body, /hunter2/, path)
  }
  under = { mask: [{ json: '$.spec.template', with: 'redact' }] }
  assert.match((await ask(gateway, 'GET', scale)).body, /hunter2/)
})

test('what may not be seen is not reached through the API server, under whatever scheme and port', async () => {
  under = { filter: [{ relation: 'services', where: "$.metadata.labels.team = 'a'" }] }
  const object = '/api/v1/namespaces/shop/services/x'
  let team = ''
  gateway.upstream.answer = (request, response) =>
    request.url === object
      ? json({ kind: 'Service', metadata: { name: 'x', labels: { team } } })(request, response)
      : json({ kind: 'Status', status: 'Failure', code: 404 }, request.url.includes('/proxy') ? 200 : 404)(
          request,
          response,
        )
  for (const name of ['x', 'x:80', 'x:', 'https:x:443', ':x:', 'http:x:web'])
    for (const path of [
      `/api/v1/namespaces/shop/services/${name}/proxy/a`,
      `/api/v1/proxy/namespaces/shop/services/${name}/a`,
    ]) {
      team = 'b'
      gateway.upstream.seen.length = 0
      assert.equal((await ask(gateway, 'GET', path)).status, 404, path)
      assert.deepEqual(
        gateway.upstream.seen.map(({ url }) => url),
        [object],
      )
      team = 'a'
      assert.equal((await ask(gateway, 'GET', path)).status, 200, path)
    }
})

test('cards in labels, table cells, config and logs are found, but names and versions stay', async () => {
  under = { mask: [{ detect: 'credit_card', with: 'last4' }] }
  const card = '4111111111111111'
  gateway.upstream.answer = json({
    kind: 'ConfigMap',
    metadata: { name: card, resourceVersion: card, annotations: { a: card } },
    data: { c: `x ${card}` },
  })
  const { value } = await asJson('/api/v1/namespaces/shop/configmaps/c')
  assert.deepEqual([value.metadata.name, value.metadata.resourceVersion], [card, card])
  assert.equal(value.data.c, 'x ************1111')
  assert.equal(value.metadata.annotations.a, '************1111')
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain' })
    response.write(`paid with ${card.slice(0, 9)}`)
    setImmediate(() => response.end(`${card.slice(9)}\nnext\n`))
  }
  const { body } = await ask(gateway, 'GET', '/api/v1/namespaces/shop/pods/web/log?container=app')
  assert.equal(body, 'paid with ************1111\nnext\n')
})

test('what is masked is asked for as JSON without compression, and refused as anything else', async () => {
  under = secretMask
  const accept = 'application/vnd.kubernetes.protobuf, application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
  gateway.upstream.answer = json({ kind: 'Secret' })
  await ask(gateway, 'GET', '/api/v1/namespaces/shop/secrets/db', { headers: { accept, 'accept-encoding': 'gzip' } })
  const headers = new Map(gateway.upstream.seen[0]?.headers.map(([name, value]) => [name.toLowerCase(), value]))
  assert.equal(headers.get('accept'), 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json')
  assert.equal(headers.get('accept-encoding'), 'identity')
  const only = { headers: { accept: 'application/vnd.kubernetes.protobuf' } }
  assert.equal((await ask(gateway, 'GET', '/api/v1/namespaces/shop/secrets/db', only)).status, 406)
  gateway.upstream.answer = (_request, response) =>
    response.writeHead(200, { 'Content-Type': 'application/vnd.kubernetes.protobuf' }).end('k8s\0hunter2')
  const refused = await ask(gateway, 'GET', '/api/v1/namespaces/shop/secrets/db')
  assert.equal(refused.status, 502)
  assert.ok(!refused.body.includes('hunter2'))
  gateway.upstream.answer = (_request, response) =>
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end('hunter2')
  assert.equal((await ask(gateway, 'GET', '/api/v1/namespaces/shop/secrets/db')).status, 502)
  gateway.upstream.answer = (_request, response) =>
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }).end(gzipSync('{}'))
  assert.equal((await ask(gateway, 'GET', '/api/v1/namespaces/shop/secrets/db')).status, 502)
})

test('tables of custom kinds, whose cells are anything, are not asked for under a mask', async () => {
  under = { mask: [{ json: '$.spec.token', with: 'redact' }] }
  gateway.upstream.answer = json({ kind: 'FooList', items: [] })
  await ask(gateway, 'GET', '/apis/example.org/v1/foos', {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
  })
  assert.equal(new Map(gateway.upstream.seen[0]?.headers).get('Accept'), 'application/json')
})

test('without masks compression passes as it is', async () => {
  const zipped = gzipSync('{"kind":"PodList","items":[]}')
  gateway.upstream.answer = (_request, response) =>
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }).end(zipped)
  const { request } = await import('node:http')
  const body = await new Promise<Buffer>((resolve) => {
    request(
      {
        port: gateway.port,
        path: '/api/v1/pods',
        headers: { authorization: 'Bearer good', 'accept-encoding': 'gzip' },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve(Buffer.concat(chunks)))
      },
    ).end()
  })
  assert.equal(gunzipSync(body).toString(), '{"kind":"PodList","items":[]}')
})

test('an answer with two lists, a cut one and one that is no JSON break off', async () => {
  under = secretMask
  for (const text of [
    '{"kind":"SecretList","items":[],"items":[{"data":{"p":"aHVudGVyMg=="}}]}',
    '{"kind":"SecretList","\\u0069tems":[{"data":{"p":"aHVudGVyMg=="}}],"items":[]}',
    '{"kind":"SecretList","items":[{"data":{"p":"aHVudGVyMg=="',
    '{"kind":"SecretList","items":["aHVudGVyMg=="]}',
    '{"kind":"SecretList","items":[{]}',
    'aHVudGVyMg==',
  ]) {
    gateway.upstream.answer = (_request, response) =>
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(text)
    const got = await ask(gateway, 'GET', '/api/v1/secrets').then(
      ({ body }) => body,
      () => '',
    )
    assert.ok(!got.includes('aHVudGVyMg'), text)
  }
})

test('a mask or filter that cannot be read refuses', async () => {
  gateway.upstream.answer = json({ kind: 'Secret', ...secret('db', 'x') })
  for (const change of [
    { mask: [{ json: 'data.*', with: 'redact' }] },
    { mask: [{ detect: 'nothing_known', with: 'redact' }] },
    { filter: [{ relation: 'secrets', where: 'team = 1' }] },
    { filter: [{ relation: 'secrets', where: "$.a = 'b' or $.c = 'd'" }] },
  ]) {
    under = change
    assert.equal((await ask(gateway, 'GET', '/api/v1/namespaces/shop/secrets/db')).status, 403, JSON.stringify(change))
  }
  assert.equal(gateway.upstream.seen.length, 0)
})

test('a limit of rows ends a list, and one of bytes an answer', async () => {
  const items = Array.from({ length: 50 }, (_, at) => ({ metadata: { name: `p-${at}` } }))
  gateway.upstream.answer = json({ kind: 'PodList', items })
  under = { limit: [{ rows: 50 }] }
  assert.equal((await asJson('/api/v1/pods')).value.items.length, 50)
  for (const limit of [{ rows: 49 }, { bytes: 100 }]) {
    under = { limit: [limit] }
    const got = await ask(gateway, 'GET', '/api/v1/pods').then(
      ({ status }) => status,
      () => 'broke off',
    )
    assert.ok(got === 403 || got === 'broke off', String(got))
  }
})
