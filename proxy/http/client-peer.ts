// The client's side of one exchange, whatever version of HTTP it speaks: an answer is written to it.
import type { Socket } from 'node:net'
import { chunkHead, encodeResponseHead, type Field, lastChunk } from '../http1/index.ts'
import { writeOnce } from './one-write.ts'

/** Where an answer goes. */
export interface ClientPeer {
  /** The head. Without a `content-length` among the fields, `isOpen` says that content follows all the same. */
  head(status: number, reason: string, fields: readonly Field[], isOpen: boolean): void
  /** The bytes are the caller's again afterwards, unless they are many and the peer `isBehind`. False when the source must wait for `onDrain`. */
  write(bytes: Uint8Array): boolean
  end(trailers: readonly Field[]): void
  onDrain(callback: () => void): void
  /** Something that was written is not out yet. */
  readonly isBehind: boolean
  /** Its answer is awaited, so the client may be quiet until that begins, or is not awaited any more. */
  awaits(isAwaited: boolean): void
  /** Silence that is nothing unusual from here on. */
  silence(ms: number): void
  /** Breaks the exchange off, so that the client sees an answer without its end. */
  destroy(): void
}

/** A client that speaks HTTP/1.1: one answer after another on its connection. */
export class Http1Peer implements ClientPeer {
  readonly #socket: Socket
  #isChunked = false
  /** A head that leaves together with what comes next, or at the end of this turn. */
  #head = ''
  /** Its answer is awaited. */
  isAwaited = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  head(status: number, reason: string, fields: readonly Field[], isOpen: boolean): void {
    this.isAwaited = false
    this.#isChunked = isOpen && !fields.some(([name]) => name === 'content-length')
    const all: readonly Field[] = this.#isChunked ? [...fields, ['transfer-encoding', 'chunked']] : fields
    this.#head = encodeResponseHead(status, reason, all)
    process.nextTick(flush, this)
  }

  write(bytes: Uint8Array): boolean {
    const head = this.#head
    this.#head = ''
    return this.#isChunked
      ? writeOnce(this.#socket, `${head}${chunkHead(bytes.length)}`, bytes, '\r\n')
      : writeOnce(this.#socket, head, bytes, '')
  }

  end(trailers: readonly Field[]): void {
    if (this.#isChunked) this.#head += lastChunk(trailers)
    this.#isChunked = false
    this.flush()
  }

  /** Writes a head that nothing has followed. */
  flush(): void {
    const head = this.#head
    if (head === '') return
    this.#head = ''
    this.#socket.write(head, 'latin1')
  }

  get isBehind(): boolean {
    return this.#socket.writableLength > 0
  }

  onDrain(callback: () => void): void {
    this.#socket.once('drain', callback)
  }

  awaits(isAwaited: boolean): void {
    this.isAwaited = isAwaited
  }

  silence(ms: number): void {
    this.#socket.setTimeout(ms)
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

function flush(peer: Http1Peer): void {
  peer.flush()
}
