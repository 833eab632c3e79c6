// Compressed answers under a mask: decoded, so that what is in them is seen. What comes out is bounded by its share of
// what went in, beyond a first piece that any short text may be.
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** Bytes that may come of any answer, however small it was. */
const decodedBytesFree: number = 8 * 1024 * 1024
/** How many times as large as its coded form an answer may become; JSON of one word repeated reaches hundreds. */
const expansionMax = 200

/** Decoders by `content-encoding`; several codings at once are not among them. */
const decoders: { readonly [encoding: string]: () => Transform } = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
}

/** Whether a coding can be taken off. */
export function canDecode(encoding: string): boolean {
  return encoding === 'identity' || Object.hasOwn(decoders, encoding)
}

/** What comes of a decoder. */
export interface Decoded {
  /** False when `Decoding.resume` must be waited for. */
  data(bytes: Buffer): boolean
  end(): void
  failed(): void
  /** The decoder takes more again. */
  drained(): void
}

/** One body that is being decoded. */
export class Decoding {
  readonly #stream: Transform
  #in = 0
  #out = 0

  private constructor(stream: Transform, sink: Decoded) {
    this.#stream = stream
    stream.on('data', (bytes: Buffer) => {
      this.#out += bytes.length
      if (this.#out > decodedBytesFree && this.#out > this.#in * expansionMax) {
        stream.destroy()
        sink.failed()
      } else if (!sink.data(bytes)) stream.pause()
    })
    stream.on('end', () => sink.end())
    stream.on('error', () => sink.failed())
    stream.on('drain', () => sink.drained())
  }

  /** Undefined for a coding that is not known. */
  static of(encoding: string, sink: Decoded): Decoding | undefined {
    const make = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined
    return make === undefined ? undefined : new Decoding(make(), sink)
  }

  /** False when `drained` must be waited for. */
  write(bytes: Uint8Array): boolean {
    this.#in += bytes.length
    return this.#stream.write(bytes)
  }

  end(): void {
    this.#stream.end()
  }

  resume(): void {
    this.#stream.resume()
  }

  close(): void {
    this.#stream.destroy()
  }
}
