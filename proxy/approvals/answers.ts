// Answers to holds: a JWS over the statement's digest, by the approver's own key or by the gateway for somebody it knows
// by a verified login.
import type { KeyObject } from 'node:crypto'
import type { Answer } from '../../engine/approval/index.ts'
import { AnswerError, type Claims, type EnrolledApprover, shortText, sign, verifySigned, verifyWith } from './signed.ts'

/** What an approver signs. */
export interface AnswerClaims {
  readonly id: string
  readonly hold: string
  readonly statement: string
  readonly verdict: 'approve' | 'deny'
  readonly reason: string
  readonly issuer: string
  readonly subject: string
  readonly expiresAtMs: number
}

/** What a gateway signs for somebody whose login it has verified. */
export interface VouchedClaims extends AnswerClaims {
  readonly groups: readonly string[]
  /** How the gateway knew them: `oidc`, `slack`. */
  readonly by: string
  /** When it was said. */
  readonly atMs: number
}

/** How a gateway knew somebody, and when they answered. */
export type Vouched = Pick<VouchedClaims, 'by' | 'atMs'>

const reasonMax = 500

/** Signs an answer with the approver's private key (PEM). */
export function signAnswer(claims: AnswerClaims, privateKeyPem: string): Promise<string> {
  return sign('sallyport-approval', claims, privateKeyPem)
}

/** Signs an answer with the gateway's key (PEM), for somebody it knows. */
export function vouchAnswer(claims: VouchedClaims, gatewayKeyPem: string): Promise<string> {
  return sign('sallyport-vouched-approval', claims, gatewayKeyPem)
}

/** Verifies an answer by the approver's own key. Rejects with AnswerError. */
export async function verifyAnswer(jws: string, approvers: readonly EnrolledApprover[]): Promise<Answer> {
  const { claims, approver } = await verifySigned(jws, 'sallyport-approval', approvers)
  return answerOf(claims, approver.groups)
}

/** Verifies an answer that a gateway vouches for. Rejects with AnswerError. */
export async function verifyVouched(
  jws: string,
  gatewayKey: KeyObject,
): Promise<{ readonly answer: Answer; readonly said: Vouched }> {
  const claims = await verifyWith(jws, 'sallyport-vouched-approval', gatewayKey)
  const said = { by: claims.text('by'), atMs: claims.countSince('atMs') }
  return { answer: answerOf(claims, claims.list('groups', shortText)), said }
}

function answerOf(claims: Claims, groups: readonly string[]): Answer {
  const verdict = claims.text('verdict')
  if (verdict !== 'approve' && verdict !== 'deny')
    throw new AnswerError('malformed', 'the answer has no usable `verdict`')
  return {
    id: claims.text('id'),
    hold: claims.text('hold'),
    statement: claims.text('statement'),
    verdict,
    reason: claims.text('reason').slice(0, reasonMax),
    expiresAtMs: claims.count('expiresAtMs'),
    approver: { issuer: claims.text('issuer'), subject: claims.text('subject'), groups },
  }
}
