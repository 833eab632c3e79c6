// A cursor over the body of one message. Every length is checked before it is used, and `end` refuses what is left over.
import { WireError } from './error.ts'

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads one body from front to back. */
export class Reader {
  readonly #body: Buffer
  #at = 0

  constructor(body: Uint8Array) {
    this.#body = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  }

  get left(): number {
    return this.#body.length - this.#at
  }

  byte(): number {
    return this.#body.readUInt8(this.#take(1))
  }

  int16(): number {
    return this.#body.readInt16BE(this.#take(2))
  }

  uint16(): number {
    return this.#body.readUInt16BE(this.#take(2))
  }

  int32(): number {
    return this.#body.readInt32BE(this.#take(4))
  }

  /** UTF-8 up to a NUL. */
  cstring(): string {
    const end = this.#body.indexOf(0, this.#at)
    if (end < 0) throw new WireError('no_terminator', 'a text does not end')
    const bytes = this.#body.subarray(this.#at, end)
    this.#at = end + 1
    return decodeText(bytes)
  }

  bytes(length: number): Buffer {
    if (length < 0) throw new WireError('bad_length', 'a length is negative')
    const start = this.#take(length)
    return this.#body.subarray(start, start + length)
  }

  end(): void {
    if (this.left !== 0) throw new WireError('trailing_bytes', 'a message has bytes after its end')
  }

  #take(length: number): number {
    if (length > this.left) throw new WireError('too_short', 'a message ends too early')
    const start = this.#at
    this.#at += length
    return start
  }
}

/** Strict UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return text.decode(bytes)
  } catch {
    throw new WireError('not_utf8', 'a text is not UTF-8')
  }
}
