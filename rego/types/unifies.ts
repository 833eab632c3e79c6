// Whether values of two types can be equal.
import { select, selectProperty } from './algebra.ts'
import { Pairs } from './pairs.ts'
import { type AnyType, type ArrayType, hasParts, type ObjectType, type Type, type Unknown, unwrapped } from './type.ts'

/** True when values of both types can be equal. */
export function unifies(left: Unknown, right: Unknown): boolean {
  const a = unwrapped(left)
  const b = unwrapped(right)
  if (a === undefined || b === undefined) return false
  if (!hasParts(a) && !hasParts(b)) return a.kind === b.kind
  return new Unification().of(a, b)
}

/** One look at two types with all their parts. */
class Unification {
  readonly #pairs = new Pairs<boolean>()

  of(left: Unknown, right: Unknown): boolean {
    const a = unwrapped(left)
    const b = unwrapped(right)
    if (a === undefined || b === undefined) return false
    if (!hasParts(a) && !hasParts(b)) return a.kind === b.kind
    return this.#pairs.answer(a, b, true, this.#parts)
  }

  readonly #parts = (a: Type, b: Type): boolean => {
    if (a.kind === 'any' && this.#union(a, b)) return true
    if (b.kind === 'any' && this.#union(b, a)) return true
    if (a.kind === 'any' || b.kind === 'any' || a.kind !== b.kind) return false
    if (a.kind === 'array' && b.kind === 'array') return this.#arrays(a, b)
    if (a.kind === 'object' && b.kind === 'object') return this.#objects(a, b)
    if (a.kind === 'set' && b.kind === 'set') return this.of(a.of, b.of)
    if (a.kind === 'function' && b.kind === 'function')
      return a.args.length === b.args.length && a.args.every((arg, index) => this.of(arg, b.args[index]))
    return true
  }

  #union(union: AnyType, type: Type): boolean {
    if (type.kind === 'function') return false
    return union.of.length === 0 || union.of.some((one) => this.of(one, type))
  }

  #arrays(a: ArrayType, b: ArrayType): boolean {
    if (!a.static.every((item, index) => this.of(item, select(b, index)))) return false
    // Those that both have were held against each other already.
    for (let index = a.static.length; index < b.static.length; index++)
      if (!this.of(b.static[index], select(a, index))) return false
    return a.dynamic === undefined || b.dynamic === undefined || this.of(a.dynamic, b.dynamic)
  }

  #objects(a: ObjectType, b: ObjectType): boolean {
    if (!this.#covers(a, b) || !this.#covers(b, a)) return false
    return a.dynamic?.value === undefined || b.dynamic?.value === undefined || this.of(a.dynamic.value, b.dynamic.value)
  }

  #covers(one: ObjectType, other: ObjectType): boolean {
    return one.static.every(({ key, value }) => {
      const there = selectProperty(other, key)
      if (there === undefined) return one.dynamic?.value !== undefined || other.dynamic?.value !== undefined
      return this.of(value, there)
    })
  }
}
