// The groups of a party as its issuer told them last: a session that was opened under an older token loses the groups that
// are gone, and never gains one. Sessions of children follow whoever stands at the root of their chain.
import type { Identity } from '../../engine/action/index.ts'

/** Parties that are remembered; the one learned of longest ago is forgotten first. */
const partiesMax = 10_000

/** A party's groups, as its issuer told them at a time. */
export interface PartyGroups {
  readonly party: string
  readonly issuedAtMs: number
  readonly groups: readonly string[]
}

interface Newest {
  readonly issuedAtMs: number
  readonly groups: ReadonlySet<string>
}

/** What is known of every party's groups. */
export class NewestGroups {
  readonly #newest = new Map<string, Newest>()
  readonly #lost: () => void
  readonly #told: (news: PartyGroups) => void

  /**
   * `lost` is told when a party has fewer groups than before, so that live sessions can be looked through; `told` is told
   * of what is learned here, for the gateway's other processes.
   */
  constructor(lost: () => void, told: (news: PartyGroups) => void = () => undefined) {
    this.#lost = lost
    this.#told = told
  }

  /** Takes the groups of a token that an issuer signed just now or earlier; of two of one second, what both say. */
  learn(identity: Identity): void {
    const issuedAtMs = Date.parse(identity.token.issued_at)
    if (Number.isNaN(issuedAtMs)) return
    const news = { party: partyOf(identity), issuedAtMs, groups: identity.groups }
    if (this.take(news)) this.#told(news)
  }

  /** Takes what another process learned. True where it is new. */
  take({ party, issuedAtMs, groups: named }: PartyGroups): boolean {
    const known = this.#newest.get(party)
    if (known !== undefined && issuedAtMs < known.issuedAtMs) return false
    const isOfOneTime = known?.issuedAtMs === issuedAtMs
    const groups = new Set(isOfOneTime ? named.filter((group) => known.groups.has(group)) : named)
    this.#newest.delete(party)
    this.#newest.set(party, { issuedAtMs, groups })
    for (const oldest of this.#newest.keys()) {
      if (this.#newest.size <= partiesMax) break
      this.#newest.delete(oldest)
    }
    if (known !== undefined && [...known.groups].some((group) => !groups.has(group))) this.#lost()
    return !isOfOneTime || groups.size !== known.groups.size
  }

  /** All that is known, for a process that has just begun. */
  all(): readonly PartyGroups[] {
    return [...this.#newest].map(([party, { issuedAtMs, groups }]) => ({ party, issuedAtMs, groups: [...groups] }))
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
