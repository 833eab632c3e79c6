// What the stored answers of a hold come to, each verified again: the store is not believed.
import { type Answer, type Approver, answerRefusal, type Grant, grantCovers } from '../../engine/approval/index.ts'
import type { StoredAnswer } from '../storage/index.ts'
import { verifyAnswer } from './answers.ts'
import { answerOfGrant, verifyGrant } from './grants.ts'
import type { OpenHold } from './hold.ts'
import { AnswerError, type EnrolledApprover, typeOf } from './signed.ts'

/** The answers that count. */
export interface Tally {
  readonly approvals: readonly Answer[]
  /** The standing grants among them. */
  readonly grants: readonly Grant[]
  /** The reason of the first denial. */
  readonly denied: string | undefined
  /** The signed answers themselves, for the record. */
  readonly details: readonly string[]
}

/** How one answer is checked. */
export interface TallyPorts {
  readonly approvers: () => readonly EnrolledApprover[]
  readonly permitted: (approver: Approver, hold: OpenHold, grant?: Grant['terms']) => boolean
  /** True while the grant was not taken back. */
  readonly stands: (grant: Grant) => Promise<boolean>
  readonly nowMs: () => number
}

/** One answer, and the grant that it comes from. */
export interface ReadAnswer {
  readonly answer: Answer
  readonly grant?: Grant
}

/** Counts. */
export async function tallyOf(hold: OpenHold, stored: readonly StoredAnswer[], ports: TallyPorts): Promise<Tally> {
  const approvals: Answer[] = []
  const grants: Grant[] = []
  const details: string[] = []
  let denied: string | undefined
  for (const { body } of stored) {
    const read = await readAnswer(body, hold, ports)
    if (read === undefined) continue
    const { answer, grant } = read
    const permitted = ports.permitted(answer.approver, hold, grant?.terms)
    const event = { on: 'answer', answer, permitted, nowMs: ports.nowMs() } as const
    if (answerRefusal(hold.statement, approvals, event) !== undefined) continue
    details.push(body)
    if (answer.verdict === 'deny') denied ??= answer.reason
    else approvals.push(answer)
    if (grant !== undefined) grants.push(grant)
  }
  return { approvals, grants, denied, details }
}

async function readAnswer(jws: string, hold: OpenHold, ports: TallyPorts): Promise<ReadAnswer | undefined> {
  try {
    if (typeOf(jws) !== 'sallyport-grant') return { answer: await verifyAnswer(jws, ports.approvers()) }
    const grant = await verifyGrant(jws, ports.approvers())
    if (!grantCovers(grant.terms, hold.document, hold.statement, ports.nowMs())) return undefined
    return (await ports.stands(grant)) ? { answer: answerOfGrant(grant, hold), grant } : undefined
  } catch (error) {
    if (error instanceof AnswerError) return undefined
    throw error
  }
}
