// Makers of result objects by their keys: objects of one set of names are made by one piece of code, which is several
// times faster than putting in name by name.
import type { JsonData } from '../../rego/value/index.ts'

/** Makes an object of the entries at an index of words, that deep. */
type Maker = (words: Uint32Array, items: number, depth: number) => { [key: string]: JsonData }

/** Reads a word that is so deep. */
export type ReadWord = (word: number, depth: number) => JsonData

/** How many sets of names are known, and how many names one may have. */
const SHAPES_MAX = 128
const NAMES_MAX = 12

/** How many makers were made. */
let made = 0

interface Shape {
  readonly keys: readonly number[]
  readonly make: Maker
}

/** Knows makers by the addresses of the keys, which stay what they are until `clear`. */
export class ResultShapes {
  readonly #nameOf: (key: number) => string | undefined
  readonly #read: ReadWord
  readonly #shapes = new Map<number, Shape>()

  /** `nameOf` gives the text of a key that stays, undefined for any other. */
  constructor(nameOf: (key: number) => string | undefined, read: ReadWord) {
    this.#nameOf = nameOf
    this.#read = read
  }

  /** The maker for the entries at an index of words; undefined where there is none for them. */
  find(words: Uint32Array, items: number, length: number): Maker | undefined {
    if (length === 0 || length > NAMES_MAX) return undefined
    let hash = length
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + (words[items + i * 2] ?? 0)) | 0
    const known = this.#shapes.get(hash)
    if (known === undefined) return this.#add(hash, words, items, length)
    if (known.keys.length !== length) return undefined
    for (let i = 0; i < length; i++) if (known.keys[i] !== words[items + i * 2]) return undefined
    return known.make
  }

  /** Forgets all. */
  clear(): void {
    this.#shapes.clear()
  }

  #add(hash: number, words: Uint32Array, items: number, length: number): Maker | undefined {
    if (this.#shapes.size >= SHAPES_MAX) return undefined
    const keys = Array.from({ length }, (_, i) => words[items + i * 2] ?? 0)
    const names: string[] = []
    for (const key of keys) {
      const name = this.#nameOf(key)
      if (name === undefined) return undefined
      names.push(name)
    }
    // Names go in as JSON strings between brackets, so that each is an own property whatever it is.
    const fields = names.map((name, i) => `[${JSON.stringify(name)}]: r(w[i + ${i * 2 + 1}], d)`)
    // The number makes it code of its own: engines share what they learn of code by its text (input-writer.ts).
    const source = `'use strict'; /* ${++made} */ return (w, i, d) => ({ ${fields.join(', ')} })`
    const maker: unknown = new Function('r', source)(this.#read)
    if (typeof maker !== 'function') return undefined
    const make = maker as Maker
    this.#shapes.set(hash, { keys, make })
    return make
  }
}
