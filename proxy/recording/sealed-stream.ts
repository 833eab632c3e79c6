// AES-256-GCM over many small pieces. A call of the cipher for each costs more than sealing it, so the key stream of small
// pieces is drawn ahead by the counter mode that GCM is made of, and the tag is computed over many of them at once.
import { type CipherGCM, createCipheriv } from 'node:crypto'
import { type Viewed, viewed } from './byte-sink.ts'
import { nonceBytes } from './sealing.ts'

/** Pieces of so many bytes are sealed by a call of their own. */
const largeBytes = 2048
/** So many pieces of a stream are sealed by calls of their own: most streams have no more. */
const earlyPieces = 2
/** Bytes of key stream that are drawn first; twice as many each time after that. */
const drawBytesMin = 1024
const memoryBytes = 16 * 1024
const blockBytes = 16
/** The first block is sealed under this counter (NIST SP 800-38D, 7.1, for a nonce of 96 bits). */
const firstCounter = 2
const zeros = Buffer.alloc(memoryBytes)

/** What was sealed without the cipher that computes the tag, and the key stream for it and beyond it. */
interface Drawn {
  readonly plain: Viewed
  readonly stream: Viewed
}

/** Memory of streams that have ended, for the next ones; beyond so many it is given back. */
const freeMax = 256
const free: Drawn[] = []

/** One stream of AES-256-GCM that is sealed piece by piece. */
export class SealedStream {
  readonly #key: Uint8Array
  readonly #nonce: Uint8Array
  readonly #cipher: CipherGCM
  #pieces = 0
  /** Bytes of the stream that `#cipher` has sealed. */
  #sealed = 0
  #memory: Drawn | undefined
  /** INVARIANT: key stream before this was used, and is never used again. */
  #used = 0
  #drawn = 0
  #drawBytes = drawBytesMin
  #counter: ReturnType<typeof createCipheriv> | undefined

  /** A nonce is for one stream only. */
  constructor(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array) {
    this.#key = key
    this.#nonce = nonce
    this.#cipher = createCipheriv('aes-256-gcm', key, nonce)
    this.#cipher.setAAD(associated)
  }

  /** Seals the first bytes of `plain`, which are the next piece, into `out` from `at` on. */
  seal(plain: Viewed, length: number, out: Viewed, at: number): void {
    if (this.#pieces++ < earlyPieces || length >= largeBytes) {
      this.#catchUp()
      out.bytes.set(this.#cipher.update(plain.bytes.subarray(0, length)), at)
      this.#sealed += length
      return
    }
    for (let from = 0; from < length; ) {
      const memory = this.#drawnMemory()
      const taken = Math.min(length - from, this.#drawn - this.#used)
      sealWith(memory, this.#used, plain.view, from, out.view, at + from, taken)
      this.#used += taken
      from += taken
    }
  }

  /** Ends the stream. */
  tag(): Buffer {
    this.#catchUp()
    this.#cipher.final()
    return this.#cipher.getAuthTag()
  }

  /** Gives back what the stream holds; it seals no more. */
  release(): void {
    const memory = this.#memory
    this.#memory = undefined
    if (memory === undefined) return
    memory.plain.bytes.fill(0)
    memory.stream.bytes.fill(0)
    if (free.length < freeMax) free.push(memory)
  }

  /** Has the cipher seal what was sealed without it. The key stream that was drawn beyond that is not used any more. */
  #catchUp(): void {
    if (this.#memory !== undefined && this.#used > 0)
      this.#cipher.update(this.#memory.plain.bytes.subarray(0, this.#used))
    this.#sealed += this.#used
    this.#used = 0
    this.#drawn = 0
    this.#counter = undefined
  }

  /** Memory in which there is key stream to be used. */
  #drawnMemory(): Drawn {
    this.#memory ??= free.pop() ?? { plain: viewed(memoryBytes), stream: viewed(memoryBytes) }
    const { plain, stream } = this.#memory
    if (this.#used < this.#drawn) return this.#memory
    if (this.#drawn === memoryBytes) {
      this.#cipher.update(plain.bytes)
      this.#sealed += memoryBytes
      this.#used = 0
      this.#drawn = 0
    }
    this.#counter ??= this.#counterAt(this.#sealed + this.#used)
    const bytes = Math.min(this.#drawBytes, memoryBytes - this.#drawn)
    this.#drawBytes = Math.min(this.#drawBytes * 2, memoryBytes)
    stream.bytes.set(this.#counter.update(zeros.subarray(0, bytes)), this.#drawn)
    this.#drawn += bytes
    return this.#memory
  }

  /** The key stream from a place of the stream on. */
  #counterAt(place: number): ReturnType<typeof createCipheriv> {
    const block = Buffer.alloc(blockBytes)
    block.set(this.#nonce)
    block.writeUInt32BE(firstCounter + Math.floor(place / blockBytes), nonceBytes)
    const counter = createCipheriv('aes-256-ctr', this.#key, block)
    counter.update(zeros.subarray(0, place % blockBytes))
    return counter
  }
}

/**
 * Seals bytes with the key stream from `place` on, and keeps them for the tag. Four at a time, and by views that need not
 * be made for each piece.
 */
function sealWith(
  { plain, stream }: Drawn,
  place: number,
  from: DataView,
  fromAt: number,
  out: DataView,
  outAt: number,
  bytes: number,
): void {
  const kept = plain.view
  const key = stream.view
  let index = 0
  for (; index + 4 <= bytes; index += 4) {
    const word = from.getInt32(fromAt + index, true)
    kept.setInt32(place + index, word, true)
    out.setInt32(outAt + index, word ^ key.getInt32(place + index, true), true)
  }
  for (; index < bytes; index++) {
    const byte = from.getUint8(fromAt + index)
    kept.setUint8(place + index, byte)
    out.setUint8(outAt + index, byte ^ key.getUint8(place + index))
  }
}
