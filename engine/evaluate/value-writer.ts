// Writes values and plain data into a module's memory as its records, at the end of its heap.
import {
  isArray,
  isObject,
  isSet,
  numberFromDouble,
  type RegoObject,
  type RegoSet,
  type Value,
} from '../../rego/value/index.ts'
import { KIND, WORD } from '../../rego/wasm/index.ts'
import type { InputPlan } from './input-plan.ts'
import { type InputWriter, inputWriter } from './input-writer.ts'
import { KEPT_LENGTH_MAX, KeptStrings } from './kept-strings.ts'
import { RecordWriter, type WriterTarget } from './record-writer.ts'

/** How deep input may nest: what is deeper no policy can compare. */
const DEPTH_MAX = 1_500

/** How many names of fields are shared while a document is written. */
const NAMES_MAX = 100_000

/** Writes at the end of the heap. `known` are strings that lie in memory for good. */
export class ValueWriter {
  readonly #records: RecordWriter
  readonly #strings: KeptStrings
  /** Called when strings that were kept are forgotten, so that their addresses mean something else. */
  onForget: () => void = () => undefined
  #names: Map<string, number> | undefined

  constructor(target: WriterTarget, known: ReadonlyMap<string, number>) {
    this.#records = new RecordWriter(target)
    this.#strings = new KeptStrings(this.#records, known)
  }

  /** Gives the writer room for strings that it keeps from one input to the next. */
  internAt(from: number, end: number): void {
    this.#strings.lieAt(from, end)
  }

  /** Writes a value; gives its word. Throws MemorySpent, or RangeError where it nests too deeply. */
  writeValue(value: Value): number {
    this.#records.begin()
    const word = this.#value(value, 0)
    this.#records.end()
    return word
  }

  /** Writes a document that stays: the names of its fields are written once. Nothing outside of it is referred to. */
  writeDocument(value: Value): number {
    this.#names = new Map()
    try {
      return this.writeValue(value)
    } finally {
      this.#names = undefined
    }
  }

  /** Code that writes inputs by a plan; undefined where there is none for it. */
  compile(plan: InputPlan): InputWriter | undefined {
    return inputWriter(plan, {
      records: this.#records,
      strings: this.#strings,
      data: (data) => this.#data(data, 0),
      entries: (data, { elements }) => this.#entries(data, 0, elements),
    })
  }

  /**
   * Writes plain data as `valueFromData` reads it, from an address on; throws TypeError at what is no data. The module's
   * heap pointer is the caller's: `end` says where it belongs.
   */
  writeDataAt(at: number, data: unknown, write: InputWriter | undefined): number {
    this.#records.beginAt(at)
    if (this.#strings.begin()) this.onForget()
    return write === undefined ? this.#data(data, 0) : write(data)
  }

  /** Where the last write ended. */
  get end(): number {
    return this.#records.at
  }

  #value(value: Value, depth: number): number {
    if (typeof value === 'string') return this.#records.held(value)
    if (typeof value === 'number') return this.#records.integer(value)
    if (typeof value === 'boolean') return value ? WORD.true : WORD.false
    if (value === null) return WORD.null
    if (depth > DEPTH_MAX) throw new RangeError('a value that nests too deeply')
    if (isArray(value)) {
      const record = this.#records.array(value.length)
      for (let i = 0; i < value.length; i++) {
        const item = this.#value(value[i] ?? null, depth + 1)
        this.#records.words[((record + 24) >> 2) + i] = item
      }
      return record
    }
    if (isObject(value)) return this.#object(value, depth)
    if (isSet(value)) return this.#set(value, depth)
    return this.#records.decimal(value)
  }

