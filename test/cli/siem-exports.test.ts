// What SIEMs are given: events of OCSF 1.3 with what their classes require, and documents of ECS, one for each decision and
// one for what became of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exported } from '../../cli/sessions/exports.ts'
import { hostAndPort } from '../../cli/sessions/judgements.ts'
import { shown } from '../../cli/sessions/transcript.ts'
import { canonicalRequest, httpAction } from '../../engine/action/http/index.ts'
import type { Action, ActionDocument, Protocol } from '../../engine/action/index.ts'
import { analyzeKube } from '../../engine/action/kube/index.ts'
import type { Decision } from '../../engine/decision/index.ts'
import { type RecordEntry, readEntries } from '../../proxy/recording/index.ts'
import { sampleDocument } from '../support/action-document.ts'
import { allowed, appended, recorderForTest } from '../support/recordings.ts'

const facts = { bundle: { revision: '', digest: 'ab' }, cost: { micros: 1, fuel: 1 }, record: 'full' } as const
const denied = (id: string): Decision => ({
  ...facts,
  id,
  rules: ['policy.a.deny'],
  effect: 'deny',
  denials: [{ rule: 'policy.a.deny', message: 'no' }],
})
const held = (id: string, rule: string): Decision => ({
  ...facts,
  id,
  rules: [rule],
  effect: 'hold',
  holds: [{ rule, reason: 'ddl', reviewers: ['dba'], quorum: 1, expiresMs: 1000 }],
  masks: [],
  filters: [],
  limits: {},
})

function action(document: ActionDocument, decision: Decision): RecordEntry {
  return { kind: 'action', document, decision }
}

interface Json {
  readonly [name: string]: Json
}

/** What a session of these entries is in one form. */
async function told(
  format: 'ocsf' | 'ecs',
  entries: readonly RecordEntry[],
  resource: Partial<ActionDocument['resource']> = {},
): Promise<readonly Json[]> {
  const { recorder, folder, unwrapper } = recorderForTest()
  const session = recorder.open('s-1')
  const sample = sampleDocument()
  const opened = { kind: 'opened', identity: sample.identity, client: '127.0.0.1' } as const
  for (const entry of [{ ...opened, resource: { ...sample.resource, ...resource } }, ...entries])
    assert.equal(await appended(session, entry), undefined)
  await session.close('over')
  await recorder.close()
  const lines = [...exported('s-1', readEntries(folder, 's-1', unwrapper), format)]
  return lines.map((line) => JSON.parse(line))
}

/** A document of another protocol: the identity entry is made of the first. */
function on(protocol: Protocol, made: Partial<Omit<Action, 'digest'>>): ActionDocument {
  const { sql: _, ...plain } = sampleDocument().action
  const document = sampleDocument()
  return {
    ...document,
    resource: { ...document.resource, protocol },
    action: { ...plain, ...made },
  }
}

const sql = (operation: string, verb: Action['verb'], text: string): ActionDocument =>
  sampleDocument({ operation, verb, text })

function kube(method: string, target: string): ActionDocument {
  const analysis = analyzeKube({ method, target, headers: [], body: new Uint8Array() })
  if (analysis.kind !== 'analysis') throw new Error(analysis.message)
  const { facts: kubeFacts, verb, operation, text } = analysis
  return on('kubernetes', { verb, operation, text, kube: kubeFacts })
}

function http(method: string, target: string): ActionDocument {
  const fields = [['host', 'api.example:8443']] as const
  return on('http', httpAction(canonicalRequest({ method, target, fields }, 'https'), { kind: 'none' }))
}

/** What each class requires, beside what all of them do: attributes by path. */
const required: { readonly [classUid: number]: readonly string[] } = {
  3003: ['user.uid', 'privileges.0', 'session.uid'],
  6003: ['actor.user.uid', 'api.operation', 'src_endpoint.ip'],
  6005: ['actor.user.uid', 'src_endpoint.ip', 'database.name', 'database.type_id', 'query_info.query_string'],
}
const ofAll = ['activity_id', 'category_uid', 'class_uid', 'time', 'severity_id', 'type_uid', 'metadata.product.name']

