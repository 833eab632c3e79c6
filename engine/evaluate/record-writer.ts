// Writes the records of values at the end of a module's heap: rego/wasm/layout.ts says how they lie.
import { type Decimal, encodeHeld, holdsBytes, numberFromBigInt } from '../../rego/value/index.ts'
import { decimalRecord, KIND, WORD_INTEGER_MAX, WORD_INTEGER_MIN } from '../../rego/wasm/index.ts'
import type { LinearMemory } from './linear-memory.ts'

/** From this many entries on, an object has a hash table beside its entries. */
const TABLE_MIN = 13

/** Strings up to this length are written unit by unit while they are ASCII. */
const SHORT_MAX = 48

const encoder = new TextEncoder()

/** What the writer needs of a module besides its memory. */
export interface WriterTarget {
  readonly memory: LinearMemory
  readonly heap: WebAssembly.Global
  /** Builds the table of an object that was just written; allocates. */
  readonly index: (object: number) => void
}

/** Writes records one behind the other. What is public is so for generated code (input-writer.ts), which writes itself. */
export class RecordWriter {
  readonly #target: WriterTarget
  readonly #memory: LinearMemory
  #bytes: Uint8Array
  /** The memory as words, up to which address there is any, and where the next record begins. */
  words: Uint32Array
  room: number
  at = 0

  constructor(target: WriterTarget) {
    this.#target = target
    this.#memory = target.memory
    this.#bytes = target.memory.bytes
    this.words = target.memory.words
    this.room = this.#bytes.length
  }

  /** Begins at an address. The module's heap pointer is the caller's. */
  beginAt(address: number): void {
    this.#memory.refresh()
    if (this.words !== this.#memory.words) this.#views()
    this.at = (address + 7) & ~7
  }

  /** Begins at the end of the heap. */
  begin(): void {
    this.beginAt(this.#target.heap.value)
  }

  /** The heap ends where the last record does. */
  end(): void {
    this.#target.heap.value = this.at
  }

  /** Room for so many bytes. Throws MemorySpent. */
  alloc(bytes: number): number {
    const at = this.at
    const end = (at + bytes + 7) & ~7
    if (end > this.room) {
      this.#memory.reserve(end)
      this.#views()
    }
    this.at = end
    return at
  }

  /** An array of so many elements, which are yet to be written. */
  array(length: number): number {
    const record = this.#allocClean(24 + length * 4)
    const words = this.words
    const at = record >> 2
    words[at] = KIND.array
    words[at + 1] = 0
    words[at + 2] = length
    words[at + 3] = length
    words[at + 4] = length === 0 ? 0 : record + 24
    return record
  }

  /** An object or a set of so many entries, which are yet to be written. */
  collection(kind: number, size: number): number {
    const record = this.alloc(32 + size * 8)
    const words = this.words
    const at = record >> 2
    words[at] = kind
    words[at + 1] = 0
    words[at + 2] = size
    words[at + 3] = size
    words[at + 4] = size === 0 ? 0 : record + 32
    words[at + 5] = 0
    words[at + 6] = 0
    words[at + 7] = size < 2 ? 1 : 0
    return record
  }

  /** Fewer entries came than there was room for: what is behind them is cleared, so that equal inputs are equal bytes. */
  fewer(object: number, size: number, room: number): void {
    this.words[(object >> 2) + 2] = size
    this.words.fill(0, ((object + 32) >> 2) + size * 2, ((object + 32) >> 2) + room * 2)
  }

  /** An object or a set has its entries: it gets a table where it needs one. */
  finished(record: number, size: number): number {
    if (size < TABLE_MIN) return record
    this.end()
    this.#target.index(record)
    this.begin()
    return record
  }

  /** The word of a number. */
  number(number: number | Decimal): number {
    return typeof number === 'number' ? this.integer(number) : this.decimal(number)
  }

  /** The word of a safe integer. */
  integer(integer: number): number {
    if (integer >= WORD_INTEGER_MIN && integer <= WORD_INTEGER_MAX) return ((integer << 1) | 1) >>> 0
    const record = this.alloc(16)
    this.words[record >> 2] = KIND.number
    this.words[(record >> 2) + 1] = 0
    this.#memory.integers[(record + 8) >> 3] = BigInt(integer)
    return record
  }

  /** The word of a number of any size. */
  bigint(integer: bigint): number {
    return this.number(numberFromBigInt(integer))
  }

  decimal(decimal: Decimal): number {
    const bytes = decimalRecord(decimal)
    const record = this.#allocClean(bytes.length)
    this.#memory.bytes.set(bytes, record)
    return record
  }

  /** The record of a string that a built-in gave, which may hold bytes that are no text. */
  held(text: string): number {
    if (!holdsBytes(text)) return this.string(text)
    const record = this.alloc(16 + text.length * 3)
    const written = encodeHeld(text, this.#bytes.subarray(record + 16, record + 16 + text.length * 3))
    return this.#written(record, written)
  }

  /** The record of a text. */
  string(text: string): number {
    const { length } = text
    if (length <= SHORT_MAX) {
      const record = this.#allocClean(16 + length)
      const bytes = this.#bytes
      let i = 0
      for (; i < length; i++) {
        const unit = text.charCodeAt(i)
        if (unit > 0x7f) break
        bytes[record + 16 + i] = unit
      }
      if (i === length) return this.#stringHeader(record, length)
      this.at = record
    }
    // A unit of UTF-16 is at most three bytes of UTF-8.
    const record = this.alloc(16 + length * 3)
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(record + 16, record + 16 + length * 3))
    return this.#written(record, written)
  }

  /** Ends a string of so many bytes. */
  #written(record: number, written: number): number {
    this.at = (record + 16 + written + 7) & ~7
    this.#bytes.fill(0, record + 16 + written, this.at)
    return this.#stringHeader(record, written)
  }

  #stringHeader(record: number, byteLength: number): number {
    const words = this.words
    const at = record >> 2
    words[at] = KIND.string
    words[at + 1] = 0
    words[at + 2] = byteLength
    words[at + 3] = 0
    return record
  }

  /** Room with no trace of what lay in its last word pair before: equal inputs are equal bytes. */
  #allocClean(bytes: number): number {
    const at = this.alloc(bytes)
    const last = (this.at >> 2) - 2
    this.words[last] = 0
    this.words[last + 1] = 0
    return at
  }

  #views(): void {
    this.#bytes = this.#memory.bytes
    this.words = this.#memory.words
    this.room = this.#bytes.length
  }
}
