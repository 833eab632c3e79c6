// What is known of pairs of types. A type holds the types of what it was made of, and may hold one of them many times: to
// follow all ways through two of them would take as long as both written out.
import type { Type } from './type.ts'

/** Pairs that are looked at before they are remembered: most types are small. */
const unrememberedMax = 64

/** Answers for pairs of types, each found once. */
export class Pairs<T> {
  #known: Map<Type, Map<Type, T>> | undefined
  #looked = 0

  /** The answer for a pair. What is assumed holds where a type is met again inside of itself. */
  answer(a: Type, b: Type, assumed: T, find: (a: Type, b: Type) => T): T {
    if (this.#looked++ < unrememberedMax) return find(a, b)
    this.#known ??= new Map()
    let others = this.#known.get(a)
    if (others === undefined) {
      others = new Map()
      this.#known.set(a, others)
    }
    const known = others.get(b)
    if (known !== undefined) return known
    others.set(b, assumed)
    const found = find(a, b)
    others.set(b, found)
    return found
  }
}
