// Writes values and plain data into a module's memory as its records, at the end of its heap.
import {
  type Decimal,
  isArray,
  isObject,
  isSet,
  numberFromBigInt,
  numberFromDouble,
  type RegoObject,
  type RegoSet,
  type Value,
} from '../../rego/value/index.ts'
import { decimalRecord, KIND, WORD, WORD_INTEGER_MAX, WORD_INTEGER_MIN } from '../../rego/wasm/index.ts'
import type { InputPlan } from './input-plan.ts'
import { type InputWriter, inputWriter } from './input-writer.ts'
import type { LinearMemory } from './linear-memory.ts'

/** From this many entries on, an object has a hash table beside its entries. */
const TABLE_MIN = 13

/** How deep input may nest: what is deeper no policy can compare. */
const DEPTH_MAX = 1_500

/** Strings up to this length are written unit by unit while they are ASCII. */
const SHORT_MAX = 48

/** Strings up to this length are kept. */
const INTERNED_LENGTH_MAX = 24

/** So many of an input's short strings are expected where they were in the input before. */
const EXPECTED_MAX = 1_024

/** How many names of fields are shared while a document is written. */
const NAMES_MAX = 100_000

const encoder = new TextEncoder()

/** What the writer needs of a module besides its memory. */
export interface WriterTarget {
  readonly memory: LinearMemory
  readonly heap: WebAssembly.Global
  /** Builds the table of an object that was just written; allocates. */
  readonly index: (object: number) => void
}

/** Writes at the end of the heap. `known` are strings that lie in memory for good. */
export class ValueWriter {
  readonly #target: WriterTarget
  readonly #memory: LinearMemory
  readonly #known: ReadonlyMap<string, number>
  /** Called when strings that were kept are forgotten, so that their addresses mean something else. */
  onForget: () => void = () => undefined
  #at = 0
  #bytes: Uint8Array
  #words: Uint32Array
  #names: Map<string, number> | undefined
  readonly #interned = new Map<string, number>()
  /** The kept strings of the input before in the order they came, with their addresses, and how many this one has had. */
  readonly #expected: string[] = []
  readonly #expectedAt = new Uint32Array(EXPECTED_MAX)
  #said = 0
  #internAt = 0
  #internStart = 0
  #internEnd = 0
  #internFull = false

  constructor(target: WriterTarget, known: ReadonlyMap<string, number>) {
    this.#target = target
    this.#memory = target.memory
    this.#known = known
    this.#bytes = target.memory.bytes
    this.#words = target.memory.words
  }

  /** Gives the writer room for strings that it keeps from one input to the next. */
  internAt(from: number, end: number): void {
    this.#interned.clear()
    this.#expected.length = 0
    this.#internFull = false
    this.#internStart = from
    this.#internAt = from
    this.#internEnd = end
  }

