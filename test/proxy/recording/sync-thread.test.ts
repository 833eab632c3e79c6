// The thread that syncs: it takes files that are marked, forgets closed ones, and ends when it is told to.
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
