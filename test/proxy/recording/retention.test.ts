// Recordings that were kept long enough go, and the log says so; what is held, live or kept for ever stays; and a
// removal that the log does not tell of is a loss.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  FolderStore,
  hold,
  type Leaf,
  LocalRecorder,
  leavesIn,
  leavesOf,
  RecordingError,
  type RetentionParts,
  type RetentionRules,
  readLog,
  retain,
  verifyRecordings,
} from '../../../proxy/recording/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { appended, recorderForTest, recordSession, type TestRecorder } from '../../support/recordings.ts'

const dayMs = 86_400_000
const labels: { readonly [resource: string]: { readonly [name: string]: string } } = {
  gold: { tier: 'gold', region: 'eu' },
  tin: { tier: 'tin' },
}
const rules: RetentionRules = {
  days: 30,
  rules: [
    { labels: { tier: 'gold', region: 'eu' }, days: 90 },
    { labels: { tier: 'tin' }, days: 7 },
  ],
}

interface Kept extends TestRecorder {
  at(day: number, changes?: Partial<RetentionParts>): Promise<number>
  leftover(): readonly string[]
  whats(): readonly string[]
}

/** Recorded sessions on resources of these names, each session named as its resource. */
async function kept(resources: readonly string[]): Promise<Kept> {
  const made = recorderForTest({ segmentBytes: 500 })
  for (const resource of resources) {
    const session = made.recorder.open(resource)
    const { identity, resource: sample } = sampleDocument()
    await appended(session, { kind: 'opened', identity, resource: { ...sample, name: resource }, client: '' })
    for (let count = 0; count < 5; count++) await appended(session, { kind: 'masked', rule: 'r', count })
    await session.close('over')
  }
  return {
    ...made,
    at: (day, changes = {}) =>
      retain({
        store: new FolderStore(made.folder),
        leaves: () => leavesIn(made.folder),
        tell: (leaf) => made.recorder.tell(leaf),
        isHeld: (session) => made.recorder.isHeld(session),
        rules,
        labelsOf: (name) => labels[name],
        nowMs: () => day * dayMs + 1_000_000,
        ...changes,
      }),
    leftover: () => resources.filter((name) => existsSync(join(made.folder, 'sessions', name))),
    whats: () => verifyRecordings(made.folder, made.checker).findings.map(({ session, what }) => `${session} ${what}`),
  }
}

test('each recording goes after the days of its rule; one of an unknown resource stays as long as any', async () => {
  const made = await kept(['gold', 'tin', 'gone'])
  const { recorder } = made
  assert.equal(await made.at(6), 0)
  assert.equal(await made.at(8), 1)
  assert.deepEqual(made.leftover(), ['gold', 'gone'])
  assert.equal(await made.at(89), 0)
  assert.equal(await made.at(91), 2)
  assert.deepEqual(made.leftover(), [])
  const report = verifyRecordings(made.folder, made.checker)
  assert.deepEqual([report.findings, report.deleted], [[], 3])
  assert.match(JSON.stringify(readLog(made.folder).lines.at(-1)?.leaf), /kept for 90 days/)
  await recorder.close()
})

test('without days and a rule that fits, recordings are kept for ever', async () => {
  const made = await kept(['gold', 'gone'])
  assert.equal(await made.at(36_000, { rules: { rules: [{ labels: { tier: 'tin' }, days: 1 }] } }), 0)
  assert.deepEqual(made.leftover(), ['gold', 'gone'])
  await made.recorder.close()
})

test('what is held stays until it is freed, and what runs stays', async () => {
  const made = await kept(['tin'])
  const { recorder, folder } = made
  const live = recorder.open('live')
  const tell = recorder.tell.bind(recorder)
  hold(await leavesOf(folder, 'tin'), tell, { session: 'tin', event: 'held', reason: 'case 7' })
  const none = await leavesOf(folder, 'no')
  assert.throws(() => hold(none, tell, { session: 'no', event: 'held', reason: 'x' }), RecordingError)
  assert.equal(await made.at(1000), 0)
  hold(await leavesOf(folder, 'tin'), tell, { session: 'tin', event: 'freed', reason: 'case 7 is over' })
  assert.equal(await made.at(1000), 1)
  assert.equal(existsSync(join(folder, 'sessions', 'live')), true)
  await live.close('over')
  await recorder.close()
  assert.deepEqual(made.whats(), [])
})

