// The driver of one submitted action: carries out what the machine says. Synchronous as long as the recorder is.
import type { ActionDocument } from '../../engine/action/index.ts'
import type { GrantTerms } from '../../engine/approval/index.ts'
import type { Decision } from '../../engine/decision/index.ts'
import { unreachable } from '../../rego/unreachable.ts'
import { ActionTerms } from './budget.ts'
import type { CancelReason, Effects, HoldOutcome, Refusal, Submission } from './contract.ts'
import type { Judged } from './decide.ts'
import { type Allow, deciding, type Effect, type Event, type HoldDecision, type State, step } from './machine.ts'

/** What a submission needs of its session and of the gate. */
export interface SubmissionHost {
  readonly nowMs: () => number
  readonly micros: () => number
  readonly holdMsMax: number
  after(delayMs: number, run: () => void): () => void
  /** The number of the next recorded action of the session, from 1. */
  nextSequence(): number
  /** Appends the action's record. */
  recordAction(document: ActionDocument, decision: Decision, accepted: (error?: Error) => void): void
  recordHold(
    holdId: string,
    event: 'opened' | 'approved' | 'denied' | 'cancelled' | 'expired' | 'released',
    detail: string,
    accepted: (error?: Error) => void,
  ): void
  recordRefused(decisionId: string, code: string): void
  /** Waits for the record at most the gate's time; `recordSettled` ends the wait. */
  awaitRecord(submission: ActionSubmission): void
  recordSettled(submission: ActionSubmission): void
  judgeAgain(document: ActionDocument, approved: HoldDecision, grants: readonly GrantTerms[]): Judged
  /** False when too many holds are open. */
  takeHoldPlace(): boolean
  leaveHoldPlace(): void
  openHold(
    holdId: string,
    document: ActionDocument,
    decision: HoldDecision,
    expiresAtMs: number,
    answer: (outcome: HoldOutcome) => void,
  ): { cancel(reason: CancelReason | 'expired'): void }
  newId(): string
  answered(answer: 'forward' | Refusal['code'], micros: number): void
  /** The action needs nothing more: it was refused, or it is over. */
  ended(submission: ActionSubmission, secondsRun: number): void
  /** A protocol's effect threw: its connection cannot be trusted to say anything more. */
  effectFailed(error: unknown): void
  finished(terms: ActionTerms): void
}

/** One action at the gate. */
export class ActionSubmission implements Submission {
  #state: State = deciding
  #settled = false
  /** Undefined once the action goes: what runs for long does not keep what it was judged by. */
  #document: ActionDocument | undefined
  #holdId = ''
  #hold: { cancel(reason: CancelReason | 'expired'): void } | undefined
  #heldPlace = false
  #timer: (() => void) | undefined
  #terms: ActionTerms | undefined
  #sequence = 0
  #forwardedMicros = 0
  #outcomeDetail = ''
  #grants: readonly GrantTerms[] = []
  readonly #submittedMicros: number
  readonly #host: SubmissionHost
  readonly #effects: Effects
  /** When the wait for the record ends; the gate keeps it. */
  recordDueMs = 0
  /** Where it stands among the running actions of its session, which keep it. */
  place = 0
  /** What was submitted is the answer to an action, which counts itself. */
  readonly isAnswer: boolean

  constructor(host: SubmissionHost, document: ActionDocument, effects: Effects) {
    this.#host = host
    this.#document = document
    this.#effects = effects
    this.isAnswer = document.action.stage === 'response'
    this.#submittedMicros = host.micros()
  }

  get settled(): boolean {
    return this.#settled
  }

  cancel(reason: CancelReason): void {
    this.dispatch({ on: 'cancelled', reason })
  }

