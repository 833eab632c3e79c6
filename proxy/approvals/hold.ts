// A hold as it is stored, read back and shown.
import type { ActionDocument } from '../../engine/action/index.ts'
import {
  type ApprovalStatement,
  type HoldView,
  statementDigest,
  statementOf,
  viewOf,
  visibleLine,
} from '../../engine/approval/index.ts'
import type { HoldRequest } from '../gate/contract.ts'
import type { StoredHold } from '../storage/index.ts'

/** How a hold can end. */
export type HoldEnd = 'approved' | 'denied' | 'cancelled' | 'expired'

/** An action that waits for people. */
export interface OpenHold {
  readonly id: string
  readonly gateway: string
  readonly openedAtMs: number
  readonly statement: ApprovalStatement
  readonly digest: string
  readonly view: HoldView
  /** What the policy is asked about (`may_approve`), with `reviewer` beside it. Never shown as it is. */
  readonly document: ActionDocument
}

/** The hold of a request. */
export function holdOf({ id, document, decision, expiresAtMs }: HoldRequest, gateway: string, nowMs: number): OpenHold {
  const statement = statementOf(id, document, decision.holds, decision.bundle.digest, expiresAtMs)
  return {
    id,
    gateway,
    openedAtMs: nowMs,
    statement,
    digest: statementDigest(statement),
    view: viewOf(document, decision.holds),
    document,
  }
}

/** The hold with what the upstream expects of it. It is shown, not signed. */
export function withEstimates(hold: OpenHold, estimates: readonly string[]): OpenHold {
  return { ...hold, view: { ...hold.view, estimates: estimates.slice(0, estimatesMax).map(visibleLine) } }
}

const estimatesMax = 50

/** A stored hold; undefined for what this version did not write. */
export function readHold(stored: StoredHold): OpenHold | undefined {
  try {
    const hold: OpenHold = JSON.parse(stored.body)
    // The body and its columns must say the same, and the digest be that of the statement.
    return hold.id === stored.id && hold.digest === stored.digest && statementDigest(hold.statement) === stored.digest
      ? hold
      : undefined
  } catch {
    return undefined
  }
}
