// The types of terms, and what an expected type says about the variables in a term.
import type { Term } from '../syntax/index.ts'
import { either, isUnknown, objectType, select, valuesOf } from './algebra.ts'
import { pathOf, type TypeEnvironment } from './environment.ts'
import { constantOf, termKey } from './terms.ts'
import {
  anyType,
  booleanType,
  type Dynamic,
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
import { unifies } from './unifies.ts'

/** The type of a term. Comprehensions must have been checked in the environment before. */
export function typeOf(term: Term, env: TypeEnvironment): Unknown {
  switch (term.kind) {
    case 'null':
      return nullType
    case 'boolean':
      return booleanType
    case 'number':
      return numberType
    case 'string':
    case 'template':
      return stringType
    case 'array': {
      const items = term.items.map((item) => typeOf(item, env))
      return { kind: 'array', static: items, dynamic: items.length === 0 ? anyType : undefined }
    }
    case 'object':
      return typeOfObject(term, env)
    case 'set': {
      const of = term.items.reduce<Unknown>((found, item) => either(found, typeOf(item, env)), undefined)
      return { kind: 'set', of: of ?? anyType }
    }
    case 'comprehension':
      return typeOfComprehension(term, env)
    case 'ref':
      return env.at(pathOf(term))
    case 'var':
      return term.name === 'input' || term.name === 'data' ? env.at([term]) : env.variable(term.name)
    case 'call':
      return undefined
  }
}

function typeOfObject(term: Extract<Term, { kind: 'object' }>, env: TypeEnvironment): Unknown {
  const known: Property[] = []
  let dynamic: Dynamic | undefined
  for (const [key, value] of term.entries) {
    const name = constantOf(key)
    if (name === undefined) dynamic = { key: typeOf(key, env), value: typeOf(value, env) }
    else known.push({ key: name, value: typeOf(value, env) })
  }
  if (term.entries.length === 0) dynamic = { key: anyType, value: anyType }
  return objectType(known, dynamic)
}

function typeOfComprehension(term: Extract<Term, { kind: 'comprehension' }>, env: TypeEnvironment): Unknown {
  const inner = env.closure(term)
  if (inner === undefined) return undefined
  const value = typeOf(term.value, inner)
  switch (term.of) {
    case 'array':
      return { kind: 'array', static: [], dynamic: value }
    case 'set':
      return { kind: 'set', of: value }
    case 'object':
      return objectType([], { key: term.key === undefined ? undefined : typeOf(term.key, inner), value })
  }
}

/** True when the term can have the type. Variables without a type get theirs; with `union` they get one more. */
export function expect(term: Term, type: Unknown, env: TypeEnvironment, union = false): boolean {
  return new Expectation(env).holds(term, type, union)
}

type Collection = Extract<Term, { kind: 'array' | 'object' | 'set' }>

/** What is expected of one term and all its parts. */
class Expectation {
  readonly #env: TypeEnvironment
  /** What held of a collection under one member of a union: unions in unions come to the same pair on many ways. */
  #known: Map<Term, Map<Type, boolean>> | undefined

  constructor(env: TypeEnvironment) {
    this.#env = env
  }

  holds(term: Term, type: Unknown, union: boolean): boolean {
    switch (term.kind) {
      case 'array':
      case 'object':
      case 'set':
        return this.#collection(term, unwrapped(type), union)
      case 'var': {
        if (term.name === 'input' || term.name === 'data') return unifies(typeOf(term, this.#env), type)
        const known = this.#env.variable(term.name)
        if (union) this.#env.setVariable(term, either(known, type))
        else if (known !== undefined) return unifies(known, type)
        else this.#env.setVariable(term, type)
        return true
      }
      default:
        return unifies(typeOf(term, this.#env), type)
    }
  }

  #collection(term: Collection, type: Unknown, union: boolean): boolean {
    if (type?.kind === 'any') {
      if (!isEverything(type)) return type.of.reduce((fits, one) => this.#member(term, one) || fits, false)
      const parts = term.kind === 'object' ? term.entries.flat() : term.items
      for (const part of parts) this.holds(part, anyType, true)
      return true
    }
    if (term.kind === 'array') {
      if (type?.kind !== 'array') return false
      if (term.items.length !== type.static.length && type.dynamic === undefined) return false
      return term.items.every((item, index) => this.holds(item, select(type, index), union))
    }
    if (term.kind === 'set') {
      if (type?.kind !== 'set') return false
      return term.items.every((item) => this.holds(item, valuesOf(type), union))
    }
    return type?.kind === 'object' && this.#object(term, type, union)
  }

  #member(term: Collection, type: Type): boolean {
    this.#known ??= new Map()
    let types = this.#known.get(term)
    if (types === undefined) {
      types = new Map()
      this.#known.set(term, types)
    }
    const known = types.get(type)
    if (known !== undefined) return known
    const found = this.holds(term, type, true)
    types.set(type, found)
    return found
  }

  #object(term: Extract<Term, { kind: 'object' }>, type: ObjectType, union: boolean): boolean {
    if (term.entries.length !== type.static.length && type.dynamic?.value === undefined) return false
    return term.entries.every(([key, value]) => {
      const name = constantOf(key)
      if (name === undefined) {
        // What stands at an open key could be any of the properties.
        this.holds(value, anyType, union)
        return true
      }
      const there = select(type, name)
      return there !== undefined && this.holds(value, there, union)
    })
  }
}

/** True when two terms can be equal. What one of them knows goes to the variables of the other. */
export function unify(a: Term, b: Term, env: TypeEnvironment): boolean {
  const typeA = typeOf(a, env)
  const typeB = typeOf(b, env)
  const unknownA = isUnknown(typeA)
  const unknownB = isUnknown(typeB)
  if (unknownA && !unknownB) return expect(a, typeB, env)
  if (unknownB && !unknownA) return expect(b, typeA, env)
  if (!unknownA && !unknownB) return unifies(typeA, typeB)
  if (a.kind === 'array' && (b.kind === 'array' || b.kind === 'var')) return unifyArray(a, b, env)
  if (a.kind === 'object' && (b.kind === 'object' || b.kind === 'var')) return unifyObject(a, b, env)
  if (a.kind === 'array' || a.kind === 'object') return false
  if (a.kind === 'var') {
    if (b.kind === 'var') return unifyOpen(a, b, env)
    if (b.kind === 'array') return unifyArray(b, a, env)
    if (b.kind === 'object') return unifyObject(b, a, env)
    if (typeA === undefined && typeB !== undefined) return expect(a, typeB, env)
  }
  if (b.kind === 'var' && typeB === undefined && typeA !== undefined) return expect(b, typeA, env)
  return false
}

/** Nothing is known on either side: the first may be anything, and the other is the same. */
function unifyOpen(a: Term, b: Term, env: TypeEnvironment): boolean {
  return expect(a, anyType, env) && expect(b, typeOf(a, env), env)
}

function unifyArray(a: Extract<Term, { kind: 'array' }>, b: Term, env: TypeEnvironment): boolean {
  if (b.kind === 'var') return unifyOpen(a, b, env)
  if (b.kind !== 'array' || a.items.length !== b.items.length) return false
  return a.items.every((item, index) => {
    const other = b.items[index]
    return other !== undefined && unify(item, other, env)
  })
}

function unifyObject(a: Extract<Term, { kind: 'object' }>, b: Term, env: TypeEnvironment): boolean {
  if (b.kind === 'var') return unifyOpen(a, b, env)
  if (b.kind !== 'object' || a.entries.length !== b.entries.length) return false
  const others = new Map(b.entries.map(([key, value]) => [termKey(key), value] as const))
  return a.entries.every(([key, value]) => {
    const other = others.get(termKey(key))
    return other !== undefined && unify(value, other, env)
  })
}
