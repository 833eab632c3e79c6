// Answers to holds: a JWS over the statement's digest, by the approver's own key or by the gateway for somebody it knows
// by a verified login. Whoever has the public keys can check one offline.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { CompactSign, compactVerify, errors } from 'jose'
import type { Answer, Approver } from '../../engine/approval/index.ts'

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

/** Somebody enrolled, with the key that their answers are signed by. */
export interface EnrolledApprover extends Approver {
  readonly key: KeyObject
}

/** Why an answer is not taken. */
export class AnswerError extends Error {
  readonly code: 'malformed' | 'unknown_approver' | 'signature'
  constructor(code: AnswerError['code'], message: string) {
    super(message)
    this.name = 'AnswerError'
    this.code = code
  }
}

/** `typ` of an answer, so that no other signature of the same key passes for one. */
const answerType = 'sallyport-approval'
const answerBytesMax = 8 * 1024
const reasonMax = 500

/** An enrolled approver from configuration. Throws for keys that are neither Ed25519 nor on P-256. */
export function enrolled(approver: Approver, publicKeyPem: string): EnrolledApprover {
  const key = createPublicKey(publicKeyPem)
  algorithmOf(key)
  return { ...approver, key }
}

/** Signs an answer with the approver's private key (PEM). */
export async function signAnswer(claims: AnswerClaims, privateKeyPem: string): Promise<string> {
  const key = createPrivateKey(privateKeyPem)
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: algorithmOf(key), typ: answerType })
    .sign(key)
}

/** Verifies an answer. Rejects with AnswerError. */
export async function verifyAnswer(jws: string, approvers: readonly EnrolledApprover[]): Promise<Answer> {
  if (jws.length > answerBytesMax) throw new AnswerError('malformed', 'the answer is too long')
  const unverified = claimsOf(Buffer.from(jws.split('.')[1] ?? '', 'base64url'))
  const approver = approvers.find((one) => one.issuer === unverified.issuer && one.subject === unverified.subject)
  if (approver === undefined) throw new AnswerError('unknown_approver', 'the approver is not enrolled here')
  try {
    // The key's own algorithm, never the header's.
    const { payload, protectedHeader } = await compactVerify(jws, approver.key, {
      algorithms: [algorithmOf(approver.key)],
    })
    if (protectedHeader.typ !== answerType) throw new AnswerError('signature', 'the signature is not of an answer')
    return answerOf(claimsOf(Buffer.from(payload)), approver)
  } catch (error) {
    if (error instanceof errors.JOSEError)
      throw new AnswerError('signature', "the answer is not signed by the approver's key")
    throw error
  }
}

function answerOf(claims: AnswerClaims, { issuer, subject, groups }: Approver): Answer {
  const { id, hold, statement, verdict, reason, expiresAtMs } = claims
  return { id, hold, statement, verdict, reason, expiresAtMs, approver: { issuer, subject, groups } }
}

function claimsOf(bytes: Buffer): AnswerClaims {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new AnswerError('malformed', 'the answer is not a signed statement')
  }
  const field = (name: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  const text = (name: string): string => {
    const found = field(name)
    if (typeof found === 'string' && found.length <= 1024) return found
    throw new AnswerError('malformed', `the answer has no usable \`${name}\``)
  }
  const verdict = field('verdict')
  const expiresAtMs = field('expiresAtMs')
  if ((verdict !== 'approve' && verdict !== 'deny') || typeof expiresAtMs !== 'number')
    throw new AnswerError('malformed', 'the answer has no usable `verdict` or `expiresAtMs`')
  return {
    id: text('id'),
    hold: text('hold'),
    statement: text('statement'),
    verdict,
    reason: text('reason').slice(0, reasonMax),
    issuer: text('issuer'),
    subject: text('subject'),
    expiresAtMs,
  }
}

function algorithmOf(key: KeyObject): 'EdDSA' | 'ES256' {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA'
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256'
  throw new TypeError('an approver has an Ed25519 key, or one on P-256')
}
