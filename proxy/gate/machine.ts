// One submitted action, from decision to end, as a pure machine. The driver in submission.ts feeds it events and
// carries out its effects.
//
//   deciding -> recording -> forwarded -> over
//                   |            `-> over (stopped by its time limit)
//                   |-> over (refused)
//                   `-> held -> releasing -> recording ...
//
// INVARIANT: `forward` comes out of exactly one place, state `recording` with an allow on event `recorded`.
// INVARIANT: after `forward` or `refuse` no event brings out either again.
import type { Decision, Denial } from '../../engine/decision/index.ts'
import { unreachable } from '../../rego/unreachable.ts'
import type { CancelReason, Refusal } from './contract.ts'

/** A decision that lets the action go. */
export type Allow = Extract<Decision, { readonly effect: 'allow' }>
/** A decision that asks people first. */
export type HoldDecision = Extract<Decision, { readonly effect: 'hold' }>
/** A decision against the action. */
export type Deny = Extract<Decision, { readonly effect: 'deny' }>

/** Where an action stands. */
export type State =
  | { readonly at: 'deciding' }
  | {
      readonly at: 'recording'
      readonly decision: Decision
      readonly code: Refusal['code']
      readonly released: boolean
    }
  | { readonly at: 'held'; readonly decision: HoldDecision }
  | { readonly at: 'releasing'; readonly decision: HoldDecision }
  /** It may run for long, so of its decision only what may still be told is kept. */
  | { readonly at: 'forwarded'; readonly decisionId: string; readonly seconds: number }
  | { readonly at: 'over' }

/** What can happen to it. */
export type Event =
  /** `code` is what a refusal is called, should this decision be one. */
  | { readonly on: 'decided'; readonly decision: Decision; readonly code: Refusal['code'] }
  | { readonly on: 'recorded' }
  | { readonly on: 'record_failed' }
  | { readonly on: 'record_late' }
  | { readonly on: 'approved' }
  | { readonly on: 'hold_denied'; readonly message: string }
  | { readonly on: 'hold_expired' }
  | { readonly on: 'hold_failed' }
  | { readonly on: 'hold_limit' }
  | { readonly on: 'cancelled'; readonly reason: CancelReason }
  /** A policy that went live in the meantime denies it, or asks for other people. */
  | { readonly on: 'policy_denies'; readonly decision: Deny; readonly code: Refusal['code'] }
  | { readonly on: 'session_ended'; readonly code: Refusal['code']; readonly why: string }
  | { readonly on: 'overrun' }
  | { readonly on: 'finished' }

/** What the driver does. */
export type Effect =
  | { readonly do: 'record'; readonly decision: Decision }
  | { readonly do: 'open_hold'; readonly decision: HoldDecision }
  | { readonly do: 'decide_again' }
  | { readonly do: 'note_hold'; readonly event: 'approved' | 'denied' | 'cancelled' | 'expired' | 'released' }
  | { readonly do: 'close_hold'; readonly reason: CancelReason | 'expired' }
  | { readonly do: 'note_refused'; readonly decisionId: string; readonly code: Refusal['code'] }
  | { readonly do: 'forward'; readonly decision: Allow }
  | { readonly do: 'refuse'; readonly refusal: Refusal }
  | { readonly do: 'stop'; readonly refusal: Refusal }

/** The state before the decision. */
export const deciding: State = { at: 'deciding' }
const over: State = { at: 'over' }
const nothing: readonly Effect[] = []

/** One step. Events that no longer matter leave the state as it is. */
export function step(state: State, event: Event): readonly [State, readonly Effect[]] {
  switch (state.at) {
    case 'deciding':
      return stepDeciding(state, event)
    case 'recording':
      return stepRecording(state, event)
    case 'held':
      return stepHeld(state, event)
    case 'releasing':
      return stepReleasing(state, event)
    case 'forwarded':
      if (event.on === 'finished') return [over, nothing]
      if (event.on !== 'overrun') return [state, nothing]
      return [over, [{ do: 'stop', refusal: overrun(state) }]]
    case 'over':
      return [state, nothing]
    default:
      return unreachable(state)
  }
}

function stepDeciding(state: State, event: Event): readonly [State, readonly Effect[]] {
  if (event.on !== 'decided') return [state, nothing]
  const { decision, code } = event
  return [{ at: 'recording', decision, code, released: false }, [{ do: 'record', decision }]]
}

function stepRecording(state: Extract<State, { at: 'recording' }>, event: Event): readonly [State, readonly Effect[]] {
  const { decision } = state
  if (event.on === 'recorded') {
    switch (decision.effect) {
      case 'allow': {
        const forward: Effect = { do: 'forward', decision }
        const effects: readonly Effect[] = state.released
          ? [{ do: 'note_hold', event: 'released' }, forward]
          : [forward]
        return [{ at: 'forwarded', decisionId: decision.id, seconds: decision.limits.seconds ?? 0 }, effects]
      }
      case 'hold':
        return [{ at: 'held', decision }, [{ do: 'open_hold', decision }]]
      case 'deny':
        return [over, [{ do: 'refuse', refusal: denied(decision, state.code) }]]
      default:
        return unreachable(decision)
    }
  }
  const refusal = interruption(decision, event)
  if (refusal === undefined) return [state, nothing]
  // A denial stays a denial whatever becomes of its record.
  if (decision.effect === 'deny') return [over, [{ do: 'refuse', refusal: denied(decision, state.code) }]]
  return refuse(decision, refusal)
}

