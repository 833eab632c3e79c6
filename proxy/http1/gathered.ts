// Bytes that are kept until they are wanted. Each piece costs a hundred bytes beside what it holds, and keeps all the memory
// that it was read into, so whoever sends a body byte by byte would have it cost a hundred times its length.

/** Pieces that are shorter are put together. */
const apartBytes: number = 16 * 1024
/** The first memory that is taken for pieces which are put together. */
const blockBytesMin = 1024
const blockBytesMax: number = 64 * 1024

const nothing: Buffer = Buffer.alloc(0)

/** Bytes in their order, in few pieces. */
export class GatheredBytes {
  #pieces: Uint8Array[] = []
  #block: Buffer = nothing
  /** Bytes of the block that are taken. */
  #used = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Keeps a piece; a short one behind others is copied. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const isFirst = this.#length === 0
    this.#length += bytes.length
    if (isFirst || bytes.length >= apartBytes) {
      this.#close()
      this.#pieces.push(bytes)
      return
    }
    let rest = bytes
    while (rest.length > 0) {
      if (this.#used === this.#block.length) this.#begin(rest.length)
      const room = this.#block.length - this.#used
      this.#block.set(rest.length <= room ? rest : rest.subarray(0, room), this.#used)
      this.#used += Math.min(room, rest.length)
      rest = rest.subarray(room)
    }
  }

  /** All that is kept. */
  get pieces(): readonly Uint8Array[] {
    this.#close()
    return this.#pieces
  }

  /** All that was kept; nothing is kept any more. */
  take(): readonly Uint8Array[] {
    const { pieces } = this
    this.#pieces = []
    this.#length = 0
    this.#block = nothing
    return pieces
  }

  /** A block as long as the one before twice, so that what is not used stays in proportion. */
  #begin(bytes: number): void {
    const last = this.#block.length
    this.#close()
    this.#block = Buffer.allocUnsafeSlow(Math.min(Math.max(2 * last, bytes, blockBytesMin), blockBytesMax))
  }

  #close(): void {
    if (this.#used > 0) this.#pieces.push(this.#block.subarray(0, this.#used))
    this.#block = this.#block.subarray(this.#used)
    this.#used = 0
  }
}
