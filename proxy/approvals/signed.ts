// Signed statements of people: a compact JWS whose `typ` says what it is, by the person's own key. Whoever has the public
// keys can check one offline.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { CompactSign, compactVerify, errors } from 'jose'
import type { Approver } from '../../engine/approval/index.ts'

/** Somebody enrolled, with the key that their statements are signed by. */
export interface EnrolledApprover extends Approver {
  readonly key: KeyObject
}

/** Why a statement is not taken. */
export class AnswerError extends Error {
  readonly code: 'malformed' | 'unknown_approver' | 'signature'
  constructor(code: AnswerError['code'], message: string) {
    super(message)
    this.name = 'AnswerError'
    this.code = code
  }
}

/** What a statement is; in its `typ`, so that no other signature of the same key passes for one. */
export type SignedType =
  | 'sallyport-approval'
  | 'sallyport-vouched-approval'
  | 'sallyport-grant'
  | 'sallyport-revocation'

/** A statement whose signature was verified. */
export interface Verified {
  readonly claims: Claims
  readonly approver: EnrolledApprover
}

const signedBytesMax = 48 * 1024
const textMax = 1024
const itemsMax = 256

/** An enrolled approver from configuration. Throws for keys that are neither Ed25519 nor on P-256. */
export function enrolled(approver: Approver, publicKeyPem: string): EnrolledApprover {
  const key = createPublicKey(publicKeyPem)
  algorithmOf(key)
  return { ...approver, key }
}

/** Signs with a private key (PEM). */
export async function sign(type: SignedType, claims: object, privateKeyPem: string): Promise<string> {
  const key = createPrivateKey(privateKeyPem)
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: algorithmOf(key), typ: type })
    .sign(key)
}

/** What a statement says it is, before anything is believed. Throws AnswerError for what is none. */
export function typeOf(jws: string): string {
  if (jws.length > signedBytesMax) throw new AnswerError('malformed', 'the statement is too long')
  return claimsOf(Buffer.from(jws.split('.')[0] ?? '', 'base64url')).text('typ')
}

/** Verifies a statement of one of the people who are enrolled. Rejects with AnswerError. */
export async function verifySigned(
  jws: string,
  type: SignedType,
  approvers: readonly EnrolledApprover[],
): Promise<Verified> {
  if (jws.length > signedBytesMax) throw new AnswerError('malformed', 'the statement is too long')
  const unverified = claimsOf(Buffer.from(jws.split('.')[1] ?? '', 'base64url'))
  const [issuer, subject] = [unverified.text('issuer'), unverified.text('subject')]
  const approver = approvers.find((one) => one.issuer === issuer && one.subject === subject)
  if (approver === undefined) throw new AnswerError('unknown_approver', 'the approver is not enrolled here')
  return { claims: await verifyWith(jws, type, approver.key), approver }
}

/** Verifies a statement by one key. Rejects with AnswerError. */
export async function verifyWith(jws: string, type: SignedType, key: KeyObject): Promise<Claims> {
  try {
    // The key's own algorithm, never the header's.
    const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: [algorithmOf(key)] })
    if (protectedHeader.typ !== type) throw new AnswerError('signature', 'the signature is of something else')
    return claimsOf(Buffer.from(payload))
  } catch (error) {
    if (error instanceof errors.JOSEError)
      throw new AnswerError('signature', "the statement is not signed by the approver's key")
    throw error
  }
}

/** Reads what a statement claims; every reader throws AnswerError for what is not there. */
export class Claims {
  readonly #value: { readonly [name: string]: unknown }
  constructor(value: { readonly [name: string]: unknown }) {
    this.#value = value
  }

  /** A short text. */
  text(name: string): string {
    const found = this.#value[name]
    if (typeof found === 'string' && found.length <= textMax) return found
    throw new AnswerError('malformed', `the statement has no usable \`${name}\``)
  }

  /** A whole number. */
  count(name: string): number {
    const found = this.#value[name]
    if (typeof found === 'number' && Number.isSafeInteger(found)) return found
    throw new AnswerError('malformed', `the statement has no usable \`${name}\``)
  }

  /** A whole number that earlier versions did not sign; 0 where it is not there. */
  countSince(name: string): number {
    return Object.hasOwn(this.#value, name) ? this.count(name) : 0
  }

  /** A list, each of its members read. */
  list<T>(name: string, read: (item: unknown) => T | undefined): readonly T[] {
    const found = this.#value[name]
    const items = Array.isArray(found) ? found.map(read) : [undefined]
    const usable = items.filter((item) => item !== undefined)
    if (usable.length === items.length && items.length <= itemsMax) return usable
    throw new AnswerError('malformed', `the statement has no usable \`${name}\``)
  }

  /** An object's own claims. */
  within(name: string): Claims {
    const found = this.#value[name]
    if (isObject(found)) return new Claims(found)
    throw new AnswerError('malformed', `the statement has no usable \`${name}\``)
  }
}

/** Claims of a value that is an object; undefined otherwise. */
export function claimsIn(value: unknown): Claims | undefined {
  return isObject(value) ? new Claims(value) : undefined
}

/** A short text, or undefined. */
export function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= textMax ? value : undefined
}

function claimsOf(bytes: Buffer): Claims {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    value = undefined
  }
  if (!isObject(value)) throw new AnswerError('malformed', 'this is not a signed statement')
  return new Claims(value)
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function algorithmOf(key: KeyObject): 'EdDSA' | 'ES256' {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA'
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256'
  throw new TypeError('an approver has an Ed25519 key, or one on P-256')
}
