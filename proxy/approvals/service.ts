// Holds behind shared storage: opened by the gateway that has the action, answered through any, released once by the one
// that opened it, after every signature was checked again there.

import {
  type Answer,
  type AnswerRefusal,
  type Approver,
  type Grant,
  type GrantTerms,
  grantCovers,
  isQuorate,
  type Party,
  stepHold,
  termsRefusal,
} from '../../engine/approval/index.ts'
import type { CancelReason, HoldOutcome, HoldRequest, Holds } from '../gate/contract.ts'
import type { Change, HoldStatus, Storage } from '../storage/index.ts'
import { verifyAnswer } from './answers.ts'
import { answerOfGrant, type RevocationClaims, type StandingGrant, StandingGrants, verifyGrant } from './grants.ts'
import { type HoldEnd, holdOf, type OpenHold, readHold } from './hold.ts'
import { Presence } from './presence.ts'
import { AnswerError, type EnrolledApprover } from './signed.ts'
import { type Tally, type TallyPorts, tallyOf } from './tally.ts'

/** What the service is made of. */
export interface ApprovalsParts {
  readonly storage: Storage
  /** The gateway's name, for people. */
  readonly gateway: string
  /** This run of it, unlike any other run of this or another gateway. */
  readonly run: string
  readonly approvers: () => readonly EnrolledApprover[]
  /** What the live policy says of a reviewer (`may_approve`). A throw means no. */
  readonly mayApprove: (approver: Approver, hold: OpenHold, grant?: GrantTerms) => boolean
  readonly nowMs: () => number
  readonly onError: (error: unknown) => void
  /** Told of every hold that opens or ends, for notifications. */
  readonly onHold: (event: 'opened' | HoldEnd, hold: OpenHold) => void
  /** Told of every grant that is given or taken back here. */
  readonly onGrant: (event: 'given' | 'revoked', grant: string, by: Party) => void
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
  /** The store failed in the middle of a look; the next round looks again. */
  unsure: boolean
  stored: boolean
  over: boolean
}

