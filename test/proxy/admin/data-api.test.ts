// OPA's data API over the live policy: the same questions, and paths that ask for more than there is.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { readBundle } from '../../../bundles/format/index.ts'
import { compose, loadPolicy, packageOfModule } from '../../../bundles/store/index.ts'
import type { PolicyHost } from '../../../engine/evaluate/index.ts'
import { type DataDecision, dataRoutes } from '../../../proxy/admin/index.ts'

const rego = `package policy.orders

allow if input.user == "ann"

deny contains {"rule": "orders.big", "message": "too big"} if input.amount > 100
`
let server: Server
let host: PolicyHost | undefined
let loaded: PolicyHost
const decided: DataDecision[] = []
before(async () => {
  const files = [{ path: 'orders.rego', bytes: Buffer.from(rego) }]
  const parts = { nowNs: () => 0n, random: (length: number) => new Uint8Array(length) }
  loaded = loadPolicy(compose([{ name: 'main', bundle: readBundle(files, packageOfModule) }]), parts)
  let ids = 0
  const route = dataRoutes({
    policy: () => host,
    entrypoints: ['sallyport/decision', 'sallyport/may_approve'],
    newId: () => `id-${++ids}`,
    decided: (event) => decided.push(event),
  })
  server = createServer((request, response) => {
    if (!route(request, response, (request.url ?? '').split('?', 1)[0] ?? '')) response.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
beforeEach(() => {
  host = loaded
  decided.length = 0
})
after(() => {
  server.close()
  server.closeAllConnections()
  loaded.close()
})

async function ask(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : {
          body: typeof body === 'string' ? body : JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
  })
  const text = await response.text()
  return { status: response.status, text, value: text.startsWith('{') ? JSON.parse(text) : text.trim() }
}
const ann = { input: { user: 'ann', amount: 5 } }

test('a decision is asked for by POST and by GET, whole and in parts', async () => {
  const { status, value } = await ask('/v1/data/sallyport/decision', ann)
  assert.equal(status, 200)
  assert.equal(value.result.effect, 'allow')
  assert.match(value.decision_id, /^id-/)
  assert.equal((await ask('/v1/data/sallyport/decision/effect', ann)).value.result, 'allow')
  assert.equal((await ask('/v1/data/sallyport/decision/allow/0', ann)).value.result, 'policy.orders.allow')
  const query = encodeURIComponent(JSON.stringify(ann.input))
  assert.equal((await ask(`/v1/data/sallyport/decision/effect?input=${query}`)).value.result, 'allow')
  const refused = await ask('/v1/data/sallyport/decision', { input: { user: 'ann', amount: 500 } })
  assert.equal(refused.value.result.effect, 'deny')
  assert.equal(refused.value.result.deny[0].rule, 'orders.big')
  assert.equal(decided.length, 5)
  assert.deepEqual(decided[0]?.input, ann.input)
})

test('a package above holds what is below; the default decision and v0 answer bare values', async () => {
  assert.equal((await ask('/v1/data', ann)).value.result.sallyport.decision.effect, 'allow')
  assert.equal((await ask('/v1/data/sallyport', ann)).value.result.decision.effect, 'allow')
  assert.equal((await ask('/', ann.input)).value.effect, 'allow')
  assert.equal((await ask('/v0/data/sallyport/decision/effect', ann.input)).value, '"allow"')
  assert.equal((await ask('/v0/data/none', ann.input)).value.code, 'undefined_document')
})

test('without an input nothing is allowed, and the asker is told', async () => {
  const { value } = await ask('/v1/data/sallyport/decision', {})
  assert.equal(value.result.effect, 'deny')
  assert.equal(value.warning.code, 'api_usage_warning')
})

test('what is not there is no result, and no error', async () => {
  for (const path of [
    '/v1/data/none',
    '/v1/data/policy/orders/allow',
    '/v1/data/sallyport/decision/none',
    '/v1/data/sallyport/decision/allow/7',
    '/v1/data/sallyport/decision/constructor',
    '/v1/data/sallyport/decision/__proto__/x',
    '/v1/data/sallyport/decision/effect/length',
  ]) {
    const { status, value } = await ask(path, ann)
    assert.equal(status, 200, path)
    assert.equal('result' in value, false, path)
  }
})

test('CVE-2025-46569: Rego in a path is only a name that nothing has', async () => {
  for (const path of [
    'sallyport/decision"]; allow := true #',
    'sallyport/decision/x[_]',
    'policy/orders/allow; x := http.send({})',
    'a"]\n y := opa.runtime() #',
    'sallyport%2fdecision',
  ]) {
    const { status, value } = await ask(`/v1/data/${path.split('/').map(encodeURIComponent).join('/')}`, ann)
    assert.equal(status, 200, path)
    assert.equal('result' in value, false, path)
  }
})

test('pretty and provenance', async () => {
  const { text, value } = await ask('/v1/data/sallyport/decision?pretty=true&provenance', ann)
  assert.match(text, /\n {2}"result"/)
  assert.equal(value.provenance.digest, loaded.digest)
})

const bad: readonly (readonly [
  what: string,
  path: string,
  body: unknown,
  method: string,
  status: number,
  code: string,
])[] = [
  ['a body that is no JSON', '/v1/data/sallyport/decision', '{', 'POST', 400, 'invalid_parameter'],
  ['a body that is no object', '/v1/data/sallyport/decision', '[1]', 'POST', 400, 'invalid_parameter'],
  ['an input that is no JSON', '/v1/data/sallyport?input={', undefined, 'GET', 400, 'invalid_parameter'],
  ['two inputs', '/v1/data/sallyport?input={}&input={}', undefined, 'GET', 400, 'invalid_parameter'],
  ['a path that cannot be decoded', '/v1/data/%ff', undefined, 'GET', 400, 'invalid_parameter'],
  ['a path without an end', `/v1/data${'/a'.repeat(100)}`, undefined, 'GET', 400, 'invalid_parameter'],
  [
    'an input that is too large',
    '/v1/data/sallyport',
    { input: 'x'.repeat(2_000_000) },
    'POST',
    400,
    'invalid_parameter',
  ],
  ['a document to be written', '/v1/data/sallyport/decision', { effect: 'allow' }, 'PUT', 405, 'invalid_operation'],
  ['a patch', '/v1/data/sallyport', [], 'PATCH', 405, 'invalid_operation'],
  ['a document to be deleted', '/v1/data/sallyport', undefined, 'DELETE', 405, 'invalid_operation'],
]
for (const [what, path, body, method, status, code] of bad)
  test(`refuses ${what}`, async () => {
    const got = await ask(path, body, method)
    assert.deepEqual([got.status, got.value.code], [status, code])
    assert.equal(decided.length, 0)
  })

test('an input nested beyond reason is an error and not the end', async () => {
  const deep = `{"input":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
  const { status } = await ask('/v1/data/sallyport/decision', deep)
  assert.ok(status === 500 || status === 200 || status === 400)
  assert.equal((await ask('/v1/data/sallyport/decision/effect', ann)).value.result, 'allow')
})

test('health says whether a policy is live; without one nothing is decided', async () => {
  assert.deepEqual((await ask('/health')).value, {})
  host = undefined
  assert.equal((await ask('/health')).status, 500)
  assert.equal((await ask('/v1/data/sallyport/decision', ann)).status, 500)
})

test('an asker that goes away in the middle of its question is not waited for', async () => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    'POST /v1/data/sallyport HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
  )
  socket.destroy()
  assert.equal((await ask('/v1/data/sallyport/decision/effect', ann)).value.result, 'allow')
})
