// A machine that went down keeps what was synced, and anything or nothing of the rest: what the next start finds is told
// as that, and no audit calls it damage for ever.
import assert from 'node:assert/strict'
import fs, { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { decodeSegment } from '../../../proxy/recording/frame.ts'
import { frameTypes, pieceTypes } from '../../../proxy/recording/frame-types.ts'
import {
  absentSessions,
  FolderStore,
  fetchRecordings,
  LocalRecorder,
  type RecorderConfig,
  RecordingError,
  restoreLog,
  Shipper,
  verifyRecordings,
} from '../../../proxy/recording/index.ts'
import { journalPath } from '../../../proxy/recording/journal.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { appended, recorderForTest, recordSession, type TestRecorder } from '../../support/recordings.ts'

function whats({ folder, checker }: TestRecorder): readonly string[] {
  return verifyRecordings(folder, checker).findings.map(({ session, what }) => `${session} ${what}`)
}

/** A folder with a whole session and one that has its opening in the log and no end. */
async function cutDown(): Promise<TestRecorder> {
  const made = recorderForTest()
  await recordSession(made.recorder.open('s-0'))
  made.recorder.open('s-1')
  const down = mkdtempSync(join(tmpdir(), 'down-'))
  fs.cpSync(made.folder, down, { recursive: true })
  rmSync(join(down, 'journal'), { force: true })
  await made.recorder.close()
  return { ...made, folder: down, config: { ...made.config, folder: down } }
}

for (const [left, lose] of [
  ['no folder', (path: string) => rmSync(join(path, '..'), { recursive: true })],
  ['an empty folder', (path: string) => rmSync(path)],
  ['an empty file', (path: string) => truncateSync(path, 0)],
] as const)
  test(`a session of which the log alone came to the disk (${left}) is told by the next start`, async () => {
    const made = await cutDown()
    lose(join(made.folder, 'sessions', 's-1', '000000.segment'))
    assert.equal(verifyRecordings(made.folder, made.checker).whole, false)
    const again = new LocalRecorder(made.config)
    await recordSession(again.open('s-2'))
    await again.close()
    const report = verifyRecordings(made.folder, made.checker)
    assert.deepEqual(
      report.findings.filter(({ session, what }) => session !== 's-1' || what !== 'open'),
      [],
    )
    const told = report.findings.map(({ where }) => where)
    assert.ok(told.includes('nothing of it was there when its gateway started again'))
    // What is put in its place later is no recording of it.
    mkdirSync(join(made.folder, 'sessions', 's-1'), { recursive: true })
    const foreign = readFileSync(join(made.folder, 'sessions', 's-0', '000000.segment'))
    writeFileSync(join(made.folder, 'sessions', 's-1', '000000.segment'), foreign)
    assert.equal(verifyRecordings(made.folder, made.checker).whole, false)
  })

test('zeros that a disk left at the end of a session are no part of it, and all before them is', async () => {
  for (const zeros of [1, 20, 5000]) {
    const made = await cutDown()
    const path = join(made.folder, 'sessions', 's-1', '000000.segment')
    const bytes = readFileSync(path)
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(zeros)]))
    assert.deepEqual(whats(made), ['s-1 cut'])
    await new LocalRecorder(made.config).close()
    assert.deepEqual(whats(made), ['s-1 open'])
    assert.ok(readFileSync(path).equals(bytes))
  }
})

/** A piece of a frame that has no end yet, of bytes that end with zeros. */
function piece(bytes: number, zeros: number): Buffer {
  const head = Buffer.from([pieceTypes.piece, 0, 0, 0, 1, 0, 0, 0, 0])
  head.writeUInt32BE(bytes, 5)
  return Buffer.concat([head, Buffer.alloc(bytes - zeros, 1), Buffer.alloc(zeros)])
}

// A gateway that was killed leaves pieces that nothing proves yet, and one of 256 ends with a zero: with it an action that
// was forwarded would be gone.
for (const [how, zeros, isKept] of [
  ['sealed', 1, true],
  ['sealed', 31, true],
  ['sealed', 600, false],
  ['plain', 1, true],
  ['plain', 600, true],
] as const)
  test(`${zeros} zeros at the end of what was recorded (${how}) ${isKept ? 'stay' : 'are what a disk made'}`, async () => {
    const made = recorderForTest(how === 'plain' ? { wrapper: undefined } : {})
    const session = made.recorder.open('s-1')
    const { identity, resource } = sampleDocument()
    await appended(session, { kind: 'opened', identity, resource, client: '127.0.0.1' })
    const down = mkdtempSync(join(tmpdir(), 'down-'))
    fs.cpSync(made.folder, down, { recursive: true })
    rmSync(join(down, 'journal'), { force: true })
    const path = join(down, 'sessions', 's-1', '000000.segment')
    const bytes = readFileSync(path)
    const { unended } = decodeSegment(bytes)
    assert.equal(unended?.frame.type, how === 'plain' ? frameTypes.plainPieces : frameTypes.sealedPieces)
    assert.equal(unended?.end, bytes.length)
    const written = Buffer.concat([bytes, piece(1000, zeros)])
    writeFileSync(path, written)
    await new LocalRecorder({ ...made.config, folder: down }).close()
    assert.equal(readFileSync(path).length, isKept ? written.length : written.length - zeros)
    await made.recorder.close()
  })

