// A body as it comes in: knows where it ends and takes chunked coding off. Whatever the chunking of the bytes, the same
// content comes out.
import { WireError } from './error.ts'
import { type Field, parseFields } from './fields.ts'
import type { Framing } from './framing.ts'
import { chunkDigitsMax, trailerBytesMax } from './limits.ts'

/** What one piece of input gave. `used` bytes of it belong to the body; the rest is the next message's. */
export interface BodyPiece {
  readonly content: readonly Uint8Array[]
  readonly used: number
  readonly done: boolean
}

const cr = 13
const lf = 10

type ChunkState = 'size' | 'size_lf' | 'data' | 'data_cr' | 'data_lf' | 'trailer'

/** Decodes one body. After `done` it must not be fed again. */
export class BodyDecoder {
  readonly #framing: Framing
  readonly #strict: boolean
  #left: number
  #state: ChunkState = 'size'
  #digits = 0
  #trailer: Buffer = Buffer.alloc(0)
  #done: boolean
  /** Trailer fields, once the body is done. */
  trailers: readonly Field[] = []

  /** `strict` is for requests: trailers are read as their headers are. */
  constructor(framing: Framing, strict: boolean) {
    this.#framing = framing
    this.#strict = strict
    this.#left = framing.kind === 'length' ? framing.bytes : 0
    this.#done = framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0)
  }

  get done(): boolean {
    return this.#done
  }

  /** Takes a piece of input. Throws WireError. */
  push(bytes: Uint8Array): BodyPiece {
    switch (this.#framing.kind) {
      case 'none':
        return { content: [], used: 0, done: true }
      case 'close':
        return { content: bytes.length === 0 ? [] : [bytes], used: bytes.length, done: false }
      case 'length':
        return this.#pushLength(bytes)
      case 'chunked':
        return this.#pushChunked(bytes)
    }
  }

  /** The connection ended. Throws unless the body ends with it or was over. */
  end(): void {
    if (this.#framing.kind === 'close') this.#done = true
    if (!this.#done) throw new WireError('truncated', 'the connection ended within a body')
  }

  #pushLength(bytes: Uint8Array): BodyPiece {
    const take = Math.min(this.#left, bytes.length)
    this.#left -= take
    this.#done = this.#left === 0
    const content = take === 0 ? [] : [take === bytes.length ? bytes : bytes.subarray(0, take)]
    return { content, used: take, done: this.#done }
  }

  #pushChunked(bytes: Uint8Array): BodyPiece {
    const content: Uint8Array[] = []
    let at = 0
    while (at < bytes.length && !this.#done) {
      if (this.#state === 'data') {
        const take = Math.min(this.#left, bytes.length - at)
        content.push(bytes.subarray(at, at + take))
        at += take
        this.#left -= take
        if (this.#left === 0) this.#state = 'data_cr'
      } else if (this.#state === 'trailer') at += this.#pushTrailer(bytes.subarray(at))
      else this.#mark(bytes[at++] ?? 0)
    }
    return { content, used: at, done: this.#done }
  }

  #mark(byte: number): void {
    switch (this.#state) {
      case 'size':
        this.#sizeByte(byte)
        break
      case 'size_lf':
        if (byte !== lf) throw new WireError('chunk_size', 'a chunk size does not end with CRLF')
        this.#state = this.#left === 0 ? 'trailer' : 'data'
        this.#digits = 0
        break
      case 'data_cr':
        if (byte !== cr) throw new WireError('chunk_end', 'a chunk does not end where its size says')
        this.#state = 'data_lf'
        break
      case 'data_lf':
        if (byte !== lf) throw new WireError('chunk_end', 'a chunk does not end where its size says')
        this.#state = 'size'
        break
      case 'data':
      case 'trailer':
        break
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      if (++this.#digits > chunkDigitsMax) throw new WireError('chunk_size', 'a chunk size is too long')
      this.#left = this.#left * 16 + digit
      return
    }
    if (this.#digits > 0 && byte === cr) {
      this.#state = 'size_lf'
      return
    }
    // Extensions mean nothing to anybody, and servers disagree on where they end.
    if (this.#digits > 0 && (byte === 59 || byte === 32 || byte === 9))
      throw new WireError('chunk_extension', 'chunk extensions are not accepted')
    throw new WireError('chunk_size', 'a chunk size is not a hexadecimal number')
  }

  #pushTrailer(bytes: Uint8Array): number {
    const before = this.#trailer.length
    const room = trailerBytesMax + 4 - before
    const all = Buffer.concat([this.#trailer, bytes.subarray(0, room)])
    if (all.length >= 2 && all[0] === cr && all[1] === lf) return this.#finish(2 - before)
    const end = all.indexOf('\r\n\r\n')
    if (end >= 0) {
      const text = all.toString('latin1', 0, end + 2)
      this.trailers = checkTrailers(parseFields(text, 0, this.#strict))
      return this.#finish(end + 4 - before)
    }
    for (let at = all.indexOf(lf); at >= 0; at = all.indexOf(lf, at + 1))
      if (all[at - 1] !== cr) throw new WireError('bare_lf', 'a line ends without CR')
    if (all.length > trailerBytesMax) throw new WireError('trailer_too_long', 'the trailer section is too long')
    this.#trailer = all
    return bytes.length
  }

  #finish(used: number): number {
    this.#done = true
    return used
  }
}

/** Fields that decide framing, routing or who acts; behind the body they come too late to be judged. */
const notInTrailers: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'max-forwards',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

function checkTrailers(fields: readonly Field[]): readonly Field[] {
  for (const [name] of fields)
    if (notInTrailers.has(name)) throw new WireError('trailer', `\`${name}\` may not come behind the body`)
  return fields
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
