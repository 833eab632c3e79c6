// What somebody who can write to a recordings folder may put in the place of a recording: pipes, devices and files without
// an end are told as what they are, at once, whoever reads them; the rest is read all the same.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type Finding,
  LocalRecorder,
  listSessions,
  RecordingError,
  readEntries,
  segmentNames,
  verifyRecordings,
} from '../../../proxy/recording/index.ts'
import { openForAppending } from '../../../proxy/recording/plain-file.ts'
import { appended, recorderForTest, recordSession, type TestRecorder } from '../../support/recordings.ts'

/** Two sessions that were closed. */
async function recorded(): Promise<TestRecorder> {
  const made = recorderForTest()
  await recordSession(made.recorder.open('s-0'))
  await recordSession(made.recorder.open('s-1'))
  await made.recorder.close()
  return made
}

/** Each puts something in the place of a file. */
const planted: { readonly [what: string]: (path: string) => void } = {
  'a pipe': (path) => execFileSync('mkfifo', [path]),
  'a device without an end': (path) => symlinkSync('/dev/zero', path),
  'a folder': (path) => mkdirSync(path),
  'a file of a terabyte': (path) => {
    writeFileSync(path, '')
    truncateSync(path, 2 ** 40)
  },
}

const isUnreadable = (error: unknown): boolean => error instanceof RecordingError
const whats = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ session, what }) => `${session} ${what}`)

for (const [what, plant] of Object.entries(planted)) {
  test(`${what} in the place of a segment is a finding, and the other sessions are read`, async () => {
    const { folder, checker, unwrapper } = await recorded()
    const path = join(folder, 'sessions', 's-0', '000000.segment')
    rmSync(path)
    plant(path)
    const { findings, sessions } = verifyRecordings(folder, checker)
    assert.equal(sessions, 2)
    assert.deepEqual(
      whats(findings).filter((line) => line.endsWith(' unreadable')),
      ['s-0 unreadable'],
    )
    assert.ok(!whats(findings).some((line) => line.startsWith('s-1')))
    assert.throws(() => [...readEntries(folder, 's-0', unwrapper)], isUnreadable)
    assert.ok([...readEntries(folder, 's-1', unwrapper)].length > 0)
    rmSync(folder, { recursive: true })
  })

  for (const name of ['leaves', 'heads']) {
    test(`${what} in the place of the log's ${name} is a finding, and no gateway starts on it`, async () => {
      const { folder, checker, config } = await recorded()
      rmSync(join(folder, 'log', name))
      plant(join(folder, 'log', name))
      const { findings, sessions } = verifyRecordings(folder, checker)
      assert.equal(sessions, 2)
      assert.equal(whats(findings)[0], ' unreadable')
      assert.throws(() => new LocalRecorder(config), isUnreadable)
      rmSync(folder, { recursive: true })
    })
  }

  test(`${what} in the place of the journal is not waited for`, async () => {
    const { folder, config } = await recorded()
    rmSync(join(folder, 'journal'), { force: true })
    plant(join(folder, 'journal'))
    assert.throws(() => new LocalRecorder(config), isUnreadable)
    rmSync(folder, { recursive: true })
  })
}

test('a file or a pipe in the place of the folder of sessions is told', async () => {
  const { folder, checker } = await recorded()
  rmSync(join(folder, 'sessions'), { recursive: true })
  execFileSync('mkfifo', [join(folder, 'sessions')])
  assert.throws(() => listSessions(folder), isUnreadable)
  assert.throws(() => verifyRecordings(folder, checker), isUnreadable)
})

test('appending to a pipe is refused, whether somebody reads it or not', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'planted-')), 'pipe')
  execFileSync('mkfifo', [path])
  assert.throws(() => openForAppending(path))
})

test('half a line at the end of the log goes, and more than half a line can be stays and is told', async () => {
  const { folder, config } = await recorded()
  const leaves = join(folder, 'log', 'leaves')
  const before = statSync(leaves).size
  appendFileSync(leaves, '{"session":"s-9",')
  const recorder = new LocalRecorder(config)
  await recorder.close()
  assert.equal(statSync(leaves).size, before)
  appendFileSync(leaves, 'x'.repeat(2 * 1024 * 1024))
  const planted = statSync(leaves).size
  assert.throws(() => new LocalRecorder(config), isUnreadable)
  assert.equal(statSync(leaves).size, planted)
})

test('segments past the millionth follow the one before it', async () => {
  const made = recorderForTest()
  const session = made.recorder.open('s-0')
  await appended(session, { kind: 'masked', rule: 'r', count: 1 })
  await session.close('client_closed')
  await made.recorder.close()
  const folder = join(made.folder, 'sessions', 's-0')
  for (const name of ['999999.segment', '1000000.segment', '1000001.segment'])
    cpSync(join(folder, '000000.segment'), join(folder, name))
  assert.deepEqual(segmentNames(made.folder, 's-0'), [
    '000000.segment',
    '999999.segment',
    '1000000.segment',
    '1000001.segment',
  ])
})
