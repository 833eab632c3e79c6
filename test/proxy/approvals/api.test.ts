// The API and its document: every answer is as the document says, and every route that is there is in it.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { approvalRoutes, Vouching } from '../../../proxy/approvals/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { Desk, type DeskHold, person } from '../../support/approval-desk.ts'

const dba = person('dba-1', ['dba'])
const desk = new Desk([dba])
let planned: Promise<readonly string[]> = Promise.resolve(['update: about 7 rows\u0007'])
const service = desk.service('gate-1', { estimate: () => planned })
const errors: unknown[] = []
const vouching = new Vouching({
  key: () => undefined,
  authenticator: { authenticate: () => Promise.reject(new Error('nobody logs in')) },
  bars: () => undefined,
  loginIssuers: () => [],
  holdMsMax: 3_600_000,
  nowMs: () => desk.nowMs,
})
const routes = approvalRoutes(service, vouching, (error) => errors.push(error))
let server: Server
let base = ''
let openApi: {
  readonly components: { readonly schemas: { readonly [name: string]: object } }
  readonly paths: {
    readonly [path: string]: {
      readonly [method: string]: {
        readonly responses: {
          readonly [status: string]: { readonly content?: { readonly [type: string]: { schema: object } } }
        }
      }
    }
  }
}
before(async () => {
  server = createServer((request, response) => {
    if (!routes(request, response, (request.url ?? '').split('?', 1)[0] ?? '')) response.writeHead(418).end('not here')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  openApi = JSON.parse(await (await fetch(`${base}/openapi.json`)).text())
})
after(async () => {
  server.close()
  server.closeAllConnections()
  await desk.close()
  assert.deepEqual([...desk.failures, ...errors], [])
})

/** Asks, and holds the answer against the document. */
async function ask(
  method: string,
  path: string,
  template: string,
  body?: unknown,
): Promise<readonly [number, unknown]> {
  const response = await fetch(`${base}${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const value: unknown = await response.json()
  const described = openApi.paths[template]?.[method.toLowerCase()]?.responses[String(response.status)]
  assert.ok(described !== undefined, `${method} ${template} ${response.status} is not in the document`)
  const type = response.headers.get('content-type') ?? ''
  const schema = described.content?.[type]?.schema
  assert.ok(schema !== undefined, `${type} is not in the document`)
  const ajv = new Ajv2020({ strict: false })
  const valid = ajv.validate({ ...schema, components: openApi.components }, value)
  assert.ok(valid, `${method} ${template}: ${ajv.errorsText()}`)
  return [response.status, value]
}
const open = (): Promise<DeskHold> => desk.open(service, sampleDocument())
const hold = '/v1/approvals/{id}'

test('answers are as the document says', async () => {
  const { id, hold: held, outcome } = await open()
  const [, listed] = await ask('GET', '/v1/approvals', '/v1/approvals')
  assert.deepEqual(
    (listed as { holds: { id: string }[] }).holds.map((one) => one.id),
    [id],
  )
  const [, shown] = await ask('GET', `/v1/approvals/${id}`, hold)
  assert.deepEqual((shown as { estimates: string[] }).estimates, ['update: about 7 rows\\u{7}'])
  const [missing] = await ask('GET', '/v1/approvals/nothing', hold)
  assert.equal(missing, 404)
  const answers = `/v1/approvals/${id}/answers`
  for (const body of ['', 'x', '[]', '{}', '{"jws":1}', '{"login":"x"}', `{"jws":"${'x'.repeat(70_000)}"}`])
    assert.equal((await ask('POST', answers, `${hold}/answers`, body))[0], 400)
  assert.equal((await ask('POST', answers, `${hold}/answers`, { jws: 'x.y.z' }))[0], 400)
  const login = { login: 'x', statement: held.digest, verdict: 'approve' }
  assert.equal((await ask('POST', answers, `${hold}/answers`, login))[0], 403)
  const jws = await desk.answer(held, dba)
  assert.deepEqual(await ask('POST', answers, `${hold}/answers`, { jws }), [200, { status: 'approved' }])
  assert.equal((await outcome).on, 'approved')
  assert.equal((await ask('POST', answers, `${hold}/answers`, { jws }))[0], 409)
})

test('grants are as the document says', async () => {
  const { id, hold: held, cancel } = await open()
  const path = `/v1/approvals/${id}/grants`
  assert.equal((await ask('POST', path, `${hold}/grants`, { login: 'x' }))[0], 400)
  const refused = await ask('POST', path, `${hold}/grants`, { jws: await desk.grant(held, dba) })
  // The sample's statements are none, so there is nothing that could be granted.
  assert.equal(refused[0], 400)
  assert.deepEqual(await ask('GET', '/v1/grants', '/v1/grants'), [200, { grants: [] }])
  assert.equal((await ask('POST', '/v1/grants/revocations', '/v1/grants/revocations', { jws: 'x.y.z' }))[0], 400)
  cancel('client_gone')
})

test('what the document lists is there for these methods and for no others, and nothing else is', async () => {
  for (const [template, methods] of Object.entries(openApi.paths)) {
    if (template === '/v1/chat/actions') continue
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const response = await fetch(`${base}${template.replace('{id}', 'none')}`, { method })
      const isThere = methods[method.toLowerCase()] !== undefined
      assert.equal(response.status === 405, !isThere, `${method} ${template}: ${response.status}`)
    }
  }
  for (const path of ['/v1/approvals/x/other', '/v1/approvals/x/answers/y', '/v1/grants/x'])
    assert.equal((await fetch(`${base}${path}`)).status, 404, path)
  for (const path of ['/v1/approval', '/v1/grantsx', '/v2']) assert.equal((await fetch(`${base}${path}`)).status, 418)
})

test('an estimate that fails, or comes too late, is left out', async () => {
  planned = Promise.reject(new Error('no database'))
  const failed = await open()
  assert.deepEqual(failed.hold.view.estimates, [])
  assert.equal(desk.failures.splice(0).length, 1)
  planned = new Promise(() => undefined)
  const late = await open()
  assert.deepEqual(late.hold.view.estimates, [])
  for (const { cancel } of [failed, late]) cancel('client_gone')
  planned = Promise.resolve([])
})
