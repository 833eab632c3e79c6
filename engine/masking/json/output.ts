// What a masker writes and what it keeps, without a piece of memory for each value.

import type { PathState } from './paths.ts'

const none: Buffer = Buffer.alloc(0)

/** What comes of many documents, one behind the other in one memory. */
export class Joined {
  #bytes: Buffer
  /** How much of it there is; set back to take back what came last. */
  length = 0

  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes)
  }

  /** Appends bytes, or a part of them. */
  append(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const room = this.room(end - start)
    room.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.length)
    this.length += end - start
  }

  /** Appends text. */
  write(text: string): void {
    this.length += this.room(text.length * 3).write(text, this.length, 'utf8')
  }

  /** The memory, with room for so many bytes more. */
  room(bytes: number): Buffer {
    const needed = this.length + bytes
    if (needed <= this.#bytes.length) return this.#bytes
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length))
    this.#bytes.copy(grown, 0, 0, this.length)
    this.#bytes = grown
    return grown
  }

  /** All that is there, where it lies. */
  all(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }
}

/** What a masker writes to: what of a chunk passes, and what stands for the rest. */
export interface Shown {
  /** What begins at `at` does not pass. */
  hide(at: number): void
  /** `text` stands for what was hidden, and from `at` the chunk passes again. */
  show(text: string, at: number): void
}

/** The same as `Output`, appended to what is there. */
export class JoinedOutput implements Shown {
  readonly #bytes: Buffer
  readonly #to: Joined
  #from: number

  constructor(bytes: Buffer, start: number, to: Joined) {
    this.#bytes = bytes
    this.#from = start
    this.#to = to
  }

  hide(at: number): void {
    if (at > this.#from) this.#to.append(this.#bytes, this.#from, at)
    this.#from = at
  }

  show(text: string, at: number): void {
    this.#to.write(text)
    this.#from = at
  }
}

/** The bytes that come of one chunk: its own, but for what was hidden and what stands for it. */
export class Output implements Shown {
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
    return this.#out === undefined ? none : this.#out.subarray(0, this.#used)
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

/** Writes stars over a text of single bytes, all but so many at one of its ends; where that is half of it, over all. */
export function starOver(bytes: Buffer, start: number, end: number, stars: NonNullable<PathState['stars']>): void {
  const shown = end - start < 2 * stars.count ? 0 : stars.count
  const from = stars.end === 'first' ? start + shown : start
  const to = stars.end === 'first' ? end : end - shown
  for (let at = from; at < to; at++) bytes[at] = 42
}
