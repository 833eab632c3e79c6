// Bytes that wait for the rest of their frame. Memory grows by doubling, so that a frame in many small pieces costs no more
// than one in few.

const nothing: Buffer = Buffer.alloc(0)

/** What came and was not taken yet. */
export class Held {
  #memory: Buffer = nothing
  #length = 0

  /** All of it, with what comes now; good until more comes. */
  with(chunk: Uint8Array): Buffer {
    const length = this.#length + chunk.length
    if (length > this.#memory.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#length))
      this.#memory.copy(grown, 0, 0, this.#length)
      this.#memory = grown
    }
    this.#memory.set(chunk, this.#length)
    this.#length = length
    return this.#memory.subarray(0, length)
  }

  /** The first bytes were taken. */
  take(bytes: number): void {
    if (bytes === 0) return
    const rest = this.#memory.subarray(bytes, this.#length)
    this.#memory = rest.length === 0 ? nothing : Buffer.from(rest)
    this.#length = rest.length
  }
}
