// Ways around a mask by path: tables that print the value, selectors and tests that tell whether a guess is right, and
// patches that copy it to where no mask looks. Each is refused where it reaches what is masked, and only there.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { parseJsonPath } from '../../../proxy/kubernetes/response/json-path.ts'
import { ManagedKeys } from '../../../proxy/kubernetes/response/managed-keys.ts'
import { results } from '../../support/gate.ts'
import { ask, type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { json } from '../../support/kube-upstream.ts'

let gateway: KubeGateway
let under: object = {}
before(async () => {
  gateway = await startKubeGateway()
})
after(() => gateway.close())
beforeEach(() => {
  gateway.upstream.seen.length = 0
  gateway.upstream.answer = json({ kind: 'PodList', items: [] })
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.stage === 'connect' ? results.allow : { ...results.allow, ...under }
})

const masked = (path: string): object => ({ mask: [{ json: path, with: 'redact' }] })
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const accepts = (): string | undefined => new Map(gateway.upstream.seen[0]?.headers).get('Accept')

for (const [path, where, stays] of [
  ['$.data.*', 'secrets', true],
  ['$.metadata.annotations.owner', 'pods', true],
  ['$.metadata.labels["team"]', 'pods', true],
  ['$.message', 'events', false],
  ['$.status.podIP', 'pods', false],
  ['$.metadata.name', 'pods', false],
  ['$.metadata.*', 'pods', false],
  ['$..password', 'pods', false],
  ['$.metadata.annotations.owner', 'persistentvolumes', false],
] as const)
  test(`tables of ${where} ${stays ? 'stay' : 'are not asked for'} where ${path} is masked`, async () => {
    under = masked(path)
    const { status } = await ask(gateway, 'GET', `/api/v1/${where}`, {
      headers: { accept: `${table},application/json` },
    })
    assert.equal(status, 200)
    assert.equal(accepts(), stays ? `${table},application/json` : 'application/json')
  })

test('a table that comes all the same is no answer where its cells may show what is masked', async () => {
  under = masked('$.message')
  const rows = [{ cells: ['x', 'secret'], object: { metadata: { name: 'x' } } }]
  gateway.upstream.answer = json({ kind: 'Table', rows })
  for (const path of ['/api/v1/events', '/api/v1/namespaces/shop/events/x'])
    await assert.rejects(ask(gateway, 'GET', path))
  under = masked('$.metadata.annotations.*')
  assert.equal((await ask(gateway, 'GET', '/api/v1/events')).status, 200)
})

for (const [path, query, refused] of [
  ['$.metadata.labels.owner', 'labelSelector=owner%3Dme', true],
  ['$.metadata.labels.owner', 'labelSelector=app%3Dweb,owner+in+(a,b)', true],
  ['$.metadata.labels.owner', 'labelSelector=app+in+(owner,b),!owner', true],
  ['$.metadata.labels.owner', 'labelSelector=app,owner%0D%3Dme', true],
  ['$.metadata.labels.owner', 'labelSelector=owner%0Din(me)', true],
  ['$.metadata.labels.*', 'labelSelector=app', true],
  ['$..owner', 'labelSelector=owner!%3Dme', true],
  ['$.metadata.labels.owner', 'labelSelector=app+in+(owner,b),team%3Downer', false],
  ['$.spec.nodeName', 'fieldSelector=spec.nodeName%3Dn', true],
  ['$.spec.*', 'fieldSelector=status.phase%3Da,spec.nodeName!%3Dn', true],
  ['$.spec.nodeName', 'fieldSelector=metadata.name%3Dspec.nodeName', false],
  ['$.data.*', 'labelSelector=data&fieldSelector=metadata.name%3Dx', false],
] as const)
  test(`${query} is ${refused ? 'refused' : 'asked'} where ${path} is masked`, async () => {
    under = masked(path)
    for (const more of ['', '&watch=1']) {
      const { status, body } = await ask(gateway, 'GET', `/api/v1/pods?${query}${more}`)
      assert.equal(status, refused ? 403 : 200, body)
      if (refused) assert.match(body, /selects by a (label|field) that is masked here/)
    }
    assert.equal(gateway.upstream.seen.length, refused ? 0 : 2)
    under = {}
    assert.equal((await ask(gateway, 'GET', `/api/v1/pods?${query}`)).status, 200)
  })

for (const [what, operation, refused] of [
  ['tests a value', { op: 'test', path: '/data/password', value: 'aHVudGVyMg==' }, true],
  ['tests all values', { op: 'test', path: '/data', value: {} }, true],
  ['tests a value of a list by another index', { op: 'test', path: '/hosts/-1', value: 'x' }, true],
  ['tests the whole', { op: 'test', path: '', value: {} }, true],
  ['copies a value', { op: 'copy', from: '/data/password', path: '/metadata/annotations/x' }, true],
  ['moves all values', { op: 'move', from: '/data', path: '/metadata/annotations' }, true],
  ['tests something else', { op: 'test', path: '/metadata/labels/a~1data', value: 'x' }, false],
  ['writes a value', { op: 'replace', path: '/data/password', value: 'aHVudGVyMg==' }, false],
] as const)
  test(`a JSON patch that ${what} is ${refused ? 'refused' : 'sent'} where values are masked`, async () => {
    under = { mask: ['$.data.*', '$.hosts[0]'].map((path) => ({ json: path, with: 'redact' })) }
    gateway.upstream.answer = json({ kind: 'Secret', metadata: { name: 'db' } })
    const { status, body } = await ask(gateway, 'PATCH', '/api/v1/namespaces/shop/secrets/db', {
      headers: { 'content-type': 'application/json-patch+json' },
      body: JSON.stringify([{ op: 'add', path: '/metadata/labels/a', value: 'b' }, operation]),
    })
    assert.equal(status, refused ? 403 : 200, body)
    if (refused) assert.match(body, /tests or copies what is masked here/)
    assert.equal(gateway.upstream.seen.length, refused ? 0 : 1)
  })

const merge = 'application/merge-patch+json'
const apply = 'application/apply-patch+yaml'
for (const [what, method, query, type, body, refused] of [
  ['a merge that is tried', 'PATCH', '?dryRun=All', merge, { data: { password: 'eA==' } }, true],
  ['an update that is tried', 'PUT', '?dryRun=All', 'application/json', { kind: 'Secret', data: { a: 'eA==' } }, true],
  ['a JSON patch that is tried', 'PATCH', '?dryRun=All', 'application/json-patch+json', 'add', true],
  ['a body that is not read, tried', 'PATCH', '?dryRun=All', apply, '{', true],
  ['an apply', 'PATCH', '?fieldManager=me', apply, { data: { password: 'eA==' } }, true],
  ['an apply that is not forced', 'PATCH', '?fieldManager=me&force=false', apply, { data: { password: 'eA==' } }, true],
  ['an apply by force', 'PATCH', '?fieldManager=me&force=true', apply, { data: { password: 'eA==' } }, false],
  ['an apply of something else', 'PATCH', '?fieldManager=me', apply, { metadata: { labels: { a: 'b' } } }, false],
  ['a merge of something else, tried', 'PATCH', '?dryRun=All', merge, { metadata: { labels: { a: 'b' } } }, false],
  ['a merge', 'PATCH', '', merge, { data: { password: 'eA==' } }, false],
] as const)
  test(`${what} is ${refused ? 'refused' : 'sent'} where values are masked`, async () => {
    under = masked('$.data.*')
    gateway.upstream.answer = json({ kind: 'Secret', metadata: { name: 'db' } })
    const patch = [{ op: 'add', path: '/data/password', value: 'eA==' }]
    const answer = await ask(gateway, method, `/api/v1/namespaces/shop/secrets/db${query}`, {
      headers: { 'content-type': type },
      body: typeof body === 'string' ? (body === 'add' ? JSON.stringify(patch) : body) : JSON.stringify(body),
    })
    assert.equal(answer.status, refused ? 403 : 200, answer.body)
    if (refused) assert.match(answer.body, /would tell what is masked here/)
    assert.equal(gateway.upstream.seen.length, refused ? 0 : 1)
  })

const failure = (reason: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'Job.batch "j" is invalid: spec.template: Invalid value: {"env":"hunter2"}: field is immutable',
  reason,
  details: {
    name: 'j',
    kind: 'Job',
    causes: [{ reason: 'FieldValueInvalid', message: 'Invalid value: "hunter2"', field: 'spec.template' }],
  },
  code: 422,
})