  finish(): void {
    if (this.#state.at !== 'forwarded') return
    this.dispatch({ on: 'finished' })
    this.#over()
  }

  /** After a policy was swapped: what waits for people, and would be refused if they approved, is refused now. */
  rejudge(): void {
    if (this.#state.at !== 'held' || this.#document === undefined) return
    const { document, decision, code } = this.#host.judgeAgain(this.#document, this.#state.decision, [])
    if (decision.effect !== 'deny') return
    this.#document = document
    this.dispatch({ on: 'policy_denies', decision, code })
  }

  /** Feeds one event to the machine and carries out what it says. */
  dispatch(event: Event): void {
    const [next, effects] = step(this.#state, event)
    this.#state = next
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case 'record':
        this.#record(effect.decision)
        break
      case 'forward':
        this.#forward(effect.decision)
        break
      case 'refuse':
        this.#refuse(effect.refusal)
        break
      case 'open_hold':
        this.#openHold(effect.decision)
        break
      case 'decide_again':
        this.#decideAgain()
        break
      case 'note_hold':
        this.#endTimer()
        this.#host.recordHold(this.#holdId, effect.event, this.#outcomeDetail, this.#noted())
        break
      case 'close_hold':
        this.#closeHold(effect.reason)
        break
      case 'note_refused':
        this.#host.recordRefused(effect.decisionId, effect.code)
        break
      case 'stop':
        this.#protocol(() => this.#effects.stop(effect.refusal))
        this.#over()
        break
      default:
        unreachable(effect)
    }
  }

  #record(decision: Decision): void {
    const document = this.#document
    if (document === undefined) {
      this.dispatch({ on: 'record_failed' })
      return
    }
    let answered = false
    let queued = false
    this.#sequence = this.#host.nextSequence()
    this.#host.recordAction(document, decision, (error) => {
      if (answered) return
      answered = true
      if (queued) this.#host.recordSettled(this)
      if (error !== undefined) this.dispatch({ on: 'record_failed' })
      else this.dispatch({ on: 'recorded' })
    })
    if (!answered) {
      queued = true
      this.#host.awaitRecord(this)
    }
  }

  /** Told by the gate when the record has not come in time. */
  recordLate(): void {
    this.dispatch({ on: 'record_late' })
  }

  #forward(decision: Allow): void {
    this.#endTimer()
    this.#leaveHoldPlace()
    this.#settled = true
    this.#document = undefined
    const { id: decisionId, masks, filters, limits, headers } = decision
    const of = { decisionId, masks, filters, limits }
    const terms = new ActionTerms(headers === undefined ? of : { ...of, headers }, this.#sequence)
    this.#terms = terms
    const nowMicros = this.#host.micros()
    this.#forwardedMicros = nowMicros
    this.#host.answered('forward', nowMicros - this.#submittedMicros)
    if (limits.seconds !== undefined) {
      this.#timer = this.#host.after(limits.seconds * 1000, () => this.dispatch({ on: 'overrun' }))
    }
    try {
      this.#effects.forward(terms)
    } catch (error) {
      this.#host.effectFailed(error)
    }
  }

  #refuse(refusal: Refusal): void {
    this.#endTimer()
    this.#leaveHoldPlace()
    if (this.#settled) return
    this.#settled = true
    this.#host.recordSettled(this)
    this.#host.answered(refusal.code, this.#host.micros() - this.#submittedMicros)
    this.#protocol(() => this.#effects.refuse(refusal))
    this.#host.ended(this, 0)
  }

  #openHold(decision: HoldDecision): void {
    const document = this.#document
    if (document === undefined || !this.#host.takeHoldPlace()) {
      this.dispatch({ on: 'hold_limit' })
      return
    }
    this.#heldPlace = true
    this.#holdId = this.#host.newId()
    const [hold] = decision.holds
    const waitMs = Math.min(this.#host.holdMsMax, ...decision.holds.map((one) => one.expiresMs))
    const expiresAtMs = this.#host.nowMs() + waitMs
    this.#host.recordHold(this.#holdId, 'opened', hold.rule, this.#noted())
    if (this.#state.at !== 'held') return
    this.#timer = this.#host.after(waitMs, () => this.dispatch({ on: 'hold_expired' }))
    try {
      const opened = this.#host.openHold(this.#holdId, document, decision, expiresAtMs, (outcome) =>
        this.#holdAnswered(outcome),
      )
      if (this.#state.at !== 'held') return
      this.#hold = opened
    } catch {
      this.dispatch({ on: 'hold_failed' })
      return
    }
    const notice = {
      holdId: this.#holdId,
      decisionId: decision.id,
      rule: hold.rule,
      reason: hold.reason,
      expiresAtMs,
    }
    this.#protocol(() => this.#effects.held(notice))
  }

  #holdAnswered(outcome: HoldOutcome): void {
    if (this.#state.at !== 'held') return
    this.#outcomeDetail = outcome.detail
    switch (outcome.on) {
      case 'approved':
        this.#grants = outcome.grants ?? []
        if (this.#effects.approved === undefined) this.dispatch({ on: 'approved' })
        else this.#protocol(() => this.#effects.approved?.(() => this.dispatch({ on: 'approved' })))
        break
      case 'denied':
        this.dispatch({ on: 'hold_denied', message: outcome.message })
        break
      case 'expired':
        this.dispatch({ on: 'hold_expired' })
        break
      case 'failed':
        this.dispatch({ on: 'hold_failed' })
        break
      default:
        unreachable(outcome)
    }
  }

  #decideAgain(): void {
    if (this.#state.at !== 'releasing' || this.#document === undefined) return
    const judged = this.#host.judgeAgain(this.#document, this.#state.decision, this.#grants)
    this.#document = judged.document
    this.dispatch({ on: 'decided', decision: judged.decision, code: judged.code })
  }

  #closeHold(reason: CancelReason | 'expired'): void {
    const hold = this.#hold
    this.#hold = undefined
    this.#protocol(() => hold?.cancel(reason))
  }

  #noted(): (error?: Error) => void {
    return (error) => {
      if (error !== undefined) this.dispatch({ on: 'record_failed' })
    }
  }

  #endTimer(): void {
    this.#timer?.()
    this.#timer = undefined
  }

  #leaveHoldPlace(): void {
    if (!this.#heldPlace) return
    this.#heldPlace = false
    this.#host.leaveHoldPlace()
  }

  #over(): void {
    this.#timer?.()
    this.#timer = undefined
    const terms = this.#terms
    this.#terms = undefined
    if (terms !== undefined) this.#host.finished(terms)
    this.#host.ended(this, (this.#host.micros() - this.#forwardedMicros) / 1e6)
  }

  #protocol(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#host.effectFailed(error)
    }
  }
}
