// The life of a hold as a pure machine: answers come in, and it ends once, as approved, denied, expired or cancelled.
//
//   open -> approved -> released
//     |-> denied   |-> expired   `-> cancelled
//
// INVARIANT: `release` comes out at most once, and only from an open hold whose every requirement has its quorum of
// distinct people, none of whom asked for the action or stands in the chain of who did.
import { unreachable } from '../../rego/unreachable.ts'
import { type ApprovalStatement, type Party, statementDigest } from './statement.ts'

/** Somebody who may answer, as identity and configuration know them. */
export interface Approver extends Party {
  readonly groups: readonly string[]
}

/** One answer whose signature was verified. */
export interface Answer {
  /** Unique for ever; an answer counts once. */
  readonly id: string
  readonly approver: Approver
  readonly verdict: 'approve' | 'deny'
  readonly reason: string
  /** Digest of the statement that was signed. */
  readonly statement: string
  readonly hold: string
  readonly expiresAtMs: number
}

/** Where a hold stands. */
export type HoldState =
  | { readonly at: 'open'; readonly approvals: readonly Answer[] }
  | { readonly at: 'approved'; readonly approvals: readonly Answer[] }
  | { readonly at: 'released' }
  | { readonly at: 'denied' }
  | { readonly at: 'expired' }
  | { readonly at: 'cancelled' }

/** What can happen to it. `permitted` is what the policy said of the approver (`may_approve`). */
export type HoldEvent =
  | { readonly on: 'answer'; readonly answer: Answer; readonly permitted: boolean; readonly nowMs: number }
  | { readonly on: 'tick'; readonly nowMs: number }
  /** The gateway that holds the action takes the approval, to decide and forward. */
  | { readonly on: 'take'; readonly nowMs: number }
  | { readonly on: 'cancel' }

/** What comes of an event. */
export type HoldEffect =
  | { readonly do: 'release'; readonly approvals: readonly Answer[] }
  | { readonly do: 'refuse'; readonly why: 'denied' | 'expired' | 'cancelled'; readonly message: string }
  | { readonly do: 'reject_answer'; readonly refusal: AnswerRefusal }

/** Why an answer does not count. */
export type AnswerRefusal =
  | 'not_open'
  | 'other_hold'
  | 'other_action'
  | 'late'
  | 'own_action'
  | 'answered_already'
  | 'not_a_reviewer'
  | 'not_permitted'

/** A hold that nobody has answered. */
export const openHold: HoldState = { at: 'open', approvals: [] }
const nothing: readonly HoldEffect[] = []

/** One step. */
export function stepHold(
  statement: ApprovalStatement,
  state: HoldState,
  event: HoldEvent,
): readonly [HoldState, readonly HoldEffect[]] {
  switch (state.at) {
    case 'open':
      return stepOpen(statement, state, event)
    case 'approved':
      return stepApproved(statement, state, event)
    case 'released':
    case 'denied':
    case 'expired':
    case 'cancelled':
      return event.on === 'answer' ? [state, [{ do: 'reject_answer', refusal: 'not_open' }]] : [state, nothing]
    default:
      return unreachable(state)
  }
}

type Open = Extract<HoldState, { readonly at: 'open' }>
type Approved = Extract<HoldState, { readonly at: 'approved' }>

function stepOpen(
  statement: ApprovalStatement,
  state: Open,
  event: HoldEvent,
): readonly [HoldState, readonly HoldEffect[]] {
  switch (event.on) {
    case 'answer': {
      const { answer } = event
      const refusal = answerRefusal(statement, state.approvals, event)
      if (refusal !== undefined) return [state, [{ do: 'reject_answer', refusal }]]
      if (answer.verdict === 'deny')
        return [{ at: 'denied' }, [{ do: 'refuse', why: 'denied', message: answer.reason }]]
      const approvals = [...state.approvals, answer]
      return isQuorate(statement, approvals)
        ? [{ at: 'approved', approvals }, nothing]
        : [{ at: 'open', approvals }, nothing]
    }
    case 'tick':
      return event.nowMs >= statement.expiresAtMs ? expired : [state, nothing]
    case 'take':
      return [state, nothing]
    case 'cancel':
      return cancelled
    default:
      return unreachable(event)
  }
}

function stepApproved(
  statement: ApprovalStatement,
  state: Approved,
  event: HoldEvent,
): readonly [HoldState, readonly HoldEffect[]] {
  switch (event.on) {
    case 'answer':
      return [state, [{ do: 'reject_answer', refusal: 'not_open' }]]
    case 'tick':
      return event.nowMs >= statement.expiresAtMs ? expired : [state, nothing]
    case 'take':
      if (event.nowMs >= statement.expiresAtMs) return expired
      return [{ at: 'released' }, [{ do: 'release', approvals: state.approvals }]]
    case 'cancel':
      return cancelled
    default:
      return unreachable(event)
  }
}

const expired: readonly [HoldState, readonly HoldEffect[]] = [
  { at: 'expired' },
  [{ do: 'refuse', why: 'expired', message: 'nobody approved in time' }],
]
const cancelled: readonly [HoldState, readonly HoldEffect[]] = [
  { at: 'cancelled' },
  [{ do: 'refuse', why: 'cancelled', message: 'the action was withdrawn' }],
]

/** Why an answer does not count; undefined when it does. */
export function answerRefusal(
  statement: ApprovalStatement,
  before: readonly Answer[],
  { answer, permitted, nowMs }: Extract<HoldEvent, { readonly on: 'answer' }>,
): AnswerRefusal | undefined {
  if (answer.hold !== statement.hold) return 'other_hold'
  if (answer.statement !== statementDigest(statement)) return 'other_action'
  if (nowMs >= statement.expiresAtMs || nowMs >= answer.expiresAtMs) return 'late'
  const { approver } = answer
  if ([statement.identity, ...statement.chain].some((party) => isSame(party, approver))) return 'own_action'
  if (before.some((one) => one.id === answer.id || isSame(one.approver, approver))) return 'answered_already'
  if (!statement.requirements.some((one) => isReviewer(one.reviewers, approver))) return 'not_a_reviewer'
  return permitted ? undefined : 'not_permitted'
}

/** True when every requirement has its quorum of distinct people. */
export function isQuorate(statement: ApprovalStatement, approvals: readonly Answer[]): boolean {
  return statement.requirements.every(({ reviewers, quorum }) => {
    const people = new Set(
      approvals
        .filter(({ approver, verdict }) => verdict === 'approve' && isReviewer(reviewers, approver))
        .map(({ approver }) => JSON.stringify([approver.issuer, approver.subject])),
    )
    return people.size >= quorum
  })
}

/** A rule that names no group leaves it to the policy and to who is enrolled. */
function isReviewer(reviewers: readonly string[], { groups }: Approver): boolean {
  return reviewers.length === 0 || reviewers.some((group) => groups.includes(group))
}

function isSame(a: Party, b: Party): boolean {
  return a.issuer === b.issuer && a.subject === b.subject
}