function stepHeld(state: Extract<State, { at: 'held' }>, event: Event): readonly [State, readonly Effect[]] {
  const { decision } = state
  const rule = decision.holds[0].rule
  switch (event.on) {
    case 'approved':
      return [{ at: 'releasing', decision }, [{ do: 'note_hold', event: 'approved' }, { do: 'decide_again' }]]
    case 'hold_denied': {
      const refusal = refusalOf(decision, 'hold_denied', rule, event.message, 'a reviewer said no')
      return [over, [{ do: 'note_hold', event: 'denied' }, ...refuse(decision, refusal)[1]]]
    }
    case 'hold_expired': {
      const refusal = refusalOf(decision, 'hold_expired', rule, 'nobody approved in time', 'ask again')
      const close: Effect = { do: 'close_hold', reason: 'expired' }
      return [over, [close, { do: 'note_hold', event: 'expired' }, ...refuse(decision, refusal)[1]]]
    }
    case 'hold_failed':
      return refuse(
        decision,
        refusalOf(decision, 'error', rule, 'the approval could not be asked for', 'try again later'),
      )
    case 'hold_limit':
      return refuse(
        decision,
        refusalOf(
          decision,
          'limit',
          'sallyport.holds',
          'too many actions wait for approval',
          'wait for an answer to the others',
        ),
      )
    case 'policy_denies':
      return [
        { at: 'recording', decision: event.decision, code: event.code, released: false },
        [
          { do: 'close_hold', reason: 'policy_changed' },
          { do: 'note_hold', event: 'cancelled' },
          { do: 'record', decision: event.decision },
        ],
      ]
    default: {
      const refusal = interruption(decision, event)
      if (refusal === undefined) return [state, nothing]
      const reason = event.on === 'cancelled' ? event.reason : 'shutdown'
      const close: Effect = { do: 'close_hold', reason }
      return [over, [close, { do: 'note_hold', event: 'cancelled' }, ...refuse(decision, refusal)[1]]]
    }
  }
}

function stepReleasing(state: Extract<State, { at: 'releasing' }>, event: Event): readonly [State, readonly Effect[]] {
  if (event.on === 'decided') {
    const { decision, code } = event
    if (decision.effect !== 'hold') {
      return [{ at: 'recording', decision, code, released: true }, [{ do: 'record', decision }]]
    }
    // The driver turns a covered hold into an allow and any other into a denial; a hold here is a broken driver.
    return refuse(
      decision,
      refusalOf(decision, 'error', decision.holds[0].rule, 'the policy asks for another approval', 'ask again'),
    )
  }
  const refusal = interruption(state.decision, event)
  return refusal === undefined ? [state, nothing] : refuse(state.decision, refusal)
}

function refuse(decision: Decision, refusal: Refusal): readonly [State, readonly Effect[]] {
  return [
    over,
    [
      { do: 'note_refused', decisionId: decision.id, code: refusal.code },
      { do: 'refuse', refusal },
    ],
  ]
}

/** The refusal for events that end an action in any waiting state. */
function interruption(decision: Decision, event: Event): Refusal | undefined {
  switch (event.on) {
    case 'record_failed':
      return refusalOf(
        decision,
        'not_recorded',
        'sallyport.recorder',
        'the action could not be recorded',
        'try again later',
      )
    case 'record_late':
      return refusalOf(
        decision,
        'timeout',
        'sallyport.recorder',
        'the action was not recorded in time',
        'try again later',
      )
    case 'cancelled':
      return refusalOf(decision, 'cancelled', 'sallyport.cancelled', cancelWords[event.reason], '')
    case 'session_ended':
      return refusalOf(decision, event.code, 'sallyport.session', event.why, 'open a new session')
    default:
      return undefined
  }
}

const cancelWords: Record<CancelReason, string> = {
  client_cancelled: 'the client cancelled the action',
  client_gone: 'the client went away',
  shutdown: 'the gateway is shutting down',
  policy_changed: 'the policy changed',
}

function denied(decision: Deny, code: Refusal['code']): Refusal {
  const [denial, ...more]: readonly [Denial, ...Denial[]] = decision.denials
  const others = [...new Set(more.map(({ rule }) => rule))].filter((rule) => rule !== denial.rule)
  const hint = others.length === 0 ? '' : `also refused by ${others.slice(0, 5).join(', ')}`
  return refusalOf(decision, code, denial.rule, denial.message, hint)
}

function overrun({ decisionId, seconds }: Extract<State, { at: 'forwarded' }>): Refusal {
  const message = `the action ran longer than ${seconds} s`
  return { code: 'timeout', decisionId, rule: 'sallyport.limit.seconds', message, hint: '' }
}

function refusalOf(decision: Decision, code: Refusal['code'], rule: string, message: string, hint: string): Refusal {
  return { code, decisionId: decision.id, rule, message, hint }
}
