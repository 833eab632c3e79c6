// The connections upstream of one client connection. They are nobody else's: what an upstream keeps by connection cannot
// pass from one client to another.
import { Http2Session } from './http2-upstream.ts'
import { connectUpstream, type HttpUpstream, type HttpUpstreamTarget, StaleConnectionError } from './upstream.ts'

/** Connections to one API that are kept while nothing runs on them. */
const keptMax = 4

/** Where an exchange goes. */
interface Way {
  readonly api: string
  readonly where: HttpUpstreamTarget
  /** To another protocol, which only HTTP/1.1 does. */
  readonly switches: boolean
  /** Where a connection that rested was closed before it answered, the exchange is run again on another. */
  readonly mayRepeat: boolean
}

/** Connections by the name of their API. */
export class UpstreamPool {
  readonly #kept = new Map<string, HttpUpstream[]>()
  readonly #busy = new Set<HttpUpstream>()
  readonly #sessions = new Map<string, SharedSession>()
  #isClosed = false

  /** Runs one exchange on a way that is free, or a new one. Rejects with HttpUpstreamError. */
  async use<T>(
    { api, where, switches, mayRepeat }: Way,
    exchange: (upstream: HttpUpstream, isOver: () => boolean) => Promise<T>,
  ): Promise<T> {
    // Each connection that rested is tried once at most, and a new one is never stale.
    for (;;) {
      const upstream = this.#resting(api, where, switches) ?? (await this.#made(api, where, switches))
      let isOver = false
      try {
        return await exchange(upstream, () => isOver)
      } catch (error) {
        if (!(error instanceof StaleConnectionError) || !mayRepeat) throw error
      } finally {
        isOver = true
        this.#giveBack(api, upstream)
      }
    }
  }

  /** A connection that rests and can be used again. */
  #resting(api: string, where: HttpUpstreamTarget, switches: boolean): HttpUpstream | undefined {
    const kept = this.#kept.get(api)
    if (kept === undefined || switches || where.http2 === true) return undefined
    for (let one = kept.pop(); one !== undefined; one = kept.pop()) {
      if (one.usable) {
        this.#busy.add(one)
        return one
      }
      one.close()
    }
    return undefined
  }

  async #made(api: string, where: HttpUpstreamTarget, switches: boolean): Promise<HttpUpstream> {
    if (where.http2 === true && !switches) return this.#stream(api, where)
    const made = await connectUpstream(where, switches)
    this.#busy.add(made)
    if (this.#isClosed) made.close()
    return made
  }

  #giveBack(api: string, upstream: HttpUpstream): void {
    this.#busy.delete(upstream)
    const kept = this.#kept.get(api)
    if (!upstream.usable || (kept?.length ?? 0) >= keptMax || this.#isClosed) upstream.close()
    else if (kept === undefined) this.#kept.set(api, [upstream])
    else kept.push(upstream)
  }

  /** The client is gone. */
  close(): void {
    this.#isClosed = true
    for (const upstream of [...this.#busy, ...[...this.#kept.values()].flat()]) upstream.close()
    for (const session of this.#sessions.values()) session.close()
  }

  async #stream(api: string, where: HttpUpstreamTarget): Promise<HttpUpstream> {
    const known = this.#sessions.get(api)
    // Requests that come at once share the connection that the first of them opens.
    const shared = known?.isLive === true ? known : new SharedSession(where)
    this.#sessions.set(api, shared)
    const session = await shared.opening
    if (this.#isClosed) session.close()
    const made = session.exchange()
    this.#busy.add(made)
    return made
  }
}

/** A connection of HTTP/2, from when it is asked for. */
class SharedSession {
  readonly opening: Promise<Http2Session>
  #session: Http2Session | undefined
  #hasFailed = false

  constructor(where: HttpUpstreamTarget) {
    this.opening = Http2Session.connect(where)
    this.opening.then(
      (session) => {
        this.#session = session
      },
      () => {
        this.#hasFailed = true
      },
    )
  }

  /** False once nothing can begin on it any more. */
  get isLive(): boolean {
    return !this.#hasFailed && (this.#session === undefined || this.#session.usable)
  }

  close(): void {
    this.opening.then(
      (session) => session.close(),
      () => undefined,
    )
  }
}