/** Ended holds and expired grants are removed every so many rounds. */
const pruneRounds = 300

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
  readonly #presence: Presence
  readonly #tallying: TallyPorts
  readonly #grants: StandingGrants
  readonly #waiting = new Map<string, Waiting>()
  /** Ends that the store has not taken yet. */
  readonly #ending = new Map<string, HoldStatus>()
  readonly #unsubscribe: () => void
  #rounds = 0

  constructor(parts: ApprovalsParts) {
    this.#parts = parts
    this.#presence = new Presence(parts.storage, parts.run)
    const permitted = (approver: Approver, hold: OpenHold, grant?: GrantTerms) => this.#permitted(approver, hold, grant)
    const { storage, approvers, nowMs } = parts
    this.#grants = new StandingGrants({ storage, approvers, permitted, nowMs })
    this.#tallying = { approvers, permitted, nowMs, stands: (grant) => this.#grants.stands(grant) }
    this.#unsubscribe = parts.storage.subscribe((change) => this.#changed(change))
  }

  /** Before the first hold: this run is known to the others. */
  async start(): Promise<void> {
    await this.#presence.start()
  }

  /**
   * Called about once a second: says that this gateway lives, ends the holds of those that do not, and makes up for what
   * the store could not do or did not tell.
   */
  async round(): Promise<void> {
    const { storage, run, nowMs } = this.#parts
    await this.#presence.round()
    for (const [id, to] of this.#ending) {
      await storage.moveHold(id, 'open', to)
      this.#ending.delete(id)
    }
    const answered = new Set(this.#waiting.size === 0 ? [] : await storage.answeredHolds(run))
    for (const waiting of this.#waiting.values())
      if (waiting.unsure || answered.has(waiting.hold.id)) this.#look(waiting)
    if (this.#rounds++ % pruneRounds === 0) await storage.prune(nowMs())
  }

  open(request: HoldRequest, answer: (outcome: HoldOutcome) => void): ReturnType<Holds['open']> {
    const hold = holdOf(request, this.#parts.gateway, this.#parts.nowMs())
    const waiting: Waiting = {
      hold,
      answer,
      looking: false,
      again: false,
      unsure: false,
      stored: false,
      over: false,
    }
    this.#waiting.set(hold.id, waiting)
    this.#store(waiting).catch((error: unknown) => {
      this.#parts.onError(error)
      // It may have been stored all the same.
      this.#ending.set(hold.id, 'cancelled')
      this.#end(waiting, { on: 'failed', detail: 'the hold could not be stored' })
    })
    return { cancel: (reason) => this.#cancel(waiting, reason) }
  }

  async #store(waiting: Waiting): Promise<void> {
    const { id, statement, openedAtMs } = waiting.hold
    const stored = await this.#parts.storage.openHold({
      id,
      run: this.#parts.run,
      sessionId: statement.session,
      digest: waiting.hold.digest,
      createdAtMs: openedAtMs,
      expiresAtMs: statement.expiresAtMs,
      body: JSON.stringify(waiting.hold),
    })
    if (!stored) return this.#end(waiting, { on: 'failed', detail: 'the hold has an id that is taken' })
    waiting.stored = true
    // Cancelled while it was being stored: it must not stay open.
    if (waiting.over) return this.#close(waiting.hold, 'cancelled')
    if (!(await this.#granted(waiting.hold))) this.#parts.onHold('opened', waiting.hold)
    // Whoever was quick has answered already.
    this.#look(waiting)
  }

  /** Grants that cannot be read answer nothing: people are asked. */
  async #granted(hold: OpenHold): Promise<boolean> {
    try {
      return await this.#grants.apply(hold)
    } catch (error) {
      this.#parts.onError(error)
      return false
    }
  }

  #cancel(waiting: Waiting, reason: CancelReason | 'expired'): void {
    if (waiting.over) return
    waiting.over = true
    this.#waiting.delete(waiting.hold.id)
    this.#close(waiting.hold, reason === 'expired' ? 'expired' : 'cancelled')
  }

  /** Tells the store that a hold is over; the rounds try again until it has heard. */
  #close(hold: OpenHold, to: 'expired' | 'cancelled'): void {
    this.#ending.set(hold.id, to)
    this.#parts.storage.moveHold(hold.id, 'open', to).then(
      (moved) => {
        this.#ending.delete(hold.id)
        if (moved) this.#parts.onHold(to, hold)
      },
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
    if (waiting.looking || !waiting.stored) {
      waiting.again = true
      return
    }
    waiting.looking = true
    waiting.again = false
    waiting.unsure = false
    this.#settle(waiting)
      .catch((error: unknown) => {
        waiting.unsure = true
        this.#parts.onError(error)
      })
      .finally(() => {
        waiting.looking = false
        if (waiting.again) this.#look(waiting)
      })
  }

  /** Reads where the hold stands and its answers, checks each again, and ends the hold where they decide it. */
  async #settle(waiting: Waiting): Promise<void> {
    const { hold } = waiting
    const { storage, onHold } = this.#parts
    if (waiting.over) return
    const status = (await storage.hold(hold.id))?.status
    const tally = await tallyOf(hold, await storage.answers(hold.id), this.#tallying)
    if (waiting.over) return
    switch (status) {
      case 'open':
        return this.#decide(waiting, tally)
      case 'released':
        // Only this run moves its holds there: it did, and the store's answer was lost.
        if (!this.#releases(hold, tally)) break
        return this.#release(waiting, tally)
      case 'denied':
        if (tally.denied === undefined) break
        return this.#deny(waiting, tally, tally.denied)
      case 'approved':
      case 'cancelled':
      case 'expired':
      case undefined:
        break
    }
    this.#end(waiting, { on: 'failed', detail: 'the hold was ended from elsewhere' })
    onHold('cancelled', hold)
  }

  async #decide(waiting: Waiting, tally: Tally): Promise<void> {
    const { hold } = waiting
    const { storage } = this.#parts
    if (tally.denied !== undefined) {
      if (await storage.moveHold(hold.id, 'open', 'denied')) this.#deny(waiting, tally, tally.denied)
      return
    }
    if (!this.#releases(hold, tally)) return
    // The machine has said whether this is a release; the store says whether it is the only one.
    if (!(await storage.moveHold(hold.id, 'open', 'released'))) return
    this.#release(waiting, tally)
  }

  #release(waiting: Waiting, { details, grants }: Tally): void {
    const used = grants.map(({ terms }) => terms)
    this.#end(waiting, { on: 'approved', detail: details.join(' '), ...(used.length === 0 ? {} : { grants: used }) })
    this.#parts.onHold('approved', waiting.hold)
  }

  #deny(waiting: Waiting, tally: Tally, message: string): void {
    this.#end(waiting, { on: 'denied', detail: tally.details.join(' '), message })
    this.#parts.onHold('denied', waiting.hold)
  }

  #releases(hold: OpenHold, { approvals }: Tally): boolean {
    if (!isQuorate(hold.statement, approvals)) return false
    const take = { on: 'take', nowMs: this.#parts.nowMs() } as const
    const [, [effect]] = stepHold(hold.statement, { at: 'approved', approvals }, take)
    return effect?.do === 'release'
  }

  #permitted(approver: Approver, hold: OpenHold, grant?: GrantTerms): boolean {
    try {
      return this.#parts.mayApprove(approver, hold, grant)
    } catch (error) {
      this.#parts.onError(error)
      return false
    }
  }

  /** Takes one answer, for a hold of this gateway or of another one. */
  answer(id: string, jws: string): Promise<Answered> {
    return this.#answerable(id, async (hold) => {
      const { storage, nowMs, approvers } = this.#parts
      const answer = await verifyAnswer(jws, approvers())
      const status = await this.#judge(hold, answer)
      if (typeof status !== 'string') return status
      const taken = await storage.addAnswer({
        holdId: id,
        approver: JSON.stringify([answer.approver.issuer, answer.approver.subject]),
        answer: answer.verdict,
        atMs: nowMs(),
        body: jws,
      })
      return taken ? { ok: true, status } : refused('not_open')
    })
  }

  /** Takes a standing grant as the answer to a hold: it answers this one, and stands for those that it covers. */
  grant(id: string, jws: string): Promise<Answered> {
    return this.#answerable(id, async (hold) => {
      const { nowMs, approvers } = this.#parts
      const grant = await verifyGrant(jws, approvers())
      const { terms } = grant
      if (terms.hold !== id) return refused('other_hold')
      const unfit = termsRefusal(terms, nowMs())
      if (unfit !== undefined) return { ok: false, code: 'malformed', message: unfit }
      if (!grantCovers(terms, hold.document, hold.statement, nowMs())) return refused('other_action')
      const status = await this.#judge(hold, answerOfGrant(grant, hold), grant)
      if (typeof status !== 'string') return status
      const given = await this.#grants.give(grant, jws, hold)
      if (given !== 'given') return refused(given)
      this.#parts.onGrant('given', terms.id, grant.approver)
      return { ok: true, status }
    })
  }

  /** The grants that stand. */
  grants(): Promise<readonly StandingGrant[]> {
    return this.#grants.list()
  }

  /** Takes a grant back; undefined when there is none. Rejects with AnswerError. */
  async revokeGrant(jws: string): Promise<RevocationClaims | undefined> {
    const revoked = await this.#grants.revoke(jws)
    if (revoked !== undefined) this.#parts.onGrant('revoked', revoked.grant, revoked)
    return revoked
  }

  async #answerable(id: string, take: (hold: OpenHold) => Promise<Answered>): Promise<Answered> {
    const stored = await this.#parts.storage.hold(id)
    const hold = stored === undefined ? undefined : readHold(stored)
    if (stored === undefined || hold === undefined)
      return { ok: false, code: 'not_found', message: 'there is no such hold' }
    if (stored.status !== 'open') return refused('not_open')
    try {
      return await take(hold)
    } catch (error) {
      if (error instanceof AnswerError) return { ok: false, code: error.code, message: error.message }
      throw error
    }
  }

  /** What becomes of the hold with one more answer, or why it does not count. */
  async #judge(hold: OpenHold, answer: Answer, grant?: Grant): Promise<'approved' | 'denied' | 'waiting' | Answered> {
    const { storage, nowMs } = this.#parts
    const { approvals } = await tallyOf(hold, await storage.answers(hold.id), this.#tallying)
    const permitted = this.#permitted(answer.approver, hold, grant?.terms)
    const event = { on: 'answer', answer, permitted, nowMs: nowMs() } as const
    const [next, [effect]] = stepHold(hold.statement, { at: 'open', approvals }, event)
    if (effect?.do === 'reject_answer') return refused(effect.refusal)
    return next.at === 'approved' ? 'approved' : next.at === 'denied' ? 'denied' : 'waiting'
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

  /** Ends the run: whatever still waits is refused. */
  async close(): Promise<void> {
    this.#unsubscribe()
    for (const waiting of [...this.#waiting.values()])
      this.#end(waiting, { on: 'failed', detail: 'the gateway shut down' })
    await this.#presence.close()
  }
}

function refused(code: AnswerRefusal): Answered {
  return { ok: false, code, message: refusalWords[code] }
}
