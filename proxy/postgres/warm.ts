// Connections to databases that outlive their session for a while: the next session of the very same identity, with the
// same chain behind it, the same settings and the same way there, need not wait for another log-in. INVARIANT: none ever
// serves two identities, and none waits here before the server has said that it is as it was when it was made.
import { createHash } from 'node:crypto'
import { canonicalJson, type Identity } from '../../engine/action/index.ts'
import { closeWithin } from './goodbye.ts'
import { Reset, resetMessage } from './reset.ts'
import { Tap } from './tap.ts'
import type { Upstream, UpstreamTarget } from './upstream.ts'
import { encodeFrame, FrameReader } from './wire/index.ts'

/** A connection older than this is not kept: rights and defaults of its role may have changed since. */
export const warmAgeMsMax = 600_000
/** Sessions that one connection serves: what a server's process gathers with each is bounded. */
export const warmSessionsMax = 1000
/** Connections that wait, over all identities; the one that waited longest makes room. A server takes 100, if not told. */
const keptMax = 64
/** Connections that wait for one identity before one database. */
const keptForOneMax = 32
/** The longest that a server may take to forget a session. */
const resetMs = 5000
const resetBytesMax = 64 * 1024
const closingMs = 1000

/** A connection to a database, with its reading side. */
export class Link {
  readonly upstream: Upstream
  readonly tap: Tap
  /** Sessions that it has served, with the one that has it. */
  sessions = 1

  constructor(upstream: Upstream) {
    this.upstream = upstream
    this.tap = new Tap(upstream.socket)
    this.tap.socket.on('error', () => this.tap.socket.destroy())
  }

  /** Takes leave of the server. */
  close(): void {
    closeWithin(this.tap.socket, closingMs, encodeFrame('X'))
  }
}

/** What a connection may be used for again: all that is known of whom it serves, how it began, and where it leads. */
export function warmKey(
  identity: Identity,
  place: string,
  { host, port, database, user, password, tls }: UpstreamTarget,
  parameters: ReadonlyMap<string, string>,
): string {
  const way = [place, host, port, database, user, password ?? null, String(tls?.ca ?? ''), String(tls?.cert ?? '')]
  const began = [...parameters].sort(([one], [other]) => (one < other ? -1 : 1))
  return createHash('sha256')
    .update(canonicalJson([whoIs(identity), way, String(tls?.key ?? ''), began]))
    .digest('base64')
}

/** Identities that were written down: with a token that comes again comes the same object. */
const written = new WeakMap<Identity, string>()

function whoIs(identity: Identity): string {
  const known = written.get(identity)
  if (known !== undefined) return known
  // The token itself may be a newer one of the same identity.
  const { token: _token, ...who } = identity
  const text = canonicalJson(who)
  written.set(identity, text)
  return text
}

interface Kept {
  readonly link: Link
  /** Takes it out, without closing it. */
  readonly leave: () => void
}

/** The connections that wait. */
export class WarmUpstreams {
  readonly #kept = new Map<string, Kept[]>()
  readonly #resetting = new Set<Link>()
  #count = 0
  #isClosed = false

  /** One that waits for this key, if any. */
  take(key: string): Link | undefined {
    for (;;) {
      const kept = this.#kept.get(key)?.at(-1)
      if (kept === undefined) return undefined
      kept.leave()
      if (isUsable(kept.link)) {
        kept.link.sessions++
        return kept.link
      }
      kept.link.close()
    }
  }

  /**
   * Has the server forget a session that has ended, and keeps its connection then, for so long; otherwise closes it. `left`
   * is what the server told of during the session.
   */
  give(key: string, link: Link, left: ReadonlyMap<string, string>, user: string, ms: number): void {
    const isOld = !isUsable(link) || link.sessions >= warmSessionsMax
    if (this.#isClosed || isOld || this.#resetting.size >= keptMax) {
      link.close()
      return
    }
    const { tap, upstream } = link
    const reset = new Reset(upstream.parameters, left, user)
    const reader = new FrameReader(resetBytesMax)
    const timer = setTimeout(() => tap.socket.destroy(), resetMs)
    timer.unref()
    const over = (): void => {
      clearTimeout(timer)
      tap.socket.off('close', over)
      this.#resetting.delete(link)
    }
    tap.socket.on('close', over)
    this.#resetting.add(link)
    tap.start(
      (chunk) => {
        const became = readReset(reset, reader, chunk)
        if (became === 'more') return
        over()
        if (became === 'failed' || this.#isClosed) link.close()
        else this.#keep(key, link, ms)
      },
      () => false,
    )
    tap.sink.write(resetMessage)
  }

  /** Ends those that wait, and keeps no more. */
  close(): void {
    this.#isClosed = true
    for (const { link, leave } of [...this.#kept.values()].flat()) {
      leave()
      link.close()
    }
    for (const link of this.#resetting) link.tap.socket.destroy()
  }

  #keep(key: string, link: Link, ms: number): void {
    const { tap, upstream } = link
    const same = this.#kept.get(key) ?? []
    if (same.length >= keptForOneMax) {
      link.close()
      return
    }
    if (this.#count >= keptMax) this.#dropOldest()
    const end = (): void => {
      kept.leave()
      link.close()
    }
    const timer = setTimeout(end, Math.min(ms, upstream.sinceMs + warmAgeMsMax - performance.now()))
    timer.unref()
    const gone = (): void => kept.leave()
    tap.socket.on('close', gone)
    tap.socket.on('end', gone)
    const kept: Kept = {
      link,
      leave: () => {
        clearTimeout(timer)
        tap.socket.off('close', gone)
        tap.socket.off('end', gone)
        const at = same.indexOf(kept)
        if (at < 0) return
        same.splice(at, 1)
        this.#count--
        if (same.length === 0) this.#kept.delete(key)
      },
    }
    // A server that says anything now is about to leave, or has changed what it told of.
    tap.start(end, () => false)
    same.push(kept)
    this.#kept.set(key, same)
    this.#count++
  }

  /** A map keeps its order, and a key's first came first. */
  #dropOldest(): void {
    const [oldest] = this.#kept.values().next().value ?? []
    oldest?.leave()
    oldest?.link.close()
  }
}

function isUsable({ upstream, tap }: Link): boolean {
  const { socket } = tap
  const isOpen = !socket.destroyed && socket.writable && socket.readable && tap.isOpen
  return isOpen && performance.now() - upstream.sinceMs < warmAgeMsMax
}

function readReset(reset: Reset, reader: FrameReader, chunk: Buffer): 'more' | 'clean' | 'failed' {
  try {
    const frames = reader.push(chunk)
    for (const [index, frame] of frames.entries()) {
      const became = reset.take(frame)
      // Nothing is owed after the last message.
      if (became === 'clean') return index === frames.length - 1 && reader.pendingBytes === 0 ? 'clean' : 'failed'
      if (became === 'failed') return 'failed'
    }
    return 'more'
  } catch {
    return 'failed'
  }
}
