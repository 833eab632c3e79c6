// Recordings on their way to an object store that fails in every way: nothing is recorded beyond what may wait, nothing
// is lost, and what arrives is whole.
import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { SigV4Credentials } from '../../../bundles/source/index.ts'
import {
  FolderStore,
  fetchRecordings,
  LocalRecorder,
  RecordingError,
  restoreLog,
  S3Store,
  Shipper,
  segmentNames,
  verifyRecordings,
} from '../../../proxy/recording/index.ts'
import { appended, recorderForTest, recordSession, type TestRecorder } from '../../support/recordings.ts'
import { S3Server } from '../../support/s3-server.ts'

/** Pauses are short, and a gateway that stops waits as long as it takes. */
const closeMs = 10_000
/** How long a request may take where the store stalls. Everywhere else only the store's own answers count. */
const stalledMs = 300
const soon = (ms: number): Promise<void> =>
  new Promise((done) => {
    if (ms !== closeMs) setImmediate(done)
  })

interface Shipped extends TestRecorder {
  readonly server: S3Server
  readonly store: S3Store
  readonly shipper: Shipper
  readonly troubles: readonly RecordingError[]
  /** A gateway that starts on the same spool. */
  again(): { readonly recorder: LocalRecorder; readonly shipper: Shipper }
  /** What the store holds, in a folder. */
  fetched(): Promise<string>
}

async function shipped(
  t: TestContext,
  { backlogBytesMax = 1e9, requestMs }: { readonly backlogBytesMax?: number; readonly requestMs?: number } = {},
): Promise<Shipped> {
  const server = new S3Server()
  const endpoint = await server.start()
  t.after(() => server.close())
  const folder = mkdtempSync(join(tmpdir(), 'spool-'))
  const credentials = async (): Promise<SigV4Credentials> => server.credentials
  const patient = { endpoint, bucket: 'kept', prefix: 'r/', fetch, nowMs: Date.now, partBytes: 1000, credentials }
  const store = new S3Store({ ...patient, ...(requestMs === undefined ? {} : { requestMs }) })
  const troubles: RecordingError[] = []
  const ship = (): Shipper =>
    new Shipper({ folder, store, backlogBytesMax, delay: soon, onFault: (error) => void troubles.push(error) })
  const shipper = ship()
  const made = recorderForTest({ folder, shipper, segmentBytes: 2000 })
  return {
    ...made,
    folder,
    server,
    store,
    shipper,
    troubles,
    again: () => {
      const next = ship()
      return { recorder: new LocalRecorder({ ...made.config, shipper: next }), shipper: next }
    },
    fetched: async () => {
      const to = mkdtempSync(join(tmpdir(), 'fetched-'))
      await fetchRecordings(new S3Store(patient), to)
      return to
    },
  }
}

test('what was recorded is in the store, whole, and no longer in the spool', async (t) => {
  const { recorder, folder, checker, fetched } = await shipped(t)
  for (const id of ['s-1', 's-2']) await recordSession(recorder.open(id), 5)
  await recorder.close()
  assert.deepEqual(readdirSync(join(folder, 'sessions')), [])
  const { findings, sessions } = verifyRecordings(await fetched(), checker)
  assert.deepEqual([findings, sessions], [[], 2])
})

test('while the store is away recording goes on until too much waits, then refuses, then goes on again', async (t) => {
  const made = await shipped(t, { backlogBytesMax: 6000 })
  made.server.trouble = () => 'error'
  const session = made.recorder.open('s-1')
  const chunk = { kind: 'wire', direction: 'down', bytes: Buffer.alloc(700) } as const
  let accepted = 0
  let refused: Error | undefined
  while (refused === undefined && accepted < 100) {
    refused = await appended(session, chunk)
    if (refused === undefined) accepted++
  }
  assert.ok(refused instanceof RecordingError && refused.code === 'behind')
  assert.ok(accepted > 5 && accepted < 20)
  assert.throws(() => made.recorder.open('s-2'), RecordingError)
  made.server.trouble = () => undefined
  await made.shipper.settled()
  assert.equal(await appended(session, chunk), undefined)
  await session.close('over')
  await made.recorder.close()
  assert.ok(made.troubles.length > 0)
  const report = verifyRecordings(await made.fetched(), made.checker)
  assert.deepEqual(report.findings, [])
  assert.equal(report.entries, accepted + 2)
})

for (const trouble of ['error', 'stall', 'cut', 'lose'] as const) {
  test(`a third of all requests meets \`${trouble}\`: all of it arrives in the end, whole`, async (t) => {
    const made = await shipped(t, trouble === 'stall' ? { requestMs: stalledMs } : {})
    let state = 7
    made.server.trouble = (method) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31
      return method !== 'HEAD' && (state >> 16) % 3 === 0 ? trouble : undefined
    }
    await recordSession(made.recorder.open('s-1'), 4)
    await made.shipper.settled()
    await made.recorder.close()
    made.server.trouble = () => undefined
    assert.deepEqual(verifyRecordings(await made.fetched(), made.checker).findings, [])
  })
}

