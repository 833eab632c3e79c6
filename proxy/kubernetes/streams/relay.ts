// What both transports have in common: two sockets, a reader for each, and one end for everything.
import type { Duplex } from 'node:stream'
import type { Status } from '../status.ts'

/** Bytes that may wait for a slow peer before the other side is paused. */
export const queuedBytesMax: number = 1024 * 1024
/** Time for the last bytes to go out. */
export const closingMs = 1000

/** A decoder of one stream, both ways. Throws WireError for what the protocol does not allow. */
export interface Relay {
  fromClient(bytes: Buffer): void
  fromServer(bytes: Buffer): void
  /** The server closed: what was held back goes out. */
  serverEnded(): void
  /** Says in the protocol's own words why the stream ends. */
  say(status: Status): void
  /** Forgets timers and waiting judgments. */
  drop(): void
}

/** Moves bytes between two sockets through a relay. */
export class Sockets {
  readonly client: Duplex
  readonly server: Duplex
  readonly #onEnd: (why: string) => void
  #ended = false
  #paused = 0

  constructor(client: Duplex, server: Duplex, onEnd: (why: string) => void) {
    this.client = client
    this.server = server
    this.#onEnd = onEnd
  }

  /** Starts to read; `heads` came with the upgrades. A throw of the relay ends everything. */
  run(
    relay: Relay,
    heads: { readonly client: Buffer; readonly server: Buffer },
    broken: (error: unknown) => void,
  ): void {
    const take = (work: () => void): void => {
      if (this.#ended) return
      try {
        work()
      } catch (error) {
        broken(error)
      }
    }
    this.#pump(this.client, this.server, (bytes) => take(() => relay.fromClient(bytes)), heads.client)
    this.#pump(this.server, this.client, (bytes) => take(() => relay.fromServer(bytes)), heads.server)
    this.server.once('end', () => take(() => relay.serverEnded()))
    this.client.once('close', () => this.end('client_gone'))
    this.server.once('close', () => this.end('upstream_gone'))
    this.client.once('end', () => this.server.end())
    this.client.on('error', () => this.end('client_gone'))
    this.server.on('error', () => this.end('upstream_gone'))
  }

  /** Stops reading both sides until `resume` is called as often. */
  pause(): void {
    this.#paused++
    this.client.pause()
    this.server.pause()
  }

  /** Takes one `pause` back. */
  resume(): void {
    this.#paused--
    if (this.#paused > 0 || this.#ended) return
    this.client.resume()
    this.server.resume()
  }

  /** Ends both sides, once. */
  end(why: string): void {
    if (this.#ended) return
    this.#ended = true
    this.client.end()
    this.server.end()
    setTimeout(() => {
      this.client.destroy()
      this.server.destroy()
    }, closingMs).unref()
    this.#onEnd(why)
  }

  #pump(source: Duplex, sink: Duplex, take: (bytes: Buffer) => void, head: Buffer): void {
    source.on('data', (bytes: Buffer) => {
      take(bytes)
      if (sink.writableLength > queuedBytesMax) {
        source.pause()
        sink.once('drain', () => {
          if (this.#paused === 0) source.resume()
        })
      }
    })
    if (head.length > 0) take(head)
  }
}
