import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { actionDigest } from '../../../engine/action/index.ts'
import {
  checkerFromPem,
  documentOf,
  type RecordedIdentity,
  RecordingError,
  readEntries,
  readLog,
  type TreeHead,
  unwrapperFromKey,
  verifyRecordings,
  wrapperFromKey,
} from '../../../proxy/recording/index.ts'
import { leafHash, MerkleTree } from '../../../proxy/recording/merkle.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { allowed, appended, recorderForTest, recordSession } from '../../support/recordings.ts'

const segmentOf = (folder: string, session: string, index = 0) =>
  join(folder, 'sessions', session, `${String(index).padStart(6, '0')}.segment`)

test('reads back what it recorded, and the action document has the digest it had', async () => {
  const { recorder, folder, unwrapper, checker } = recorderForTest()
  await recordSession(recorder.open('s-1'))
  await recorder.close()
  const entries = [...readEntries(folder, 's-1', unwrapper)]
  assert.deepEqual(
    entries.map((item) => item.entry.kind),
    ['opened', 'identity', 'action', 'wire', 'action', 'wire', 'closed'],
  )
  assert.deepEqual(
    entries.map((item) => item.sequence),
    [0, 1, 2, 3, 4, 5, 6],
  )
  const identity = entries[1]?.entry as RecordedIdentity
  const action = entries[2]?.entry
  assert.ok(action?.kind === 'action')
  assert.equal(documentOf(identity, action).action.digest, actionDigest(sampleDocument()))
  assert.deepEqual(action.decision, allowed)
  const report = verifyRecordings(folder, checker)
  assert.deepEqual([report.whole, report.sessions, report.entries, report.findings], [true, 1, 7, []])
})

test("what is sealed opens with the operator's key only, and nothing of it stands on disk", async () => {
  const { recorder, folder } = recorderForTest()
  await recordSession(recorder.open('s-1'))
  await recorder.close()
  assert.equal(readFileSync(segmentOf(folder, 's-1')).includes('SELECT 1'), false)
  const wrong = unwrapperFromKey('00'.repeat(32))
  assert.throws(
    () => [...readEntries(folder, 's-1', wrong)],
    (error) => error instanceof RecordingError && error.code === 'wrong_key',
  )
  assert.throws(
    () => [...readEntries(folder, 's-1', undefined)],
    (error) => error instanceof RecordingError && error.code === 'wrong_key',
  )
})

test('a public key lets the gateway write what it cannot read', async () => {
  const pair = generateKeyPairSync('x25519')
  const wrapper = wrapperFromKey(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString())
  const { recorder, folder } = recorderForTest({ wrapper })
  await recordSession(recorder.open('s-1'))
  await recorder.close()
  const unwrapper = unwrapperFromKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  assert.equal([...readEntries(folder, 's-1', unwrapper)].length, 7)
})

test('checkpoints signed again with another key are found', async () => {
  const one = recorderForTest()
  await recordSession(one.recorder.open('s-1'))
  await one.recorder.close()
  const other = checkerFromPem(
    generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  )
  assert.equal(
    verifyRecordings(one.folder, other).findings.some((finding) => finding.what === 'wrong_key'),
    true,
  )
})

test('a log cut together with its heads and sessions is found by an anchor kept elsewhere', async () => {
  const anchored: TreeHead[] = []
  const { recorder, folder, checker } = recorderForTest({
    anchors: [{ name: 'kept', send: (head) => void anchored.push(head), settled: () => Promise.resolve() }],
  })
  await recordSession(recorder.open('s-1'))
  const before = ['leaves', 'heads'].map((name) => readFileSync(join(folder, 'log', name)))
  await recordSession(recorder.open('s-2'))
  await recorder.close()
  rmSync(join(folder, 'sessions', 's-2'), { recursive: true })
  for (const [index, name] of ['leaves', 'heads'].entries())
    writeFileSync(join(folder, 'log', name), before[index] ?? '')
  assert.equal(verifyRecordings(folder, checker).whole, true, 'nothing in the folder itself tells')
  const report = verifyRecordings(folder, checker, { anchors: anchored })
  assert.equal(
    report.findings.some((finding) => finding.what === 'log_cut'),
    true,
  )
})

