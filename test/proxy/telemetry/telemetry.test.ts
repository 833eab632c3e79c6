// What leaves the process: decision log events, spans, metrics, log lines; and what never does.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type Decision, failedDecision } from '../../../engine/decision/index.ts'
import { AppendFile, LineFile } from '../../../proxy/telemetry/append-file.ts'
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
  bundle: { revision: 'main@7+own@3', digest: 'd7' },
  cost: { micros: 12, fuel: 3 },
})

function options(change: Partial<DecisionLogOptions> = {}): DecisionLogOptions {
  return { labels: { id: 'g-1' }, erase: [], dropped: () => undefined, ...change }
}

function parse(line: string | undefined): Record<string, unknown> {
  const value: unknown = JSON.parse(line ?? '')
  assert.ok(typeof value === 'object' && value !== null)
  return Object.fromEntries(Object.entries(value))
}

test('an event has the fields of the schema', () => {
  const lines: string[] = []
  const log = new DecisionLog(options({ console: (line) => lines.push(line) }))
  const live = (revision: string) => [
    { name: 'main', revision },
    { name: 'own', revision: '3' },
  ]
  log.activated('d7', live('7'))
  log.activated('d8', live('8'))
  log.write(sampleDocument(), decision)
  const event = parse(lines[0])
  assert.equal(event['decision_id'], 'd-1')
  assert.deepEqual(event['bundles'], { main: { revision: '7' }, own: { revision: '3' } }, 'of the policy that decided')
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

/** Writes until what was written is there, or says that it is not. */
async function writtenUntil(write: () => void, isThere: () => boolean): Promise<void> {
  const endMs = performance.now() + 10_000
  while (!isThere()) {
    assert.ok(performance.now() < endMs, 'it was not written')
    write()
    await new Promise((done) => setTimeout(done, 50))
  }
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

test('a log file that was renamed or removed is made anew under its name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-log-'))
  const path = join(folder, 'deep', 'a.log')
  const lost: number[] = []
  const behind = new AppendFile(join(folder, 'b.log'), () => lost.push(1))
  const log = createLog({ level: 'info', file: path })
  const write = (): void => {
    log.info('said')
    behind.write('said')
  }
  const both = (): boolean => textOf(path).includes('said') && textOf(join(folder, 'b.log')).includes('said')
  await writtenUntil(write, both)
  renameSync(path, `${path}.1`)
  renameSync(join(folder, 'b.log'), join(folder, 'b.log.1'))
  await writtenUntil(write, both)
  rmSync(join(folder, 'deep'), { recursive: true })
  rmSync(join(folder, 'b.log'))
  await writtenUntil(write, both)
  writeFileSync(path, '')
  writeFileSync(join(folder, 'b.log'), '')
  await writtenUntil(write, both)
  await behind.close()
  assert.deepEqual(lost, [], 'nothing was lost on the way')
  assert.ok(!textOf(path).includes('\0') && !textOf(join(folder, 'b.log')).includes('\0'), 'nor is there a hole')
  rmSync(folder, { recursive: true })
})

test('a disk that is full costs the lines of that time, which are told of, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-log-'))
  for (const name of ['a.log', 'b.log']) symlinkSync('/dev/full', join(folder, name))
  const log = createLog({ level: 'info', file: join(folder, 'a.log') })
  let lost = 0
  const decisions = new DecisionLog(
    options({
      file: join(folder, 'b.log'),
      dropped: (reason) => {
        assert.equal(reason, 'file_failed')
        lost++
      },
    }),
  )
  for (let count = 0; count < 3; count++) log.info('into nothing')
  await writtenUntil(
    () => decisions.write(sampleDocument(), decision),
    () => lost > 0,
  )
  for (const name of ['a.log', 'b.log']) {
    unlinkSync(join(folder, name))
    writeFileSync(join(folder, name), '')
  }
  await writtenUntil(
    () => {
      log.info('into the file')
      decisions.write(sampleDocument(), decision)
    },
    () =>
      textOf(join(folder, 'a.log')).includes('into the file') &&
      textOf(join(folder, 'b.log')).includes('"decision_id"'),
  )
  await decisions.close()
  const [first] = textOf(join(folder, 'a.log'))
    .split('\n')
    .map((line) => (line === '' ? {} : parse(line)))
  assert.ok(Number(first?.['lost']) >= 3)
  for (const line of textOf(join(folder, 'b.log')).trimEnd().split('\n')) parse(line)
  rmSync(folder, { recursive: true })
})

test('a log file that cannot be opened is an error at once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-log-'))
  assert.throws(() => new LineFile(join(folder), () => ''), /EISDIR/)
  rmSync(folder, { recursive: true })
})

test('what waits for a service has a bound in bytes too', () => {
  const drops: string[] = []
  const upload = { url: 'http://127.0.0.1:1/', queueMax: 1_000_000, uploadBytes: 16 * 2 ** 20, intervalMs: 600_000 }
  const log = new DecisionLog(options({ upload, dropped: (why) => drops.push(why) }))
  const document = sampleDocument({ text: 'x'.repeat(2 ** 20) })
  for (let count = 0; count < 70; count++) log.write(document, decision)
  assert.ok(drops.length >= 6 && drops.length < 20, String(drops.length))
  assert.deepEqual(new Set(drops), new Set(['queue_full']))
})

test('the end waits for a service that hangs, but not long, and counts what it did not take', async () => {
  const drops: string[] = []
  const send: typeof fetch = (_url, init) =>
    new Promise((_, failed) => init?.signal?.addEventListener('abort', () => failed(new Error('aborted'))))
  const upload = {
    url: 'http://127.0.0.1:1/',
    queueMax: 10,
    uploadBytes: 100_000,
    intervalMs: 600_000,
    closeMs: 100,
    send,
  }
  const log = new DecisionLog(options({ upload, dropped: (why) => drops.push(why) }))
  for (let count = 0; count < 3; count++) log.write(sampleDocument(), decision)
  await log.close()
  assert.deepEqual(drops, ['closed', 'closed', 'closed'])
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

test('a reader that stands still is waited for once, and not with each line', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'))
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const end = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
  context.after(() => closeSync(end))
  let lost = 0
  const file = new LineFile(
    end,
    (count) => `${count} lost\n`,
    () => lost++,
  )
  const line = `${'x'.repeat(1023)}\n`
  while (lost === 0) file.write(line)
  const sinceMs = performance.now()
  for (let count = 0; count < 100; count++) file.write(line)
  assert.equal(lost, 101)
  assert.ok(performance.now() - sinceMs < 1000, `${performance.now() - sinceMs} ms`)
  const room = Buffer.alloc(64 * 1024)
  assert.equal(readSync(end, room), room.length)
  file.write('after\n')
  const rest = room.toString('utf8', 0, readSync(end, room))
  assert.ok(rest.endsWith('101 lost\nafter\n'), rest.slice(-100))
})
