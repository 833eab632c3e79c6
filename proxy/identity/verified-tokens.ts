// Tokens that were verified, by the hash of their bytes, so that the next session with the same token costs no signature.
// Refused tokens are never kept. What is kept counts until the token ends or its issuer's keys change; revocations are
// looked up by the gate for every session, and another configuration begins with nothing kept.
import { createHash } from 'node:crypto'
import type { Identity } from '../../engine/action/index.ts'

/** Tokens that are kept; the one that was verified longest ago goes first. */
const tokensMax = 10_000

/** What was found in a token that counts. */
export interface VerifiedToken {
  readonly identity: Identity
  /** Whose token it is. */
  readonly issuer: string
  /** The client certificate that the token is bound to; undefined where it is bound to none. */
  readonly bound: string | undefined
  /** The token names its groups, and is believed about them. */
  readonly tells: boolean
  /** The keys by which it was verified. */
  readonly keys: object
  readonly verifiedAtMs: number
  readonly expiresAtMs: number
}

/** The tokens that one authenticator verified. */
export class VerifiedTokens {
  readonly #kept = new Map<string, VerifiedToken>()

  /** What was found in a token, where that still counts: under the same keys, within its time, for its certificate. */
  find(
    token: string,
    now: Pick<VerifiedToken, 'bound'> & {
      readonly nowMs: number
      /** An issuer's keys now; undefined where they would have to be asked for. */
      readonly keysOf: (issuer: string) => object | undefined
    },
  ): VerifiedToken | undefined {
    const name = nameOf(token)
    const found = this.#kept.get(name)
    if (found === undefined) return undefined
    const { keys, issuer, bound, verifiedAtMs, expiresAtMs } = found
    // Keys that are no longer fresh may be the same ones when they have been asked for.
    const keysNow = now.keysOf(issuer)
    if (keysNow === undefined) return undefined
    // A clock that went back may have gone to before the token was issued.
    if (keys !== keysNow || now.nowMs < verifiedAtMs || now.nowMs >= expiresAtMs) {
      this.#kept.delete(name)
      return undefined
    }
    return bound === undefined || bound === now.bound ? found : undefined
  }

  /** Keeps what was found in a token. */
  keep(token: string, found: VerifiedToken): void {
    const name = nameOf(token)
    this.#kept.delete(name)
    this.#kept.set(name, found)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= tokensMax) break
      this.#kept.delete(oldest)
    }
  }
}

function nameOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