  #object(object: RegoObject, depth: number): number {
    const record = this.#records.collection(KIND.object, object.size)
    let entry = (record + 32) >> 2
    for (const [key, item] of object.unordered()) {
      const keyWord = typeof key === 'string' ? this.#name(key) : this.#value(key, depth + 1)
      const itemWord = this.#value(item, depth + 1)
      this.#records.words[entry++] = keyWord
      this.#records.words[entry++] = itemWord
    }
    return this.#records.finished(record, object.size)
  }

  #name(text: string): number {
    if (this.#names === undefined || text.length > KEPT_LENGTH_MAX) return this.#records.held(text)
    const known = this.#names.get(text)
    if (known !== undefined) return known
    const record = this.#records.held(text)
    if (this.#names.size < NAMES_MAX) this.#names.set(text, record)
    return record
  }

  #set(set: RegoSet, depth: number): number {
    const record = this.#records.collection(KIND.set, set.size)
    let entry = (record + 32) >> 2
    for (const item of set.unordered()) {
      const word = this.#value(item, depth + 1)
      this.#records.words[entry++] = word
      this.#records.words[entry++] = word
    }
    return this.#records.finished(record, set.size)
  }

  #planned(data: unknown, plan: InputPlan | undefined, depth: number): number {
    if (typeof data === 'string') return this.#strings.text(data)
    if (plan === undefined || typeof data !== 'object' || data === null) return this.#data(data, depth)
    if (depth > DEPTH_MAX) throw new RangeError('a value that nests too deeply')
    const { elements } = plan
    if (Array.isArray(data)) {
      const length = elements === undefined ? 0 : data.length
      const record = this.#records.array(length)
      for (let i = 0; i < length; i++) {
        const item = this.#planned(data[i], elements?.inner, depth + 1)
        this.#records.words[((record + 24) >> 2) + i] = item
      }
      return record
    }
    if (elements !== undefined) return this.#entries(data, depth, elements)
    const record = this.#records.collection(KIND.object, plan.fields.length)
    let entry = (record + 32) >> 2
    let size = 0
    for (const field of plan.fields) {
      if (field.inherited && !Object.hasOwn(data, field.name)) continue
      const item: unknown = (data as { readonly [name: string]: unknown })[field.name]
      if (item === undefined) continue
      const key = field.address === 0 ? this.#records.string(field.name) : field.address
      const word = this.#planned(item, field.inner, depth + 1)
      const words = this.#records.words
      words[entry++] = key
      words[entry++] = word
      size++
    }
    const words = this.#records.words
    words[(record >> 2) + 2] = size
    // A plan's fields are in Rego's order.
    words[(record >> 2) + 7] = 1
    return this.#records.finished(record, plan.fields.length)
  }

  #data(data: unknown, depth: number): number {
    switch (typeof data) {
      case 'string':
        return this.#strings.text(data)
      case 'boolean':
        return data ? WORD.true : WORD.false
      case 'number':
        return Number.isSafeInteger(data) ? this.#records.integer(data) : this.#records.number(numberFromDouble(data))
      case 'bigint':
        return this.#records.bigint(data)
      case 'object':
        break
      default:
        throw new TypeError(`no Rego value: ${typeof data}`)
    }
    if (data === null) return WORD.null
    if (depth > DEPTH_MAX) throw new RangeError('a value that nests too deeply')
    if (Array.isArray(data)) {
      const record = this.#records.array(data.length)
      for (let i = 0; i < data.length; i++) {
        const item = this.#data(data[i], depth + 1)
        this.#records.words[((record + 24) >> 2) + i] = item
      }
      return record
    }
    return this.#entries(data, depth, undefined)
  }

  #entries(data: object, depth: number, elements: InputPlan['elements']): number {
    const entries = Object.entries(data)
    let size = 0
    for (const entry of entries) if (entry[1] !== undefined) size++
    const record = this.#records.collection(KIND.object, size)
    let entry = (record + 32) >> 2
    for (const [key, item] of entries) {
      if (item === undefined) continue
      const keyWord = this.#strings.text(key)
      const plan =
        elements === undefined ? undefined : elements.named.has(key) ? elements.named.get(key) : elements.inner
      const itemWord = this.#planned(item, plan, depth + 1)
      this.#records.words[entry++] = keyWord
      this.#records.words[entry++] = itemWord
    }
    return this.#records.finished(record, size)
  }
}
