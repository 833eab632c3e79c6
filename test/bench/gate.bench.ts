// What the gate costs beside evaluation: an allowed submit with a recorder that accepts at once.
import { randomUUID } from 'node:crypto'
import { readDecision } from '../../engine/decision/index.ts'
import { createGate, type Effects, systemClock } from '../../proxy/gate/index.ts'
import type { Recorder } from '../../proxy/recording/contract.ts'
import { gateParts, results, sampleAction, sampleOpening } from '../support/gate.ts'

/** The bench's name. */
export const name = 'gate'

const rounds = 7
const perRound = 50_000

/** Microseconds a submit, median of several rounds. */
export async function run(): Promise<{ rows: { name: string; value: number; unit: string; goal?: string }[] }> {
  const recorder: Recorder = {
    open: () => ({
      append: (_entry, accepted) => accepted(),
      congested: false,
      onDrain: (callback) => callback(),
      close: () => Promise.resolve(),
    }),
    close: () => Promise.resolve(),
  }
  const token = { ...sampleOpening().identity.token, expires_at: '2999-01-01T00:00:00Z' }
  const gate = createGate({ ...gateParts(), recorder, clock: systemClock, newId: randomUUID })
  const opened = await gate.open(sampleOpening({ identity: { token } }))
  if (!opened.open) throw new Error(opened.refusal.message)
  let forwarded = 0
  const effects: Effects = {
    forward: () => {
      forwarded++
    },
    refuse: (refusal) => {
      throw new Error(refusal.message)
    },
    held: () => undefined,
    stop: () => undefined,
  }
  const action = sampleAction()
  const state = { search_path: ['public'] }
  const micros: number[] = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    for (let each = 0; each < perRound; each++) opened.session.submit(action, state, effects).finish()
    micros.push(((performance.now() - started) * 1000) / perRound)
  }
  if (forwarded !== rounds * perRound) throw new Error(`${forwarded} of ${rounds * perRound} were forwarded`)
  const submitted = median(micros)
  const read = median(readings())
  return {
    rows: [
      { name: 'submit, read the decision, record, forward, finish', value: submitted, unit: 'us' },
      { name: 'of which reading the policy result', value: read, unit: 'us' },
      { name: 'submit apart from the decision', value: submitted - read, unit: 'us', goal: '< 5' },
    ],
  }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function readings(): number[] {
  const envelope = { id: 'd', bundle: { revision: '1', digest: '' }, cost: { micros: 1, fuel: 1 } }
  return Array.from({ length: rounds }, () => {
    const started = performance.now()
    for (let each = 0; each < perRound; each++) readDecision(results.allow, { ...envelope, id: String(each) })
    return ((performance.now() - started) * 1000) / perRound
  })
}
