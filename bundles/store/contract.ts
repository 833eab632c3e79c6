// What the store asks of whoever turns bundles into a policy, and what it tells the rest of the house.
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import type { Bundle } from '../format/index.ts'
import type { ExpiryState } from './freshness.ts'

/** One bundle of a composition. */
export interface NamedBundle {
  readonly name: string
  readonly bundle: Bundle
}

/** All bundles that are judged together, with the identity that decisions carry. */
export interface Composition {
  readonly bundles: readonly NamedBundle[]
  /** `name@revision` joined by `+`; the lone bundle's revision when there is one. */
  readonly revision: string
  /** SHA-256 (hex) over all files of all bundles. */
  readonly digest: string
}

/** Parses, checks, compiles and smoke-decides a composition, off the event loop's hot path. Rejects with why not. */
export type LoadPolicy = (composition: Composition) => Promise<PolicyHost>

/** How one bundle stands, as OPA's status API has it. */
export interface BundleStatus {
  readonly name: string
  readonly type: 'snapshot' | 'delta'
  readonly active_revision: string
  readonly last_request: string
  readonly last_successful_request: string
  readonly last_successful_download: string
  readonly last_successful_activation: string
  readonly expiry: ExpiryState
  /** Present while the newest delivery is refused. */
  readonly code?: string
  readonly message?: string
}

/** What the store tells as it happens. */
export type StoreEvent =
  | { readonly on: 'swapped'; readonly revision: string; readonly digest: string; readonly tookMs: number }
  | { readonly on: 'refused'; readonly bundle: string; readonly code: string; readonly message: string }
  | { readonly on: 'source_failed'; readonly bundle: string; readonly message: string }
  | { readonly on: 'expiry'; readonly bundle: string; readonly state: ExpiryState }
