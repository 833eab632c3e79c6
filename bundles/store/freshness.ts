// Against replay: a signed bundle that is older than what was live, older than a pin, or past its time is refused.
import { BundleError } from '../format/index.ts'
import type { SignedClaims } from '../signing/index.ts'

/** How revisions are ordered. `issued` compares the signed issue time. */
export type RevisionOrder = 'none' | 'integer' | 'semver' | 'issued'

/** What freshness an operator asks for. */
export interface Freshness {
  readonly order: RevisionOrder
  /** The lowest revision that may ever go live, in the same order. */
  readonly minimumRevision?: string
  /** A bundle past its signed `exp` still serves this long, loudly; then it is refused. */
  readonly expiryGraceMs: number
  /** Refuse bundles whose signature carries no `exp`. */
  readonly requireExpiry: boolean
}

/** What is not asked for by default: plain OPA bundles have neither order nor expiry. */
export const noFreshness: Freshness = { order: 'none', expiryGraceMs: 0, requireExpiry: false }

/** What is known of a bundle's age. */
export interface BundleAge {
  readonly revision: string
  readonly claims: SignedClaims | undefined
}

/** How a bundle stands towards its expiry. */
export type ExpiryState = 'fresh' | 'grace' | 'expired'

/** Refuses a candidate that is older than the highest that was live. Throws BundleError. */
export function checkFreshness(
  candidate: BundleAge,
  highest: string | undefined,
  freshness: Freshness,
  nowMs: number,
): void {
  const key = orderKey(candidate, freshness.order)
  if (freshness.order !== 'none') {
    // What was live before revisions were ordered may have a mark without an order.
    if (
      highest !== undefined &&
      isOrdered(highest, freshness.order) &&
      compareKeys(key, highest, freshness.order) < 0
    ) {
      throw new BundleError(
        'stale_revision',
        `revision ${shown(key)} is older than ${shown(highest)}, which was live before`,
      )
    }
    if (freshness.minimumRevision !== undefined && compareKeys(key, freshness.minimumRevision, freshness.order) < 0) {
      throw new BundleError(
        'stale_revision',
        `revision ${shown(key)} is older than the pinned minimum ${shown(freshness.minimumRevision)}`,
      )
    }
  }
  if (freshness.requireExpiry && candidate.claims?.expiresAtMs === undefined)
    throw new BundleError('expired', 'the bundle carries no signed expiry')
  if (expiryState(candidate, freshness, nowMs) === 'expired')
    throw new BundleError('expired', 'the bundle is past its expiry')
}

/** Whether a bundle may serve now. */
export function expiryState(age: BundleAge, freshness: Freshness, nowMs: number): ExpiryState {
  const expiresAtMs = age.claims?.expiresAtMs
  if (expiresAtMs === undefined || nowMs < expiresAtMs) return 'fresh'
  return nowMs < expiresAtMs + freshness.expiryGraceMs ? 'grace' : 'expired'
}

/** The text by which a bundle is ordered, kept as the highest that was live. Throws BundleError when it has none. */
export function orderKey(age: BundleAge, order: RevisionOrder): string {
  switch (order) {
    case 'none':
      return age.revision
    case 'integer':
      if (!isDigits(age.revision))
        throw new BundleError('stale_revision', `revision ${shown(age.revision)} is no whole number`)
      return age.revision
    case 'semver':
      if (parseSemver(age.revision) === undefined)
        throw new BundleError('stale_revision', `revision ${shown(age.revision)} is no semantic version`)
      return age.revision
    case 'issued': {
      const issuedAtMs = age.claims?.issuedAtMs
      if (issuedAtMs === undefined || issuedAtMs < 0)
        throw new BundleError('stale_revision', 'the bundle carries no signed issue time')
      return String(Math.trunc(issuedAtMs))
    }
  }
}

function isOrdered(key: string, order: RevisionOrder): boolean {
  return order === 'semver' ? parseSemver(key) !== undefined : isDigits(key)
}

function compareKeys(a: string, b: string, order: RevisionOrder): number {
  if (order === 'semver') return compareSemver(a, b)
  if (!isDigits(a) || !isDigits(b)) throw new BundleError('stale_revision', 'a revision cannot be compared')
  const left = BigInt(a)
  const right = BigInt(b)
  return left < right ? -1 : left > right ? 1 : 0
}

interface Semver {
  readonly numbers: readonly bigint[]
  readonly prerelease: readonly string[]
}

function parseSemver(text: string): Semver | undefined {
  const [core = ''] = text.split('+')
  const dash = core.indexOf('-')
  const numbers = (dash < 0 ? core : core.slice(0, dash)).split('.')
  if (numbers.length !== 3 || !numbers.every(isDigits)) return undefined
  return { numbers: numbers.map(BigInt), prerelease: dash < 0 ? [] : core.slice(dash + 1).split('.') }
}

function compareSemver(a: string, b: string): number {
  const left = parseSemver(a)
  const right = parseSemver(b)
  if (left === undefined || right === undefined)
    throw new BundleError('stale_revision', 'a revision cannot be compared')
  for (const [index, number] of left.numbers.entries()) {
    const other = right.numbers[index] ?? 0n
    if (number !== other) return number < other ? -1 : 1
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0)
    return right.prerelease.length - left.prerelease.length
  for (let index = 0; index < Math.max(left.prerelease.length, right.prerelease.length); index++) {
    const order = comparePrerelease(left.prerelease[index], right.prerelease[index])
    if (order !== 0) return order
  }
  return 0
}

function comparePrerelease(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1
  if (isDigits(a) && isDigits(b)) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0
  if (isDigits(a) !== isDigits(b)) return isDigits(a) ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

function isDigits(text: string): boolean {
  if (text.length === 0 || text.length > 30) return false
  for (const character of text) if (character < '0' || character > '9') return false
  return true
}

function shown(revision: string): string {
  return JSON.stringify(revision.slice(0, 64))
}
