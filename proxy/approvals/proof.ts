// What the record keeps of how a hold was answered: the statement and the signed answers. With the public keys, anybody can
// later see that people approved exactly the action that was recorded.
import type { ActionDocument } from '../../engine/action/index.ts'
import {
  type Answer,
  type ApprovalStatement,
  type Approver,
  isQuorate,
  statementDigest,
  statementOf,
} from '../../engine/approval/index.ts'
import type { Hold } from '../../engine/decision/index.ts'
import type { OpenHold } from './hold.ts'
import { type TallyPorts, tallyOf } from './tally.ts'

/** What is kept. */
export interface AnswerProof {
  readonly statement: ApprovalStatement
  readonly answers: readonly string[]
}

/** A recorded action that was held. */
export interface HeldAction {
  readonly document: ActionDocument
  readonly holds: readonly Hold[]
  readonly bundleDigest: string
}

/** What checking came to. */
export type Proved =
  | { readonly ok: true; readonly by: readonly string[]; readonly action: HeldAction }
  | { readonly ok: false; readonly why: string }

/** As text, for the record. */
export function proofText(proof: AnswerProof): string {
  return JSON.stringify(proof)
}

/**
 * Holds a recorded proof against the recorded actions of its session: the statement must be of one of them, and the
 * answers, as of the time they were recorded, an approval by its quorum (or a denial). What the policy said of the people
 * (`may_approve`), and whether they were revoked, is not in the record.
 */
export async function checkProof(
  text: string,
  hold: string,
  event: 'approved' | 'denied',
  actions: readonly HeldAction[],
  keys: Pick<TallyPorts, 'approvers' | 'gatewayKey'>,
  atMs: number,
): Promise<Proved> {
  const proof = readProof(text)
  if (proof === undefined) return { ok: false, why: 'the record holds no proof' }
  const { statement, answers } = proof
  const digest = statementDigest(statement)
  const action = actions.find(
    ({ document, holds, bundleDigest }) =>
      statementDigest(statementOf(hold, document, holds, bundleDigest, statement.expiresAtMs)) === digest,
  )
  if (action === undefined) return { ok: false, why: 'what was signed is no action of this session' }
  const { document } = action
  const held: Pick<OpenHold, 'id' | 'statement' | 'digest' | 'document'> = { id: hold, statement, digest, document }
  const stored = answers.map((body) => ({ body }))
  const ports = {
    ...keys,
    known: (one: Approver) => one,
    permitted: () => true,
    stands: () => Promise.resolve(true),
    nowMs: () => atMs,
  }
  const { approvals, denied } = await tallyOf(held, stored, ports)
  if (event === 'denied')
    return denied === undefined
      ? { ok: false, why: 'nobody who may answer denied it' }
      : { ok: true, by: [partyOf(denied)], action }
  if (!isQuorate(statement, approvals)) return { ok: false, why: 'the answers that hold are no quorum' }
  return { ok: true, by: approvals.map(partyOf), action }
}

function partyOf({ approver }: Answer): string {
  return `${approver.subject} (${approver.issuer})`
}

/** One answer as it is read, without its signature's being looked at. */
export interface SaidAnswer {
  readonly subject: string
  readonly issuer: string
  readonly verdict: 'approve' | 'deny' | 'grant'
  readonly reason: string
}

/** Who answered what, as a recorded proof says it; undefined where the text is none. Nothing of it is verified here. */
export function saidIn(text: string): readonly SaidAnswer[] | undefined {
  return readProof(text)?.answers.flatMap((jws) => {
    try {
      const claims: unknown = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8'))
      const { subject, issuer, verdict, reason } = Object(claims)
      if (typeof subject !== 'string' || typeof issuer !== 'string') return []
      const said = verdict === 'approve' || verdict === 'deny' ? verdict : 'grant'
      return [{ subject, issuer, verdict: said, reason: typeof reason === 'string' ? reason : '' }]
    } catch {
      return []
    }
  })
}

function readProof(text: string): AnswerProof | undefined {
  try {
    const proof: AnswerProof = JSON.parse(text)
    const isProof = Array.isArray(proof.answers) && proof.answers.every((one) => typeof one === 'string')
    return isProof && typeof proof.statement === 'object' && Array.isArray(proof.statement.requirements)
      ? proof
      : undefined
  } catch {
    return undefined
  }
}
