// Holds behind shared storage: opened by the gateway that has the action, answered through any, released once by the one
// that opened it, after every signature was checked again there.

import type { ActionDocument } from '../../engine/action/index.ts'
import {
  type Answer,
  type AnswerRefusal,
  type ApprovalStatement,
  type Approver,
  answerRefusal,
  type HoldView,
  isQuorate,
  openHold,
  statementDigest,
  statementOf,
  stepHold,
  viewOf,
} from '../../engine/approval/index.ts'
import type { CancelReason, HoldOutcome, HoldRequest, Holds } from '../gate/contract.ts'
import type { Change, Storage, StoredHold } from '../storage/index.ts'
import { AnswerError, type EnrolledApprover, verifyAnswer } from './answers.ts'

/** What the service is made of. */
export interface ApprovalsParts {
  readonly storage: Storage
  readonly gateway: string
  readonly approvers: () => readonly EnrolledApprover[]
  /** What the live policy says of a reviewer (`may_approve`). A throw means no. */
  readonly mayApprove: (approver: Approver, hold: OpenHold) => boolean
  readonly nowMs: () => number
  readonly onError: (error: unknown) => void
  /** Told of every hold that opens or ends, for notifications. */
  readonly onHold: (event: 'opened' | HoldEnd, hold: OpenHold) => void
}

/** How a hold can end. */
export type HoldEnd = 'approved' | 'denied' | 'cancelled' | 'expired'

/** A hold as it is stored and shown. */
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

/** What came of an answer. */
export type Answered =
  | { readonly ok: true; readonly status: 'approved' | 'denied' | 'waiting' }
  | { readonly ok: false; readonly code: AnswerRefusal | AnswerError['code'] | 'not_found'; readonly message: string }

interface Waiting {
  readonly hold: OpenHold
  readonly answer: (outcome: HoldOutcome) => void
  /** One look at a time; a change during it asks for another. */
  looking: boolean
  again: boolean
  over: boolean
}

const refusalWords: Record<AnswerRefusal, string> = {
  not_open: 'the hold is not open any more',
  other_hold: 'the answer is for another hold',
  other_action: 'the answer is for another action: look at the hold again',
  late: 'the hold or the answer has expired',
  own_action: 'nobody approves their own action, or one of an agent that acts for them',
  answered_already: 'this person has answered already',
  not_a_reviewer: 'the rule asks for other reviewers',
  not_permitted: 'the policy does not let this person approve it',
}

/** The approval service of one gateway. */
export class Approvals implements Holds {
  readonly #parts: ApprovalsParts
  readonly #waiting = new Map<string, Waiting>()
  readonly #unsubscribe: () => void

  constructor(parts: ApprovalsParts) {
    this.#parts = parts
    this.#unsubscribe = parts.storage.subscribe((change) => this.#changed(change))
  }

  /** Ends what an earlier run of this gateway left open: nobody can release it any more. */
  async start(): Promise<void> {
    const left = await this.#parts.storage.holds('open')
    for (const stored of left) {
      const hold = readHold(stored)
      if (hold?.gateway === this.#parts.gateway && !this.#waiting.has(stored.id))
        await this.#parts.storage.moveHold(stored.id, 'open', 'cancelled')
    }
  }

  open(request: HoldRequest, answer: (outcome: HoldOutcome) => void): ReturnType<Holds['open']> {
    const { id, document, decision, expiresAtMs } = request
    const statement = statementOf(id, document, decision.holds, decision.bundle.digest, expiresAtMs)
    const hold: OpenHold = {
      id,
      gateway: this.#parts.gateway,
      openedAtMs: this.#parts.nowMs(),
      statement,
      digest: statementDigest(statement),
      view: viewOf(document, decision.holds),
      document,
    }
    const waiting: Waiting = { hold, answer, looking: false, again: false, over: false }
    this.#waiting.set(id, waiting)
    this.#store(waiting).catch((error: unknown) => {
      this.#parts.onError(error)
      this.#end(waiting, { on: 'failed', detail: 'the hold could not be stored' })
    })
    return { cancel: (reason) => this.#cancel(waiting, reason) }
  }

