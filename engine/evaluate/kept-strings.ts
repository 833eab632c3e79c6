// Short strings of inputs, written once and kept from one input to the next, since inputs are alike: most are where they
// were in the input before, so that is looked at first.
import type { RecordWriter } from './record-writer.ts'

/** Strings up to this length are kept. */
export const KEPT_LENGTH_MAX = 24

/** So many of an input's short strings are expected where they were in the input before. */
const EXPECTED_MAX = 1_024

/** The strings that are kept, in a part of memory of their own. What is public is so for generated code. */
export class KeptStrings {
  readonly #records: RecordWriter
  readonly #known: ReadonlyMap<string, number>
  readonly #kept = new Map<string, number>()
  /**
   * The kept strings of the input before in the order they came, with their addresses, and how many this one has had.
   * There is nothing in the last place, so that one may always be looked at.
   */
  readonly expected: (string | undefined)[] = Array.from({ length: EXPECTED_MAX + 1 }, () => undefined)
  readonly expectedAt: Uint32Array = new Uint32Array(EXPECTED_MAX)
  said = 0
  #at = 0
  #start = 0
  #end = 0
  #isFull = false

  /** `known` are strings that lie in memory for good. */
  constructor(records: RecordWriter, known: ReadonlyMap<string, number>) {
    this.#records = records
    this.#known = known
  }

  /** Gives room for the strings; those from before are forgotten. */
  lieAt(from: number, end: number): void {
    this.#kept.clear()
    this.expected.fill(undefined)
    this.#isFull = false
    this.#start = from
    this.#at = from
    this.#end = end
  }

  /** Begins an input. Says whether all strings were forgotten because there was no more room. */
  begin(): boolean {
    this.said = 0
    if (!this.#isFull) return false
    this.lieAt(this.#start, this.#end)
    return true
  }

  /** The address of a string of an input. */
  text(text: string): number {
    const said = this.said
    if (this.expected[said] === text) {
      this.said = said + 1
      return this.expectedAt[said] ?? this.#records.string(text)
    }
    if (text.length > KEPT_LENGTH_MAX || this.#end === 0) return this.#records.string(text)
    const kept = this.#kept.get(text) ?? this.#keep(text)
    if (kept === 0) return this.#records.string(text)
    if (said < EXPECTED_MAX) {
      this.expected[said] = text
      this.expectedAt[said] = kept
      this.said = said + 1
    }
    return kept
  }

  /** Keeps a string from now on; 0 where there is no room for it: then it is written into the input itself. */
  #keep(text: string): number {
    const constant = this.#known.get(text)
    if (constant !== undefined) {
      this.#kept.set(text, constant)
      return constant
    }
    if (this.#at + 16 + text.length * 3 > this.#end) {
      this.#isFull = true
      return 0
    }
    const records = this.#records
    const { at } = records
    records.at = this.#at
    const record = records.string(text)
    this.#at = records.at
    records.at = at
    this.#kept.set(text, record)
    return record
  }
}
