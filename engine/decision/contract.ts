// What a decision is once the policy's result has been read and checked. Protocols see only this.
import type { HeaderChange } from './header-changes.ts'

/** A mask: exactly one of `column`, `json`, `detect` names what is masked. */
export type Mask =
  | { readonly column: string; readonly with: string }
  | { readonly json: string; readonly with: string }
  | { readonly detect: string; readonly with: string }

/** A row filter: `where` is a policy-written SQL condition on `relation`. */
export interface Filter {
  readonly relation: string
  readonly where: string
}

/** The strictest of all limits that the policy set; absent means none. */
export interface Limits {
  readonly rows?: number
  readonly bytes?: number
  readonly affected?: number
  readonly seconds?: number
}

/** One hold that the policy asks for. */
export interface Hold {
  readonly rule: string
  readonly reason: string
  readonly reviewers: readonly string[]
  readonly quorum: number
  readonly expiresMs: number
}

/** One reason to refuse. */
export interface Denial {
  readonly rule: string
  readonly message: string
}

/** What every decision carries, whatever its effect. */
export interface DecisionFacts {
  readonly id: string
  readonly bundle: { readonly revision: string; readonly digest: string }
  /** Names of the rules that fired, sorted. */
  readonly rules: readonly string[]
  readonly cost: { readonly micros: number; readonly fuel: number }
  readonly record: 'full' | 'metadata'
}

/** The decision on one action. */
export type Decision = DecisionFacts &
  (
    | {
        readonly effect: 'allow'
        readonly masks: readonly Mask[]
        readonly filters: readonly Filter[]
        readonly limits: Limits
        /** Only of a decision on an answer: its header fields that are written or left out. */
        readonly headers?: readonly HeaderChange[]
      }
    | {
        readonly effect: 'hold'
        readonly holds: readonly [Hold, ...Hold[]]
        readonly masks: readonly Mask[]
        readonly filters: readonly Filter[]
        readonly limits: Limits
      }
    | { readonly effect: 'deny'; readonly denials: readonly [Denial, ...Denial[]] }
  )
