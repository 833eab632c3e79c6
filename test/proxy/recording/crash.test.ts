// What a gateway that was killed can leave: told as unfinished and nothing worse; and once it starts again, nothing can
// be cut off it.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeSegment } from '../../../proxy/recording/frame.ts'
import { LocalRecorder, readEntries, verifyRecordings } from '../../../proxy/recording/index.ts'
import { appended, recorderForTest, recordSession, type TestRecorder } from '../../support/recordings.ts'

const segment = join('sessions', 's-1', '000000.segment')

/** Waits until what the session wrote is in frames that have their ends. */
async function framesEnded({ folder }: TestRecorder): Promise<void> {
  const isOpen = (name: string): boolean =>
    decodeSegment(readFileSync(join(folder, 'sessions', 's-1', name))).unended !== undefined
  while (readdirSync(join(folder, 'sessions', 's-1')).some(isOpen)) await pause(5)
}

/** A folder as it is while a session runs, copied as a crash would leave it. */
async function crashed(segmentBytes = 1e9): Promise<TestRecorder> {
  const made = recorderForTest({ segmentBytes })
  await recordSession(made.recorder.open('s-0'))
  const session = made.recorder.open('s-1')
  for (let count = 0; count < 4; count++) await appended(session, { kind: 'masked', rule: 'r', count })
  await framesEnded(made)
  const folder = mkdtempSync(join(tmpdir(), 'crashed-'))
  cpSync(made.folder, folder, { recursive: true })
  await made.recorder.close()
  rmSync(made.folder, { recursive: true })
  return { ...made, folder, config: { ...made.config, folder } }
}

function whats({ folder, checker }: TestRecorder): readonly string[] {
  return verifyRecordings(folder, checker).findings.map(({ session, what }) => `${session} ${what}`)
}

test('a frame cut anywhere is one that was never accepted, and a frame that is none is damage', async () => {
  const made = await crashed()
  const path = join(made.folder, segment)
  const bytes = readFileSync(path)
  const last = decodeSegment(bytes).frames.at(-1)
  assert.ok(last !== undefined)
  for (let end = last.offset; end <= bytes.length; end++) {
    writeFileSync(path, bytes.subarray(0, end))
    assert.deepEqual(whats(made), ['s-1 open'])
  }
  assert.equal([...readEntries(made.folder, 's-1', made.unwrapper)].length, 4)
  for (const tail of ['torn', '\u0002\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0009']) {
    writeFileSync(path, Buffer.concat([bytes, Buffer.from(tail, 'latin1')]))
    assert.deepEqual(whats(made), ['s-1 cut'])
  }
})

test('a segment header cut anywhere is a segment that was being opened, in the middle of a session or at its start', async () => {
  const made = await crashed(1)
  const names = readdirSync(join(made.folder, 'sessions', 's-1')).sort()
  assert.ok(names.length > 2)
  const path = join(made.folder, 'sessions', 's-1', names.at(-1) ?? '')
  const bytes = readFileSync(path)
  const start = decodeSegment(bytes).frames[0]?.offset ?? bytes.length
  const lone = join(made.folder, 'sessions', 's-2', '000000.segment')
  mkdirSync(join(lone, '..'))
  for (let end = 0; end <= start; end++) {
    writeFileSync(path, bytes.subarray(0, end))
    if (end < start) writeFileSync(lone, readFileSync(path))
    assert.deepEqual([...new Set(whats(made))].sort(), ['s-1 open', 's-2 open'])
  }
  writeFileSync(path, Buffer.from('SALLYWRECK'))
  assert.ok(whats(made).includes('s-1 unreadable'))
})

