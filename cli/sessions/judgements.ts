// What was judged in a session, and what became of it: an action that is held or allowed can still come to nothing.
import type { RecordedAction, RecordedIdentity, StoredEntry } from '../../proxy/recording/index.ts'

import { answeredBy } from './transcript.ts'

/** What became of an action by one entry of a recording. */
export type Outcome = 'allowed' | 'denied' | 'held' | 'approved' | 'rejected' | 'lapsed' | 'refused'

/** An action with who did it, and what became of it when. */
export interface Judged {
  readonly identity: RecordedIdentity
  readonly recorded: RecordedAction
  readonly outcome: Outcome
  /** Why, where an entry of its own says it: who answered a hold, or what an allowed action came to nothing by. */
  readonly detail: string
  readonly wallMs: number
  readonly sequence: number
}

/** Actions that something may still be said of. */
const followedMax = 10_000

const ofDecisions = { allow: 'allowed', deny: 'denied', hold: 'held' } as const
const ofHolds: ReadonlyMap<string, Outcome> = new Map([
  ['approved', 'approved'],
  ['denied', 'rejected'],
  ['cancelled', 'lapsed'],
  ['expired', 'lapsed'],
])

/** Whether this says how the policy decided, and not what came after. */
export function isDecision({ outcome, recorded }: Judged): boolean {
  return outcome === ofDecisions[recorded.decision.effect]
}

/** An authority as SIEMs have it, in two fields. */
export function hostAndPort(authority: string): { readonly host: string; readonly port?: number } {
  const colon = authority.lastIndexOf(':')
  const port = Number(authority.slice(colon + 1))
  // The colons of an address of IPv6 stand in brackets.
  if (colon < 0 || authority.endsWith(']') || !Number.isInteger(port)) return { host: authority }
  return { host: authority.slice(0, colon), port }
}

/** Everything that was judged, in the order in which it was. */
export function* judgements(entries: Iterable<StoredEntry>): Generator<Judged> {
  let identity: RecordedIdentity | undefined
  const byDecision = new Map<string, RecordedAction>()
  const byHold = new Map<string, RecordedAction>()
  const ended = new WeakSet<RecordedAction>()
  const waiting = new Waiting()
  for (const { entry, wallMs, sequence } of entries) {
    if (entry.kind === 'identity') identity = entry
    if (identity === undefined) continue
    const at = { identity, wallMs, sequence }
    if (entry.kind === 'action') {
      follow(byDecision, entry.decision.id, entry)
      waiting.add(entry)
      yield { ...at, recorded: entry, outcome: ofDecisions[entry.decision.effect], detail: '' }
    } else if (entry.kind === 'refused') {
      const recorded = byDecision.get(entry.decisionId)
      // What became of a hold is told by its own entry.
      if (recorded !== undefined && !ended.has(recorded))
        yield { ...at, recorded, outcome: 'refused', detail: entry.code }
    } else if (entry.kind === 'hold') {
      const opened = entry.event === 'opened' ? waiting.take(entry.detail) : undefined
      if (opened !== undefined) follow(byHold, entry.holdId, opened)
      const outcome = ofHolds.get(entry.event)
      const recorded = byHold.get(entry.holdId)
      if (recorded === undefined || outcome === undefined) continue
      ended.add(recorded)
      yield { ...at, recorded, outcome, detail: answeredBy(entry.detail) }
    }
  }
}

/** Held actions by the rule that holds them: a hold says its rule when it opens, in the order of their actions. */
class Waiting {
  readonly #byRule = new Map<string, RecordedAction[]>()

  add(action: RecordedAction): void {
    const { decision } = action
    if (decision.effect !== 'hold') return
    const [{ rule }] = decision.holds
    const actions = this.#byRule.get(rule)
    if (actions === undefined) this.#byRule.set(rule, [action])
    else if (actions.length < followedMax) actions.push(action)
  }

  take(rule: string): RecordedAction | undefined {
    return this.#byRule.get(rule)?.shift()
  }
}

function follow(map: Map<string, RecordedAction>, id: string, action: RecordedAction): void {
  map.set(id, action)
  const [oldest] = map.keys()
  if (map.size > followedMax && oldest !== undefined) map.delete(oldest)
}