  async #store(waiting: Waiting): Promise<void> {
    const { id, statement, openedAtMs } = waiting.hold
    const stored = await this.#parts.storage.openHold({
      id,
      sessionId: statement.session,
      digest: waiting.hold.digest,
      createdAtMs: openedAtMs,
      expiresAtMs: statement.expiresAtMs,
      body: JSON.stringify(waiting.hold),
    })
    if (!stored) return this.#end(waiting, { on: 'failed', detail: 'the hold has an id that is taken' })
    // Cancelled while it was being stored: it must not stay open.
    if (waiting.over) await this.#parts.storage.moveHold(id, 'open', 'cancelled')
    else this.#parts.onHold('opened', waiting.hold)
  }

  #cancel(waiting: Waiting, reason: CancelReason | 'expired'): void {
    if (waiting.over) return
    waiting.over = true
    this.#waiting.delete(waiting.hold.id)
    const to = reason === 'expired' ? 'expired' : 'cancelled'
    this.#parts.storage.moveHold(waiting.hold.id, 'open', to).then(
      () => this.#parts.onHold(to, waiting.hold),
      (error: unknown) => this.#parts.onError(error),
    )
  }

  #end(waiting: Waiting, outcome: HoldOutcome): void {
    if (waiting.over) return
    waiting.over = true
    this.#waiting.delete(waiting.hold.id)
    waiting.answer(outcome)
  }

  #changed(change: Change): void {
    if (change.topic === 'resync') for (const waiting of this.#waiting.values()) this.#look(waiting)
    if (change.topic !== 'holds') return
    const waiting = this.#waiting.get(change.id)
    if (waiting !== undefined) this.#look(waiting)
  }

  #look(waiting: Waiting): void {
    if (waiting.looking) {
      waiting.again = true
      return
    }
    waiting.looking = true
    this.#settle(waiting)
      .catch((error: unknown) => this.#parts.onError(error))
      .finally(() => {
        waiting.looking = false
        if (!waiting.again) return
        waiting.again = false
        this.#look(waiting)
      })
  }

  /** Reads the answers that are stored, checks each again, and ends the hold where they decide it. */
  async #settle(waiting: Waiting): Promise<void> {
    const { hold } = waiting
    const { storage, nowMs, onHold } = this.#parts
    if (waiting.over) return
    const tally = await this.#tally(hold)
    if (waiting.over) return
    if (tally.denied !== undefined) {
      if (!(await storage.moveHold(hold.id, 'open', 'denied'))) return
      this.#end(waiting, { on: 'denied', detail: tally.details.join(' '), message: tally.denied })
      onHold('denied', hold)
      return
    }
    if (!isQuorate(hold.statement, tally.approvals)) return
    // The machine has the last word on whether this is a release; the store, on whether it is the only one.
    const [state, effects] = stepHold(
      hold.statement,
      { at: 'approved', approvals: tally.approvals },
      { on: 'take', nowMs: nowMs() },
    )
    if (state.at !== 'released' || effects[0]?.do !== 'release') return
    if (!(await storage.moveHold(hold.id, 'open', 'approved'))) return
    if (!(await storage.moveHold(hold.id, 'approved', 'released'))) return
    this.#end(waiting, { on: 'approved', detail: tally.details.join(' ') })
    onHold('approved', hold)
  }

  async #tally(hold: OpenHold): Promise<{
    readonly approvals: readonly Answer[]
    readonly denied: string | undefined
    readonly details: readonly string[]
  }> {
    const { storage, approvers, nowMs } = this.#parts
    const approvals: Answer[] = []
    const details: string[] = []
    let denied: string | undefined
    for (const stored of await storage.answers(hold.id)) {
      const answer = await verifyAnswer(stored.body, approvers()).catch((error: unknown) => {
        if (error instanceof AnswerError) return undefined
        throw error
      })
      if (answer === undefined) continue
      const permitted = this.#permitted(answer.approver, hold)
      if (answerRefusal(hold.statement, approvals, { on: 'answer', answer, permitted, nowMs: nowMs() }) !== undefined)
        continue
      details.push(stored.body)
      if (answer.verdict === 'deny') denied ??= answer.reason
      else approvals.push(answer)
    }
    return { approvals, denied, details }
  }

  #permitted(approver: Approver, hold: OpenHold): boolean {
    try {
      return this.#parts.mayApprove(approver, hold)
    } catch (error) {
      this.#parts.onError(error)
      return false
    }
  }

  /** Takes one answer, for a hold of this gateway or of another one. */
  async answer(id: string, jws: string): Promise<Answered> {
    const { storage, approvers, nowMs } = this.#parts
    const stored = await storage.hold(id)
    const hold = stored === undefined ? undefined : readHold(stored)
    if (stored === undefined || hold === undefined)
      return { ok: false, code: 'not_found', message: 'there is no such hold' }
    const refuse = (code: AnswerRefusal): Answered => ({ ok: false, code, message: refusalWords[code] })
    if (stored.status !== 'open') return refuse('not_open')
    let answer: Answer
    try {
      answer = await verifyAnswer(jws, approvers())
    } catch (error) {
      if (error instanceof AnswerError) return { ok: false, code: error.code, message: error.message }
      throw error
    }
    const { approvals } = await this.#tally(hold)
    const permitted = this.#permitted(answer.approver, hold)
    const event = { on: 'answer', answer, permitted, nowMs: nowMs() } as const
    const [next, effects] = stepHold(hold.statement, { ...openHold, at: 'open', approvals }, event)
    const [effect] = effects
    if (effect?.do === 'reject_answer') return refuse(effect.refusal)
    const taken = await storage.addAnswer({
      holdId: id,
      approver: JSON.stringify([answer.approver.issuer, answer.approver.subject]),
      answer: answer.verdict,
      atMs: nowMs(),
      body: jws,
    })
    if (!taken) return refuse('not_open')
    return { ok: true, status: next.at === 'approved' ? 'approved' : next.at === 'denied' ? 'denied' : 'waiting' }
  }

  /** A hold, open or not. */
  async hold(id: string): Promise<OpenHold | undefined> {
    const stored = await this.#parts.storage.hold(id)
    return stored === undefined ? undefined : readHold(stored)
  }

  /** The holds that wait for people now, at every gateway of the storage. */
  async holds(): Promise<readonly OpenHold[]> {
    const nowMs = this.#parts.nowMs()
    const stored = await this.#parts.storage.holds('open')
    return stored
      .filter((one) => one.expiresAtMs > nowMs)
      .map(readHold)
      .filter((one) => one !== undefined)
  }

  close(): void {
    this.#unsubscribe()
  }
}

/** A stored hold; undefined for what this version did not write. */
function readHold(stored: StoredHold): OpenHold | undefined {
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
