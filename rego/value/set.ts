// Rego sets: distinct values in Rego's order.
import { compare } from './compare.ts'
import { encodeAll, type Key, keyOf } from './key.ts'
import type { Value } from './value.ts'

/** A Rego set. `add` changes it in place and is for whoever is building it. */
export class RegoSet {
  readonly kind = 'set'
  readonly #items: Map<Key, Value>
  #sorted: readonly Value[] | undefined
  #encoded: string | undefined

  constructor(items?: Iterable<Value>) {
    this.#items = new Map()
    if (items !== undefined) for (const item of items) this.add(item)
  }

  /** The number of elements. */
  get size(): number {
    return this.#items.size
  }

  /** Whether a value is an element. */
  has(value: Value): boolean {
    return this.#items.has(keyOf(value))
  }

  /** The element equal to a value. */
  get(value: Value): Value | undefined {
    return this.#items.get(keyOf(value))
  }

  /** Adds an element in place; an equal one that is there stays. */
  add(value: Value): this {
    const key = keyOf(value)
    if (this.#items.has(key)) return this
    this.#items.set(key, value)
    this.#sorted = undefined
    this.#encoded = undefined
    return this
  }

  /** A copy that can be built further without changing this one. */
  copy(): RegoSet {
    const copy = new RegoSet()
    for (const [key, value] of this.#items) copy.#items.set(key, value)
    copy.#sorted = this.#sorted
    return copy
  }

  /** The elements in Rego's order. */
  items(): readonly Value[] {
    this.#sorted ??= [...this.#items.values()].sort(compare)
    return this.#sorted
  }

  /** The elements in no particular order: cheaper, for whoever does not show the order. */
  unordered(): Iterable<Value> {
    return this.#items.values()
  }

  [Symbol.iterator](): Iterator<Value> {
    return this.items()[Symbol.iterator]()
  }

  /** The elements of either set. */
  union(other: RegoSet): RegoSet {
    const union = this.copy()
    for (const item of other.unordered()) union.add(item)
    return union
  }

  /** The elements of both sets. */
  intersection(other: RegoSet): RegoSet {
    const [small, large] = this.size <= other.size ? [this, other] : [other, this]
    const common = new RegoSet()
    for (const item of small.unordered()) if (large.has(item)) common.add(item)
    return common
  }

  /** The elements that the other set does not have. */
  difference(other: RegoSet): RegoSet {
    const rest = new RegoSet()
    for (const item of this.unordered()) if (!other.has(item)) rest.add(item)
    return rest
  }

  /** Injective text, see key.ts. */
  encoded(): string {
    this.#encoded ??= encodeAll('<', this.items(), '>')
    return this.#encoded
  }
}
