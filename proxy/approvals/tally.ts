// What the stored answers of a hold come to, each verified again: the store is not believed.
import type { KeyObject } from 'node:crypto'
import { type Answer, type Approver, answerRefusal, type Grant, grantCovers } from '../../engine/approval/index.ts'
import type { StoredAnswer } from '../storage/index.ts'
import { type Vouched, verifyAnswer, verifyVouched } from './answers.ts'
import { answerOfGrant, verifyGrant } from './grants.ts'
import type { OpenHold } from './hold.ts'
import { AnswerError, type EnrolledApprover, typeOf } from './signed.ts'

/** What of a hold its answers are held against. */
export type TalliedHold = Pick<OpenHold, 'id' | 'statement' | 'digest' | 'document'>

/** The answers that count. */
export interface Tally {
  readonly approvals: readonly Answer[]
  /** The standing grants among them. */
  readonly grants: readonly Grant[]
  /** The first denial. */
  readonly denied: Answer | undefined
  /** The signed answers themselves, for the record. */
  readonly details: readonly string[]
}

/** How one answer is checked. */
export interface TallyPorts {
  readonly approvers: () => readonly EnrolledApprover[]
  /** The key by which gateways vouch for people; absent where they vouch for nobody. */
  readonly gatewayKey: () => KeyObject | undefined
  /**
   * Somebody whom a gateway vouched for as they count now: without groups that they lost since; undefined where they were
   * revoked since, or where that cannot be known.
   */
  readonly known: (approver: Approver, said: Vouched) => Approver | undefined
  readonly permitted: (approver: Approver, hold: TalliedHold, grant?: Grant['terms']) => boolean
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
export async function tallyOf(
  hold: TalliedHold,
  stored: readonly Pick<StoredAnswer, 'body'>[],
  ports: TallyPorts,
): Promise<Tally> {
  const approvals: Answer[] = []
  const grants: Grant[] = []
  const details: string[] = []
  let denied: Answer | undefined
  for (const { body } of stored) {
    const read = await readAnswer(body, hold, ports)
    if (read === undefined) continue
    const { answer, grant } = read
    const permitted = ports.permitted(answer.approver, hold, grant?.terms)
    const event = { on: 'answer', answer, permitted, nowMs: ports.nowMs() } as const
    if (answerRefusal(hold.statement, approvals, event) !== undefined) continue
    details.push(body)
    if (answer.verdict === 'deny') denied ??= answer
    else approvals.push(answer)
    if (grant !== undefined) grants.push(grant)
  }
  return { approvals, grants, denied, details }
}

/** Verifies an answer, by its approver's own key or by the gateways'. Rejects with AnswerError. */
export async function verifyAnyAnswer(
  jws: string,
  { approvers, gatewayKey, known }: Pick<TallyPorts, 'approvers' | 'gatewayKey' | 'known'>,
): Promise<Answer> {
  if (typeOf(jws) !== 'sallyport-vouched-approval') return verifyAnswer(jws, approvers())
  const key = gatewayKey()
  if (key === undefined) throw new AnswerError('unknown_approver', 'gateways vouch for nobody here')
  const { answer, said } = await verifyVouched(jws, key)
  const approver = known(answer.approver, said)
  if (approver === undefined)
    throw new AnswerError('unknown_approver', 'the approver was revoked, or nobody can say now whether they were')
  return { ...answer, approver }
}

async function readAnswer(jws: string, hold: TalliedHold, ports: TallyPorts): Promise<ReadAnswer | undefined> {
  try {
    if (typeOf(jws) !== 'sallyport-grant') return { answer: await verifyAnyAnswer(jws, ports) }
    const grant = await verifyGrant(jws, ports.approvers())
    if (!grantCovers(grant.terms, hold.document, hold.statement, ports.nowMs())) return undefined
    return (await ports.stands(grant)) ? { answer: answerOfGrant(grant, hold), grant } : undefined
  } catch (error) {
    if (error instanceof AnswerError) return undefined
    throw error
  }
}
