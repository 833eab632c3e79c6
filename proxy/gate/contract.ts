// The only road from an action to its effect. Protocols hand over an action and three effects; they learn nothing
// of policy, and there is no branch on which `forward` is called without a recorded allow.
import type { Action, Identity, Resource, Session } from '../../engine/action/index.ts'
import type { Decision, Filter, Limits, Mask } from '../../engine/decision/index.ts'

/** What an allowed action is allowed under. */
export interface Terms {
  readonly decisionId: string
  readonly masks: readonly Mask[]
  readonly filters: readonly Filter[]
  readonly limits: Limits
}

/** A refusal as a client may see it: rule, decision id, a person's words. Never internals. */
export interface Refusal {
  readonly code:
    | 'denied'
    | 'incomplete'
    | 'error'
    | 'not_recorded'
    | 'timeout'
    | 'expired'
    | 'revoked'
    | 'budget'
    | 'cancelled'
    | 'hold_denied'
    | 'hold_expired'
    | 'limit'
  readonly decisionId: string
  readonly rule: string
  readonly message: string
  readonly hint: string
}

/** Told to the protocol when an action waits for people. */
export interface HoldNotice {
  readonly holdId: string
  readonly decisionId: string
  readonly rule: string
  readonly reason: string
  readonly expiresAtMs: number
}

/** What the protocol does once the gate has an answer. Exactly one of forward and refuse is called, once. */
export interface Effects {
  forward(terms: Terms): void
  refuse(refusal: Refusal): void
  held(notice: HoldNotice): void
}

/** A submitted action. `cancel` ends it as refused unless it was answered already. */
export interface Submission {
  cancel(reason: 'client_cancelled' | 'client_gone' | 'shutdown'): void
  /** True once forward or refuse was called. On the fast path that is before `submit` returns. */
  readonly settled: boolean
}

/** What came of consumption: go on, or stop with this refusal. */
export type BudgetAnswer = { readonly within: true } | { readonly within: false; readonly refusal: Refusal }

/** What a session has used since it last told. */
export interface Consumption {
  readonly rows?: number
  readonly bytes?: number
  readonly affected?: number
}

/** One client session at the gate. */
export interface GateSession {
  readonly id: string
  readonly identity: Identity
  readonly resource: Resource
  /** Judges one action. `state` is what earlier actions changed, as the protocol's machine tracks it. */
  submit(action: Omit<Action, 'digest'>, state: Session['state'], effects: Effects): Submission
  /** Counts what flowed; call for every batch of results, before passing them on. */
  consume(used: Consumption, terms: Terms | undefined): BudgetAnswer
  /** Records bytes of the session itself (wire frames, terminal output); false when the reader must pause until `onDrain`. */
  observe(kind: 'wire_up' | 'wire_down' | 'terminal_in' | 'terminal_out', bytes: Uint8Array): boolean
  resized(columns: number, rows: number): void
  masked(rule: string, count: number): void
  onDrain(callback: () => void): void
  /** Called when identity expiry, revocation or an operator ends the session; the protocol says so and closes. */
  onEnd(callback: (refusal: Refusal) => void): void
  close(reason: string): void
}

/** What a listener knows when a client has proved who it is. */
export interface SessionOpening {
  readonly identity: Identity
  readonly resource: Resource
  readonly client: { readonly address: string; readonly application: string }
  readonly state: Session['state']
}

/** The gate. `open` judges the connect action; the promise rejects never: a refusal is an answer. */
export interface Gate {
  open(
    opening: SessionOpening,
  ): Promise<
    { readonly open: true; readonly session: GateSession } | { readonly open: false; readonly refusal: Refusal }
  >
  /** Stops new sessions and waits for running actions, at most `drainMs`. */
  drain(drainMs: number): Promise<void>
}

/** The decision, as the gate passes it to the recorder and the decision log. */
export type { Decision }
