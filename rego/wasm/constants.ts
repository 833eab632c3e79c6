// The constants of a policy, each with the address its record has once the module has started: strings, numbers, tables.
import type { Decimal } from '../value/index.ts'
import { hashBytes } from './hash.ts'
import { integerWord, KIND, WORD_INTEGER_MAX, WORD_INTEGER_MIN } from './layout.ts'
import { ConstantPacker } from './packed-constants.ts'

const encoder = new TextEncoder()

/** Lays out constants from an address on, each once. */
export class Constants {
  readonly #base: number
  readonly #strings = new Map<string, number>()
  readonly #numbers = new Map<string, number>()
  readonly #collections = new Map<string, number>()
  readonly #packer = new ConstantPacker()
  #length = 0

  /** `base` is eight-byte aligned. */
  constructor(base: number) {
    this.#base = base
  }

  /** The address of a string. */
  string(text: string): number {
    const known = this.#strings.get(text)
    if (known !== undefined) return known
    const address = this.#place(16 + this.#packer.text(text))
    this.#strings.set(text, address)
    return address
  }

  /** The word of a number. */
  number(number: number | Decimal): number {
    if (typeof number === 'number' && number >= WORD_INTEGER_MIN && number <= WORD_INTEGER_MAX) {
      return integerWord(number)
    }
    const text = typeof number === 'number' ? String(number) : number.text
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const address = this.bytes(typeof number === 'number' ? integerRecord(number) : decimalRecord(number))
    this.#numbers.set(text, address)
    return address
  }

  /** The address of an object that gives each string its place in the list. */
  positions(texts: readonly string[]): number {
    return this.#collection(KIND.object, texts, (i) => integerWord(i), 0)
  }

  /** The address of a set of strings, which are in order. */
  set(texts: readonly string[]): number {
    return this.#collection(KIND.set, texts, (i) => this.string(texts[i] ?? ''), 1)
  }

  #collection(kind: number, texts: readonly string[], valueAt: (i: number) => number, sorted: 0 | 1): number {
    const key = JSON.stringify([kind, texts])
    const known = this.#collections.get(key)
    if (known !== undefined) return known
    const made = this.#makeCollection(kind, texts, valueAt, sorted)
    this.#collections.set(key, made)
    return made
  }

  #makeCollection(kind: number, texts: readonly string[], valueAt: (i: number) => number, sorted: 0 | 1): number {
    const words = texts.map((text, i) => [this.string(text), valueAt(i)] as const)
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, texts.length * 2)))
    const record = new DataView(new ArrayBuffer(32 + texts.length * 8 + slots * 4))
    const table = 32 + texts.length * 8
    record.setUint32(0, kind, true)
    record.setUint32(8, texts.length, true)
    record.setUint32(12, texts.length, true)
    record.setUint32(24, slots - 1, true)
    record.setUint32(28, sorted, true)
    for (const [i, [key, value]] of words.entries()) {
      record.setUint32(32 + i * 8, key, true)
      record.setUint32(36 + i * 8, value, true)
      let slot = hashBytes(encoder.encode(texts[i] ?? '')) & (slots - 1)
      while (record.getUint32(table + slot * 4, true) !== 0) slot = (slot + 1) & (slots - 1)
      record.setUint32(table + slot * 4, i + 1, true)
    }
    // Its own addresses: the strings lie before it.
    const address = this.#base + this.#length
    record.setUint32(16, address + 32, true)
    record.setUint32(20, address + table, true)
    return this.bytes(new Uint8Array(record.buffer))
  }

  /** The address of some words. */
  words(words: readonly number[]): number {
    const bytes = new Uint8Array(words.length * 4)
    const view = new DataView(bytes.buffer)
    for (const [i, word] of words.entries()) view.setUint32(i * 4, word, true)
    return this.bytes(bytes)
  }

  /** The address of some bytes, at least one. */
  bytes(bytes: Uint8Array): number {
    this.#packer.bytes(bytes)
    return this.#place(bytes.length)
  }

  /** The strings by their text, for hosts that write the same ones. */
  strings(): ReadonlyMap<string, number> {
    return this.#strings
  }

  /** Where the constants end. */
  get end(): number {
    return this.#base + this.#length
  }

  /** All of them, packed. */
  finish(): Uint8Array {
    return this.#packer.finish()
  }

  #place(length: number): number {
    const at = this.#base + this.#length
    this.#length = (this.#length + length + 7) & ~7
    return at
  }
}

function integerRecord(integer: number): Uint8Array {
  const record = new Uint8Array(16)
  const view = new DataView(record.buffer)
  view.setUint32(0, KIND.number, true)
  view.setBigInt64(8, BigInt(integer), true)
  return record
}

/** The record of a decimal: its text, and its digits without zeros at the ends. */
export function decimalRecord(decimal: Decimal): Uint8Array {
  const negative = decimal.coefficient < 0n
  const magnitude = negative ? -decimal.coefficient : decimal.coefficient
  const digits = encoder.encode(magnitude === 0n ? '' : magnitude.toString())
  const text = encoder.encode(decimal.text)
  const record = new Uint8Array(20 + text.length + digits.length)
  const view = new DataView(record.buffer)
  view.setUint32(0, KIND.number | 0x100 | (negative ? 0x10000 : 0), true)
  view.setUint32(8, text.length, true)
  view.setUint32(12, digits.length, true)
  view.setInt32(16, digits.length + decimal.exponent, true)
  record.set(text, 20)
  record.set(digits, 20 + text.length)
  return record
}
