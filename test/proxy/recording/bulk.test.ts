// Much output is sealed, hashed and written by a thread of its own: in order, whole, and with nothing said of it before
// it is in the file.
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { BulkDone } from '../../../proxy/recording/bulk-thread.ts'
import { EntryBuffers } from '../../../proxy/recording/entry-buffers.ts'
import { chain, decodeSegment } from '../../../proxy/recording/frame.ts'
import { type RecordEntry, readEntries, signerFromPem, verifyRecordings } from '../../../proxy/recording/index.ts'
import { RecordQueue } from '../../../proxy/recording/queue.ts'
import { SegmentWriter } from '../../../proxy/recording/segment-writer.ts'
import { RecordingSession } from '../../../proxy/recording/session-recorder.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { allowed, appended, recorderForTest } from '../../support/recordings.ts'

const KiB = 1024
const output = (bytes: Uint8Array): RecordEntry => ({ kind: 'terminal', stream: 'output', bytes })
const action = (id: string): RecordEntry => ({
  kind: 'action',
  document: sampleDocument(),
  decision: { ...allowed, id },
})

test('output of any size reads back as it was, with the actions in their places, over several segments', async () => {
  const made = recorderForTest({ segmentBytes: 700 * KiB })
  const session = made.recorder.open('s-1')
  const said: string[] = []
  for (let count = 0; count < 120; count++) {
    const bytes = randomBytes(((count * 7919) % 97) * KiB + 1)
    said.push(bytes.toString('hex'))
    session.append(output(bytes), (error) => assert.equal(error, undefined))
    if (count % 9 === 0) {
      said.push(`d-${count}`)
      assert.equal(await appended(session, action(`d-${count}`)), undefined)
    }
    if (count % 4 === 0) await new Promise((turn) => setImmediate(turn))
    if (session.congested) await new Promise<void>((drained) => session.onDrain(drained))
  }
  await session.close('over')
  await made.recorder.close()
  const read = [...readEntries(made.folder, 's-1', made.unwrapper)].flatMap(({ entry }) =>
    entry.kind === 'terminal'
      ? [Buffer.from(entry.bytes).toString('hex')]
      : entry.kind === 'action'
        ? [entry.decision.id]
        : [],
  )
  assert.deepEqual(read, said)
  const { whole, findings } = verifyRecordings(made.folder, made.checker)
  assert.deepEqual([whole, findings, made.faults], [true, [], []])
  rmSync(made.folder, { recursive: true })
})

test('an action behind output that is on its way is accepted when both are in the file', async () => {
  const made = recorderForTest()
  const session = made.recorder.open('s-1')
  const order: string[] = []
  const told = (what: string) => (error?: Error) => void order.push(error === undefined ? what : error.message)
  for (const part of ['first', 'second']) session.append(output(randomBytes(70 * KiB)), told(part))
  // Where there is one processor only nothing is done elsewhere.
  if (availableParallelism() > 1) assert.deepEqual(order, [])
  const isAccepted = new Promise<void>((done) =>
    session.append(action('d-1'), (error) => {
      told('action')(error)
      done()
    }),
  )
  await isAccepted
  assert.deepEqual(order, ['first', 'second', 'action'])
  assert.deepEqual(
    [...readEntries(made.folder, 's-1', made.unwrapper)].map(({ entry }) => entry.kind),
    ['terminal', 'terminal', 'identity', 'action'],
  )
  await session.close('over')
  await made.recorder.close()
  assert.deepEqual(verifyRecordings(made.folder, made.checker).findings, [])
  rmSync(made.folder, { recursive: true })
})

test('what could not be written elsewhere is refused with all that followed it, and the chain goes on', async () => {
  const root = mkdtempSync(join(tmpdir(), 'bulk-'))
  const folder = join(root, 'sessions', 's-1')
  const pair = generateKeyPairSync('ed25519')
  const taken: BulkDone[] = []
  const faults: Error[] = []
  let clock = 0
  const tick = (): number => ++clock
  const writer = new SegmentWriter({
    folder,
    session: 's-1',
    gateway: 'g-1',
    signer: signerFromPem(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    sessionKey: undefined,
    segmentBytes: 64 * 1024 * KiB,
    bulk: {
      take: (_job, _entries, done) => {
        taken.push(done)
        return true
      },
    },
    durable: 'none',
    nowMs: tick,
    monotonicMs: tick,
    onOpened: () => undefined,
    onWritten: () => undefined,
    onGrown: () => undefined,
    onClosing: () => undefined,
    onClosed: () => undefined,
  })
  const session = new RecordingSession({
    writer,
    queue: new RecordQueue(1024 * KiB),
    buffers: new EntryBuffers(),
    sync: 'group',
    monotonicMs: tick,
    wallMs: tick,
    soon: () => undefined,
    later: () => undefined,
    unended: () => undefined,
    settle: () => false,
    onEnded: () => undefined,
    onUnfinished: () => undefined,
    onFault: (error) => void faults.push(error),
  })
  assert.equal(await appended(session, action('d-0')), undefined)
  const lost = [appended(session, output(Buffer.alloc(130 * KiB)))]
  assert.equal(taken.length, 1)
  lost.push(appended(session, action('d-1')), appended(session, output(Buffer.alloc(130 * KiB))))
  assert.equal(session.congested, true)
  const drained = new Promise<void>((resolve) => session.onDrain(resolve))
  taken[0]?.(undefined, new Error('no room'))
  for (const answer of await Promise.all(lost)) assert.ok(answer instanceof Error)
  await drained
  assert.equal(session.congested, false)
  assert.deepEqual([taken.length, faults.length], [1, 1])
  assert.equal(await appended(session, action('d-2')), undefined)
  await session.close('over')
  assert.deepEqual(
    [...readEntries(root, 's-1', undefined)].map(({ entry }) => entry.kind),
    ['identity', 'action', 'identity', 'action', 'closed'],
  )
  const { headerHash, frames, torn } = decodeSegment(readFileSync(join(folder, '000000.segment')))
  let head = headerHash
  for (const frame of frames) {
    head = chain(head, frame.covered)
    assert.deepEqual(Buffer.from(frame.hash), head)
  }
  assert.equal(torn, 0)
  rmSync(root, { recursive: true })
})