test('a line of the log cut anywhere, and a head that was not yet copied, are told and are no damage', async () => {
  const made = await crashed()
  const [leaves, heads] = ['leaves', 'heads'].map((name) => join(made.folder, 'log', name))
  assert.ok(leaves !== undefined && heads !== undefined)
  const both = { leaves: readFileSync(leaves), heads: readFileSync(heads) }
  const before = { leaves: both.leaves.lastIndexOf(10, -2) + 1, heads: both.heads.lastIndexOf(10, -2) + 1 }
  for (let end = before.heads; end < both.heads.length; end++) {
    writeFileSync(heads, both.heads.subarray(0, end))
    assert.deepEqual(whats(made), ['s-1 open', ' open'])
  }
  writeFileSync(heads, both.heads.subarray(0, before.heads))
  // The session whose opening was being written holds nothing yet.
  rmSync(join(made.folder, 'sessions', 's-1'), { recursive: true })
  for (let end = before.leaves; end < both.leaves.length; end++) {
    writeFileSync(leaves, both.leaves.subarray(0, end))
    assert.deepEqual(whats(made), end === before.leaves ? [] : [' open'])
  }
  writeFileSync(leaves, both.leaves.subarray(0, before.leaves - 1))
  assert.ok(whats(made).includes(' log_cut'))
})

test('a folder without a segment is a session that never began, unless the log knows it', async () => {
  const made = await crashed()
  mkdirSync(join(made.folder, 'sessions', 's-2'))
  assert.deepEqual([...new Set(whats(made))], ['s-1 open', 's-2 open'])
  rmSync(join(made.folder, segment))
  assert.ok(whats(made).includes('s-1 missing_segment'))
})

test('when it starts again the log says where each session ended: nothing can be cut off it after that', async () => {
  const made = await crashed()
  const path = join(made.folder, segment)
  const bytes = readFileSync(path)
  const last = decodeSegment(bytes).frames.at(-1)
  assert.ok(last !== undefined)
  const again = new LocalRecorder(made.config)
  await again.close()
  assert.deepEqual(whats(made), ['s-1 open'])
  writeFileSync(path, bytes.subarray(0, last.offset))
  assert.ok(whats(made).some((what) => what !== 's-1 open'))
})

test('pieces without an end are read, told, and bound by the log from the next start on', async () => {
  const live = recorderForTest()
  const session = live.recorder.open('s-1')
  for (let count = 0; count < 3; count++)
    assert.equal(await appended(session, { kind: 'refused', decisionId: `d-${count}`, code: 'late' }), undefined)
  // Copied before the frame has an end: nothing has waited for a timer yet.
  const folder = mkdtempSync(join(tmpdir(), 'pieces-'))
  cpSync(live.folder, folder, { recursive: true })
  await session.close('over')
  await live.recorder.close()
  const made = { ...live, folder, config: { ...live.config, folder } }
  const path = join(folder, segment)
  const bytes = readFileSync(path)
  const { unended, frames, torn } = decodeSegment(bytes)
  assert.deepEqual([frames.length, unended?.frame.count], [0, 3])
  assert.equal([...readEntries(folder, 's-1', made.unwrapper)].length, 3)
  const [finding] = verifyRecordings(folder, made.checker).findings
  assert.match(finding?.where ?? '', /ends without a terminal record, \d+ bytes of a frame that was not ended, with 3 /)
  const again = new LocalRecorder(made.config)
  await again.close()
  assert.deepEqual(whats(made), ['s-1 open'])
  const start = bytes.length - torn
  let changes = 0
  for (let at = start; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
    for (const changed of [flipped, bytes.subarray(0, at)]) {
      changes++
      writeFileSync(path, changed)
      assert.ok(
        whats(made).some((what) => what !== 's-1 open'),
        `byte ${at}`,
      )
    }
  }
  assert.ok(changes > 100)
})

test('a log that two gateways write in turn stays one log', async () => {
  const made = recorderForTest()
  const session = made.recorder.open('s-1')
  const other = new LocalRecorder(made.config)
  await recordSession(other.open('s-2'))
  await session.close('drained')
  await recordSession(other.open('s-3'))
  await made.recorder.close()
  await other.close()
  assert.deepEqual(whats(made), [])
})
