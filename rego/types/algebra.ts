// What can be done with types: order, union, and what stands below a key.
import { compare, isArray, isObject, isSet, type Value } from '../value/index.ts'
import { Pairs } from './pairs.ts'
import {
  type AnyType,
  anyType,
  booleanType,
  type Dynamic,
  type FunctionType,
  hasParts,
  isEverything,
  nullType,
  numberType,
  type ObjectType,
  type Property,
  stringType,
  type Type,
  type Unknown,
  unwrapped,
} from './type.ts'

const ranks: Readonly<Record<Type['kind'], number>> = {
  null: 0,
  boolean: 1,
  number: 2,
  string: 3,
  array: 4,
  object: 5,
  set: 6,
  any: 7,
  function: 8,
  recursive: 9,
}

/** The total order of types; no type comes before all types. */
export function compareTypes(left: Unknown, right: Unknown): number {
  const a = unwrapped(left)
  const b = unwrapped(right)
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  if (a.kind !== b.kind) return Math.sign(ranks[a.kind] - ranks[b.kind])
  return hasParts(a) ? new Order().of(a, b) : 0
}

/** One comparison of two types with all their parts. */
class Order {
  readonly #pairs = new Pairs<number>()

  of(left: Unknown, right: Unknown): number {
    const a = unwrapped(left)
    const b = unwrapped(right)
    if (a === b) return 0
    if (a === undefined) return -1
    if (b === undefined) return 1
    if (a.kind !== b.kind) return Math.sign(ranks[a.kind] - ranks[b.kind])
    return hasParts(a) ? this.#pairs.answer(a, b, 0, this.#parts) : 0
  }

  readonly #parts = (a: Type, b: Type): number => {
    if (a.kind === 'array' && b.kind === 'array')
      return this.#optional(a.dynamic, b.dynamic) || this.#lists(a.static, b.static)
    if (a.kind === 'object' && b.kind === 'object') return this.#objects(a, b)
    if (a.kind === 'set' && b.kind === 'set') return this.of(a.of, b.of)
    if (a.kind === 'any' && b.kind === 'any') return this.#lists(a.of, b.of)
    if (a.kind === 'function' && b.kind === 'function') {
      return (
        Math.sign(a.args.length - b.args.length) ||
        this.#lists(a.args, b.args) ||
        this.of(a.result, b.result) ||
        this.of(a.variadic, b.variadic)
      )
    }
    return 0
  }

  #optional(a: Unknown, b: Unknown): number {
    if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1)
    return this.of(a, b)
  }

  #lists(a: readonly Unknown[], b: readonly Unknown[]): number {
    for (let index = 0; index < a.length && index < b.length; index++) {
      const order = this.of(a[index], b[index])
      if (order !== 0) return order
    }
    return Math.sign(a.length - b.length)
  }

  #objects(a: ObjectType, b: ObjectType): number {
    if (a.dynamic === undefined || b.dynamic === undefined) {
      const order = (a.dynamic === undefined ? 0 : 1) - (b.dynamic === undefined ? 0 : 1)
      if (order !== 0) return order
    } else {
      const order = this.of(a.dynamic.key, b.dynamic.key) || this.of(a.dynamic.value, b.dynamic.value)
      if (order !== 0) return order
    }
    for (let index = 0; index < a.static.length && index < b.static.length; index++) {
      const one = a.static[index]
      const other = b.static[index]
      if (one === undefined || other === undefined) break
      const order = Math.sign(compare(one.key, other.key)) || this.of(one.value, other.value)
      if (order !== 0) return order
    }
    return Math.sign(a.static.length - b.static.length)
  }
}

/** An object type with its known keys in order. */
export function objectType(known: readonly Property[], dynamic: Dynamic | undefined): ObjectType {
  return { kind: 'object', static: [...known].sort((a, b) => compare(a.key, b.key)), dynamic }
}

