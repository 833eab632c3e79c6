// The thread that syncs: it takes files that are marked, forgets closed ones, tells when they are on the disk, and ends
// when it is told to.
import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RecordingError } from '../../../proxy/recording/index.ts'
import { SyncThread } from '../../../proxy/recording/sync-thread.ts'

test('marked files are synced without a fault, closed ones are no fault, and too high a descriptor is refused', async () => {
  const faults: RecordingError[] = []
  const folder = mkdtempSync(join(tmpdir(), 'synced-'))
  const thread = new SyncThread(1, join(folder, 'journal'), (error) => void faults.push(error))
  for (let round = 0; round < 50; round++) {
    const fd = openSync(join(folder, `f-${round}`), 'w')
    writeSync(fd, 'x')
    assert.equal(thread.mark(fd), true)
    if (round % 2 === 0) thread.forget(fd)
    await new Promise((done) => setImmediate(done))
    closeSync(fd)
  }
  assert.equal(thread.mark(70_000), false)
  await thread.close()
  assert.deepEqual(faults, [])
})

test('whoever waits for the disk is told of the round that took the file, also when others are under way', async () => {
  const faults: RecordingError[] = []
  const folder = mkdtempSync(join(tmpdir(), 'synced-'))
  const thread = new SyncThread(1, join(folder, 'journal'), (error) => void faults.push(error))
  const fd = openSync(join(folder, 'f'), 'w')
  const told: boolean[] = []
  for (let round = 0; round < 30; round++) {
    writeSync(fd, 'x')
    const settled = new Promise<boolean>((resolve) => assert.equal(thread.settle(fd, resolve), true))
    // Now at the beginning of a round, now within one.
    for (let turn = 0; turn < round % 5; turn++) await new Promise((done) => setTimeout(done, 1))
    told.push(await settled)
  }
  assert.deepEqual(told, Array<boolean>(30).fill(true))
  assert.equal(
    thread.settle(70_000, () => undefined),
    false,
  )
  const late = new Promise<boolean>((resolve) => assert.equal(thread.settle(fd, resolve), true))
  await thread.close()
  assert.equal(await late, false)
  closeSync(fd)
  assert.deepEqual(faults, [])
})
