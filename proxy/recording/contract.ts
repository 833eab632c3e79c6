// What the gate and the protocols ask of a recorder. The log's format and storage lie behind it.
import type { ActionDocument } from '../../engine/action/index.ts'
import type { Decision } from '../../engine/decision/index.ts'

/** One thing worth remembering. Never holds a credential; bodies come already masked. */
export type RecordEntry =
  | {
      readonly kind: 'opened'
      readonly identity: ActionDocument['identity']
      readonly resource: ActionDocument['resource']
      readonly client: string
    }
  | { readonly kind: 'action'; readonly document: ActionDocument; readonly decision: Decision }
  /** An action that was recorded as allowed or held and came to nothing all the same: cancelled, too late, revoked. */
  | { readonly kind: 'refused'; readonly decisionId: string; readonly code: string }
  | {
      readonly kind: 'hold'
      readonly holdId: string
      readonly event: 'opened' | 'approved' | 'denied' | 'cancelled' | 'expired' | 'released'
      readonly detail: string
    }
  | { readonly kind: 'wire'; readonly direction: 'up' | 'down'; readonly bytes: Uint8Array }
  | { readonly kind: 'terminal'; readonly stream: 'input' | 'output'; readonly bytes: Uint8Array }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'rows'; readonly actionSequence: number; readonly rows: number; readonly bytes: number }
  | { readonly kind: 'masked'; readonly rule: string; readonly count: number }
  | { readonly kind: 'budget'; readonly budget: 'rows' | 'bytes' | 'affected' | 'seconds'; readonly limit: number }
  | { readonly kind: 'closed'; readonly reason: string }

/** Called once: without an error when the entry is as durable as the operator chose, else with why it is not. */
export type Accepted = (error?: Error) => void

/** The record of one session. `accepted` may be called before `append` returns. */
export interface SessionRecorder {
  append(entry: RecordEntry, accepted: Accepted): void
  /**
   * True where frames and counts of rows may be appended as they come: they are put together here, and handed over with
   * the next entry that somebody waits for, or after a moment.
   */
  readonly gathers?: boolean
  /** True when the recorder is behind and the protocol should stop reading until `onDrain` calls back. */
  readonly congested: boolean
  onDrain(callback: () => void): void
  close(reason: string): Promise<void>
}

/** Where sessions are recorded. */
export interface Recorder {
  open(sessionId: string): SessionRecorder
  /** Told when clients are busy by themselves for a moment: what nobody waits for is best done now. */
  lull?(): void
  close(): Promise<void>
}