test('what a cluster says against a change does not repeat values that are masked', async () => {
  const body = JSON.stringify({ spec: { template: { metadata: { labels: { a: 'b' } } } } })
  const change = (method: string, name: string) =>
    ask(gateway, method, `/apis/batch/v1/namespaces/shop/jobs${name}`, { headers: { 'content-type': merge }, body })
  for (const reason of ['Invalid', 'BadRequest', 'Forbidden', 'InternalError', '']) {
    gateway.upstream.answer = json(failure(reason), 422)
    under = masked('$..env[*].value')
    const { status, body } = await change('PATCH', '/j')
    assert.equal(status, 422)
    assert.doesNotMatch(body, /hunter2/)
    const told = JSON.parse(body)
    assert.match(told.message, /^spec\.template: what the cluster says of it is not shown/)
    assert.equal(told.reason, reason)
    assert.deepEqual(
      told.details.causes.map(({ reason, field }: { reason: string; field: string }) => [reason, field]),
      [['FieldValueInvalid', 'spec.template']],
    )
    under = {}
    assert.match((await change('PATCH', '/j')).body, /hunter2/)
  }
  // What is made anew holds nothing but what its maker says, and some reasons are told without a value.
  under = masked('$..env[*].value')
  gateway.upstream.answer = json(failure('Invalid'), 422)
  assert.match((await change('POST', '')).body, /hunter2/)
  gateway.upstream.answer = json(failure('Conflict'), 409)
  assert.match((await change('PATCH', '/j')).body, /hunter2/)
})

