// Watches under filters: what moves out of sight is deleted, what moves in is added, and of the rest nothing is told.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, beforeEach, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { shownObjectsMax } from '../../../proxy/kubernetes/limits.ts'
import { parseFilter } from '../../../proxy/kubernetes/response/filter.ts'
import { EventStream } from '../../../proxy/kubernetes/response/json-answer.ts'
import { ObjectMasker } from '../../../proxy/kubernetes/response/object-masker.ts'
import { Shown } from '../../../proxy/kubernetes/response/shown.ts'
import { WatchView } from '../../../proxy/kubernetes/response/watch-view.ts'
import { results } from '../../support/gate.ts'
import { ask, type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { json } from '../../support/kube-upstream.ts'

let gateway: KubeGateway
let where = ''
before(async () => {
  gateway = await startKubeGateway()
})
after(() => gateway.close())
beforeEach(() => {
  gateway.upstream.seen.length = 0
  where = "$.metadata.labels.team = 'a'"
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.stage === 'connect'
      ? results.allow
      : { ...results.allow, filter: [{ relation: 'pods', where }] }
})

const pod = (name: string, team: string, version = '1') => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: version, labels: { team } },
  spec: { secret: team },
})
const gone = (name: string, version: string) => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: version },
})
const lines = (events: readonly unknown[]): string => events.map((one) => `${JSON.stringify(one)}\n`).join('')
const eventsOf = (body: string): { readonly type: string; readonly object: unknown }[] =>
  body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

/** What a client is told of events that the cluster tells. */
async function watched(events: readonly unknown[], query = 'watch=1', list: unknown = undefined) {
  gateway.upstream.answer = (request, response) => {
    if (!request.url.includes('watch=')) return json(list, list === undefined ? 410 : 200)(request, response)
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(lines(events))
  }
  const { status, body } = await ask(gateway, 'GET', `/api/v1/namespaces/shop/pods?${query}`)
  return { status, events: eventsOf(body) }
}

test('what moves out of sight is deleted, and what moves in is added', async () => {
  const { events } = await watched([
    { type: 'ADDED', object: pod('x', 'a') },
    { type: 'ADDED', object: pod('y', 'b') },
    { type: 'MODIFIED', object: pod('x', 'a', '2') },
    { type: 'MODIFIED', object: pod('x', 'b', '3') },
    { type: 'MODIFIED', object: pod('x', 'b', '4') },
    { type: 'MODIFIED', object: pod('y', 'a', '5') },
    { type: 'DELETED', object: pod('x', 'b', '6') },
    { type: 'MODIFIED', object: pod('x', 'a', '7') },
    { type: 'DELETED', object: pod('y', 'b', '8') },
    { type: 'DELETED', object: pod('x', 'a', '9') },
  ])
  assert.deepEqual(events, [
    { type: 'ADDED', object: pod('x', 'a') },
    { type: 'MODIFIED', object: pod('x', 'a', '2') },
    { type: 'DELETED', object: gone('x', '3') },
    { type: 'ADDED', object: pod('y', 'a', '5') },
    { type: 'ADDED', object: pod('x', 'a', '7') },
    { type: 'DELETED', object: gone('y', '8') },
    { type: 'DELETED', object: pod('x', 'a', '9') },
  ])
})

test('nothing is told of what was never seen, whatever becomes of it', async () => {
  const types = ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED']
  assert.deepEqual((await watched(types.map((type) => ({ type, object: pod('y', 'b') })))).events, [])
})

test('a watch that goes on from a version begins with what was seen then', async () => {
  const events = [
    { type: 'MODIFIED', object: pod('x', 'b', '8') },
    { type: 'MODIFIED', object: pod('y', 'b', '9') },
    { type: 'MODIFIED', object: pod('z', 'a', '10') },
  ]
  const list = { kind: 'PodList', metadata: {}, items: [pod('x', 'a'), pod('y', 'b'), pod('z', 'a')] }
  const told = await watched(events, 'watch=1&resourceVersion=7&labelSelector=app%3Dweb', list)
  assert.deepEqual(told.events, [{ type: 'DELETED', object: gone('x', '8') }, events[2]])
  const [listed] = gateway.upstream.seen
  assert.equal(
    listed?.url,
    '/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&resourceVersion=7&resourceVersionMatch=Exact',
  )
  assert.ok(listed?.headers.some(([name]) => name.toLowerCase() === 'impersonate-user'))
})

