// The connections upstream of one client connection. They are nobody else's: what an upstream keeps by connection cannot
// pass from one client to another.
import { connectUpstream, type HttpUpstream, type HttpUpstreamTarget } from './upstream.ts'

/** Connections to one API that are kept while nothing runs on them. */
const keptMax = 4

/** Connections by the name of their API. */
export class UpstreamPool {
  readonly #kept = new Map<string, HttpUpstream[]>()
  readonly #busy = new Set<HttpUpstream>()
  #isClosed = false

  /** A connection that is free, or a new one. Rejects with HttpUpstreamError. */
  async take(api: string, where: HttpUpstreamTarget): Promise<HttpUpstream> {
    const kept = this.#kept.get(api) ?? []
    for (let one = kept.pop(); one !== undefined; one = kept.pop()) {
      if (one.usable) {
        this.#busy.add(one)
        return one
      }
      one.close()
    }
    const made = await connectUpstream(where)
    this.#busy.add(made)
    if (this.#isClosed) made.close()
    return made
  }

  /** The exchange on a connection is over. */
  giveBack(api: string, upstream: HttpUpstream): void {
    this.#busy.delete(upstream)
    const kept = this.#kept.get(api) ?? []
    if (!upstream.usable || kept.length >= keptMax || this.#isClosed) upstream.close()
    else this.#kept.set(api, [...kept, upstream])
  }

  /** The client is gone. */
  close(): void {
    this.#isClosed = true
    for (const upstream of [...this.#busy, ...[...this.#kept.values()].flat()]) upstream.close()
  }
}
