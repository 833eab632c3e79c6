// Sessions that say nothing end; those that work, wait for people or stream do not. What a resource keeps of its frames.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGate, defaultGateLimits, type GateSession, type Refusal } from '../../../proxy/gate/index.ts'
import { gateParts, results, SeenEffects, sampleAction, sampleOpening, type TestParts } from '../../support/gate.ts'
import type { MemorySessionRecorder } from '../../support/memory-recorder.ts'

const hour = 3_600_000
/** Shorter than the holds and the identities of these tests live. */
const idleMs = 15_000

async function openSession(
  parts: TestParts,
): Promise<{ readonly session: GateSession; readonly recorder: MemorySessionRecorder }> {
  const opened = await createGate(parts).open(sampleOpening())
  assert.ok(opened.open)
  const recorder = parts.recorder.sessions.get(opened.session.id)
  assert.ok(recorder)
  return { session: opened.session, recorder }
}

function submit(session: GateSession): void {
  session.submit(sampleAction(), {}, new SeenEffects())
}

function silent(): TestParts {
  return gateParts({ limits: { ...defaultGateLimits, idleMs } })
}

test('a session that was silent for as long as that ends, and one moment earlier it does not', async () => {
  const parts = silent()
  const { session } = await openSession(parts)
  const ends: Refusal[] = []
  session.onEnd((refusal) => ends.push(refusal))
  parts.clock.advance(idleMs - 1)
  assert.equal(ends.length, 0)
  parts.clock.advance(1)
  assert.deepEqual(
    ends.map(({ code, message }) => [code, message]),
    [['expired', 'the session was silent for too long']],
  )
})

test('actions, frames and bytes break the silence', async () => {
  for (const breakIt of ['action', 'frame', 'bytes'] as const) {
    const parts = silent()
    const { session } = await openSession(parts)
    const ends: Refusal[] = []
    session.onEnd((refusal) => ends.push(refusal))
    parts.clock.advance(idleMs - 1)
    if (breakIt === 'action') submit(session)
    else if (breakIt === 'frame') session.observe('wire_down', new Uint8Array(1))
    else session.consume({ bytes: 1 }, undefined)
    parts.clock.advance(idleMs - 1)
    assert.equal(ends.length, 0, breakIt)
  }
})

test('a session that waits for people is not silent', async () => {
  const parts = silent()
  const { session } = await openSession(parts)
  const ends: Refusal[] = []
  session.onEnd((refusal) => ends.push(refusal))
  parts.live.answer = () => results.hold
  submit(session)
  parts.clock.advance(3 * idleMs)
  assert.equal(ends.length, 0)
})

test('without the bound a silent session stays', async () => {
  const parts = gateParts()
  const { session } = await openSession(parts)
  const ends: Refusal[] = []
  session.onEnd((refusal) => ends.push(refusal))
  parts.clock.advance(hour / 4)
  assert.equal(ends.length, 0)
  session.close('done')
})

test('frames and terminals are kept or left out as the resource says', async () => {
  for (const [wire, terminal] of [
    [true, false],
    [false, true],
  ] as const) {
    const parts = gateParts({ resourceRecording: () => ({ wire, terminal }) })
    const { session, recorder } = await openSession(parts)
    session.observe('wire_up', new Uint8Array(3))
    session.observe('terminal_out', new Uint8Array(3))
    session.close('done')
    const kinds = recorder.accepted.map(({ kind }) => kind)
    assert.deepEqual([kinds.includes('wire'), kinds.includes('terminal')], [wire, terminal])
  }
})
