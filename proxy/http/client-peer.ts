// The client's side of one exchange, whatever version of HTTP it speaks: an answer is written to it.
import type { Socket } from 'node:net'
import { chunkHead, encodeResponseHead, type Field, lastChunk } from './wire/index.ts'

/** Where an answer goes. */
export interface ClientPeer {
  /** The head. Without a `content-length` among the fields, `isOpen` says that content follows all the same. */
  head(status: number, reason: string, fields: readonly Field[], isOpen: boolean): void
  /** False when the source must wait for `onDrain`. */
  write(bytes: Uint8Array): boolean
  end(trailers: readonly Field[]): void
  onDrain(callback: () => void): void
  /** Silence that is nothing unusual from here on. */
  silence(ms: number): void
  /** Breaks the exchange off, so that the client sees an answer without its end. */
  destroy(): void
}

/** A client that speaks HTTP/1.1: one answer after another on its connection. */
export class Http1Peer implements ClientPeer {
  readonly #socket: Socket
  #isChunked = false
  #isCorked = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  head(status: number, reason: string, fields: readonly Field[], isOpen: boolean): void {
    this.#isChunked = isOpen && !fields.some(([name]) => name === 'content-length')
    const all: readonly Field[] = this.#isChunked ? [...fields, ['transfer-encoding', 'chunked']] : fields
    this.#write(encodeResponseHead(status, reason, all))
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#isChunked) return this.#write(bytes)
    this.#write(chunkHead(bytes.length))
    this.#write(bytes)
    return this.#write('\r\n')
  }

  end(trailers: readonly Field[]): void {
    if (this.#isChunked) this.#write(lastChunk(trailers))
    this.#isChunked = false
  }

  /** Writes together with whatever else is written in this turn: one system call for head and body. */
  #write(bytes: Uint8Array | string): boolean {
    const socket = this.#socket
    if (!this.#isCorked) {
      this.#isCorked = true
      socket.cork()
      process.nextTick(() => {
        this.#isCorked = false
        socket.uncork()
      })
    }
    return typeof bytes === 'string' ? socket.write(bytes, 'latin1') : socket.write(bytes)
  }

  onDrain(callback: () => void): void {
    this.#socket.once('drain', callback)
  }

  silence(ms: number): void {
    this.#socket.setTimeout(ms)
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