function at(event: Json, path: string): unknown {
  return path.split('.').reduce<Json | undefined>((value, name) => value?.[name], event)
}

function checked(event: Json): Json {
  const classUid = Number(event['class_uid'])
  for (const path of [...ofAll, 'metadata.version', ...(required[classUid] ?? ['no such class'])])
    assert.notEqual(at(event, path), undefined, `${classUid} lacks ${path}`)
  assert.equal(event['type_uid'], classUid * 100 + Number(event['activity_id']))
  assert.equal(event['category_uid'], Math.floor(classUid / 1000))
  assert.equal(Number(event['activity_id']) === 99, event['activity_name'] !== undefined)
  return event
}

/** Activities are numbered otherwise in each class; these are the schema's. */
const activities: readonly (readonly [string, ActionDocument, number, number])[] = [
  ['a session', sampleDocument({ stage: 'connect', verb: 'connect', operation: 'connect', text: 'connect' }), 3003, 1],
  ['SELECT is a query', sql('select', 'read', 'SELECT 1'), 6005, 4],
  ['INSERT writes', sql('insert', 'write', 'INSERT INTO t VALUES (1)'), 6005, 5],
  ['UPDATE updates', sql('update', 'write', 'UPDATE t SET a = 1'), 6005, 2],
  ['DELETE deletes', sql('delete', 'write', 'DELETE FROM t'), 6005, 7],
  ['CREATE TABLE creates', sql('create_table', 'define', 'CREATE TABLE t ()'), 6005, 6],
  ['DROP deletes', sql('drop_table', 'define', 'DROP TABLE t'), 6005, 7],
  ['GRANT is another', sql('grant', 'grant', 'GRANT SELECT ON t TO r'), 6005, 99],
  ['kubectl get reads', kube('GET', '/api/v1/namespaces/n/pods/p'), 6003, 2],
  ['kubectl create creates', kube('POST', '/api/v1/namespaces/n/pods'), 6003, 1],
  ['kubectl exec is another', kube('POST', '/api/v1/namespaces/n/pods/p/exec?command=ls&stdout=1'), 6003, 99],
  ['kubectl patch updates', kube('PATCH', '/api/v1/namespaces/n/pods/p'), 6003, 3],
  ['kubectl delete deletes', kube('DELETE', '/api/v1/namespaces/n/pods/p'), 6003, 4],
  ['GET reads', http('GET', '/a/b?token=hidden'), 6003, 2],
  ['POST creates', http('POST', '/a'), 6003, 1],
  ['PUT updates', http('PUT', '/a'), 6003, 3],
  ['DELETE over HTTP deletes', http('DELETE', '/a'), 6003, 4],
]
for (const [what, document, classUid, activity] of activities) {
  test(`OCSF: ${what}`, async () => {
    const [event = {}, ...more] = await told('ocsf', [action(document, allowed)], document.resource)
    assert.deepEqual(more, [])
    checked(event)
    assert.deepEqual([event['class_uid'], event['activity_id']], [classUid, activity])
    assert.deepEqual([event['action_id'], event['disposition_id'], event['status_id']], [1, 1, 1])
  })
}

test('of an HTTP request and an object of a cluster the fields that SIEMs search by are there', async () => {
  const request = http('GET', '/a/b?token=hidden')
  const [web = {}] = await told('ocsf', [action(request, allowed)], request.resource)
  assert.deepEqual(at(web, 'http_request.url'), {
    scheme: 'https',
    hostname: 'api.example',
    port: 8443,
    path: '/a/b',
  })
  for (const [authority, host, port] of [
    ['a.example', 'a.example', undefined],
    ['[::1]', '[::1]', undefined],
    ['[::1]:80', '[::1]', 80],
  ] as const)
    assert.deepEqual(hostAndPort(authority), port === undefined ? { host } : { host, port })
  assert.equal(at(web, 'policy.version'), '1')
  const pod = kube('GET', '/api/v1/namespaces/n/pods/p')
  const [object = {}] = await told('ocsf', [action(pod, allowed)], pod.resource)
  assert.deepEqual(at(object, 'resources.1'), { type: 'pods', name: 'p', namespace: 'n' })
  const [ecs = {}] = await told('ecs', [action(pod, allowed)], pod.resource)
  assert.equal(at(ecs, 'orchestrator.resource.name'), 'p')
  assert.deepEqual(at(ecs, 'event.type'), ['access', 'allowed'])
})