test('a session that is still open is told apart from a damaged one', async () => {
  const { recorder, folder, checker } = recorderForTest()
  const session = recorder.open('s-1')
  await appended(session, { kind: 'resize', columns: 80, rows: 24 })
  const report = verifyRecordings(folder, checker)
  assert.deepEqual([report.whole, report.findings.map((finding) => finding.what)], [true, ['open']])
  writeFileSync(segmentOf(folder, 's-1'), Buffer.from('torn'), { flag: 'a' })
  assert.deepEqual(
    verifyRecordings(folder, checker).findings.map((finding) => finding.what),
    ['cut'],
  )
})

test('segments roll and the chain goes over their borders', async () => {
  const { recorder, folder, checker, unwrapper } = recorderForTest()
  const session = recorder.open('s-1')
  const chunk = Buffer.alloc(20 * 1024 * 1024, 7)
  for (let round = 0; round < 4; round++)
    assert.equal(await appended(session, { kind: 'terminal', stream: 'output', bytes: chunk }), undefined)
  await session.close('done')
  await recorder.close()
  assert.deepEqual(readdirSync(join(folder, 'sessions', 's-1')), ['000000.segment', '000001.segment'])
  assert.equal(verifyRecordings(folder, checker).whole, true)
  let total = 0
  for (const { entry } of readEntries(folder, 's-1', unwrapper))
    if (entry.kind === 'terminal') total += entry.bytes.length
  assert.equal(total, 4 * chunk.length)
  rmSync(segmentOf(folder, 's-1'))
  assert.equal(verifyRecordings(folder, checker).whole, false)
})

for (const sync of ['each', 'group', 'os'] as const) {
  test(`an entry accepted at ${sync} is in the file when it is accepted`, async () => {
    const { recorder, folder, unwrapper } = recorderForTest({ sync })
    const session = recorder.open('s-1')
    for (let index = 0; index < 5; index++) {
      assert.equal(await appended(session, { kind: 'masked', rule: 'r', count: index }), undefined)
      assert.equal([...readEntries(folder, 's-1', unwrapper)].length, index + 1)
    }
    await recorder.close()
  })
}

test('a folder that vanishes swallows nothing: the session goes on in a new one, or is refused', async () => {
  let clock = 0
  // Every entry comes later than a file is taken to be there.
  const monotonicMs = (): number => (clock += 10)
  const { recorder, folder, checker, unwrapper } = recorderForTest({ monotonicMs })
  const session = recorder.open('s-1')
  await appended(session, { kind: 'masked', rule: 'before', count: 1 })
  rmSync(join(folder, 'sessions', 's-1'), { recursive: true })
  assert.equal(await appended(session, { kind: 'masked', rule: 'after', count: 1 }), undefined)
  assert.deepEqual(
    [...readEntries(folder, 's-1', unwrapper)].map((item) => item.entry.kind === 'masked' && item.entry.rule),
    ['after'],
  )
  assert.equal(verifyRecordings(folder, checker).whole, false, 'the lost part is found')
  rmSync(join(folder, 'sessions'), { recursive: true })
  writeFileSync(join(folder, 'sessions'), 'a file where the folder was')
  assert.ok((await appended(session, { kind: 'masked', rule: 'refused', count: 1 })) instanceof RecordingError)
  rmSync(join(folder, 'sessions'))
  assert.equal(await appended(session, { kind: 'masked', rule: 'again', count: 1 }), undefined)
  await recorder.close()
})