test('a removal without its leaf is a loss, one with a forged leaf a changed log, one in spite of a hold is told', async () => {
  const made = await kept(['tin', 'gold'])
  rmSync(join(made.folder, 'sessions', 'tin'), { recursive: true })
  assert.deepEqual(made.whats(), ['tin missing_session'])
  const leaf = { session: 'tin', event: 'deleted', head: '', wallMs: 1, reason: 'kept for 7 days' }
  const { lines } = readLog(made.folder)
  const forged = `${JSON.stringify(leaf)}\t${JSON.stringify(lines.at(-1)?.head)}\n`
  writeFileSync(join(made.folder, 'log', 'leaves'), forged, { flag: 'a' })
  assert.ok(made.whats().some((what) => what === ' log_changed' || what === ' log_cut'))
  await made.recorder.close()
  const other = await kept(['tin'])
  other.recorder.tell({ session: 'tin', event: 'held', head: '', reason: 'case 7' })
  other.recorder.tell({ session: 'tin', event: 'deleted', head: '', reason: 'kept for 7 days' })
  rmSync(join(other.folder, 'sessions', 'tin'), { recursive: true })
  assert.deepEqual(other.whats(), ['tin missing_session'])
  await other.recorder.close()
})

test('a removal that was interrupted is finished by the next round, and nothing worse is told meanwhile', async () => {
  const made = await kept(['tin'])
  const store = new FolderStore(made.folder)
  let removals = 0
  const failing = {
    put: store.put.bind(store),
    putFile: store.putFile.bind(store),
    list: store.list.bind(store),
    get: store.get.bind(store),
    remove: async (name: string) => {
      if (++removals > 1) throw new RecordingError('unwritable', 'no')
      await store.remove(name)
    },
  }
  await assert.rejects(made.at(8, { store: failing }), RecordingError)
  assert.deepEqual(made.whats(), ['tin open'])
  assert.equal(await made.at(8), 1)
  assert.deepEqual(made.whats(), [])
  await made.recorder.close()
  const again = new LocalRecorder(made.config)
  await recordSession(again.open('s-2'))
  await again.close()
  assert.deepEqual(made.whats(), [])
})

test('what is held while others are removed stays', async () => {
  const made = await kept(['tin', 'gold'])
  const { recorder, folder } = made
  const store = new FolderStore(folder)
  const leaves = await leavesOf(folder, 'gold')
  const remove = store.remove.bind(store)
  store.remove = (name) => {
    if (!recorder.isHeld('gold'))
      hold(leaves, (leaf) => recorder.tell(leaf), { session: 'gold', event: 'held', reason: 'x' })
    return remove(name)
  }
  assert.equal(await made.at(1000, { store }), 1)
  assert.deepEqual(made.leftover(), ['gold'])
  assert.deepEqual(made.whats(), [])
  hold(leaves, (leaf) => recorder.tell(leaf), { session: 'gold', event: 'freed', reason: 'x' })
  assert.equal(await made.at(1000), 1)
})

test('the leaves of one session are those of the whole log', async () => {
  const made = await kept(['tin', 'gold', 'tin2'])
  const { folder } = made
  const all = readLog(folder).lines.map(({ leaf }) => leaf)
  const read: Leaf[] = []
  for await (const leaf of leavesIn(folder)) read.push(leaf)
  assert.deepEqual(read, all)
  for (const session of ['tin', 'tin2', 'no', '', '"'])
    assert.deepEqual(
      await leavesOf(folder, session),
      all.filter((leaf) => leaf.session === session),
    )
  const lines = readFileSync(join(folder, 'log', 'leaves'), 'utf8')
  // Longer than one piece that is read, and cut in the middle of a line.
  const long = lines.repeat(400)
  writeFileSync(join(folder, 'log', 'leaves'), long.slice(0, -10))
  assert.equal((await leavesOf(folder, 'gold')).length, 800)
  assert.equal((await leavesOf(folder, 'tin2')).length, 799)
})

test('where the log cannot be written nothing is removed', async () => {
  const made = await kept(['tin'])
  rmSync(join(made.folder, 'log'), { recursive: true })
  mkdirSync(join(made.folder, 'log'))
  assert.equal(await made.at(8, { leaves: () => [] }), 0, 'a log that knows nothing says nothing about age')
  const tell = (): never => {
    throw new RecordingError('unwritable', 'full')
  }
  const known = await kept(['tin'])
  await assert.rejects(known.at(8, { tell }), RecordingError)
  assert.deepEqual(known.leftover(), ['tin'])
  await made.recorder.close()
  await known.recorder.close()
})
