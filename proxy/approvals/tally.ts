// What the stored answers of a hold come to, each verified again: the store is not believed.
import { type Answer, type Approver, answerRefusal } from '../../engine/approval/index.ts'
import type { StoredAnswer } from '../storage/index.ts'
import { AnswerError } from './answers.ts'
import type { OpenHold } from './hold.ts'

/** The answers that count. */
export interface Tally {
  readonly approvals: readonly Answer[]
  /** The reason of the first denial. */
  readonly denied: string | undefined
  /** The signed answers themselves, for the record. */
  readonly details: readonly string[]
}

/** How one answer is checked. */
export interface TallyPorts {
  readonly verify: (jws: string) => Promise<Answer>
  readonly permitted: (approver: Approver, hold: OpenHold) => boolean
  readonly nowMs: () => number
}

/** Counts. */
export async function tallyOf(hold: OpenHold, stored: readonly StoredAnswer[], ports: TallyPorts): Promise<Tally> {
  const approvals: Answer[] = []
  const details: string[] = []
  let denied: string | undefined
  for (const { body } of stored) {
    const answer = await ports.verify(body).catch((error: unknown) => {
      if (error instanceof AnswerError) return undefined
      throw error
    })
    if (answer === undefined) continue
    const permitted = ports.permitted(answer.approver, hold)
    const event = { on: 'answer', answer, permitted, nowMs: ports.nowMs() } as const
    if (answerRefusal(hold.statement, approvals, event) !== undefined) continue
    details.push(body)
    if (answer.verdict === 'deny') denied ??= answer.reason
    else approvals.push(answer)
  }
  return { approvals, denied, details }
}
