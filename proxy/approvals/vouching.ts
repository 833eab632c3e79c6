// Answers that the gateway signs for people whom it knows: by a verified login, or by a button in a chat.
import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import type { Identity } from '../../engine/action/index.ts'
import type { Approver } from '../../engine/approval/index.ts'
import type { Authenticator } from '../identity/contract.ts'
import { vouchAnswer } from './answers.ts'

/** The gateway's key; the same at all gateways of one store, so that each believes the others. */
export interface VouchingKey {
  readonly privatePem: string
  readonly publicKey: KeyObject
}

/** Reads the key. Throws for what is none. */
export function vouchingKey(privatePem: string): VouchingKey {
  return { privatePem, publicKey: createPublicKey(createPrivateKey(privatePem)) }
}

/** What somebody says of a hold. */
export interface SpokenAnswer {
  readonly hold: string
  /** Digest of the statement that they were shown. */
  readonly statement: string
  readonly verdict: 'approve' | 'deny'
  readonly reason: string
}

/** Whom the gateway may vouch for. */
export interface VouchingParts {
  readonly key: () => VouchingKey | undefined
  readonly authenticator: Pick<Authenticator, 'authenticate'>
  /** Why an identity is let in no more; undefined when it is. */
  readonly bars: (identity: Identity) => string | undefined
  /** Issuers that people log in with. */
  readonly loginIssuers: () => readonly string[]
  /** The longest that a hold waits: the answer counts while the hold does, since others may answer much later. */
  readonly holdMsMax: number
  readonly nowMs: () => number
}

/** Signs answers for people. */
export class Vouching {
  readonly #parts: VouchingParts
  constructor(parts: VouchingParts) {
    this.#parts = parts
  }

  /** The signed answer of somebody known; undefined where the gateway has no key for that. */
  async sign(
    { issuer, subject, groups }: Approver,
    by: 'login' | 'chat',
    answer: SpokenAnswer,
  ): Promise<string | undefined> {
    const key = this.#parts.key()
    if (key === undefined) return undefined
    const { hold, statement, verdict, reason } = answer
    const atMs = this.#parts.nowMs()
    const expiresAtMs = atMs + this.#parts.holdMsMax
    const claims = {
      id: randomUUID(),
      hold,
      statement,
      verdict,
      reason,
      issuer,
      subject,
      groups,
      by,
      atMs,
      expiresAtMs,
    }
    return vouchAnswer(claims, key.privatePem)
  }

  /** The signed answer of whoever has logged in; undefined for a login that answers nothing. */
  async signLogin(token: string, answer: SpokenAnswer): Promise<string | undefined> {
    if (this.#parts.loginIssuers().length === 0) return undefined
    const result = await this.#parts.authenticator.authenticate({ kind: 'token', token })
    if (!result.ok || !isPerson(result.identity) || !this.#parts.loginIssuers().includes(result.identity.issuer))
      return undefined
    // A login that was revoked may be in the hands of whoever it was revoked for.
    if (this.#parts.bars(result.identity) !== undefined) return undefined
    return this.sign(result.identity, 'login', answer)
  }
}

/** A person, and nobody who acts for another. */
function isPerson({ kind, chain }: Identity): boolean {
  return kind === 'human' && chain.length === 0
}