const managed = (fieldsV1: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', managedFields: [{ manager: 'm', operation: 'Update', fieldsType: 'FieldsV1', fieldsV1 }] },
  spec: { hosts: [{ ip: '10.9.8.7', names: ['hunter2'] }] },
})

for (const [path, shown] of [
  ['$.spec.hosts[*].ip', { 'f:spec': { 'f:hosts': {} } }],
  ['$.spec.hosts[0].ip', { 'f:spec': { 'f:hosts': {} } }],
  ['$.spec.*[*].ip', { 'f:spec': { 'f:hosts': {} } }],
  ['$..ip', { 'f:spec': { 'f:hosts': {} } }],
  ['$.spec.hosts', { 'f:spec': { 'f:hosts': {} } }],
  ['$.spec', { 'f:spec': { 'f:hosts': {} } }],
  [
    '$.spec.hosts[*].names[*]',
    { 'f:spec': { 'f:hosts': { 'k:{"ip":"10.9.8.7"}': { '.': {}, 'f:names': { '.': {} } } } } },
  ],
  ['$..names', { 'f:spec': { 'f:hosts': { 'k:{"ip":"10.9.8.7"}': { '.': {}, 'f:names': { '.': {} } } } } }],
  ['$.spec.hosts[*].port', undefined],
  ['$.status.ip', undefined],
] as const)
  test(`managed fields do not say what ${path} hides`, async () => {
    under = masked(path)
    const fields = {
      'f:spec': { 'f:hosts': { 'k:{"ip":"10.9.8.7"}': { '.': {}, 'f:names': { '.': {}, 'v:"hunter2"': {} } } } },
    }
    const wanted = shown ?? fields
    const object = managed(fields)
    gateway.upstream.answer = json(object)
    const one = JSON.parse((await ask(gateway, 'GET', '/api/v1/namespaces/shop/pods/p')).body)
    assert.deepEqual(one.metadata.managedFields[0].fieldsV1, wanted)
    gateway.upstream.answer = json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [object, object] })
    const all = JSON.parse((await ask(gateway, 'GET', '/api/v1/pods')).body)
    for (const { metadata } of all.items) assert.deepEqual(metadata.managedFields[0].fieldsV1, wanted)
    // As it is written for who asks for `?pretty=true`.
    const pretty = JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [object, object] }, null, 2)
    gateway.upstream.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.end(pretty)
    }
    const { items } = JSON.parse((await ask(gateway, 'GET', '/api/v1/pods?pretty=true')).body)
    assert.equal(items.length, 2)
    for (const { metadata } of items) assert.deepEqual(metadata.managedFields[0].fieldsV1, wanted)
  })

test('lists that are called managed fields within each other are gone over once', () => {
  const keys = new ManagedKeys([{ text: '$.spec.ip', path: parseJsonPath('$.spec.ip') ?? [], strategy: 'null' }])
  const depth = 5000
  const text = `${'{"managedFields":['.repeat(depth)}"${'x'.repeat(1_000_000)}"${']}'.repeat(depth)}`
  const object = Buffer.from(`{"spec":${text},"name":"{\\"ip\\":1}"}`)
  const sinceMs = performance.now()
  assert.equal(keys.tell(object), false)
  assert.ok(performance.now() - sinceMs < 2000, `${performance.now() - sinceMs} ms`)
})

test('resources of the kinds Status and Table are masked and filtered like all others', async () => {
  for (const kind of ['Status', 'Table']) {
    const object = { apiVersion: 'odd.example/v1', kind, metadata: { name: 'y', labels: { team: 'b' } }, rows: [] }
    gateway.upstream.answer = json({ ...object, spec: { password: 'hunter2' } })
    const place = '/apis/odd.example/v1/namespaces/shop/odds/y'
    under = masked('$.spec.password')
    const { status, body } = await ask(gateway, 'GET', place)
    assert.equal(status, 200)
    assert.doesNotMatch(body, /hunter2/)
    under = { filter: [{ relation: 'odds.odd.example', where: "$.metadata.labels.team = 'a'" }] }
    assert.equal((await ask(gateway, 'GET', place)).status, 404)
    const event = JSON.stringify({ type: 'ADDED', object: { ...object, spec: { password: 'hunter2' } } })
    gateway.upstream.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.end(`${event}\n`)
    }
    assert.equal((await ask(gateway, 'GET', '/apis/odd.example/v1/odds?watch=1')).body, '')
  }
})
