// A disk that fills, breaks or vanishes: what is not recorded is refused, the process lives, service returns with the
// disk, and what was accepted is all there.
import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { type RecordEntry, RecordingError, readEntries, verifyRecordings } from '../../../proxy/recording/index.ts'
import { readLog } from '../../../proxy/recording/session-log.ts'
import { type FullDisk, fullDisk } from '../../support/full-disk.ts'
import { appended, recorderForTest, recordSession, type TestRecorder } from '../../support/recordings.ts'

const entryOf = (count: number): RecordEntry => ({ kind: 'masked', rule: 'r', count })

async function onDisk(run: (disk: FullDisk) => Promise<void>): Promise<void> {
  const disk = fullDisk()
  try {
    await run(disk)
  } finally {
    disk.restore()
  }
}

function countsOf({ folder, unwrapper }: TestRecorder, session: string): readonly number[] {
  return [...readEntries(folder, session, unwrapper)].flatMap(({ entry }) =>
    entry.kind === 'masked' ? [entry.count] : [],
  )
}

test('at whatever byte the disk fills, accepted entries are there, refused ones are not, and the chain is whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 6000 }),
      fc.constantFrom('each' as const, 'group' as const),
      fc.integer({ min: 200, max: 2000 }),
      async (quota, sync, segmentBytes) => {
        const made = recorderForTest({ sync, segmentBytes })
        const accepted: number[] = []
        await onDisk(async (disk) => {
          const session = made.recorder.open('s-1')
          const offer = async (count: number): Promise<boolean> => {
            const error = await appended(session, entryOf(count))
            if (error === undefined) accepted.push(count)
            return error === undefined
          }
          disk.quota(quota)
          for (let count = 0; count < 20; count++) await offer(count)
          disk.quota(0)
          assert.equal(await offer(100), false)
          assert.throws(() => made.recorder.open('s-2'), RecordingError)
          disk.quota(Number.POSITIVE_INFINITY)
          assert.equal(await offer(101), true)
          await recordSession(made.recorder.open('s-2'))
          await session.close('over')
          await made.recorder.close()
        })
        assert.deepEqual(countsOf(made, 's-1'), accepted)
        const { whole, findings } = verifyRecordings(made.folder, made.checker)
        assert.deepEqual([whole, findings], [true, []])
        rmSync(made.folder, { recursive: true })
      },
    ),
    { numRuns: 60 },
  )
})

test('an end that finds no room on the disk is written when there is room again', async () => {
  const made = recorderForTest()
  await onDisk(async (disk) => {
    const session = made.recorder.open('s-1')
    await appended(session, entryOf(1))
    disk.quota(10)
    await session.close('over')
    assert.deepEqual(
      verifyRecordings(made.folder, made.checker).findings.map(({ what }) => what),
      ['open'],
    )
    disk.quota(Number.POSITIVE_INFINITY)
    await made.recorder.close()
  })
  assert.deepEqual(verifyRecordings(made.folder, made.checker).findings, [])
  assert.ok(made.faults.length > 0)
})

test('at each, a disk that cannot sync refuses; at group the entry is handed over and the fault is told', async () => {
  for (const sync of ['each', 'group'] as const) {
    const made = recorderForTest({ sync })
    await onDisk(async (disk) => {
      const session = made.recorder.open('s-1')
      disk.breakSyncs(true)
      const error = await appended(session, entryOf(1))
      assert.equal(error === undefined, sync === 'group')
      disk.breakSyncs(false)
      assert.equal(await appended(session, entryOf(2)), undefined)
      await made.recorder.close()
    })
    assert.equal(verifyRecordings(made.folder, made.checker).whole, true)
  }
})

test('a session begins without waiting for the disk at group, and waits where its head goes elsewhere or at each', async () => {
  const told: number[] = []
  const anchor = {
    name: 'elsewhere',
    send: ({ size }: { size: number }) => void told.push(size),
    settled: async () => undefined,
  }
  for (const [changes, waits] of [
    [{ sync: 'group' }, false],
    [{ sync: 'group', anchors: [anchor] }, true],
    [{ sync: 'each' }, true],
  ] as const) {
    const made = recorderForTest(changes)
    await onDisk(async (disk) => {
      disk.breakSyncs(true)
      if (waits) assert.throws(() => made.recorder.open('s-1'), RecordingError)
      else await recordSession(made.recorder.open('s-1'))
      assert.deepEqual(told, [])
      disk.breakSyncs(false)
      await recordSession(made.recorder.open('s-2'))
      await made.recorder.close()
    })
    // What was told elsewhere is never more than the log has.
    assert.equal(told.at(-1) ?? 0, changes.sync === 'group' && waits ? readLog(made.folder).lines.length : 0)
    told.length = 0
  }
})

test('more than may wait is turned away, and readers are asked to pause before that', async () => {
  const { recorder } = recorderForTest({ sync: 'each', queueBytes: 100_000 })
  const session = recorder.open('s-1')
  const chunk = { kind: 'wire', direction: 'down', bytes: Buffer.alloc(60_000) } as const
  const answers = [0, 1, 2, 3, 4].map(() => appended(session, chunk))
  assert.equal(session.congested, true)
  let drained = false
  session.onDrain(() => {
    drained = true
  })
  const refused = (await Promise.all(answers)).map((error) => error instanceof RecordingError && error.code)
  assert.deepEqual(refused, [false, false, false, false, 'behind'])
  assert.equal(drained, true)
  assert.equal(session.congested, false)
  assert.equal(await appended(session, chunk), undefined)
  await recorder.close()
})

test('a log that vanishes is begun anew, one that comes back is gone on with, and the proof tells', async () => {
  const { recorder, folder, checker } = recorderForTest()
  await recordSession(recorder.open('s-1'))
  const log = join(folder, 'log')
  renameSync(log, `${log}-away`)
  await recordSession(recorder.open('s-2'))
  assert.deepEqual(
    verifyRecordings(folder, checker).findings.map(({ session, what }) => [session, what]),
    [['s-1', 'not_in_log']],
  )
  rmSync(log, { recursive: true })
  renameSync(`${log}-away`, log)
  await recordSession(recorder.open('s-3'))
  await recorder.close()
  assert.deepEqual(
    verifyRecordings(folder, checker).findings.map(({ session, what }) => [session, what]),
    [['s-2', 'not_in_log']],
  )
})

test('a session whose name is taken is refused, and what stands there stays', async () => {
  const made = recorderForTest()
  await recordSession(made.recorder.open('s-1'))
  assert.throws(() => made.recorder.open('s-1'), RecordingError)
  await made.recorder.close()
  assert.deepEqual(verifyRecordings(made.folder, made.checker).findings, [])
})

test('where the whole folder is gone and its place is taken, every session is refused until it is free', async () => {
  const made = recorderForTest()
  const { recorder, folder } = made
  const session = recorder.open('s-1')
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'a file where the folder was')
  assert.ok((await appended(session, entryOf(1))) instanceof RecordingError)
  assert.throws(() => recorder.open('s-2'), RecordingError)
  rmSync(folder)
  mkdirSync(folder)
  assert.equal(await appended(session, entryOf(2)), undefined)
  await recordSession(recorder.open('s-3'))
  assert.deepEqual(countsOf(made, 's-1'), [2])
  await recorder.close()
})