test('frames that nobody waits for are taken as they lie, and are handed over with the next action', async () => {
  const { recorder, folder, unwrapper } = recorderForTest({ sync: 'group' })
  const session = recorder.open('s-1')
  assert.equal(session.gathers, true)
  const document = sampleDocument()
  const read: (Error | undefined)[] = []
  const bytes = Buffer.from('first')
  session.append({ kind: 'wire', direction: 'up', bytes }, (error) => read.push(error))
  bytes.write('other')
  session.append({ kind: 'wire', direction: 'down', bytes }, (error) => read.push(error))
  bytes.fill(0)
  assert.deepEqual(read, [])
  assert.equal(await appended(session, { kind: 'action', document, decision: allowed }), undefined)
  assert.deepEqual(read, [undefined, undefined])
  await recorder.close()
  const wires = [...readEntries(folder, 's-1', unwrapper)].flatMap(({ entry }) =>
    entry.kind === 'wire' ? [Buffer.from(entry.bytes).toString()] : [],
  )
  assert.deepEqual(wires, ['first', 'other'])
  const each = recorderForTest({ sync: 'each' })
  assert.equal(each.recorder.open('s-1').gathers, false)
  await each.recorder.close()
})

test('a frame of pieces of all sizes is whole, and a byte that changed in any of them is found', async () => {
  const { recorder, folder, checker } = recorderForTest({ sync: 'group' })
  const session = recorder.open('s-1')
  const document = sampleDocument()
  for (const size of [1, 20_000, 5, 9_000, 9_000, 16_300, 60_000, 100, 15_000, 2]) {
    session.append({ kind: 'wire', direction: 'down', bytes: Buffer.alloc(size, 1) }, () => undefined)
    assert.equal(await appended(session, { kind: 'action', document, decision: allowed }), undefined)
  }
  await recorder.close()
  assert.equal(verifyRecordings(folder, checker).whole, true)
  const path = segmentOf(folder, 's-1')
  const bytes = readFileSync(path)
  for (const at of [2_000, 15_000, 25_000, 40_000, 60_000, 120_000]) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    writeFileSync(path, changed)
    assert.equal(verifyRecordings(folder, checker).whole, false, `byte ${at}`)
  }
})

test('nothing is accepted after the end', async () => {
  const { recorder } = recorderForTest()
  const session = recorder.open('s-1')
  await session.close('over')
  assert.ok((await appended(session, { kind: 'masked', rule: 'late', count: 1 })) instanceof RecordingError)
  assert.throws(() => recorder.open('../escape'), RecordingError)
  await recorder.close()
})

test('the Merkle root is that of RFC 6962 for every size', () => {
  const tree = new MerkleTree()
  const leaves: Buffer[] = []
  const rootOf = (list: readonly Buffer[]): Buffer => {
    if (list.length === 1) return leafHash(list[0] ?? Buffer.alloc(0))
    let half = 1
    while (half * 2 < list.length) half *= 2
    const both = new MerkleTree()
    both.append(Buffer.alloc(0))
    const { createHash } = process.getBuiltinModule('node:crypto')
    return createHash('sha256')
      .update(Buffer.of(1))
      .update(rootOf(list.slice(0, half)))
      .update(rootOf(list.slice(half)))
      .digest()
  }
  for (let size = 1; size <= 33; size++) {
    leaves.push(Buffer.from(`leaf ${size}`))
    tree.append(Buffer.from(`leaf ${size}`))
    assert.deepEqual(tree.root(), rootOf(leaves))
  }
})

test('a torn last line of the log is dropped when the gateway starts again', async () => {
  const one = recorderForTest()
  await recordSession(one.recorder.open('s-1'))
  await one.recorder.close()
  writeFileSync(join(one.folder, 'log', 'leaves'), '{"session":"s-2","ev', { flag: 'a' })
  const { LocalRecorder } = await import('../../../proxy/recording/index.ts')
  const again = new LocalRecorder(one.config)
  await recordSession(again.open('s-3'))
  await again.close()
  assert.equal(readLog(one.folder).damaged, 0)
  assert.equal(verifyRecordings(one.folder, one.checker).whole, true)
})
