// The groups of a party as its issuer told them last: a session that was opened under an older token loses the groups that
// are gone, and never gains one. Sessions of children follow whoever stands at the root of their chain.
import type { Identity } from '../../engine/action/index.ts'

/** Parties that are remembered; the one learned of longest ago is forgotten first. */
const partiesMax = 10_000

interface Newest {
  readonly issuedAtMs: number
  readonly groups: ReadonlySet<string>
}

/** What is known of every party's groups. */
export class NewestGroups {
  readonly #newest = new Map<string, Newest>()
  readonly #lost: () => void

  /** `lost` is told when a party has fewer groups than before, so that live sessions can be looked through. */
  constructor(lost: () => void) {
    this.#lost = lost
  }

  /** Takes the groups of a token that an issuer signed just now or earlier; of two of one second, what both say. */
  learn(identity: Identity): void {
    const issuedAtMs = Date.parse(identity.token.issued_at)
    const party = partyOf(identity)
    const known = this.#newest.get(party)
    if (Number.isNaN(issuedAtMs) || (known !== undefined && issuedAtMs < known.issuedAtMs)) return
    const groups = new Set(
      known?.issuedAtMs === issuedAtMs ? identity.groups.filter((group) => known.groups.has(group)) : identity.groups,
    )
    this.#newest.delete(party)
    this.#newest.set(party, { issuedAtMs, groups })
    for (const oldest of this.#newest.keys()) {
      if (this.#newest.size <= partiesMax) break
      this.#newest.delete(oldest)
    }
    if (known !== undefined && [...known.groups].some((group) => !groups.has(group))) this.#lost()
  }

  /** The identity as it counts now: itself, or itself without the groups that it lost. */
  now(identity: Identity): Identity {
    const newest = this.#newest.get(partyOf(identity))
    if (newest === undefined || identity.groups.every((group) => newest.groups.has(group))) return identity
    return { ...identity, groups: identity.groups.filter((group) => newest.groups.has(group)) }
  }
}

/** Whose groups an identity has: a child has its root's (`attenuate`). */
function partyOf({ chain, issuer, subject }: Identity): string {
  const root = chain[0] ?? { issuer, subject }
  return JSON.stringify([root.issuer, root.subject])
}
