// What a masker writes and what it keeps, without a piece of memory for each value.

/** The bytes that come of one chunk: its own, but for what was hidden and what stands for it. */
export class Output {
  readonly #bytes: Buffer
  /** Where what passes began. */
  #from: number
  #out: Buffer | undefined
  #used = 0

  /** `passes` is false while a value that began in an earlier chunk is hidden. */
  constructor(bytes: Buffer, passes: boolean) {
    this.#bytes = bytes
    this.#from = passes ? 0 : bytes.length
  }

  /** What begins at `at` does not pass. */
  hide(at: number): void {
    this.#pass(at)
  }

  /** `text` stands for what was hidden, and from `at` the chunk passes again. */
  show(text: string, at: number): void {
    const out = this.#room(text.length * 3)
    this.#used += out.write(text, this.#used, 'utf8')
    this.#from = at
  }

  /** All that came of the chunk. */
  end(passes: boolean): Buffer {
    if (passes) {
      if (this.#out === undefined && this.#from === 0) return this.#bytes
      this.#pass(this.#bytes.length)
    }
    return this.#out === undefined ? Buffer.alloc(0) : this.#out.subarray(0, this.#used)
  }

  #pass(to: number): void {
    if (to <= this.#from) return
    const out = this.#room(to - this.#from)
    this.#used += this.#bytes.copy(out, this.#used, this.#from, to)
    this.#from = to
  }

  #room(bytes: number): Buffer {
    const needed = this.#used + bytes
    if (this.#out !== undefined && needed <= this.#out.length) return this.#out
    const out = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length + 256, 2 * this.#used))
    this.#out?.copy(out, 0, 0, this.#used)
    this.#out = out
    return out
  }
}

const none: Buffer = Buffer.alloc(0)

/** Bytes of one value that came in pieces. Used again for the next. */
export class Collected {
  #bytes: Buffer = none
  #length = 0

  get length(): number {
    return this.#length
  }

  clear(): void {
    this.#length = 0
  }

  append(bytes: Buffer, start: number, end: number): void {
    const length = this.#length + end - start
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, 64, 2 * this.#bytes.length))
      this.#bytes.copy(grown, 0, 0, this.#length)
      this.#bytes = grown
    }
    bytes.copy(this.#bytes, this.#length, start, end)
    this.#length = length
  }

  /** The bytes themselves; good until the next `append`. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  text(): string {
    return this.#bytes.toString('utf8', 0, this.#length)
  }
}
