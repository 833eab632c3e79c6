// Rego objects: any value as key, deterministic order, in-place building and copying updates.
import { compare } from './compare.ts'
import { encode, type Key, keyOf } from './key.ts'
import { isObject, type Value } from './value.ts'

/** A Rego object. `insert` changes it in place and is for whoever is building it; everybody else uses `with` and `without`. */
export class RegoObject {
  readonly kind = 'object'
  readonly #values: Map<Key, Value>
  /** The keys whose map key is not the value itself. */
  #others: Map<Key, Value> | undefined
  #sorted: readonly Value[] | undefined
  #encoded: string | undefined

  constructor(entries?: Iterable<readonly [Value, Value]>) {
    this.#values = new Map()
    if (entries !== undefined) for (const [key, value] of entries) this.insert(key, value)
  }

  /** The number of entries. */
  get size(): number {
    return this.#values.size
  }

  /** The value at a key. */
  get(key: Value): Value | undefined {
    return this.#values.get(keyOf(key))
  }

  /** Whether there is an entry at a key. */
  has(key: Value): boolean {
    return this.#values.has(keyOf(key))
  }

  /** Puts an entry in place, over any entry at that key. */
  insert(key: Value, value: Value): this {
    const mapKey = keyOf(key)
    const before = this.#values.size
    this.#values.set(mapKey, value)
    this.#encoded = undefined
    if (this.#values.size !== before) {
      this.#sorted = undefined
      if (mapKey !== key) {
        this.#others ??= new Map()
        this.#others.set(mapKey, key)
      }
    }
    return this
  }

  /** A copy with an entry put in. */
  with(key: Value, value: Value): RegoObject {
    return this.copy().insert(key, value)
  }

  /** A copy without the entry at a key. */
  without(key: Value): RegoObject {
    if (!this.has(key)) return this
    const copy = this.copy()
    const mapKey = keyOf(key)
    copy.#values.delete(mapKey)
    copy.#others?.delete(mapKey)
    copy.#sorted = undefined
    return copy
  }

  /** A copy that can be built further without changing this one. */
  copy(): RegoObject {
    const copy = new RegoObject()
    for (const [key, value] of this.#values) copy.#values.set(key, value)
    if (this.#others !== undefined) copy.#others = new Map(this.#others)
    copy.#sorted = this.#sorted
    return copy
  }

  /** The keys in Rego's order. */
  keys(): readonly Value[] {
    if (this.#sorted === undefined) {
      const keys: Value[] = []
      for (const key of this.#values.keys()) keys.push(this.#keyValue(key))
      this.#sorted = keys.sort(compare)
    }
    return this.#sorted
  }

  /** The entries in the order of their keys. */
  *entries(): Generator<readonly [Value, Value]> {
    for (const key of this.keys()) {
      const value = this.get(key)
      if (value !== undefined) yield [key, value]
    }
  }

  /** The values in the order of their keys. */
  *values(): Generator<Value> {
    for (const [, value] of this.entries()) yield value
  }

  /** The entries in no particular order: cheaper, for whoever does not show the order. */
  *unordered(): Generator<readonly [Value, Value]> {
    for (const [key, value] of this.#values) yield [this.#keyValue(key), value]
  }

  [Symbol.iterator](): Generator<readonly [Value, Value]> {
    return this.entries()
  }

  /** This object merged with another, recursively; where both have a value and not both are objects, this one's wins. */
  merge(other: RegoObject): RegoObject {
    const merged = this.copy()
    for (const [key, theirs] of other.unordered()) {
      const ours = this.get(key)
      if (ours === undefined) merged.insert(key, theirs)
      else if (isObject(ours) && isObject(theirs)) merged.insert(key, ours.merge(theirs))
    }
    return merged
  }

  /** Injective text, see key.ts. */
  encoded(): string {
    if (this.#encoded === undefined) {
      let text = '{'
      for (const [key, value] of this.entries()) text += encode(key) + encode(value)
      this.#encoded = `${text}}`
    }
    return this.#encoded
  }

  #keyValue(key: Key): Value {
    return this.#others === undefined ? key : (this.#others.get(key) ?? key)
  }
}
