// The index of searches: it never hides what a look through everything finds, whatever was done to it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { search } from '../../cli/sessions/search.ts'
import { SearchIndex } from '../../cli/sessions/search-index.ts'
import type { Wanted } from '../../cli/sessions/wanted.ts'
import { type ActionDocument, withDigest } from '../../engine/action/index.ts'
import type { Decision } from '../../engine/decision/index.ts'
import { listSessions } from '../../proxy/recording/index.ts'
import { sampleDocument } from '../support/action-document.ts'
import { allowed, appended, recorderForTest, type TestRecorder } from '../support/recordings.ts'

const sealed = 'the secret of the operator'
const denied: Decision = {
  ...allowed,
  effect: 'deny',
  rules: ['policy.b.deny'],
  denials: [{ rule: 'r', message: 'm' }],
}

/** A document of one of four agents, on one of three resources. */
function documentOf(number: number): ActionDocument {
  const sample = sampleDocument({ verb: number % 5 === 0 ? 'write' : 'read' })
  return withDigest({
    ...sample,
    identity: { ...sample.identity, subject: `agent-${number % 4}` },
    resource: { ...sample.resource, name: `db-${number % 3}` },
  })
}

async function record(made: TestRecorder, session: string, number: number, closes = true): Promise<void> {
  const document = documentOf(number)
  const { identity, resource } = document
  const open = made.recorder.open(session)
  await appended(open, { kind: 'opened', identity, resource, client: '127.0.0.1' })
  const decision = number % 2 === 0 ? allowed : denied
  assert.equal(await appended(open, { kind: 'action', document, decision }), undefined)
  if (closes) await open.close('client_closed')
}

const wanteds: readonly Wanted[] = [
  {},
  ...[0, 1, 2, 3, 4].map((number) => ({ subject: `agent-${number}` })),
  { subject: 'agent-1', resource: 'db-2' },
  { resource: 'db-0', effect: 'deny' },
  { verb: 'write' },
  { verb: 'grant' },
  { rule: 'policy.b.deny' },
  { chain: 'person-1' },
  { chain: 'nobody' },
  { relation: 'orders' },
  { command: 'ls' },
  { sinceMs: 1 },
  { untilMs: 1 },
  { sinceMs: 1100, untilMs: 1160 },
]

function assertSame(made: TestRecorder, secret: string | undefined): number {
  let passed = 0
  const { folder, unwrapper } = made
  for (const wanted of wanteds) {
    const sessions = new SearchIndex(folder, unwrapper, secret).candidates(wanted)
    passed += listSessions(folder).length - sessions.length
    assert.deepEqual(
      [...search(folder, unwrapper, wanted, sessions)],
      [...search(folder, unwrapper, wanted)],
      JSON.stringify(wanted),
    )
  }
  return passed
}

for (const secret of [sealed, undefined]) {
  test(`an index ${secret === undefined ? 'in the open' : 'under a key'} finds what a look through everything finds`, async () => {
    const made = recorderForTest()
    for (let number = 0; number < 24; number++) await record(made, `s-${String(number).padStart(3, '0')}`, number)
    assert.ok(assertSame(made, secret) > 100, 'sessions are passed over')
    const path = join(made.folder, 'index')
    assert.equal(readFileSync(path).includes('agent-1'), secret === undefined)
    // New sessions, one that runs on, one that is removed.
    await record(made, 's-new', 2, false)
    assertSame(made, secret)
    const open = made.recorder.open('s-grows')
    const grown = documentOf(7)
    await appended(open, { kind: 'action', document: documentOf(3), decision: allowed })
    assertSame(made, secret)
    await appended(open, { kind: 'action', document: grown, decision: denied })
    rmSync(join(made.folder, 'sessions', 's-003'), { recursive: true })
    assertSame(made, secret)
    await made.recorder.close()
    assertSame(made, secret)
    rmSync(made.folder, { recursive: true })
  })
}

test('an index that was cut, damaged, or made by another key hides nothing', async () => {
  const made = recorderForTest()
  for (let number = 0; number < 9; number++) await record(made, `s-${number}`, number)
  await made.recorder.close()
  assertSame(made, sealed)
  const path = join(made.folder, 'index')
  const whole = readFileSync(path)
  assertSame(made, 'another secret')
  assertSame(made, undefined)
  for (const length of [0, 5, 9, 12, 40, whole.length - 1]) {
    writeFileSync(path, whole)
    truncateSync(path, length)
    assertSame(made, sealed)
  }
  writeFileSync(path, whole)
  appendFileSync(path, Buffer.from([0, 0, 0, 9, 1, 2]))
  assertSame(made, sealed)
  const flipped = Buffer.from(whole)
  flipped[30] = (flipped[30] ?? 0) ^ 1
  writeFileSync(path, flipped)
  assertSame(made, sealed)
  assert.equal(assertSame(made, sealed) > 0, true)
  rmSync(made.folder, { recursive: true })
})

test('an index is read from no pipe, and what stands under its name while it is made is not written to', async () => {
  const made = recorderForTest()
  for (let number = 0; number < 3; number++) await record(made, `s-${number}`, number)
  await made.recorder.close()
  const path = join(made.folder, 'index')
  execFileSync('mkfifo', [path])
  const elsewhere = join(made.folder, 'elsewhere')
  writeFileSync(elsewhere, 'as it was')
  symlinkSync(elsewhere, `${path}.new`)
  assertSame(made, sealed)
  assert.equal(readFileSync(elsewhere, 'utf8'), 'as it was')
  assert.ok(readFileSync(path).length > 0)
  rmSync(made.folder, { recursive: true })
})
