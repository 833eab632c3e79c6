// Reads values out of a module's memory: as Rego values, or at once as plain data.
import {
  type JsonData,
  numberFromBigInt,
  numberFromText,
  RegoObject,
  RegoSet,
  shownText,
  type Value,
  writeJson,
} from '../../rego/value/index.ts'
import { isRecord, KIND, WORD } from '../../rego/wasm/index.ts'
import type { LinearMemory } from './linear-memory.ts'
import { RecentTexts } from './recent-texts.ts'
import { ResultShapes } from './result-shapes.ts'

/** How deep a result may nest: as in the interpreter. */
const DEPTH_MAX = 1_500

/** Strings up to this length are read byte by byte while they are ASCII. */
const SHORT_MAX = 8

/** How many strings that stay are kept as text. */
const STABLE_MAX = 4_096

/** Collections are told in such numbers: each call into the module costs more than reading one. */
const SPEND_EVERY = 64

/** Thrown at a result that nests too deeply. */
export class DepthSpent extends Error {
  constructor() {
    super('a result that nests too deeply')
    this.name = 'DepthSpent'
  }
}

/** Reads from a module's memory. `spend` is told of every collection, since one may be reached by many ways. */
export class ValueReader {
  readonly #memory: LinearMemory
  readonly #spend: (units: number) => void
  readonly #stable = new Map<number, string>()
  #stableEnd = 0
  #collections = 0
  readonly #texts: RecentTexts
  readonly #shapes = new ResultShapes(
    (key) => (this.#isString(key) && key < this.#stableEnd ? this.string(key) : undefined),
    (word, depth) => this.#data(word, depth),
  )

  constructor(memory: LinearMemory, spend: (units: number) => void) {
    this.#memory = memory
    this.#spend = spend
    this.#texts = new RecentTexts(memory)
  }

  /** The value of a word that is not undefined. */
  value(word: number, depth = 0): Value {
    if ((word & 1) !== 0) return (word | 0) >> 1
    if (!isRecord(word)) return word === WORD.null ? null : word === WORD.true
    const { words } = this.#memory
    const at = word >> 2
    const kind = (words[at] ?? 0) & 0xff
    if (kind === KIND.string) return this.string(word)
    if (kind === KIND.number) return this.#number(word)
    if (depth > DEPTH_MAX) throw new DepthSpent()
    this.#spend(1)
    const length = words[at + 2] ?? 0
    const items = (words[at + 4] ?? 0) >> 2
    if (kind === KIND.array) {
      const array: Value[] = []
      for (let i = 0; i < length; i++) array.push(this.value(words[items + i] ?? WORD.null, depth + 1))
      return array
    }
    if (kind === KIND.set) {
      const set = new RegoSet()
      for (let i = 0; i < length; i++) set.add(this.value(words[items + i * 2] ?? WORD.null, depth + 1))
      return set
    }
    const object = new RegoObject()
    for (let i = 0; i < length; i++) {
      const key = this.value(words[items + i * 2] ?? WORD.null, depth + 1)
      object.insert(key, this.value(words[items + i * 2 + 1] ?? WORD.null, depth + 1))
    }
    return object
  }

  /** A value as plain data, as `dataFromValue` gives it. Sets must be in order (the module puts them so). */
  data(word: number): JsonData {
    if (!isRecord(word)) return this.#data(word, 0)
    this.#collections = 0
    const data = this.#data(word, 0)
    if (this.#collections > 0) this.#spend(this.#collections)
    return data
  }

  #data(word: number, depth: number): JsonData {
    if ((word & 1) !== 0) return (word | 0) >> 1
    if (!isRecord(word)) return word === WORD.null ? null : word === WORD.true
    const { words } = this.#memory
    const at = word >> 2
    const kind = (words[at] ?? 0) & 0xff
    if (kind === KIND.string) return this.#shown(word)
    if (kind === KIND.number) {
      const number = this.#number(word)
      return typeof number === 'number' ? number : number.toDouble()
    }
    if (depth > DEPTH_MAX) throw new DepthSpent()
    if (++this.#collections === SPEND_EVERY) {
      this.#collections = 0
      this.#spend(SPEND_EVERY)
    }
    const length = words[at + 2] ?? 0
    const items = (words[at + 4] ?? 0) >> 2
    if (kind === KIND.array || kind === KIND.set) {
      const stride = kind === KIND.array ? 1 : 2
      const array: JsonData[] = []
      for (let i = 0; i < length; i++) array.push(this.#data(words[items + i * stride] ?? WORD.null, depth + 1))
      return array
    }
    const shape = this.#shapes.find(words, items, length)
    if (shape !== undefined) return shape(words, items, depth + 1)
    const object: { [key: string]: JsonData } = {}
    for (let i = 0; i < length; i++) {
      const key = words[items + i * 2] ?? WORD.null
      const name = this.#isString(key) ? this.#shown(key) : writeJson(this.value(key, depth + 1))
      const item = this.#data(words[items + i * 2 + 1] ?? WORD.null, depth + 1)
      if (name === '__proto__') Object.defineProperty(object, name, { value: item, enumerable: true, writable: true })
      else object[name] = item
    }
    return object
  }

  /** The text of a string as data has it. */
  #shown(record: number): string {
    const text = this.string(record)
    return this.#memory.hasHeld ? shownText(text) : text
  }

  /** The string of a record. */
  string(record: number): string {
    if (record < this.#stableEnd) {
      const known = this.#stable.get(record)
      if (known !== undefined) return known
      const text = this.#read(record)
      if (this.#stable.size < STABLE_MAX) this.#stable.set(record, text)
      return text
    }
    return this.#texts.find(record) ?? this.#texts.keep(record, this.#read(record))
  }

  /** Strings that begin below an address stay what they are: they are read once. Forgets those it knew. */
  stableBelow(end: number): void {
    this.#stable.clear()
    this.#shapes.clear()
    this.#stableEnd = end
  }

  #read(record: number): string {
    const { bytes, words } = this.#memory
    const length = words[(record >> 2) + 2] ?? 0
    const start = record + 16
    if (length <= SHORT_MAX) {
      let text = ''
      let i = start
      for (; i < start + length; i++) {
        const byte = bytes[i] ?? 0x80
        if (byte > 0x7f) break
        text += String.fromCharCode(byte)
      }
      if (i === start + length) return text
    }
    // As many runes as bytes: ASCII, where the module has counted them.
    return words[(record >> 2) + 3] === length + 1
      ? this.#memory.ascii(start, start + length)
      : this.#memory.text(start, start + length)
  }

  #isString(word: number): boolean {
    return isRecord(word) && ((this.#memory.words[word >> 2] ?? 0) & 0xff) === KIND.string
  }

  #number(record: number): Exclude<ReturnType<typeof numberFromText>, undefined> {
    const { words, integers } = this.#memory
    if (((words[record >> 2] ?? 0) & 0x100) === 0) return numberFromBigInt(integers[(record + 8) >> 3] ?? 0n)
    const length = words[(record >> 2) + 2] ?? 0
    const number = numberFromText(this.#memory.text(record + 20, record + 20 + length))
    if (number === undefined) throw new RangeError('a number that is none')
    return number
  }
}