test('leaves that were lost while their heads stayed are told by the next leaf, and the log goes on whole', async () => {
  const made = await cutDown()
  const path = join(made.folder, 'log', 'leaves')
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  assert.ok(lines.length >= 3)
  // The last two are not there: the second session is not opened, and the first not ended.
  writeFileSync(
    path,
    lines
      .slice(0, -2)
      .map((line) => `${line}\n`)
      .join(''),
  )
  rmSync(join(made.folder, 'sessions', 's-1'), { recursive: true })
  assert.ok(whats(made).includes(' log_cut'))
  const again = new LocalRecorder(made.config)
  await recordSession(again.open('s-2'))
  await again.close()
  assert.deepEqual(
    verifyRecordings(made.folder, made.checker).findings.map(({ what, where }) => [what, where]),
    [['open', 'its machine went down, and 2 leaves that had been signed were lost']],
  )
  // An anchor that had heard of them still says that they are missing.
  const { head } = JSON.parse(`{"head":${lines.at(-1)?.split('\t')[1]}}`)
  const anchors = [head]
  assert.equal(verifyRecordings(made.folder, made.checker, { anchors }).whole, false)
})

test('heads that do not go on from the leaves are left as they are, and told', async () => {
  const made = await cutDown()
  const path = join(made.folder, 'log', 'heads')
  const heads = readFileSync(path, 'utf8').trimEnd().split('\n')
  writeFileSync(path, `${[...heads, heads[0]].join('\n')}\n`)
  const again = new LocalRecorder(made.config)
  await again.close()
  assert.ok(whats(made).some((what) => what === ' log_cut' || what === ' log_changed'))
})

/** Names of folders that were synced while something ran. */
async function foldersSynced(t: TestContext, run: () => Promise<void>): Promise<ReadonlySet<string>> {
  const { openSync, fsyncSync } = fs
  const opened = new Map<number, string>()
  const synced = new Set<string>()
  t.mock.method(fs, 'openSync', (path: string, flags?: string | number, mode?: number) => {
    const fd = openSync(path, flags ?? 'r', mode)
    opened.set(fd, path)
    return fd
  })
  t.mock.method(fs, 'fsyncSync', (fd: number) => {
    synced.add(opened.get(fd) ?? '')
    fsyncSync(fd)
  })
  syncBuiltinESMExports()
  try {
    await run()
  } finally {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  }
  return synced
}

test('the names of the log, of the folder and of what is in it come to the disk', async (t) => {
  let made: TestRecorder | undefined
  const synced = await foldersSynced(t, async () => {
    made = recorderForTest({ sync: 'each' })
    await recordSession(made.recorder.open('s-1'))
    await made.recorder.close()
  })
  const folder = made?.folder ?? ''
  for (const name of ['', 'log', 'sessions', 'sessions/s-1']) assert.ok(synced.has(join(folder, name)), name)
  assert.ok(synced.has(join(folder, '..')))
})

/** Pauses are short, and a gateway that stops waits as long as it takes, or a second. */
const soon = (ms: number): Promise<void> =>
  new Promise((done) => void setTimeout(done, ms === 10_000 ? 1000 : Math.min(ms, 5)))

/** A recorder over a spool and a store in a folder. */
function spooled(changes: Partial<RecorderConfig> = {}): TestRecorder & { store: FolderStore; again(): LocalRecorder } {
  const folder = mkdtempSync(join(tmpdir(), 'spool-'))
  const store = new FolderStore(mkdtempSync(join(tmpdir(), 'store-')))
  const shipper = (): Shipper =>
    new Shipper({
      folder,
      store,
      backlogBytesMax: 1e9,
      delay: soon,
      onFault: () => undefined,
    })
  const made = recorderForTest({ folder, shipper: shipper(), segmentBytes: 2000, ...changes })
  return { ...made, folder, store, again: () => new LocalRecorder({ ...made.config, shipper: shipper() }) }
}

test('what a disk made of a segment that was sent does not take its place in the store', async () => {
  const made = spooled()
  await recordSession(made.recorder.open('s-1'), 9)
  await made.recorder.close()
  const name = 'sessions/s-1/000000.segment'
  const whole = (await made.store.get(name)) ?? Buffer.alloc(0)
  assert.ok(whole.length > 1000)
  const zeros = Buffer.from(whole).fill(0, 900)
  for (const local of [zeros, Buffer.alloc(whole.length), Buffer.concat([zeros, zeros])]) {
    mkdirSync(join(made.folder, 'sessions', 's-1'))
    writeFileSync(join(made.folder, name), local)
    await made.again().close()
    assert.ok((await made.store.get(name))?.equals(whole), `${local.length} bytes`)
    assert.equal(existsSync(join(made.folder, 'sessions', 's-1')), false)
  }
})

