// A cursor over the body of one message. Every length is checked before it is used, and `end` refuses what is left over.
import { WireError } from './error.ts'
import { type Body, Frame, frameHeadBytes } from './frames.ts'

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Texts up to this long are read byte by byte, as long as they are ASCII. */
const shortTextMax = 256

/** Reads one body from front to back. */
export class Reader {
  readonly #data: Buffer
  readonly #end: number
  #at: number

  constructor(body: Body) {
    if (body instanceof Frame) {
      this.#data = body.data
      this.#at = body.start + frameHeadBytes
      this.#end = body.end
    } else {
      this.#data = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
      this.#at = 0
      this.#end = body.length
    }
  }

  get left(): number {
    return this.#end - this.#at
  }

  byte(): number {
    return this.#data.readUInt8(this.#take(1))
  }

  int16(): number {
    return this.#data.readInt16BE(this.#take(2))
  }

  uint16(): number {
    return this.#data.readUInt16BE(this.#take(2))
  }

  int32(): number {
    return this.#data.readInt32BE(this.#take(4))
  }

  /** UTF-8 up to a NUL. */
  cstring(): string {
    const data = this.#data
    const start = this.#at
    const shortEnd = Math.min(this.#end, start + shortTextMax)
    for (let at = start; at < shortEnd; at++) {
      const byte = data[at] ?? 0
      if (byte >= 0x80) break
      if (byte !== 0) continue
      this.#at = at + 1
      return at === start ? '' : data.toString('latin1', start, at)
    }
    const end = data.indexOf(0, start)
    if (end < 0 || end >= this.#end) throw new WireError('no_terminator', 'a text does not end')
    this.#at = end + 1
    return decodeText(data.subarray(start, end))
  }

  bytes(length: number): Buffer {
    if (length < 0) throw new WireError('bad_length', 'a length is negative')
    const start = this.#take(length)
    return this.#data.subarray(start, start + length)
  }

  /** So many bytes as text; what is no UTF-8 becomes U+FFFD. */
  text(length: number, encoding: 'utf8' | 'base64'): string {
    if (length < 0) throw new WireError('bad_length', 'a length is negative')
    const start = this.#take(length)
    return this.#data.toString(encoding, start, start + length)
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