test('a version of which the cluster knows nothing any more is not watched from', async () => {
  const told = await watched([{ type: 'ADDED', object: pod('x', 'a') }], 'watch=1&resourceVersion=7')
  assert.equal(told.status, 410)
  assert.equal(gateway.upstream.seen.length, 1)
})

test('rows of tables move in and out too, and columns come with the first row that is shown', async () => {
  const columnDefinitions = [{ name: 'Name', type: 'string' }]
  const table = (object: ReturnType<typeof pod>, more: object = {}) => ({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: object.metadata.resourceVersion },
    columnDefinitions: null,
    rows: [{ cells: [object.metadata.name, '1/1'], object }],
    ...more,
  })
  const { events } = await watched([
    { type: 'ADDED', object: table(pod('y', 'b'), { columnDefinitions }) },
    { type: 'ADDED', object: table(pod('x', 'a')) },
    { type: 'MODIFIED', object: table(pod('y', 'a', '2')) },
    { type: 'MODIFIED', object: table(pod('x', 'b', '3')) },
  ])
  assert.deepEqual(events, [
    { type: 'ADDED', object: table(pod('x', 'a'), { columnDefinitions }) },
    { type: 'ADDED', object: table(pod('y', 'a', '2')) },
    { type: 'DELETED', object: table(pod('x', 'b', '3'), { rows: [{ cells: ['x', null], object: gone('x', '3') }] }) },
  ])
})

test('an event of many rows cannot be filtered', async () => {
  const table = { kind: 'Table', rows: [{ object: pod('x', 'a') }, { object: pod('y', 'a') }] }
  await assert.rejects(watched([{ type: 'ADDED', object: table }]))
})

test('a watch that would have to remember too much ends as expired', () => {
  const shown = new Shown()
  try {
    const filter = parseFilter("$.metadata.labels.team = 'a'")
    assert.ok(filter !== undefined)
    const view = new WatchView([filter], shown)
    for (let at = 1; at < shownObjectsMax; at++) shown.add(String(at))
    assert.equal(view.judge(JSON.stringify({ type: 'ADDED', object: pod('x', 'a') })).do, 'pass')
    assert.equal(view.judge(JSON.stringify({ type: 'MODIFIED', object: pod('x', 'a') })).do, 'pass')
    const fate = view.judge(JSON.stringify({ type: 'ADDED', object: pod('y', 'a') }))
    assert.ok(fate.do === 'expire')
    const { type, object } = JSON.parse(fate.text)
    assert.deepEqual([type, object.code, object.reason], ['ERROR', 410, 'Expired'])
  } finally {
    shown.release()
  }
  assert.equal(shown.add('more'), false)
})

test('the client of a watch that ends as expired is told so, and the cluster is not read any more', async () => {
  const filter = parseFilter("$.metadata.labels.team = 'a'")
  assert.ok(filter !== undefined)
  const shown = new Shown()
  shown.release()
  const is = { paths: [], detect: [], filters: [filter], counts: false, encoded: new Set<string>() }
  const masker = new ObjectMasker(
    { ...is, tables: true, metadataOnly: true, place: '/api/v1/pods', hidesFailures: false },
    Buffer.from('key'),
  )
  const stream = new EventStream(masker, () => true, new WatchView([filter], shown))
  const closed = once(stream, 'close')
  stream.write(lines([{ type: 'ADDED', object: pod('x', 'a') }]))
  stream.write(lines([{ type: 'ADDED', object: pod('y', 'a') }]))
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await closed
  assert.deepEqual(
    eventsOf(Buffer.concat(chunks).toString()).map(({ type }) => type),
    ['ERROR'],
  )
})

test('objects cut down to metadata are not asked for where a filter reads more', async () => {
  const partial = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
  const accepted = async () => {
    const answer = await ask(gateway, 'GET', '/api/v1/pods', { headers: { accept: `${partial},application/json` } })
    const sent = gateway.upstream.seen.at(-1)?.headers.find(([name]) => name.toLowerCase() === 'accept')
    return [answer.status, sent?.[1]]
  }
  gateway.upstream.answer = json({ kind: 'PodList', metadata: {}, items: [] })
  assert.deepEqual(await accepted(), [200, `${partial},application/json`])
  where = "$.spec.secret != 'b'"
  assert.deepEqual(await accepted(), [200, 'application/json'])
})
