// Holds behind shared storage: opened by the gateway that has the action, answered through any, released once by the one
// that opened it, after every signature was checked again there.

import type { KeyObject } from 'node:crypto'
import type { ActionDocument } from '../../engine/action/index.ts'
import {
  type Approver,
  type Grant,
  type GrantTerms,
  isQuorate,
  type Party,
  stepHold,
} from '../../engine/approval/index.ts'
import type { CancelReason, HoldOutcome, HoldRequest, Holds } from '../gate/contract.ts'
import type { Change, HoldStatus, Storage } from '../storage/index.ts'
import { type Answered, Answering } from './answering.ts'
import { type RevocationClaims, type StandingGrant, StandingGrants } from './grants.ts'
import { type HoldEnd, holdOf, type OpenHold, readHold, withEstimates } from './hold.ts'
import { Presence } from './presence.ts'
import { proofText } from './proof.ts'
import type { EnrolledApprover } from './signed.ts'
import { type TalliedHold, type Tally, type TallyPorts, tallyOf } from './tally.ts'

/** What the service is made of. */
export interface ApprovalsParts {
  readonly storage: Storage
  /** The gateway's name, for people. */
  readonly gateway: string
  /** This run of it, unlike any other run of this or another gateway. */
  readonly run: string
  readonly approvers: () => readonly EnrolledApprover[]
  /** The key by which gateways vouch for people; absent where they vouch for nobody. */
  readonly gatewayKey: () => KeyObject | undefined
  /** Somebody whom a gateway vouched for as they count now (`TallyPorts`). */
  readonly known: TallyPorts['known']
  /** The largest quorum that a rule may ask for; more is taken for a mistake of the policy. */
  readonly quorumMax: number
  /** What the live policy says of a reviewer (`may_approve`). A throw means no. */
  readonly mayApprove: (approver: Approver, hold: TalliedHold, grant?: GrantTerms) => boolean
  /** What the upstream expects of a held action, for people to see; asked before they are told, for a moment. */
  readonly estimate?: (document: ActionDocument) => Promise<readonly string[]>
  readonly nowMs: () => number
  readonly onError: (error: unknown) => void
  /** Told of every hold that opens or ends, for notifications. */
  readonly onHold: (event: 'opened' | HoldEnd, hold: OpenHold) => void
  /** Told of every grant that is given or taken back here. */
  readonly onGrant: (event: 'given' | 'revoked', grant: string, by: Party) => void
}

interface Waiting {
  hold: OpenHold
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
/** How long people's notice waits for what the upstream expects. */
const estimateMs = 1500

/** The approval service of one gateway. */
export class Approvals implements Holds {
  readonly #parts: ApprovalsParts
  readonly #presence: Presence
  readonly #tallying: TallyPorts
  readonly #grants: StandingGrants
  readonly #answering: Answering
  readonly #waiting = new Map<string, Waiting>()
  /** Ends that the store has not taken yet. */
  readonly #ending = new Map<string, HoldStatus>()
  readonly #unsubscribe: () => void
  #rounds = 0

  constructor(parts: ApprovalsParts) {
    this.#parts = parts
    this.#presence = new Presence(parts.storage, parts.run)
    const permitted = (approver: Approver, hold: TalliedHold, grant?: GrantTerms) =>
      this.#permitted(approver, hold, grant)
    const { storage, approvers, gatewayKey, known, nowMs } = parts
    this.#grants = new StandingGrants({ storage, approvers, permitted, nowMs })
    const stands = (grant: Grant) => this.#grants.stands(grant)
    this.#tallying = { approvers, gatewayKey, known, permitted, nowMs, stands }
    this.#answering = new Answering({ storage, tallying: this.#tallying, grants: this.#grants, onGrant: parts.onGrant })
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
    if (request.decision.holds.some(({ quorum }) => quorum > this.#parts.quorumMax))
      throw new RangeError(`a hold asks for more than ${this.#parts.quorumMax} people`)
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
    await this.#estimated(waiting)
    // Withdrawn before anybody heard of it.
    if (waiting.over) return
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

  /** An estimate that fails or takes too long is left out. */
  async #estimated(waiting: Waiting): Promise<void> {
    const { estimate, onError } = this.#parts
    if (estimate === undefined) return
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<readonly string[]>((done) => {
      timer = setTimeout(() => done([]), estimateMs)
    })
    try {
      const estimates = await Promise.race([estimate(waiting.hold.document), late])
      if (estimates.length > 0) waiting.hold = withEstimates(waiting.hold, estimates)
    } catch (error) {
      onError(error)
    } finally {
      clearTimeout(timer)
    }
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
        return this.#deny(waiting, tally, tally.denied.reason)
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
      if (await storage.moveHold(hold.id, 'open', 'denied')) this.#deny(waiting, tally, tally.denied.reason)
      return
    }
    if (!this.#releases(hold, tally)) return
    // The machine has said whether this is a release; the store says whether it is the only one.
    if (!(await storage.moveHold(hold.id, 'open', 'released'))) return
    this.#release(waiting, tally)
  }

  #release(waiting: Waiting, { details, grants }: Tally): void {
    const used = grants.map(({ terms }) => terms)
    const detail = proofText({ statement: waiting.hold.statement, answers: details })
    this.#end(waiting, { on: 'approved', detail, ...(used.length === 0 ? {} : { grants: used }) })
    this.#parts.onHold('approved', waiting.hold)
  }

  #deny(waiting: Waiting, tally: Tally, message: string): void {
    const detail = proofText({ statement: waiting.hold.statement, answers: tally.details })
    this.#end(waiting, { on: 'denied', detail, message })
    this.#parts.onHold('denied', waiting.hold)
  }

  #releases(hold: OpenHold, { approvals }: Tally): boolean {
    if (!isQuorate(hold.statement, approvals)) return false
    const take = { on: 'take', nowMs: this.#parts.nowMs() } as const
    const [, [effect]] = stepHold(hold.statement, { at: 'approved', approvals }, take)
    return effect?.do === 'release'
  }

  #permitted(approver: Approver, hold: TalliedHold, grant?: GrantTerms): boolean {
    try {
      return this.#parts.mayApprove(approver, hold, grant)
    } catch (error) {
      this.#parts.onError(error)
      return false
    }
  }

  /** Takes one answer, for a hold of this gateway or of another one. */
  answer(id: string, jws: string): Promise<Answered> {
    return this.#answering.answer(id, jws)
  }

  /** Takes a standing grant as the answer to a hold: it answers this one, and stands for those that it covers. */
  grant(id: string, jws: string): Promise<Answered> {
    return this.#answering.grant(id, jws)
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
