// What leaves the process: decision log events, spans, metrics, log lines; and what never does.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type Decision, failedDecision } from '../../../engine/decision/index.ts'
import {
  createLog,
  DecisionLog,
  type DecisionLogOptions,
  erase,
  errorFields,
  Metrics,
  Traces,
  telemetryObserver,
} from '../../../proxy/telemetry/index.ts'
import { sampleDocument } from '../../support/action-document.ts'

const decision: Decision = failedDecision({
  id: 'd-1',
  bundle: { revision: '7', digest: '' },
  cost: { micros: 12, fuel: 3 },
})

function options(change: Partial<DecisionLogOptions> = {}): DecisionLogOptions {
  return { labels: { id: 'g-1' }, erase: [], bundleName: 'main', dropped: () => undefined, ...change }
}

function parse(line: string | undefined): Record<string, unknown> {
  const value: unknown = JSON.parse(line ?? '')
  assert.ok(typeof value === 'object' && value !== null)
  return Object.fromEntries(Object.entries(value))
}

test('an event has the fields of the schema', () => {
  const lines: string[] = []
  new DecisionLog(options({ console: (line) => lines.push(line) })).write(sampleDocument(), decision)
  const event = parse(lines[0])
  assert.equal(event['decision_id'], 'd-1')
  assert.deepEqual(event['bundles'], { main: { revision: '7' } })
  assert.equal(event['path'], 'sallyport/decision')
  assert.deepEqual(event['metrics'], { timer_rego_query_eval_ns: 12_000, counter_fuel: 3 })
  assert.equal(event['erased'], undefined)
})

test('erased pointers are gone and named, and an event that cannot be erased is dropped whole', () => {
  const lines: string[] = []
  const drops: string[] = []
  const write = (pointers: readonly string[]) =>
    new DecisionLog(
      options({ erase: pointers, console: (line) => lines.push(line), dropped: (why) => drops.push(why) }),
    ).write(sampleDocument({ text: 'SELECT secret' }), decision)
  write(['/input/action/text', '/input/nothing/here'])
  assert.ok(!lines[0]?.includes('SELECT secret'))
  assert.deepEqual(parse(lines[0])['erased'], ['/input/action/text'])
  write(['no pointer'])
  assert.equal(lines.length, 1)
  assert.deepEqual(drops, ['erase_failed'])
})

test('erasing follows own properties only', () => {
  assert.equal(erase({ a: 1 }, '/__proto__/x'), false)
  assert.equal(erase({ 'a/b': { '~': 1 } }, '/a~1b/~0'), true)
  assert.throws(() => erase({}, 'a'))
})

test('a file gets a line a decision, readable by its owner alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-log-'))
  const log = new DecisionLog(options({ file: join(folder, 'decisions.jsonl') }))
  log.write(sampleDocument(), decision)
  log.write(sampleDocument(), decision)
  await log.close()
  assert.equal(readFileSync(join(folder, 'decisions.jsonl'), 'utf8').trim().split('\n').length, 2)
  rmSync(folder, { recursive: true })
})

test('uploads are gzipped arrays, sent again after a failure, and a full queue drops the oldest', async () => {
  const batches: string[][] = []
  const drops: string[] = []
  let status = 500
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const events: unknown = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString())
      assert.ok(Array.isArray(events))
      if (status === 200) batches.push(events.map((event) => String(event.decision_id)))
      response.writeHead(status).end()
      server.emit('answered')
      status = 200
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const upload = { url: `http://127.0.0.1:${address.port}/logs`, queueMax: 3, uploadBytes: 100_000, intervalMs: 1 }
  const log = new DecisionLog(options({ upload, dropped: (why) => drops.push(why) }))
  for (const id of ['1', '2', '3', '4']) log.write(sampleDocument(), { ...decision, id })
  await once(server, 'answered')
  await log.close()
  assert.deepEqual(batches, [['2', '3', '4']])
  assert.deepEqual(drops, ['queue_full'])
  server.close()
})

