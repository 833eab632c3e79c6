// The only road from an action to its effect. Protocols hand over an action and three effects; they learn nothing
// of policy, and there is no branch on which `forward` is called without a recorded allow.
import type { Action, ActionDocument, Identity, Resource, Session } from '../../engine/action/index.ts'
import type { GrantTerms } from '../../engine/approval/index.ts'
import type { Decision, Filter, HeaderChange, Limits, Mask } from '../../engine/decision/index.ts'

/** What an allowed action is allowed under. */
export interface Terms {
  readonly decisionId: string
  readonly masks: readonly Mask[]
  readonly filters: readonly Filter[]
  readonly limits: Limits
  /** Of an answer: its header fields that are written or left out. */
  readonly headers?: readonly HeaderChange[]
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
  /**
   * Where it is there, people's approval releases nothing by itself: the protocol calls `release` when its client is
   * there to be answered, and the action is decided again then. A hold that nobody releases expires.
   */
  approved?(release: () => void): void
  /**
   * After `forward` and before `finish`, at most once: the action ran past its time limit. The protocol cancels it
   * upstream and answers with the refusal.
   */
  stop(refusal: Refusal): void
}

/** Why a submission is withdrawn. */
export type CancelReason = 'client_cancelled' | 'client_gone' | 'shutdown' | 'policy_changed'

/** A submitted action. `cancel` ends it as refused unless it was answered already. */
export interface Submission {
  cancel(reason: CancelReason): void
  /** Told by the protocol when a forwarded action is over, however it ended. Time limits and draining count on it. */
  finish(): void
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
  /** What the connect action was allowed under: masks of the whole session; its limits bound the session's totals. */
  readonly terms: Terms
  /**
   * Judges one action, or with the stage `response` the answer to one that was forwarded. `state` is what earlier actions changed, as the
   * protocol's machine tracks it.
   */
  submit(action: Omit<Action, 'digest'>, state: Session['state'], effects: Effects): Submission
  /** Whether the live policy decides on answers: where it does, each is submitted before any of it is passed on. */
  judgesAnswers(): boolean
  /**
   * Whether an action would go on, or to people, if it were submitted now: a question, so it is neither recorded nor
   * counted, and nothing may go on by its answer alone.
   */
  wouldAllow(action: Omit<Action, 'digest'>, state: Session['state']): boolean
  /**
   * Counts what flowed; call for every batch of results, before passing them on. `answerTerms` are those of the answer,
   * where it was judged.
   */
  consume(used: Consumption, terms: Terms | undefined, answerTerms?: Terms): BudgetAnswer
  /** What may still flow before a bound is hit, so that many small results can be counted at once; infinite without one. */
  room(terms: Terms | undefined): { readonly rows: number; readonly bytes: number }
  /** Records bytes of the session itself (wire frames, terminal output); false when the reader must pause until `onDrain`. */
  observe(kind: 'wire_up' | 'wire_down' | 'terminal_in' | 'terminal_out', bytes: Uint8Array): boolean
  /** Another size of the terminal; false when the source should wait until `onDrain`, as with `observe`. */
  resized(columns: number, rows: number): boolean
  masked(rule: string, count: number): void
  onDrain(callback: () => void): void
  /**
   * Called once when identity expiry, revocation, an operator, a reload or a drain ends the session; the protocol says
   * so and closes. Whatever was waiting has been refused by then, and every later submit is refused.
   */
  onEnd(callback: (refusal: Refusal) => void): void
  close(reason: string): void
}

/** What a listener knows when a client has proved who it is. */
export interface SessionOpening {
  readonly identity: Identity
  readonly resource: Resource
  readonly client: { readonly address: string; readonly application: string }
  readonly state: Session['state']
  /** Told when the connect action itself waits for people. */
  readonly held?: (notice: HoldNotice) => void
  /** Aborted when the client goes away before the gate has answered. */
  readonly signal?: AbortSignal
}

/** A live session as operators see it. */
export interface SessionSummary {
  readonly id: string
  readonly identity: Identity
  readonly resource: Resource
  readonly client: SessionOpening['client']
  readonly startedAtMs: number
  readonly usage: Session['usage']
}

/** The gate. `open` judges the connect action; the promise rejects never: a refusal is an answer. */
export interface Gate {
  open(
    opening: SessionOpening,
  ): Promise<
    { readonly open: true; readonly session: GateSession } | { readonly open: false; readonly refusal: Refusal }
  >
  /** The sessions that are open now. */
  sessions(): readonly SessionSummary[]
  /** Ends every session that `matches`, and says how many. Revocation feeds and operators call it. */
  end(
    matches: (session: SessionSummary) => boolean,
    code: 'revoked' | 'expired' | 'cancelled' | 'denied',
    why: string,
  ): number
  /**
   * Judges the connect action of every live session again, after a policy was swapped or an identity lost groups, and what waits for people; ends
   * those no longer allowed. Answers how many sessions ended.
   */
  rejudge(): Promise<number>
  /** How long the oldest action has waited for its record; 0 where none waits. */
  recordLagMs(): number
  /** Told by a protocol when clients are busy by themselves for a moment, as within a handshake. */
  lull?(): void
  /** Stops new sessions, ends idle ones, and waits for running actions, at most `drainMs`. */
  drain(drainMs: number): Promise<void>
}

/** An action that waits for people, as approvals sees it. The document carries the digest that approvers sign. */
export interface HoldRequest {
  readonly id: string
  readonly document: ActionDocument
  readonly decision: Extract<Decision, { readonly effect: 'hold' }>
  readonly expiresAtMs: number
}

/** How a hold ended. `detail` goes into the record: who, when, by which signature. */
export type HoldOutcome =
  | {
      readonly on: 'approved'
      readonly detail: string
      /** The standing grants among the answers: the action must not outlive the first of them. */
      readonly grants?: readonly GrantTerms[]
    }
  | { readonly on: 'denied'; readonly detail: string; readonly message: string }
  | { readonly on: 'expired'; readonly detail: string }
  | { readonly on: 'failed'; readonly detail: string }

/** Where holds are opened. `answer` is called at most once, never before `open` returns; a throw refuses the action. */
export interface Holds {
  open(request: HoldRequest, answer: (outcome: HoldOutcome) => void): { cancel(reason: CancelReason | 'expired'): void }
}

/** The decision, as the gate passes it to the recorder and the decision log. */
export type { Decision }
