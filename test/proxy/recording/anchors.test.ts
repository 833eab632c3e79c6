// Anchors: signed heads kept outside, whatever happens to them on the way, and what verifying does with them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  LocalRecorder,
  RetryingAnchor,
  readAnchored,
  type TreeHead,
  toFile,
  toHttp,
  verifyRecordings,
} from '../../../proxy/recording/index.ts'
import { recorderForTest, recordSession } from '../../support/recordings.ts'

const now = (): Promise<void> => new Promise((done) => setImmediate(done))

test('a file takes every newest head, after a torn line too, and verifying tells what it covers', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'anchor-')), 'heads')
  writeFileSync(file, '{"gateway":"g-1","si')
  const anchor = new RetryingAnchor({ name: 'file', deliver: toFile(file), delay: now, failed: assert.fail })
  const { recorder, folder, checker } = recorderForTest({ anchors: [anchor] })
  await recordSession(recorder.open('s-1'))
  await recorder.close()
  const { heads, damaged } = readAnchored(readFileSync(file, 'utf8'))
  assert.equal(damaged, 1)
  const report = verifyRecordings(folder, checker, { anchors: heads })
  assert.equal(report.whole, true)
  assert.deepEqual(report.anchors, { heads: heads.length, covered: 2, leaves: 2 })
})

test('heads of another gateway are passed over, and one that was forged is a finding', async () => {
  const { recorder, folder, checker } = recorderForTest()
  await recordSession(recorder.open('s-1'))
  await recorder.close()
  const forged: TreeHead = { gateway: 'g-2', size: 9, root: '00', wallMs: 1, signature: 'AA==' }
  assert.equal(verifyRecordings(folder, checker, { anchors: [forged] }).whole, true)
  const ours = verifyRecordings(folder, checker, { anchors: [{ ...forged, gateway: 'g-1' }] })
  assert.deepEqual(
    ours.findings.map(({ what }) => what),
    ['wrong_key'],
  )
})

test('an endpoint that is away, answers 500 and comes back has the newest head, with its bearer token', async () => {
  const kept: TreeHead[] = []
  const tokens = new Set<string | undefined>()
  let answers = 0
  const server = createServer((request, response) => {
    tokens.add(request.headers.authorization)
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.once('end', () => {
      response.statusCode = answers++ < 2 ? 500 : 204
      if (response.statusCode === 204) kept.push(...readAnchored(body).heads)
      response.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/heads`
  const failures: string[] = []
  const anchor = new RetryingAnchor({
    name: 'endpoint',
    deliver: toHttp(url, { fetch, headers: async () => ({ authorization: 'Bearer t' }) }),
    delay: (ms) => (ms > 60_000 ? new Promise(() => undefined) : now()),
    failed: ({ code }) => failures.push(code),
  })
  const { recorder, folder, checker } = recorderForTest({ anchors: [anchor] })
  for (const id of ['s-1', 's-2', 's-3']) await recordSession(recorder.open(id))
  await anchor.settled(100_000)
  await recorder.close()
  server.close()
  assert.deepEqual([...tokens], ['Bearer t'])
  assert.deepEqual(failures, ['unwritable'])
  assert.equal(kept.at(-1)?.size, 6)
  assert.equal(verifyRecordings(folder, checker, { anchors: kept }).whole, true)
  rmSync(join(folder, 'log'), { recursive: true })
  const gone = verifyRecordings(folder, checker, { anchors: kept })
  assert.ok(gone.findings.some(({ what }) => what === 'log_cut'))
})

test('a gateway that starts again tells its anchors where the log stands', async () => {
  const one = recorderForTest()
  await recordSession(one.recorder.open('s-1'))
  await one.recorder.close()
  const told: TreeHead[] = []
  const anchor = { name: 'kept', send: (head: TreeHead) => void told.push(head), settled: () => Promise.resolve() }
  await new LocalRecorder({ ...one.config, anchors: [anchor] }).close()
  assert.deepEqual(
    told.map(({ size }) => size),
    [2],
  )
})

test("the log of one process, or of another gateway with the same key, does not take the place of another's", async () => {
  const { recorder, folder, checker, config } = recorderForTest()
  const of = async (process: number, gateway: string): Promise<string> => {
    const place = join(folder, `process-${process}`)
    const other = new LocalRecorder({ ...config, folder: place, gateway })
    other.tell({ session: '', event: 'process', head: '' })
    await recordSession(other.open(`s-${process}`))
    await other.close()
    return place
  }
  await recordSession(recorder.open('s-1'))
  const two = await of(2, 'g-1#2')
  const three = await of(3, 'g-1#3')
  const foreign = await of(4, 'g-2#4')
  for (const name of ['process-2', 'process-3', 'process-4'])
    recorder.tell({ session: name, event: 'process', head: '' })
  await recorder.close()
  const wheres = (place: string): readonly string[] =>
    verifyRecordings(place, checker).findings.map(({ where }) => where)
  for (const place of [folder, two, three]) assert.deepEqual(wheres(place), [])
  assert.deepEqual(wheres(foreign), ['the log of process-4 was begun by another gateway'])
  rmSync(two, { recursive: true })
  cpSync(three, two, { recursive: true })
  assert.deepEqual(wheres(two), ['head 0 of the log is not of process-2'])
  for (const file of ['leaves', 'heads']) writeFileSync(join(three, 'log', file), '')
  rmSync(join(three, 'sessions'), { recursive: true })
  assert.deepEqual(wheres(three), ['the log of process-3 has no line, and is begun with one'])
})