  /** Writes a value; gives its word. Throws MemorySpent, or RangeError where it nests too deeply. */
  writeValue(value: Value): number {
    this.#begin()
    const word = this.#value(value, 0)
    this.#end()
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
      object: (size) => {
        const record = this.#alloc(32 + size * 8)
        const words = this.#words
        const at = record >> 2
        words[at] = KIND.object
        words[at + 1] = 0
        words[at + 2] = size
        words[at + 3] = size
        words[at + 4] = record + 32
        words[at + 5] = 0
        words[at + 6] = 0
        words[at + 7] = 1
        return record
      },
      fewer: (object, size, room) => {
        this.#words[(object >> 2) + 2] = size
        this.#words.fill(0, ((object + 32) >> 2) + size * 2, ((object + 32) >> 2) + room * 2)
      },
      finished: (object, size) => this.#finished(object, size),
      array: (length) => this.#array(length),
      text: (text) => this.#text(text),
      data: (data) => this.#data(data, 0),
      entries: (data, { elements }) => this.#entries(data, 0, elements),
      own: (data, name) => (Object.hasOwn(data, name) ? Reflect.get(data, name) : undefined),
      words: () => this.#words,
    })
  }

  /**
   * Writes plain data as `valueFromData` reads it, from an address on; throws TypeError at what is no data. The module's
   * heap pointer is the caller's: `end` says where it belongs.
   */
  writeDataAt(at: number, data: unknown, write: InputWriter | undefined): number {
    this.#views()
    if (this.#internFull) {
      this.internAt(this.#internStart, this.#internEnd)
      this.onForget()
    }
    this.#at = (at + 7) & ~7
    this.#said = 0
    return write === undefined ? this.#data(data, 0) : write(data)
  }

  /** Takes note that something else was written up to an address. */
  writtenTo(end: number): void {
    this.#at = end
  }

  /** Where the last write ended. */
  get end(): number {
    return this.#at
  }

  #views(): void {
    this.#memory.refresh()
    this.#bytes = this.#memory.bytes
    this.#words = this.#memory.words
  }

  #begin(): void {
    this.#views()
    this.#at = (this.#target.heap.value + 7) & ~7
  }

  #end(): void {
    this.#target.heap.value = this.#at
  }

  #alloc(bytes: number): number {
    const at = this.#at
    const end = (at + bytes + 7) & ~7
    if (end > this.#bytes.length) {
      this.#memory.reserve(end)
      this.#views()
    }
    this.#at = end
    return at
  }

  /** The same, with no trace of what lay in its last word pair before: equal inputs are equal bytes. */
  #allocClean(bytes: number): number {
    const at = this.#alloc(bytes)
    const last = (this.#at >> 2) - 2
    this.#words[last] = 0
    this.#words[last + 1] = 0
    return at
  }

  #value(value: Value, depth: number): number {
    if (typeof value === 'string') return this.#string(value)
    if (typeof value === 'number') return this.#integer(value)
    if (typeof value === 'boolean') return value ? WORD.true : WORD.false
    if (value === null) return WORD.null
    if (depth > DEPTH_MAX) throw new RangeError('a value that nests too deeply')
    if (isArray(value)) {
      const record = this.#array(value.length)
      for (let i = 0; i < value.length; i++) {
        const item = this.#value(value[i] ?? null, depth + 1)
        this.#words[((record + 24) >> 2) + i] = item
      }
      return record
    }
    if (isObject(value)) return this.#object(value, depth)
    if (isSet(value)) return this.#set(value, depth)
    return this.#decimal(value)
  }

  #object(object: RegoObject, depth: number): number {
    const record = this.#collection(KIND.object, object.size)
    let entry = (record + 32) >> 2
    for (const [key, item] of object.unordered()) {
      const keyWord = typeof key === 'string' ? this.#name(key) : this.#value(key, depth + 1)
      const itemWord = this.#value(item, depth + 1)
      this.#words[entry++] = keyWord
      this.#words[entry++] = itemWord
    }
    return this.#finished(record, object.size)
  }

  #name(text: string): number {
    if (this.#names === undefined || text.length > INTERNED_LENGTH_MAX) return this.#string(text)
    const known = this.#names.get(text)
    if (known !== undefined) return known
    const record = this.#string(text)
    if (this.#names.size < NAMES_MAX) this.#names.set(text, record)
    return record
  }

  #set(set: RegoSet, depth: number): number {
    const record = this.#collection(KIND.set, set.size)
    let entry = (record + 32) >> 2
    for (const item of set.unordered()) {
      const word = this.#value(item, depth + 1)
      this.#words[entry++] = word
      this.#words[entry++] = word
    }
    return this.#finished(record, set.size)
  }

  #planned(data: unknown, plan: InputPlan | undefined, depth: number): number {
    if (typeof data === 'string') return this.#text(data)
    if (plan === undefined || typeof data !== 'object' || data === null) return this.#data(data, depth)
    if (depth > DEPTH_MAX) throw new RangeError('a value that nests too deeply')
    const { elements } = plan
    if (Array.isArray(data)) {
      const length = elements === undefined ? 0 : data.length
      const record = this.#array(length)
      for (let i = 0; i < length; i++) {
        const item = this.#planned(data[i], elements?.inner, depth + 1)
        this.#words[((record + 24) >> 2) + i] = item
      }
      return record
    }
    if (elements !== undefined) return this.#entries(data, depth, elements)
    const record = this.#collection(KIND.object, plan.fields.length)
    let entry = (record + 32) >> 2
    let size = 0
    for (const field of plan.fields) {
      if (field.inherited && !Object.hasOwn(data, field.name)) continue
      const item: unknown = (data as { readonly [name: string]: unknown })[field.name]
      if (item === undefined) continue
      const key = field.address === 0 ? this.#string(field.name) : field.address
      const word = this.#planned(item, field.inner, depth + 1)
      const words = this.#words
      words[entry++] = key
      words[entry++] = word
      size++
    }
    const words = this.#words
    words[(record >> 2) + 2] = size
    // A plan's fields are in Rego's order.
    words[(record >> 2) + 7] = 1
    return this.#finished(record, plan.fields.length)
  }

  /**
   * A string of an input: a short one is written once and kept, since inputs are alike. Most are where they were in the
   * input before, so that is looked at first.
   */
  #text(text: string): number {
    const said = this.#said
    if (this.#expected[said] === text) {
      this.#said = said + 1
      return this.#expectedAt[said] ?? this.#string(text)
    }
    if (text.length > INTERNED_LENGTH_MAX || this.#internEnd === 0) return this.#string(text)
    const kept = this.#interned.get(text) ?? this.#keep(text)
    if (kept === 0) return this.#string(text)
    if (said < EXPECTED_MAX) {
      this.#expected[said] = text
      this.#expectedAt[said] = kept
      this.#said = said + 1
    }
    return kept
  }

  /** Keeps a string from now on; 0 where there is no room for it: then it is written into the input itself. */
  #keep(text: string): number {
    const constant = this.#known.get(text)
    if (constant !== undefined) {
      this.#interned.set(text, constant)
      return constant
    }
    if (this.#internAt + 16 + text.length * 3 > this.#internEnd) {
      this.#internFull = true
      return 0
    }
    const at = this.#at
    this.#at = this.#internAt
    const record = this.#string(text)
    this.#internAt = this.#at
    this.#at = at
    this.#interned.set(text, record)
    return record
  }

  #data(data: unknown, depth: number): number {
    switch (typeof data) {
      case 'string':
        return this.#text(data)
      case 'boolean':
        return data ? WORD.true : WORD.false
      case 'number':
        return Number.isSafeInteger(data) ? this.#integer(data) : this.#number(numberFromDouble(data))
      case 'bigint':
        return this.#number(numberFromBigInt(data))
      case 'object':
        break
      default:
        throw new TypeError(`no Rego value: ${typeof data}`)
    }
    if (data === null) return WORD.null
    if (depth > DEPTH_MAX) throw new RangeError('a value that nests too deeply')
    if (Array.isArray(data)) {
      const record = this.#array(data.length)
      for (let i = 0; i < data.length; i++) {
        const item = this.#data(data[i], depth + 1)
        this.#words[((record + 24) >> 2) + i] = item
      }
      return record
    }
    return this.#entries(data, depth, undefined)
  }

  #entries(data: object, depth: number, elements: InputPlan['elements']): number {
    const entries = Object.entries(data)
    let size = 0
    for (const entry of entries) if (entry[1] !== undefined) size++
    const record = this.#collection(KIND.object, size)
    let entry = (record + 32) >> 2
    for (const [key, item] of entries) {
      if (item === undefined) continue
      const keyWord = this.#text(key)
      const plan =
        elements === undefined ? undefined : elements.named.has(key) ? elements.named.get(key) : elements.inner
      const itemWord = this.#planned(item, plan, depth + 1)
      this.#words[entry++] = keyWord
      this.#words[entry++] = itemWord
    }
    return this.#finished(record, size)
  }

  #array(length: number): number {
    const record = this.#allocClean(24 + length * 4)
    const words = this.#words
    const at = record >> 2
    words[at] = KIND.array
    words[at + 1] = 0
    words[at + 2] = length
    words[at + 3] = length
    words[at + 4] = length === 0 ? 0 : record + 24
    return record
  }

  #collection(kind: number, size: number): number {
    const record = this.#alloc(32 + size * 8)
    const words = this.#words
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

  #finished(record: number, size: number): number {
    if (size < TABLE_MIN) return record
    this.#end()
    this.#target.index(record)
    this.#begin()
    return record
  }

  #number(number: number | Decimal): number {
    return typeof number === 'number' ? this.#integer(number) : this.#decimal(number)
  }

  #integer(integer: number): number {
    if (integer >= WORD_INTEGER_MIN && integer <= WORD_INTEGER_MAX) return ((integer << 1) | 1) >>> 0
    const record = this.#alloc(16)
    this.#words[record >> 2] = KIND.number
    this.#words[(record >> 2) + 1] = 0
    this.#memory.integers[(record + 8) >> 3] = BigInt(integer)
    return record
  }

  #decimal(decimal: Decimal): number {
    const bytes = decimalRecord(decimal)
    const record = this.#allocClean(bytes.length)
    this.#memory.bytes.set(bytes, record)
    return record
  }

  #string(text: string): number {
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
      this.#at = record
    }
    // A unit of UTF-16 is at most three bytes of UTF-8.
    const record = this.#alloc(16 + length * 3)
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(record + 16, record + 16 + length * 3))
    this.#at = (record + 16 + written + 7) & ~7
    this.#bytes.fill(0, record + 16 + written, this.#at)
    return this.#stringHeader(record, written)
  }

  #stringHeader(record: number, byteLength: number): number {
    const words = this.#words
    const at = record >> 2
    words[at] = KIND.string
    words[at + 1] = 0
    words[at + 2] = byteLength
    words[at + 3] = 0
    return record
  }
}
