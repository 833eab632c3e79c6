// Connections to hosts that outlive their client for a while: the next client that is the same identity, with the same
// chain behind it and for the same user of the same host, need not wait for another login. None ever serves two identities.
import { createHash } from 'node:crypto'
import { canonicalJson, type Identity } from '../../engine/action/index.ts'
import type { SshUpstream } from './upstream.ts'

/** A connection older than this is not kept: credentials may have changed since. */
const ageMsMax = 600_000
/** Connections that wait, over all identities; the one that waited longest makes room. */
const keptMax = 256
/** Connections that wait for one identity before one host. */
const keptForOneMax = 4

interface Kept {
  readonly upstream: SshUpstream
  /** Takes it out, without closing it. */
  readonly leave: () => void
}

/** What a connection may be used for again: everything that is known of who it served, and where it leads. */
export function warmKey(identity: Identity, place: string): string {
  // The token itself may be a newer one of the same identity.
  const { token: _token, ...who } = identity
  return createHash('sha256')
    .update(canonicalJson([who, place]))
    .digest('base64')
}

/** The connections that wait. */
export class WarmUpstreams {
  readonly #kept = new Map<string, Kept[]>()
  #count = 0
  #isClosed = false

  /** One that waits for this key, if any. Those that may not be used any more are closed. */
  take(key: string, mayBeUsed: (upstream: SshUpstream) => boolean): SshUpstream | undefined {
    for (;;) {
      const kept = this.#kept.get(key)?.at(-1)
      if (kept === undefined) return undefined
      kept.leave()
      if (mayBeUsed(kept.upstream)) return kept.upstream
      kept.upstream.close()
    }
  }

  /** Keeps a connection that has no channel left, or closes it. */
  give(key: string, upstream: SshUpstream, warmMs: number): void {
    const same = this.#kept.get(key) ?? []
    const isOld = performance.now() - upstream.sinceMs > ageMsMax
    if (this.#isClosed || warmMs === 0 || isOld || same.length >= keptForOneMax) {
      upstream.close()
      return
    }
    if (this.#count >= keptMax) this.#dropOldest()
    const end = (): void => {
      kept.leave()
      upstream.close()
    }
    const timer = setTimeout(end, Math.min(warmMs, ageMsMax))
    timer.unref()
    const forget = upstream.onClose(() => kept.leave())
    const kept: Kept = {
      upstream,
      leave: () => {
        clearTimeout(timer)
        forget()
        const at = same.indexOf(kept)
        if (at < 0) return
        same.splice(at, 1)
        this.#count--
        if (same.length === 0) this.#kept.delete(key)
      },
    }
    same.push(kept)
    this.#kept.set(key, same)
    this.#count++
  }

  /** Ends those that wait, and keeps no more. */
  close(): void {
    this.#isClosed = true
    for (const { upstream, leave } of [...this.#kept.values()].flat()) {
      leave()
      upstream.close()
    }
  }

  /** A map keeps its order, and a key's first came first. */
  #dropOldest(): void {
    const [oldest] = this.#kept.values().next().value ?? []
    oldest?.leave()
    oldest?.upstream.close()
  }
}
