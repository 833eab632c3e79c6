// Random orders of events at the pure machine of one action: forward only from a recorded allow, one answer at most.
import type { Decision } from '../../engine/decision/index.ts'
import { deciding, type Effect, type Event, type State, step } from '../../proxy/gate/machine.ts'

/** The fuzzer's name. */
export const name = 'gate machine'

const facts = {
  id: 'd',
  bundle: { revision: '1', digest: '' },
  rules: [],
  cost: { micros: 0, fuel: 0 },
  record: 'full' as const,
}
const terms = { masks: [], filters: [], limits: { seconds: 1 } }
const decisions: readonly Decision[] = [
  { ...facts, id: 'allow', effect: 'allow', ...terms },
  {
    ...facts,
    id: 'hold',
    effect: 'hold',
    holds: [{ rule: 'r', reason: '', reviewers: [], quorum: 1, expiresMs: 1 }],
    ...terms,
  },
  { ...facts, id: 'deny', effect: 'deny', denials: [{ rule: 'r', message: '' }] },
]

function randomEvent(random: () => number): Event {
  const decision = decisions[Math.floor(random() * decisions.length)] ?? decisions[2]
  const events: readonly Event[] = [
    ...(decision === undefined ? [] : [{ on: 'decided', decision, code: 'denied' } as const]),
    { on: 'recorded' },
    { on: 'recorded' },
    { on: 'record_failed' },
    { on: 'record_late' },
    { on: 'approved' },
    { on: 'hold_denied', message: '' },
    { on: 'hold_expired' },
    { on: 'hold_failed' },
    { on: 'hold_limit' },
    { on: 'cancelled', reason: 'client_gone' },
    { on: 'session_ended', code: 'revoked', why: '' },
    { on: 'overrun' },
    { on: 'finished' },
  ]
  return events[Math.floor(random() * events.length)] ?? { on: 'finished' }
}

/** What is wrong with one sequence, if anything. */
function broken(events: readonly Event[]): string | undefined {
  let state: State = deciding
  let toRecord: Decision | undefined
  let recorded: Decision | undefined
  let answers = 0
  for (const event of events) {
    if (event.on === 'recorded') recorded = toRecord
    const [next, effects]: readonly [State, readonly Effect[]] = step(state, event)
    state = next
    for (const effect of effects) {
      if (effect.do === 'record') toRecord = effect.decision
      if (effect.do === 'forward' || effect.do === 'refuse') answers++
      if (effect.do === 'forward' && (recorded?.effect !== 'allow' || recorded !== effect.decision))
        return 'forwarded without a recorded allow'
    }
    if (answers > 1) return 'answered twice'
  }
  return undefined
}

/** Runs random sequences until the deadline. */
export function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const failures: string[] = []
  let cases = 0
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    const events = Array.from({ length: 1 + Math.floor(random() * 12) }, () => randomEvent(random))
    const why = broken(events)
    if (why !== undefined) failures.push(`${why}: ${events.map((event) => event.on).join(' ')}`)
    cases++
  }
  return Promise.resolve({ cases, failures })
}
