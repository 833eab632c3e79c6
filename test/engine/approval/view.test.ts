// What approvers see of requests with bodies: every value by its place, or a risk that says that there is more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalRequest, httpAction } from '../../../engine/action/http/index.ts'
import type { Action, ActionDocument } from '../../../engine/action/index.ts'
import { analyzeKube } from '../../../engine/action/kube/index.ts'
import { type HoldView, isShownWhole, viewOf } from '../../../engine/approval/index.ts'
import { sampleDocument } from '../../support/action-document.ts'

const long = 'it is too long to be shown whole'
const more = 'not all that it carries is shown'

function documentOf(action: Omit<Action, 'digest'>): ActionDocument {
  return { ...sampleDocument(), action: { ...action, digest: '' } }
}

function http(body: string | Buffer, type = 'application/json', target = '/a'): HoldView {
  const fields = [
    ['host', 'api.example'],
    ['content-type', type],
  ] as const
  const request = canonicalRequest({ method: 'POST', target, fields }, 'https')
  return viewOf(documentOf(httpAction(request, { kind: 'whole', bytes: Buffer.from(body) })), [])
}

function kube(method: string, target: string, body = ''): HoldView {
  const headers = [['content-type', 'application/json']] as const
  const analysis = analyzeKube({ method, target, headers, body: Buffer.from(body) })
  if (analysis.kind !== 'analysis') throw new Error(analysis.message)
  const { verb, operation, text, facts } = analysis
  const { complete } = facts
  return viewOf(documentOf({ stage: 'request', verb, operation, text, complete, kube: facts }), [])
}

test('every value of a body is shown by its place, on one line', () => {
  const body = JSON.stringify({
    to: 'a@b.example',
    items: [{ n: 1 }, { n: null }],
    none: [],
    'a.b = 1': true,
    text: 'x\n  y',
  })
  const { what, risks } = http(body)
  assert.deepEqual(what, [
    'POST POST',
    '  body.to = "a@b.example"',
    '  body.items[0].n = 1',
    '  body.items[1].n = null',
    '  body.none = []',
    '  body."a.b = 1" = true',
    '  body.text = "x\\n  y"',
  ])
  assert.deepEqual(risks, [])
  assert.deepEqual(http('null').what.slice(1), ['  body = null'])
  assert.deepEqual(http('some\ntext', 'text/plain').what.slice(1), ['  body = "some\\ntext"'])
  assert.deepEqual(http('a=1&b=2', 'application/x-www-form-urlencoded').risks, [])
})

test('calls of tools and GraphQL are shown with what they are given', () => {
  const call = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'pay', arguments: { to: 'x', amount: 7 } },
  }
  const { what } = http(JSON.stringify(call))
  assert.ok(what.includes('  calls tools/call pay'), what.join('\n'))
  assert.ok(what.includes('  body.params.arguments.amount = 7'), what.join('\n'))
  const query = http(JSON.stringify({ query: 'mutation m { pay(to: "x") { id } }' }))
  assert.ok(query.what.includes('  mutation m: pay, pay.id'), query.what.join('\n'))
  assert.ok(query.what.includes('  body.query = "mutation m { pay(to: \\"x\\") { id } }"'), query.what.join('\n'))
})

test('what is not shown whole is a risk', () => {
  for (const view of [
    http(JSON.stringify({ long: 'x'.repeat(2000) })),
    http(JSON.stringify(Array.from({ length: 200 }, (_, index) => index))),
    http(JSON.stringify({ ['n'.repeat(5000)]: 1 })),
    http(Buffer.of(0, 1, 2), 'application/octet-stream'),
    http('{"a":', 'application/json'),
  ]) {
    assert.equal(isShownWhole(view), false)
    assert.ok(view.risks.includes(more) || view.risks.includes(long), view.what.join('\n').slice(0, 300))
    assert.ok(view.what.every((line) => line.length < 5000))
    assert.ok(view.what.length <= 51)
  }
})

test('names and values that hide are written out', () => {
  const { what } = http(JSON.stringify({ 'a\u202e': 'b\u2066c', 'n\nbody.to = "x"': 1 }))
  assert.deepEqual(what.slice(1), ['  body."a\\u{202e}" = "b\\u{2066}c"', '  body."n\\nbody.to = \\"x\\"" = 1'])
})

test('an object of a cluster is shown with what it asks for', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', spec: { hostNetwork: true, containers: [{ image: 'web:1' }] } }
  const { what, risks } = kube('POST', '/api/v1/namespaces/n/pods', JSON.stringify(pod))
  assert.equal(what[0], 'create pods  in n')
  assert.ok(what.includes('  object.spec.hostNetwork = true'), what.join('\n'))
  assert.ok(what.includes('  object.spec.containers[0].image = "web:1"'), what.join('\n'))
  assert.deepEqual(risks, [])
  assert.deepEqual(kube('DELETE', '/api/v1/nodes/a').what, ['delete nodes a in the whole cluster'])
})
