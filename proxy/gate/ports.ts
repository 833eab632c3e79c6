// What the gate is given from outside: time, ids, the live policy, bounds, and who watches.
import type { ActionDocument, Identity, Resource } from '../../engine/action/index.ts'
import type { Decision, Limits } from '../../engine/decision/index.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import type { Recorder } from '../recording/contract.ts'
import type { RootLedger } from './budget.ts'
import type { Holds, Refusal } from './contract.ts'
import type { Kept } from './observed.ts'

/** Time as the gate sees it. `after` runs once; its answer cancels. */
export interface GateClock {
  nowMs(): number
  /** Monotonic, for costs and latencies. */
  micros(): number
  after(delayMs: number, run: () => void): () => void
}

/** Who is told what the gate does: metrics, decision log, traces. Must not throw and must not wait. */
export interface GateObserver {
  decided(document: ActionDocument, decision: Decision): void
  /** `micros` from submit to the answer, people's waiting included. */
  answered(resource: Resource, answer: 'forward' | Refusal['code'], micros: number): void
  held(resource: Resource, change: 1 | -1): void
  /** Values were masked by a rule of the policy. */
  masked(resource: Resource, rule: string, count: number): void
  session(resource: Resource, change: 1 | -1): void
  /** Something broke inside and was turned into a refusal or an end. */
  failed(where: string, error: unknown): void
}

/** Bounds of a session or of everything below one delegation root. Absent means none. */
export interface Totals extends Limits {
  readonly actions?: number
}

/** The gate's bounds. */
export interface GateLimits {
  readonly sessionsMax: number
  readonly holdsMax: number
  readonly holdsPerSessionMax: number
  /** How long an action waits for people at the most, whatever the policy says. */
  readonly holdMs: number
  /** How long an action waits for its record. */
  readonly recordMs: number
  /** How long a session may be silent: nothing runs, nothing is asked, nothing passes. Absent means for ever. */
  readonly idleMs?: number
  readonly session: Totals
  readonly root: Totals
  /** Root totals start again after this long. */
  readonly rootWindowMs: number
}

/** Defaults: generous for honest clients, small enough that one client cannot exhaust the process. */
export const defaultGateLimits: GateLimits = {
  sessionsMax: 10_000,
  holdsMax: 2000,
  holdsPerSessionMax: 16,
  holdMs: 24 * 3_600_000,
  recordMs: 5000,
  session: {},
  root: {},
  rootWindowMs: 24 * 3_600_000,
}

/** Everything a gate is built from. */
export interface GateParts {
  /** The live policy host; asked anew for every decision, so a swap between two actions is seen at once. Throws when none is live. */
  readonly policy: () => PolicyHost
  readonly recorder: Recorder
  readonly holds: Holds
  readonly clock: GateClock
  readonly newId: () => string
  readonly gateway: { readonly id: string; readonly version: string }
  readonly observer: GateObserver
  readonly limits: GateLimits
  /** Totals of delegation roots; absent means the gate's own, which other gateways do not see. See `SharedUsage`. */
  readonly ledger?: RootLedger
  /** Why an identity is let in no more, such as a revocation; absent means that nothing is ever revoked. */
  readonly bars?: (identity: Identity) => string | undefined
  /** An identity as it counts now, such as without groups that it lost; asked when live sessions are judged again. */
  readonly renewed?: (identity: Identity) => Identity
  /** Totals of one resource's sessions, on top of the gate's own. */
  readonly resourceLimits?: (resource: string) => Totals
  /** What of a resource's sessions is kept beside actions and decisions; absent means all of it. */
  readonly resourceRecording?: (resource: string) => Kept | undefined
}
