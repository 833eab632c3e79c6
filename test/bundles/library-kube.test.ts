// The shipped policies for Kubernetes against what the analyzer makes of real requests.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readBundle } from '../../bundles/format/index.ts'
import { compose, loadPolicy, packageOfModule } from '../../bundles/store/index.ts'
import { analyzeKube } from '../../engine/action/kube/index.ts'
import { readDecision } from '../../engine/decision/index.ts'
import { sampleDocument } from '../support/action-document.ts'

const envelope = { id: 'd', bundle: { revision: '', digest: '' }, cost: { micros: 0, fuel: 0 } }
const everything = 'package policy.everything\nallow if input.action.kube'

/** The rules that refuse a request under some shipped policies; empty when it is allowed. */
function refusedBy(
  policies: readonly string[],
  request: string,
  headers: { readonly [name: string]: string } = {},
  body = '',
): readonly string[] {
  const shipped = policies.map((name) => ({
    path: `${name}.rego`,
    bytes: readFileSync(new URL(`../../bundles/library/${name}/policy.rego`, import.meta.url)),
  }))
  const files = [...shipped, { path: 'everything.rego', bytes: Buffer.from(everything) }]
  const host = loadPolicy(compose([{ name: 'main', bundle: readBundle(files, packageOfModule) }]), {
    nowNs: () => 0n,
    random: (length) => new Uint8Array(length),
  })
  const [method = '', target = ''] = request.split(' ')
  const analysis = analyzeKube({ method, target, headers: Object.entries(headers), body: Buffer.from(body) })
  if (analysis.kind === 'refusal') throw new Error(analysis.message)
  const sample = sampleDocument()
  const { facts, verb, operation, text } = analysis
  const document = {
    ...sample,
    resource: { ...sample.resource, protocol: 'kubernetes' as const },
    action: { stage: 'request', verb, operation, text, digest: '', complete: facts.complete, kube: facts },
  }
  const decision = readDecision(host.evaluate('sallyport/decision', document), envelope)
  return decision.effect === 'deny' ? [...new Set(decision.denials.map(({ rule }) => rule))].sort() : []
}

const json = { 'content-type': 'application/json' }
const patch = { 'content-type': 'application/merge-patch+json' }
const webSocket = { upgrade: 'websocket', connection: 'Upgrade' }
const pod = '/api/v1/namespaces/shop/pods/web'

test('read-only kubectl: reads, discovery and questions pass; changes and streams by any road do not', () => {
  const under = (request: string, headers = {}, body = '') => refusedBy(['read_only_kubectl'], request, headers, body)
  for (const request of [
    'GET /api/v1/pods',
    'GET /api/v1/pods?watch=1',
    'GET /apis',
    `GET ${pod}/log`,
    'GET /openapi/v3',
  ])
    assert.deepEqual(under(request), [], request)
  assert.deepEqual(under('POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', json, '{}'), [])
  for (const request of [
    `DELETE ${pod}`,
    `GET ${pod}/exec?command=ls`,
    `GET ${pod}/attach`,
    `GET ${pod}/portforward`,
    'GET /api/v1/nodes/n/proxy/run/a/b/c',
    'GET /api/v1/proxy/nodes/n',
    'POST /logs',
  ])
    assert.deepEqual(under(request), ['read_only_kubectl.write'], request)
})

test('exec allow list: listed commands pass over both transports; shells, attach and terminals do not', () => {
  const under = (request: string, headers = {}) => refusedBy(['exec_allow_list', 'complete_only'], request, headers)
  for (const method of ['GET', 'POST'])
    assert.deepEqual(under(`${method} ${pod}/exec?command=ls&command=-la`, webSocket), [])
  assert.deepEqual(under(`POST ${pod}/exec?command=rm`), ['exec_allow_list.command'])
  assert.deepEqual(under(`POST ${pod}/exec?command=sh&command=-c&command=ls`), ['exec_allow_list.command'])
  assert.deepEqual(under(`POST ${pod}/exec?command=sh&command=-c&command=%24X`), [
    'complete_only.incomplete',
    'exec_allow_list.command',
  ])
  assert.deepEqual(under(`GET ${pod}/exec?command=ls&tty=1`), ['exec_allow_list.interactive'])
  assert.deepEqual(under(`GET ${pod}/attach?stdout=1`), ['exec_allow_list.attach'])
  assert.deepEqual(under('GET /api/v1/nodes/n/proxy/exec/a/b/c?command=id', webSocket), ['complete_only.incomplete'])
})

test('no reading of secrets: neither by get nor by the answer to a change', () => {
  const under = (request: string, headers = {}, body = '') => refusedBy(['no_secrets_read'], request, headers, body)
  const secret = '/api/v1/namespaces/shop/secrets/db'
  for (const request of [
    `GET ${secret}`,
    'GET /api/v1/secrets',
    'GET /api/v1/secrets?watch=1',
    'GET /api/v1/watch/secrets',
  ])
    assert.deepEqual(under(request), ['no_secrets_read.secret'], request)
  assert.deepEqual(under(`PATCH ${secret}?dryRun=All`, patch, '{}'), ['no_secrets_read.answer'])
  assert.deepEqual(under('DELETE /api/v1/namespaces/shop/secrets'), ['no_secrets_read.answer'])
  assert.deepEqual(under('POST /api/v1/namespaces/shop/serviceaccounts/default/token', json, '{}'), [
    'no_secrets_read.token',
  ])
  assert.deepEqual(under('GET /api/v1/configmaps'), [])
})

test('pod security: in templates, patches and applied fragments', () => {
  const under = (request: string, headers: { readonly [name: string]: string }, body: string) =>
    refusedBy(['pod_security'], request, headers, body)
  const privileged =
    '{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"i","securityContext":{"privileged":true}}]}}}}'
  const deployment = '/apis/apps/v1/namespaces/shop/deployments'
  assert.deepEqual(under(`POST ${deployment}`, json, privileged), ['pod_security.privileged'])
  assert.deepEqual(under(`PATCH ${deployment}/web`, patch, privileged), ['pod_security.privileged'])
  assert.deepEqual(
    under(
      `PATCH ${deployment}/web`,
      { 'content-type': 'application/apply-patch+yaml' },
      'spec: {template: {spec: {hostPID: yes}}}',
    ),
    ['pod_security.host'],
  )
  const operations =
    '[{"op":"add","path":"/spec/template/spec/volumes/-","value":{"name":"h","hostPath":{"path":"/etc"}}}]'
  assert.deepEqual(under(`PATCH ${deployment}/web`, { 'content-type': 'application/json-patch+json' }, operations), [
    'pod_security.host_path',
  ])
  assert.deepEqual(under(`POST ${deployment}`, { 'content-type': 'application/vnd.kubernetes.protobuf' }, 'k8s'), [
    'pod_security.incomplete',
  ])
  assert.deepEqual(
    under(`POST ${deployment}`, json, '{"spec":{"template":{"spec":{"containers":[{"image":"i"}]}}}}'),
    [],
  )
})

test('no forwarding refuses port-forward by both transports', () => {
  for (const request of [`GET ${pod}/portforward?ports=80`, `POST ${pod}/portforward`])
    assert.deepEqual(refusedBy(['no_forwarding'], request), ['no_forwarding.kubernetes'])
})