/** The union of two types; functions and values have none. */
export function either(a: Unknown, b: Unknown): Unknown {
  if (a === undefined) return b
  if (b === undefined) return a
  if (a.kind === 'function' || b.kind === 'function')
    return a.kind === 'function' && b.kind === 'function' ? eitherFunction(a, b) : undefined
  if (a.kind === 'any') return b.kind === 'any' ? unionOf(a, b) : withMember(a, b)
  if (b.kind === 'any') return withMember(b, a)
  const order = compareTypes(a, b)
  if (order === 0) return a
  return { kind: 'any', of: order < 0 ? [a, b] : [b, a] }
}

function eitherFunction(a: FunctionType, b: FunctionType): Unknown {
  if (a.args.length !== b.args.length || (a.variadic === undefined) !== (b.variadic === undefined)) return undefined
  return {
    kind: 'function',
    args: a.args.map((arg, index) => either(arg, b.args[index])),
    result: either(a.result, b.result),
    variadic: either(a.variadic, b.variadic),
  }
}

/** Members of a union at the most; a wider one is `any`, because nobody reads it and comparing it takes too long. */
const unionMembersMax = 512

function withMember(union: AnyType, member: Type): AnyType {
  if (hasMember(union, member)) return union
  if (union.of.length >= unionMembersMax) return anyType
  const at = union.of.findIndex((one) => compareTypes(one, member) > 0)
  return { kind: 'any', of: at < 0 ? [...union.of, member] : union.of.toSpliced(at, 0, member) }
}

function unionOf(a: AnyType, b: AnyType): AnyType {
  if (a.of.length === 0) return a
  if (b.of.length === 0) return b
  return b.of.reduce(withMember, a)
}

/** True when the union holds the type; the union of everything holds all but functions. */
function hasMember(union: AnyType, type: Unknown): boolean {
  if (type?.kind === 'function') return false
  return union.of.length === 0 || union.of.some((one) => compareTypes(one, type) === 0)
}

/** The type of a constant. */
export function typeOfValue(value: Value): Type {
  if (value === null) return nullType
  if (typeof value === 'boolean') return booleanType
  if (typeof value === 'string') return stringType
  if (isArray(value)) return { kind: 'array', static: value.map(typeOfValue), dynamic: undefined }
  if (isSet(value)) return { kind: 'array', static: [...value].map(typeOfValue), dynamic: undefined }
  if (isObject(value))
    return objectType(
      [...value].map(([key, one]) => ({ key, value: typeOfValue(one) })),
      undefined,
    )
  return numberType
}

/** The type below a constant key. */
export function select(type: Unknown, key: Value): Unknown {
  const of = unwrapped(type)
  switch (of?.kind) {
    case 'array':
      if (typeof key !== 'number' || !Number.isInteger(key) || key < 0) return undefined
      return key < of.static.length ? of.static[key] : of.dynamic
    case 'object':
      return selectProperty(of, key)
    case 'set': {
      const wanted = typeOfValue(key)
      if (compareTypes(of.of, wanted) === 0) return of.of
      return of.of?.kind === 'any' && hasMember(of.of, wanted) ? wanted : undefined
    }
    case 'any':
      if (isEverything(of)) return anyType
      return of.of.reduce<Unknown>((found, one) => either(select(one, key), found), undefined)
    default:
      return undefined
  }
}

/** The type at a key of an object. */
export function selectProperty(object: ObjectType, key: Value): Unknown {
  const known = findProperty(object, key)
  if (known !== undefined) return known.value
  const { dynamic } = object
  if (dynamic === undefined) return undefined
  const wanted = typeOfValue(key)
  const fits = dynamic.key?.kind === 'any' ? hasMember(dynamic.key, wanted) : compareTypes(dynamic.key, wanted) === 0
  return fits ? dynamic.value : undefined
}