test('one file that cannot be sent keeps no other from the store', async () => {
  const made = spooled()
  mkdirSync(join(made.folder, 'sessions', 'a', '000000.segment'), { recursive: true })
  writeFileSync(join(made.folder, 'sessions', 'b'), 'no folder')
  const again = made.again()
  await recordSession(again.open('s-1'), 9)
  await again.close()
  const kept = await made.store.list('sessions/s-1/')
  assert.ok(kept.length > 2, String(kept.map((one) => one.name)))
  assert.equal(existsSync(join(made.folder, 'sessions', 's-1')), false)
  await made.recorder.close()
})

for (const left of ['nothing', 'an empty file'])
  test(`a session of which a spool has ${left} and the store nothing is told, one that went to the store is not`, async () => {
    const made = spooled()
    await recordSession(made.recorder.open('s-0'))
    for (const id of ['s-1', 's-2']) made.recorder.open(id)
    await made.recorder.close()
    const log = join(made.folder, 'log', 'leaves')
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
    // The log as it was when both had begun, and a store that has one of them.
    for (const [file, all] of [
      ['leaves', lines],
      ['heads', readFileSync(join(made.folder, 'log', 'heads'), 'utf8').split('\n')],
    ] as const)
      writeFileSync(
        join(made.folder, 'log', file),
        all
          .slice(0, 4)
          .map((line) => `${line}\n`)
          .join(''),
      )
    for (const { name } of await made.store.list('sessions/s-1/')) await made.store.remove(name)
    if (left !== 'nothing') {
      mkdirSync(join(made.folder, 'sessions', 's-1'))
      writeFileSync(join(made.folder, 'sessions', 's-1', '000000.segment'), '')
    }
    const absent = await absentSessions(made.store, made.folder)
    assert.deepEqual([...absent], ['s-1'])
    const again = new LocalRecorder({ ...made.config, absent })
    await again.close()
    const told = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(4)
      .map((line) => JSON.parse(line.split('\t')[0] ?? ''))
    assert.deepEqual(
      told.map(({ session, event, head }) => [session, event, head]),
      [['s-1', 'abandoned', '']],
    )
  })

test('what a journal brings back to a spool is sent by the start that brought it back', async () => {
  const made = spooled({ segmentBytes: 1e9 })
  const sessions = ['a', 'b'].map((id) => made.recorder.open(id))
  const endMs = performance.now() + 60_000
  const journal = (): Buffer =>
    existsSync(journalPath(made.folder)) ? readFileSync(journalPath(made.folder)) : Buffer.alloc(0)
  const isThere = (): boolean => ['a', 'b'].every((id) => journal().includes(`${id}/000000.segment`))
  while (!isThere()) {
    assert.ok(performance.now() < endMs)
    for (const session of sessions) await appended(session, { kind: 'refused', decisionId: 'd', code: 'late' })
  }
  const down = mkdtempSync(join(tmpdir(), 'down-'))
  fs.cpSync(made.folder, down, { recursive: true })
  await made.recorder.close()
  const store = new FolderStore(mkdtempSync(join(tmpdir(), 'store-')))
  rmSync(join(down, 'sessions'), { recursive: true })
  const shipper = new Shipper({
    folder: down,
    store,
    backlogBytesMax: 1e9,
    delay: soon,
    onFault: (error) => assert.fail(error),
  })
  await new LocalRecorder({ ...made.config, folder: down, shipper }).close()
  const brought = (await store.list('sessions/')).map(({ name }) => name)
  assert.ok(brought.length > 0)
  assert.equal(existsSync(join(down, 'sessions', 'a')) || existsSync(join(down, 'sessions', 'b')), false)
})

test('a piece of the log that the store put back to an earlier time is made whole from the spool', async () => {
  const made = spooled()
  const pieceBytes = 1024 * 1024
  for (let leaf = 0; leaf < 3; leaf++)
    made.recorder.tell({ session: 's', event: 'viewed', head: '', reason: 'r'.repeat(600_000) })
  await recordSession(made.recorder.open('s-1'))
  await made.recorder.close()
  const first = (await made.store.get('log/leaves/00000000')) ?? Buffer.alloc(0)
  assert.equal(first.length, pieceBytes)
  await made.store.put('log/leaves/00000000', first.subarray(0, 5000))
  await restoreLog(made.store, made.folder)
  await made.again().close()
  assert.ok((await made.store.get('log/leaves/00000000'))?.equals(first))
  const fetched = mkdtempSync(join(tmpdir(), 'fetched-'))
  await fetchRecordings(made.store, fetched)
  assert.ok(readFileSync(join(fetched, 'log', 'leaves')).equals(readFileSync(join(made.folder, 'log', 'leaves'))))
  await made.store.put('log/leaves/00000000', Buffer.from('another log'))
  await assert.rejects(restoreLog(made.store, made.folder), RecordingError)
})
