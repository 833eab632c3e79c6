// One session at a gate in this process, and what became of the actions that a test submits.
import assert from 'node:assert/strict'
import { createGate, type Gate, type GateSession, type Refusal, type SessionOpening } from '../../proxy/gate/index.ts'
import { SeenEffects, sampleAction, sampleOpening, type TestParts } from './gate.ts'
import type { MemorySessionRecorder } from './memory-recorder.ts'

/** A gate with one session open, and its recorder. */
export interface Open {
  readonly gate: Gate
  readonly session: GateSession
  readonly recorder: MemorySessionRecorder
}

/** Opens a session at a new gate. */
export async function openSession(parts: TestParts, opening: SessionOpening = sampleOpening()): Promise<Open> {
  const gate = createGate(parts)
  const opened = await gate.open(opening)
  assert.ok(opened.open)
  const recorder = parts.recorder.sessions.get(opened.session.id)
  assert.ok(recorder)
  return { gate, session: opened.session, recorder }
}

/** Submits the sample action; its effects are kept. */
export function submit(
  session: GateSession,
): SeenEffects & { readonly cancel: () => void; readonly finish: () => void } {
  const effects = new SeenEffects()
  const submission = session.submit(sampleAction(), {}, effects)
  return Object.assign(effects, {
    cancel: () => submission.cancel('client_cancelled'),
    finish: () => submission.finish(),
  })
}

/** The refusal of an action that was not forwarded. */
export function onlyRefusal(effects: SeenEffects): Refusal {
  assert.equal(effects.forwarded.length, 0)
  const [refusal] = effects.refused
  assert.ok(refusal)
  return refusal
}
