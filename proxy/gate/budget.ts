// Totals and their bounds: of one action, of a session, and of everything below one delegation root.
import type { HeaderChange, Limits } from '../../engine/decision/index.ts'
import type { Consumption, Terms } from './contract.ts'
import type { Totals } from './ports.ts'

/** A bound that was hit. */
export interface Overdraft {
  readonly budget: 'rows' | 'bytes' | 'affected' | 'seconds' | 'actions'
  readonly limit: number
}

const totals = ['rows', 'bytes', 'affected', 'seconds', 'actions'] as const

/** Running totals with bounds. */
export class Account {
  readonly limits: Totals
  readonly #isBounded: boolean
  actions = 0
  rows = 0
  bytes = 0
  affected = 0
  denied = 0
  seconds = 0
  constructor(limits: Totals) {
    this.limits = limits
    this.#isBounded = totals.some((budget) => limits[budget] !== undefined)
  }

  /** Adds what flowed; the first bound that this passes, if any. */
  add(used: Consumption): Overdraft | undefined {
    this.rows += amount(used.rows)
    this.bytes += amount(used.bytes)
    this.affected += amount(used.affected)
    return this.#isBounded ? flowOver(this, this.limits) : undefined
  }

  /** The bound that leaves no room for another action, if any. */
  spent(): Overdraft | undefined {
    if (!this.#isBounded) return undefined
    const { rows, bytes, affected, seconds, actions } = this.limits
    // Each by its name, which is several times faster than by a name that varies.
    if (isSpent(this.rows, rows)) return { budget: 'rows', limit: rows }
    if (isSpent(this.bytes, bytes)) return { budget: 'bytes', limit: bytes }
    if (isSpent(this.affected, affected)) return { budget: 'affected', limit: affected }
    if (isSpent(this.seconds, seconds)) return { budget: 'seconds', limit: seconds }
    if (actions !== undefined && this.actions >= actions) return { budget: 'actions', limit: actions }
    return undefined
  }
}

/** Whether nothing is left. Of what may not flow at all nothing is spent until something did. */
function isSpent(used: number, limit: number | undefined): limit is number {
  return limit !== undefined && used >= limit && used > 0
}

/** Counts are whole and never negative: a protocol's mistake must not refill a budget. */
function amount(value: number | undefined): number {
  if (value === undefined) return 0
  if (!(value >= 0)) throw new RangeError('consumption is never negative')
  return value
}

/** The terms of one forwarded action, with what it has used of its own limits. */
export class ActionTerms implements Terms {
  readonly decisionId: string
  readonly masks: Terms['masks']
  readonly filters: Terms['filters']
  readonly limits: Limits
  readonly headers?: readonly HeaderChange[]
  /** Which of the session's recorded actions this is, from 1. */
  readonly sequence: number
  rows = 0
  bytes = 0
  affected = 0
  constructor(terms: Terms, sequence: number) {
    this.decisionId = terms.decisionId
    this.masks = terms.masks
    this.filters = terms.filters
    this.limits = terms.limits
    if (terms.headers !== undefined) this.headers = terms.headers
    this.sequence = sequence
  }

  /** Adds what flowed; the limit that this passes, if any. */
  add(used: Consumption): Overdraft | undefined {
    this.rows += amount(used.rows)
    this.bytes += amount(used.bytes)
    this.affected += amount(used.affected)
    return flowOver(this, this.limits)
  }
}

/** The first bound that what has flowed is beyond. */
function flowOver(
  { rows, bytes, affected }: { readonly rows: number; readonly bytes: number; readonly affected: number },
  limits: Totals,
): Overdraft | undefined {
  if (limits.rows !== undefined && rows > limits.rows) return { budget: 'rows', limit: limits.rows }
  if (limits.bytes !== undefined && bytes > limits.bytes) return { budget: 'bytes', limit: limits.bytes }
  if (limits.affected !== undefined && affected > limits.affected) return { budget: 'affected', limit: limits.affected }
  return undefined
}

/** What may flow before the first of several totals hits a bound. */
export function roomOf(all: readonly (Account | ActionTerms)[]): { readonly rows: number; readonly bytes: number } {
  let rows = Number.POSITIVE_INFINITY
  let bytes = Number.POSITIVE_INFINITY
  for (const one of all) {
    if (one.limits.rows !== undefined) rows = Math.min(rows, one.limits.rows - one.rows)
    if (one.limits.bytes !== undefined) bytes = Math.min(bytes, one.limits.bytes - one.bytes)
  }
  return { rows, bytes }
}

/** The strictest of several bounds. */
export function strictest(...all: readonly Totals[]): Totals {
  const result: { -readonly [Key in keyof Totals]: Totals[Key] } = {}
  for (const one of all) {
    for (const key of totals) {
      const value = one[key]
      if (value !== undefined) result[key] = Math.min(result[key] ?? value, value)
    }
  }
  return result
}

/** Roots kept at once; beyond it the ones idle for longest are forgotten first, but never within their window. */
const rootsMax = 100_000

/** The account of a root in a window. */
export interface KeptAccount {
  readonly root: string
  readonly window: number
  readonly account: Account
}

/** The accounts of delegation roots. A new session does not start its root's account anew; a new window does. */
export class RootLedger {
  readonly #limits: Totals
  readonly #windowMs: number
  readonly #accounts = new Map<string, KeptAccount>()
  constructor(limits: Totals, windowMs: number) {
    this.#limits = limits
    this.#windowMs = windowMs
  }

  /** The account of a root in the window of `nowMs`; undefined when too many roots are alive. */
  account(root: string, nowMs: number): Account | undefined {
    const window = this.windowOf(nowMs)
    const known = this.#accounts.get(root)
    if (known !== undefined && known.window === window) return known.account
    if (known === undefined && this.#accounts.size >= rootsMax && !this.#forget(window)) return undefined
    const account = new Account(this.#limits)
    this.#accounts.set(root, { root, account, window })
    return account
  }

  /** The window of a time; the account of a root is the same as long as the window is. */
  windowOf(nowMs: number): number {
    return Math.floor(nowMs / this.#windowMs)
  }

  /** When a window is over. */
  endOf(window: number): number {
    return (window + 1) * this.#windowMs
  }

  /** Every account that is kept, for sharing with other gateways. */
  accounts(): Iterable<KeptAccount> {
    return this.#accounts.values()
  }

  /** Lets go of an account whose window is over. */
  forget({ root, account }: KeptAccount): void {
    if (this.#accounts.get(root)?.account === account) this.#accounts.delete(root)
  }

  #forget(window: number): boolean {
    for (const [root, kept] of this.#accounts) if (kept.window !== window) this.#accounts.delete(root)
    return this.#accounts.size < rootsMax
  }
}
