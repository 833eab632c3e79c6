// Bytes on their way out, gathered in one place that is used again and again.

import type { Values } from '../kernel/kernel.ts'
import { valueBytesMax } from './detector.ts'

/** Room that is kept from one use to the next. */
const keptBytesMax = 1024 * 1024

/** Up to so many bytes are copied one by one: a call of the engine's own copy costs as much as these. */
const handBytesMax = 64

/** Gathers bytes. */
export class Output {
  #bytes: Uint8Array = new Uint8Array(64 * 1024)
  #length = 0

  /** Adds a part of an array. */
  readonly append = (from: Uint8Array, start: number, end: number): void => {
    const size = end - start
    if (size <= 0) return
    if (this.#length + size > this.#bytes.length) this.#grow(size)
    const bytes = this.#bytes
    let to = this.#length
    this.#length += size
    if (size <= handBytesMax) for (let at = start; at < end; at++) bytes[to++] = from[at] ?? 0
    else bytes.set(from.subarray(start, end), to)
  }

  /** Adds a part of an array, and then another array. */
  appendBoth(from: Uint8Array, start: number, end: number, by: Uint8Array): void {
    const size = end - start
    const other = by.length
    if (size < 0 || size > handBytesMax || other > handBytesMax) {
      this.append(from, start, end)
      this.append(by, 0, other)
      return
    }
    if (this.#length + size + other > this.#bytes.length) this.#grow(size + other)
    const bytes = this.#bytes
    let to = this.#length
    for (let at = start; at < end; at++) bytes[to++] = from[at] ?? 0
    for (let at = 0; at < other; at++) bytes[to++] = by[at] ?? 0
    this.#length = to
  }

  /**
   * Adds an array from the place `at` with marks in it, whose places are by `shift` before those of the array. Stops
   * before a mark that is no short text for every value; answers how many were added.
   */
  appendMarked(array: Uint8Array, at: number, shift: number, marks: Values, first: number, until: number): number {
    const { starts, ends, kinds, all } = marks
    let place = at
    let mark = first
    for (; mark < until; mark++) {
      const start = starts[mark] ?? 0
      const end = ends[mark] ?? 0
      const by = all[kinds[mark] ?? 0]?.constant
      if (by === undefined || by.length > handBytesMax || start < place || end - start > valueBytesMax) break
      const gap = start - place
      const size = gap + by.length
      if (this.#length + size > this.#bytes.length) this.#grow(size)
      const bytes = this.#bytes
      let to = this.#length
      if (gap > handBytesMax) {
        bytes.set(array.subarray(place + shift, start + shift), to)
        to += gap
      } else for (let index = place + shift; index < start + shift; index++) bytes[to++] = array[index] ?? 0
      for (let index = 0; index < by.length; index++) bytes[to++] = by[index] ?? 0
      this.#length = to
      place = end
    }
    return mark - first
  }

  /** Everything that was added, as a copy of its own; the next use begins empty. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    if (this.#bytes.length > keptBytesMax) this.#bytes = new Uint8Array(64 * 1024)
    return taken
  }

  #grow(size: number): void {
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