test('spans go to the collector, and what cannot be sent is counted', async () => {
  const sent: string[] = []
  const base = { endpoint: 'http://127.0.0.1:4318', queueMax: 2, gatewayId: 'g', version: '1' }
  const send: typeof fetch = (url, init) => {
    sent.push(`${String(url)} ${String(init?.body)}`)
    return Promise.resolve(new Response(''))
  }
  const traces = new Traces({ ...base, ratio: 1, send })
  for (let each = 0; each < 3; each++) traces.decided(sampleDocument(), decision, 1000)
  await traces.close()
  assert.equal(traces.dropped, 1)
  assert.ok(sent[0]?.startsWith('http://127.0.0.1:4318/v1/traces {"resourceSpans"'))
  assert.ok(!sent[0]?.includes('SELECT'), 'no statement text in spans')
  const none = new Traces({ ...base, ratio: 0, send })
  none.decided(sampleDocument(), decision, 1000)
  await none.close()
  assert.equal(sent.length, 1)
  const broken = new Traces({ ...base, ratio: 1, send: () => Promise.reject(new Error('no collector')) })
  broken.decided(sampleDocument(), decision, 1000)
  await broken.close()
  assert.equal(broken.dropped, 1)
})

test('metrics have bounded labels: no subject, text or session', async () => {
  const metrics = new Metrics(() => 1500)
  const lines: string[] = []
  const log = createLog({ level: 'info' }, { write: (line) => lines.push(line) })
  const observer = telemetryObserver({ metrics, decisionLog: new DecisionLog(options()), log })
  observer.decided(sampleDocument(), decision)
  observer.answered(sampleDocument().resource, 'denied', 500)
  observer.failed('policy', new Error('boom', { cause: 'SECRET' }))
  metrics.bundlesActivated([{ name: 'main', revision: '1' }])
  metrics.bundlesActivated([{ name: 'main', revision: '2' }])
  const text = await metrics.text()
  assert.match(text, /sallyport_decisions_total\{protocol="postgres",effect="deny"\} 1/)
  assert.match(text, /# TYPE sallyport_added_latency_seconds histogram\n/)
  assert.match(text, /sallyport_added_latency_seconds_bucket\{le="0.0001",protocol="postgres"\} 0\n/)
  assert.match(text, /sallyport_added_latency_seconds_bucket\{le="0.0005",protocol="postgres"\} 1\n/)
  assert.match(text, /sallyport_added_latency_seconds_bucket\{le="\+Inf",protocol="postgres"\} 1\n/)
  assert.match(text, /sallyport_added_latency_seconds_sum\{protocol="postgres"\} 0.0005\n/)
  assert.match(text, /sallyport_answers_total\{protocol="postgres",answer="denied"\} 1\n/)
  assert.match(text, /sallyport_bundle_info\{name="main",revision="2"\} 1/)
  assert.match(text, /sallyport_recorder_lag_seconds 1\.5\n/)
  assert.ok(!text.includes('revision="1"'))
  assert.ok(!text.includes('agent-1') && !text.includes('SELECT'))
  assert.ok(lines[0]?.includes('boom') && !lines[0].includes('SECRET'))
})

test('fields named like secrets are cut from log lines', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info' }, { write: (line) => lines.push(line) })
  log.info({ token: 'hunter2', upstream: { password: 'hunter2' }, subject: 'agent-1' }, 'hello')
  assert.ok(!lines[0]?.includes('hunter2') && lines[0]?.includes('agent-1'))
  assert.deepEqual(errorFields({ password: 'hunter2' }), { error: 'object' })
  const cause = Object.assign(new Error('10.0.0.1 hunter2'), { code: 'ECONNREFUSED' })
  assert.deepEqual(errorFields(new Error('cannot be reached', { cause })), {
    error: 'Error: cannot be reached',
    code: 'ECONNREFUSED',
  })
  const full = Object.assign(new Error('the store failed', { cause }), { code: 'unavailable' })
  assert.deepEqual(errorFields(full), {
    error: 'Error: the store failed',
    code: 'unavailable',
    cause: 'ECONNREFUSED',
  })
})

test('masked values are counted by rule, in a bounded number of labels', async () => {
  const metrics = new Metrics()
  const observer = telemetryObserver({
    metrics,
    decisionLog: new DecisionLog(options({ console: () => undefined })),
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
  const { resource } = sampleDocument()
  observer.masked(resource, 'public.cards.number', 3)
  observer.masked(resource, 'public.cards.number', 2)
  for (let rule = 0; rule < 300; rule++) observer.masked(resource, `rule ${rule}`, 1)
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('sallyport_masked'))
  assert.ok(lines.some((line) => line.includes('rule="public.cards.number"') && line.endsWith(' 5')))
  assert.ok(lines.some((line) => line.includes('rule="other"')))
  assert.ok(lines.length <= 201, String(lines.length))
})