/** What a gateway records of a hold that people answered. */
function proof(verdict: 'approve' | 'deny', reason: string): string {
  const claims = Buffer.from(JSON.stringify({ subject: 'person-1', issuer: 'https://people.example', verdict, reason }))
  return JSON.stringify({ statement: { requirements: [] }, answers: [`e30.${claims.toString('base64url')}.c2ln`] })
}

test('who answered a hold, and why, is told in words', async () => {
  const entries: readonly RecordEntry[] = [
    action(sampleDocument({ text: 'DROP TABLE a' }), held('d-1', 'ddl')),
    { kind: 'hold', holdId: 'h-1', event: 'opened', detail: 'ddl' },
    { kind: 'hold', holdId: 'h-1', event: 'denied', detail: proof('deny', 'not\x1b[2J today') },
    // A refusal by that answer is not another event.
    { kind: 'refused', decisionId: 'd-1', code: 'hold_denied' },
  ]
  const ocsf = await told('ocsf', entries)
  assert.deepEqual(
    ocsf.map((event) => event['status_detail']),
    ['ddl', 'ddl: by person-1: not\x1b[2J today'],
  )
  const [, , denial] = entries
  if (denial === undefined || !('holdId' in denial)) throw new Error('no denial')
  const line = shown({ sequence: 1, wallMs: 0, monotonicMs: 0, entry: denial })
  assert.equal(line, '00:00:00.000 hold     h-1 denied by person-1: not\\u{1b}[2J today')
  for (const detail of ['by nobody', '{}', '{"answers":["x"]}', proof('approve', '').replace('e30.', '')])
    assert.equal(
      shown({ sequence: 1, wallMs: 0, monotonicMs: 0, entry: { ...denial, detail } })?.includes('person-1'),
      false,
    )
})

test('what became of a held action, and of one that came to nothing, is told by events of its decision', async () => {
  const entries: readonly RecordEntry[] = [
    action(sampleDocument({ text: 'DROP TABLE a' }), held('d-1', 'ddl')),
    action(sampleDocument({ text: 'DROP TABLE b' }), held('d-2', 'ddl')),
    { kind: 'hold', holdId: 'h-1', event: 'opened', detail: 'ddl' },
    { kind: 'hold', holdId: 'h-2', event: 'opened', detail: 'ddl' },
    { kind: 'hold', holdId: 'h-2', event: 'denied', detail: 'by person-1' },
    { kind: 'hold', holdId: 'h-1', event: 'approved', detail: 'by person-2' },
    action(sampleDocument({ text: 'DROP TABLE a' }), { ...allowed, id: 'd-3' }),
    { kind: 'refused', decisionId: 'd-3', code: 'cancelled' },
    action(sampleDocument({ text: 'DELETE FROM a' }), denied('d-4')),
  ]
  const ocsf = (await told('ocsf', entries)).map(checked)
  assert.deepEqual(
    ocsf.map((event) => [at(event, 'metadata.correlation_uid'), event['action_id'], event['disposition_id']]),
    [
      ['d-1', 1, 14],
      ['d-2', 1, 14],
      ['d-2', 2, 25],
      ['d-1', 1, 8],
      ['d-3', 1, 1],
      ['d-3', 2, 2],
      ['d-4', 2, 2],
    ],
  )
  assert.deepEqual([ocsf[2]?.['message'], ocsf[2]?.['status_detail']], ['DROP TABLE b', 'ddl: by person-1'])
  assert.equal(new Set(ocsf.map((event) => at(event, 'metadata.uid'))).size, ocsf.length)
  const ecs = await told('ecs', entries)
  assert.deepEqual(
    ecs.map((event) => at(event, 'event.outcome')),
    ['unknown', 'unknown', 'failure', 'success', 'success', 'failure', 'failure'],
  )
})
