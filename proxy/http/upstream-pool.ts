// The connections upstream of one client connection. They are nobody else's: what an upstream keeps by connection cannot
// pass from one client to another.
import { Http2Session } from './http2-upstream.ts'
import { connectUpstream, type HttpUpstream, type HttpUpstreamTarget } from './upstream.ts'

/** Connections to one API that are kept while nothing runs on them. */
const keptMax = 4

/** Where an exchange goes. */
export interface Way {
  readonly api: string
  readonly where: HttpUpstreamTarget
  /** To another protocol, which only HTTP/1.1 does. */
  readonly switches: boolean
  /** Where a connection that rested was closed before it answered, the exchange may be run again on another. */
  readonly mayRepeat: boolean
}

/** Connections by the name of their API. */
export class UpstreamPool {
  readonly #kept = new Map<string, HttpUpstream[]>()
  readonly #busy: HttpUpstream[] = []
  readonly #sessions = new Map<string, SharedSession>()
  #isClosed = false

  /** A connection that rests and can be used again. */
  resting({ api, where, switches }: Way): HttpUpstream | undefined {
    const kept = this.#kept.get(api)
    if (kept === undefined || switches || where.http2 === true) return undefined
    for (let one = kept.pop(); one !== undefined; one = kept.pop()) {
      if (one.usable) {
        this.#busy.push(one)
        return one
      }
      one.close()
    }
    return undefined
  }

  /** A new one. Rejects with HttpUpstreamError. */
  async made({ api, where, switches }: Way): Promise<HttpUpstream> {
    if (where.http2 === true && !switches) return this.#stream(api, where)
    const made = await connectUpstream(where, switches)
    this.#busy.push(made)
    if (this.#isClosed) made.close()
    return made
  }

  /** The exchange on it is over: it rests, or is closed where nothing can begin on it. */
  giveBack({ api }: Way, upstream: HttpUpstream): void {
    const place = this.#busy.indexOf(upstream)
    const last = this.#busy.pop()
    if (last !== undefined && last !== upstream) this.#busy[place] = last
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
    this.#busy.push(made)
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
