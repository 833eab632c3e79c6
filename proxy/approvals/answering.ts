// Takes people's answers, for a hold of this gateway or of another one: each is verified, judged with those before it, and
// stored for the gateway that has the action.
import {
  type Answer,
  type AnswerRefusal,
  type Grant,
  grantCovers,
  stepHold,
  termsRefusal,
} from '../../engine/approval/index.ts'
import type { Storage } from '../storage/index.ts'
import { answerOfGrant, type StandingGrants, verifyGrant } from './grants.ts'
import { type OpenHold, readHold } from './hold.ts'
import type { ApprovalsParts } from './service.ts'
import { AnswerError } from './signed.ts'
import { type TallyPorts, tallyOf, verifyAnyAnswer } from './tally.ts'

/** What came of an answer. */
export type Answered =
  | { readonly ok: true; readonly status: 'approved' | 'denied' | 'waiting' }
  | { readonly ok: false; readonly code: AnswerRefusal | AnswerError['code'] | 'not_found'; readonly message: string }

/** What taking answers needs. */
export interface AnsweringParts {
  readonly storage: Storage
  readonly tallying: TallyPorts
  readonly grants: StandingGrants
  readonly onGrant: ApprovalsParts['onGrant']
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

/** Takes answers. */
export class Answering {
  readonly #parts: AnsweringParts
  constructor(parts: AnsweringParts) {
    this.#parts = parts
  }

  /** Takes one answer, for a hold of this gateway or of another one. */
  answer(id: string, jws: string): Promise<Answered> {
    return this.#answerable(id, async (hold) => {
      const { storage, tallying } = this.#parts
      const answer = await verifyAnyAnswer(jws, tallying)
      const status = await this.#judge(hold, answer)
      if (typeof status !== 'string') return status
      const taken = await storage.addAnswer({
        holdId: id,
        approver: JSON.stringify([answer.approver.issuer, answer.approver.subject]),
        answer: answer.verdict,
        atMs: tallying.nowMs(),
        body: jws,
      })
      return taken ? { ok: true, status } : refused('not_open')
    })
  }

  /** Takes a standing grant as the answer to a hold: it answers this one, and stands for those that it covers. */
  grant(id: string, jws: string): Promise<Answered> {
    return this.#answerable(id, async (hold) => {
      const { tallying } = this.#parts
      const grant = await verifyGrant(jws, tallying.approvers())
      const { terms } = grant
      if (terms.hold !== id) return refused('other_hold')
      const unfit = termsRefusal(terms, tallying.nowMs())
      if (unfit !== undefined) return { ok: false, code: 'malformed', message: unfit }
      if (!grantCovers(terms, hold.document, hold.statement, tallying.nowMs())) return refused('other_action')
      const status = await this.#judge(hold, answerOfGrant(grant, hold), grant)
      if (typeof status !== 'string') return status
      const given = await this.#parts.grants.give(grant, jws, hold)
      if (given !== 'given') return refused(given)
      this.#parts.onGrant('given', terms.id, grant.approver)
      return { ok: true, status }
    })
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
    const { storage, tallying } = this.#parts
    const { approvals } = await tallyOf(hold, await storage.answers(hold.id), tallying)
    const permitted = tallying.permitted(answer.approver, hold, grant?.terms)
    const event = { on: 'answer', answer, permitted, nowMs: tallying.nowMs() } as const
    const [next, [effect]] = stepHold(hold.statement, { at: 'open', approvals }, event)
    if (effect?.do === 'reject_answer') return refused(effect.refusal)
    return next.at === 'approved' ? 'approved' : next.at === 'denied' ? 'denied' : 'waiting'
  }
}

function refused(code: AnswerRefusal): Answered {
  return { ok: false, code, message: refusalWords[code] }
}
