// Ways around a mask by path: tables that print the value, selectors and tests that tell whether a guess is right, and
// patches that copy it to where no mask looks. Each is refused where it reaches what is masked, and only there.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
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
  ['tests the whole', { op: 'test', path: '', value: {} }, true],
  ['copies a value', { op: 'copy', from: '/data/password', path: '/metadata/annotations/x' }, true],
  ['moves all values', { op: 'move', from: '/data', path: '/metadata/annotations' }, true],
  ['tests something else', { op: 'test', path: '/metadata/labels/a~1data', value: 'x' }, false],
  ['writes a value', { op: 'replace', path: '/data/password', value: 'aHVudGVyMg==' }, false],
] as const)
  test(`a JSON patch that ${what} is ${refused ? 'refused' : 'sent'} where values are masked`, async () => {
    under = masked('$.data.*')
    gateway.upstream.answer = json({ kind: 'Secret', metadata: { name: 'db' } })
    const { status, body } = await ask(gateway, 'PATCH', '/api/v1/namespaces/shop/secrets/db', {
      headers: { 'content-type': 'application/json-patch+json' },
      body: JSON.stringify([{ op: 'add', path: '/metadata/labels/a', value: 'b' }, operation]),
    })
    assert.equal(status, refused ? 403 : 200, body)
    if (refused) assert.match(body, /tests or copies what is masked here/)
    assert.equal(gateway.upstream.seen.length, refused ? 0 : 1)
  })
