// A frame that is written piece by piece: what is handed over goes to the file at once, sealed and hashed as one stream,
// and the frame ends a moment later with one tag and one hash over all of it.
import { type CipherGCM, createCipheriv, createHash, type Hash } from 'node:crypto'
import { frameTypes, hashBytes, pieceTypes } from './frame-types.ts'
import { drawNonce, nonceBytes, tagBytes } from './sealing.ts'

/** Entries' bytes of one piece at the most; more goes into a frame of its own. */
export const pieceBytesMax: number = 64 * 1024
/** Type, count and length. */
const pieceHeadBytes = 9
/** Type and first sequence; the nonce follows where it is sealed. */
const headBytes = 9

/** One piece or end is made and written before the next one is begun, of whatever frame. */
const scratch = Buffer.allocUnsafeSlow(headBytes + nonceBytes + pieceHeadBytes + pieceBytesMax + tagBytes + hashBytes)

/** Bytes that are hashed at once: a hash takes one look at many pieces in little more time than at one of them. */
const hashedBytes = 16 * 1024
/** Memory of frames that have ended, for the next ones; beyond so many it is given back. */
const freeMax = 256
const free: Buffer[] = []

/** A frame on its way to the file. */
export class OpenFrame {
  /** Where pieces are made. */
  static readonly memory: Buffer = scratch
  readonly #hash: Hash
  readonly #cipher: CipherGCM | undefined
  readonly #head: Buffer
  /** What is in the file and not in the hash yet. */
  #gathered: Buffer | undefined
  #gatheredBytes = 0
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
    this.#cipher = createCipheriv('aes-256-gcm', key, nonce)
    this.#cipher.setAAD(this.#head)
  }

  /**
   * Makes the next piece, and tells how many bytes of `OpenFrame.memory` it has. They count until the next piece of any
   * frame is made; `accept` says that they are written.
   */
  piece(entries: Uint8Array, count: number): number {
    let at = 0
    if (!this.#isBegun) {
      scratch.set(this.#head)
      at = this.#head.length
    }
    scratch[at] = pieceTypes.piece
    scratch.writeUInt32BE(count, at + 1)
    scratch.writeUInt32BE(entries.length, at + 5)
    scratch.set(this.#cipher?.update(entries) ?? entries, at + pieceHeadBytes)
    this.#made = at + pieceHeadBytes + entries.length
    return this.#made
  }

  /** The piece that was made last is in the file. */
  accept(): void {
    this.#isBegun = true
    const made = this.#made
    if (this.#gatheredBytes + made > hashedBytes) this.#hashGathered()
    if (made > hashedBytes) {
      this.#hash.update(scratch.subarray(0, made))
      return
    }
    this.#gathered ??= free.pop() ?? Buffer.allocUnsafeSlow(hashedBytes)
    scratch.copy(this.#gathered, this.#gatheredBytes, 0, made)
    this.#gatheredBytes += made
  }

  #hashGathered(): void {
    if (this.#gathered !== undefined) this.#hash.update(this.#gathered.subarray(0, this.#gatheredBytes))
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
    const cipher = isWhole ? this.#cipher : undefined
    const isUntagged = !isWhole && this.#cipher !== undefined
    cipher?.final()
    const tag = cipher?.getAuthTag() ?? Buffer.alloc(0)
    const start = Buffer.concat([Buffer.of(isUntagged ? pieceTypes.untaggedEnd : pieceTypes.end), tag])
    this.#hashGathered()
    if (this.#gathered !== undefined && free.length < freeMax) free.push(this.#gathered)
    this.#gathered = undefined
    return Buffer.concat([start, this.#hash.update(start).digest()])
  }
}
