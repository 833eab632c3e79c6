// A frame that is written piece by piece: what is handed over goes to the file at once, sealed and hashed as one stream,
// and the frame ends a moment later with one tag and one hash over all of it.
import { createHash, type Hash } from 'node:crypto'
import { type Viewed, viewed } from './byte-sink.ts'
import { frameTypes, pieceTypes } from './frame-types.ts'
import { SealedStream } from './sealed-stream.ts'
import { drawNonce, nonceBytes } from './sealing.ts'

/** Entries' bytes of one piece at the most; more goes into a frame of its own. */
export const pieceBytesMax: number = 64 * 1024
/** Type, count and length. */
const pieceHeadBytes = 9
/** Type and first sequence; the nonce follows where it is sealed. */
const headBytes = 9
/** What stands before a piece at the most. */
const aroundBytes = headBytes + nonceBytes + pieceHeadBytes

/** Large pieces are made here: one is written before the next one is begun, of whatever frame. */
const scratch = viewed(aroundBytes + pieceBytesMax)

/** Bytes that are hashed at once: a hash takes one look at many pieces in little more time than at one of them. */
const hashedBytes = 16 * 1024
/** Memory of frames that have ended, for the next ones; beyond so many it is given back. */
const freeMax = 256
const free: Viewed[] = []

/** A frame on its way to the file. */
export class OpenFrame {
  readonly #hash: Hash
  readonly #stream: SealedStream | undefined
  readonly #head: Buffer
  /** Pieces as they stand in the file: what is there and not in the hash yet, then the one that is being made. */
  #gathered: Viewed | undefined
  #gatheredBytes = 0
  #memory: Viewed = scratch
  #from = 0
  #made = 0
  #isBegun = false
  #ended: Buffer | undefined

  /** Begins a frame that follows `previous`; nothing of it is in the file before its first piece is. */
  constructor(previous: Uint8Array, key: Uint8Array | undefined, firstSequence: number) {
    this.#head = Buffer.allocUnsafe(headBytes + (key === undefined ? 0 : nonceBytes))
    this.#head[0] = key === undefined ? frameTypes.plainPieces : frameTypes.sealedPieces
    this.#head.writeBigUInt64BE(BigInt(firstSequence), 1)
    this.#hash = createHash('sha256').update(previous)
    if (key === undefined) return
    const nonce = this.#head.subarray(headBytes)
    drawNonce(nonce)
    this.#stream = new SealedStream(key, nonce, this.#head)
  }

  /** Where the piece that was made last stands: from `from` on. It counts until the next piece of any frame is made. */
  get memory(): Viewed {
    return this.#memory
  }

  get from(): number {
    return this.#from
  }

  /**
   * Makes the next piece of the first `length` bytes, and tells how many bytes it has; `accept` says that they are
   * written.
   */
  piece(entries: Viewed, length: number, count: number): number {
    const memory = this.#room(aroundBytes + length)
    let at = this.#from
    if (!this.#isBegun) {
      memory.bytes.set(this.#head, at)
      at += this.#head.length
    }
    memory.view.setUint8(at, pieceTypes.piece)
    memory.view.setUint32(at + 1, count)
    memory.view.setUint32(at + 5, length)
    at += pieceHeadBytes
    if (this.#stream === undefined) memory.bytes.set(entries.bytes.subarray(0, length), at)
    else this.#stream.seal(entries, length, memory, at)
    this.#made = at + length - this.#from
    return this.#made
  }

  /** The piece that was made last is in the file. */
  accept(): void {
    this.#isBegun = true
    if (this.#memory === scratch) this.#hash.update(scratch.bytes.subarray(0, this.#made))
    else this.#gatheredBytes += this.#made
  }

  /** Room for a piece of at most so many bytes, behind those that are not in the hash yet. */
  #room(bytes: number): Viewed {
    if (this.#gatheredBytes + bytes > hashedBytes) this.#hashGathered()
    this.#from = this.#gatheredBytes
    if (bytes > hashedBytes) this.#memory = scratch
    else {
      this.#gathered ??= free.pop() ?? viewed(hashedBytes)
      this.#memory = this.#gathered
    }
    return this.#memory
  }

  #hashGathered(): void {
    if (this.#gathered !== undefined) this.#hash.update(this.#gathered.bytes.subarray(0, this.#gatheredBytes))
    this.#gatheredBytes = 0
  }

  /** True once a piece is in the file. */
  get isBegun(): boolean {
    return this.#isBegun
  }

  /** True once its end was made: it takes no more pieces, whether that end is in the file or not. */
  get isEnding(): boolean {
    return this.#ended !== undefined
  }

  /**
   * What ends the frame. Where a piece was made and could not be written there is no tag: it would cover that piece. The
   * hash covers what is written.
   */
  end(isWhole: boolean): Buffer {
    this.#ended ??= this.#makeEnd(isWhole)
    return this.#ended
  }

  #makeEnd(isWhole: boolean): Buffer {
    const stream = this.#stream
    const isUntagged = !isWhole && stream !== undefined
    const tag = isWhole && stream !== undefined ? stream.tag() : Buffer.alloc(0)
    stream?.release()
    const start = Buffer.concat([Buffer.of(isUntagged ? pieceTypes.untaggedEnd : pieceTypes.end), tag])
    this.#hashGathered()
    if (this.#gathered !== undefined && free.length < freeMax) free.push(this.#gathered)
    this.#gathered = undefined
    return Buffer.concat([start, this.#hash.update(start).digest()])
  }
}
