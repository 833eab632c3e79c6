// kubectl asks for a stream over WebSocket, and where that is refused asks the same again over SPDY at once. The second
// is the first, told another way: it is answered with the first one's refusal, not judged, held and recorded once more.
import { createHash } from 'node:crypto'
import type { Identity } from '../../../engine/action/index.ts'
import type { KubeFacts } from '../../../engine/action/kube/index.ts'
import type { Refusal } from '../../gate/contract.ts'

/** How soon a client falls back; whatever comes later is a new request. */
export const fallbackMs = 10_000
/** Refusals that are remembered at once; the oldest makes room. */
export const refusedUpgradesMax = 1024

/** Who asks for which stream. */
export interface UpgradeAsked {
  readonly identity: Identity
  readonly resource: string
  readonly facts: KubeFacts
}

/** Refusals of WebSocket upgrades that may be asked for again over SPDY. Each is answered once. */
export class RefusedUpgrades {
  readonly #now: () => number
  readonly #refused = new Map<string, { readonly refusal: Refusal; readonly untilMs: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Keeps what a client was told. */
  remember(asked: UpgradeAsked, refusal: Refusal): void {
    if (asked.facts.upgrade !== 'websocket') return
    const key = keyOf(asked)
    this.#refused.delete(key)
    this.#refused.set(key, { refusal, untilMs: this.#now() + fallbackMs })
    const [oldest] = this.#refused.keys()
    if (this.#refused.size > refusedUpgradesMax && oldest !== undefined) this.#refused.delete(oldest)
  }

  /** What the same client was told of the same stream a moment ago; undefined when this request is one of its own. */
  take(asked: UpgradeAsked): Refusal | undefined {
    if (asked.facts.upgrade !== 'spdy/3.1') return undefined
    const key = keyOf(asked)
    const known = this.#refused.get(key)
    if (known === undefined) return undefined
    this.#refused.delete(key)
    return known.untilMs >= this.#now() ? known.refusal : undefined
  }
}

function keyOf({ identity, resource, facts }: UpgradeAsked): string {
  return createHash('sha256')
    .update(JSON.stringify([resource, identity, { ...facts, upgrade: '' }]))
    .digest('base64')
}