/** The known property of a key, by halving. */
function findProperty({ static: known }: ObjectType, key: Value): Property | undefined {
  let from = 0
  let to = known.length
  while (from < to) {
    const middle = (from + to) >> 1
    const property = known[middle]
    if (property === undefined) return undefined
    const order = compare(property.key, key)
    if (order === 0) return property
    if (order < 0) from = middle + 1
    else to = middle
  }
  return undefined
}

/** Collections with fewer parts are looked at again: to remember them takes as long. */
const rememberedMin = 8

/** What the keys and the values of large collections are: policies look into one many times. */
const keysFound = new WeakMap<Type, { readonly type: Unknown }>()
const valuesFound = new WeakMap<Type, { readonly type: Unknown }>()

function remembered(
  type: Type,
  parts: number,
  known: WeakMap<Type, { readonly type: Unknown }>,
  find: () => Unknown,
): Unknown {
  if (parts < rememberedMin) return find()
  const there = known.get(type)
  if (there !== undefined) return there.type
  const found = find()
  known.set(type, { type: found })
  return found
}

/** The type of the keys of a collection; undefined for what has none. */
export function keysOf(type: Unknown): Unknown {
  const of = unwrapped(type)
  switch (of?.kind) {
    case 'array':
      return numberType
    case 'object':
      return remembered(of, of.static.length, keysFound, () => {
        const known = of.static.reduce<Unknown>((found, { key }) => either(found, typeOfValue(key)), undefined)
        return either(known, of.dynamic?.key)
      })
    case 'set':
      return of.of
    case 'any':
      if (isEverything(of)) return anyType
      return remembered(of, of.of.length, keysFound, () =>
        of.of.reduce<Unknown>((found, one) => either(keysOf(one), found), undefined),
      )
    default:
      return undefined
  }
}

/** The type of what stands in a collection; undefined for what has nothing in it. */
export function valuesOf(type: Unknown): Unknown {
  const of = unwrapped(type)
  switch (of?.kind) {
    case 'array':
      return remembered(of, of.static.length, valuesFound, () =>
        either(of.static.reduce<Unknown>(either, undefined), of.dynamic),
      )
    case 'object':
      return remembered(of, of.static.length, valuesFound, () => {
        const known = of.static.reduce<Unknown>((found, { value }) => either(found, value), undefined)
        return either(known, of.dynamic?.value)
      })
    case 'set':
      return of.of
    case 'any':
      if (isEverything(of)) return anyType
      return remembered(of, of.of.length, valuesFound, () =>
        of.of.reduce<Unknown>((found, one) => either(valuesOf(one), found), undefined),
      )
    default:
      return undefined
  }
}

/** Types that are known in all their parts: rules have the types of other rules in theirs. */
const wholly = new WeakSet<Type>()

/** True when the type, or a part of it, is not known. */
export function isUnknown(type: Unknown): boolean {
  const seen = new Set<Type>()
  const found = holdsUnknown(type, seen)
  if (!found) for (const one of seen) wholly.add(one)
  return found
}

function holdsUnknown(type: Unknown, seen: Set<Type>): boolean {
  const of = unwrapped(type)
  if (of === undefined) return true
  if (seen.has(of) || wholly.has(of)) return false
  seen.add(of)
  switch (of.kind) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'any':
      return false
    case 'function':
      return of.args.some((arg) => holdsUnknown(arg, seen)) || holdsUnknown(of.result, seen)
    case 'array':
      return (
        of.static.some((item) => holdsUnknown(item, seen)) ||
        (of.dynamic !== undefined && holdsUnknown(of.dynamic, seen))
      )
    case 'object':
      return (
        of.static.some(({ value }) => holdsUnknown(value, seen)) ||
        (of.dynamic !== undefined && (holdsUnknown(of.dynamic.key, seen) || holdsUnknown(of.dynamic.value, seen)))
      )
    case 'set':
      return holdsUnknown(of.of, seen)
    case 'recursive':
      return holdsUnknown(of.type, seen)
  }
}