test('a gateway that died leaves its spool to the next, which ships all of it and says where sessions ended', async (t) => {
  const made = await shipped(t)
  made.server.trouble = () => 'error'
  const session = made.recorder.open('s-1')
  for (let count = 0; count < 60; count++) await appended(session, { kind: 'masked', rule: 'rule', count })
  const copy = mkdtempSync(join(tmpdir(), 'crashed-'))
  cpSync(made.folder, copy, { recursive: true })
  await made.recorder.close()
  rmSync(made.folder, { recursive: true })
  cpSync(copy, made.folder, { recursive: true })
  made.server.trouble = () => undefined
  const next = made.again()
  await recordSession(next.recorder.open('s-2'))
  await next.recorder.close()
  const folder = await made.fetched()
  assert.deepEqual(
    verifyRecordings(folder, made.checker).findings.map(({ session: id, what }) => [id, what]),
    [['s-1', 'open']],
  )
  // What was shipped can be cut no more than what is local.
  const last =
    readdirSync(join(folder, 'sessions', 's-1'))
      .sort()
      .at(-1) ?? ''
  truncateSync(join(folder, 'sessions', 's-1', last), readFileSync(join(folder, 'sessions', 's-1', last)).length - 40)
  assert.equal(verifyRecordings(folder, made.checker).whole, false)
})

test('a part of a segment that came back to the spool does not take the place of the whole in the store', async (t) => {
  const made = await shipped(t)
  await recordSession(made.recorder.open('s-1'), 9)
  await made.recorder.close()
  const before = new Map(made.server.objects)
  const name = 'sessions/s-1/000000.segment'
  const whole = before.get(`r/${name}`) ?? Buffer.alloc(0)
  for (const part of [whole, whole.subarray(0, 300), Buffer.alloc(0)]) {
    mkdirSync(join(made.folder, 'sessions', 's-1'))
    writeFileSync(join(made.folder, name), part)
    await made.again().recorder.close()
    assert.deepEqual(readdirSync(join(made.folder, 'sessions')), [])
    assert.ok(made.server.objects.get(`r/${name}`)?.equals(whole), `${part.length} bytes`)
  }
  // What is longer here than there, or another, is sent: a store that lost its end gets it back.
  for (const stored of [whole.subarray(0, 300), Buffer.alloc(whole.length + 1)]) {
    mkdirSync(join(made.folder, 'sessions', 's-1'))
    writeFileSync(join(made.folder, name), whole)
    made.server.objects.set(`r/${name}`, stored)
    await made.again().recorder.close()
    assert.ok(made.server.objects.get(`r/${name}`)?.equals(whole))
  }
  assert.deepEqual(verifyRecordings(await made.fetched(), made.checker).findings, [])
})

test('a truncated object and a missing one are found', async (t) => {
  const made = await shipped(t)
  await recordSession(made.recorder.open('s-1'), 9)
  await made.recorder.close()
  const names = [...made.server.objects.keys()].filter((name) => name.includes('/s-1/')).sort()
  assert.ok(names.length > 2)
  for (const name of names) {
    const whole = made.server.objects.get(name) ?? Buffer.alloc(0)
    for (let length = 0; length < whole.length; length += 97) {
      made.server.objects.set(name, whole.subarray(0, length))
      assert.equal(verifyRecordings(await made.fetched(), made.checker).whole, false, `${name} cut to ${length}`)
    }
    made.server.objects.delete(name)
    assert.equal(verifyRecordings(await made.fetched(), made.checker).whole, false, `${name} removed`)
    made.server.objects.set(name, whole)
  }
})

test('a spool that was lost takes the log back from the store, and never begins a second one over it', async (t) => {
  const made = await shipped(t)
  await recordSession(made.recorder.open('s-1'))
  await made.recorder.close()
  rmSync(made.folder, { recursive: true })
  await restoreLog(made.store, made.folder)
  const next = made.again()
  await recordSession(next.recorder.open('s-2'))
  await next.recorder.close()
  assert.deepEqual(verifyRecordings(await made.fetched(), made.checker).findings, [])
  const other = recorderForTest()
  await recordSession(other.recorder.open('s-9'))
  await other.recorder.close()
  await assert.rejects(restoreLog(made.store, other.folder), RecordingError)
  assert.equal(existsSync(join(other.folder, 'log', 'leaves')), true)
})

test('segments past the millionth are brought, what is none is not, and a session that is not there is told', async () => {
  const store = new FolderStore(mkdtempSync(join(tmpdir(), 'store-')))
  for (const name of ['000000.segment', '1000000.segment', '00000.segment', 'notes'])
    await store.put(`sessions/s-1/${name}`, Buffer.from(name))
  const to = mkdtempSync(join(tmpdir(), 'fetched-'))
  await fetchRecordings(store, to, 's-1')
  assert.deepEqual(segmentNames(to, 's-1'), ['000000.segment', '1000000.segment'])
  await assert.rejects(
    fetchRecordings(store, to, 's-2'),
    (error) => error instanceof RecordingError && error.message === 'the store has no recording of session s-2',
  )
})

test('a log that grows while it is fetched is fetched as it was at one time', async (t) => {
  const made = await shipped(t)
  await recordSession(made.recorder.open('s-1'))
  await made.shipper.settled()
  const early = new Map(made.server.objects)
  await recordSession(made.recorder.open('s-2'))
  await made.recorder.close()
  const late = new Map(made.server.objects)
  // The gateway sends the rest of its log between the two questions of whoever fetches.
  let asked = 0
  made.server.trouble = (method, key) => {
    if (method === 'GET' && key.includes('/log/') && asked++ === 1)
      for (const [name, bytes] of late) made.server.objects.set(name, bytes)
    return undefined
  }
  for (const name of late.keys()) {
    const before = early.get(name)
    if (before === undefined) made.server.objects.delete(name)
    else made.server.objects.set(name, before)
  }
  const { findings } = verifyRecordings(await made.fetched(), made.checker)
  assert.deepEqual(
    findings.filter(({ session }) => session === ''),
    [],
  )
})
