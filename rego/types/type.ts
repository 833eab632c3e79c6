// The types of Rego: gradual, structural, with unions. `undefined` in place of a type says that nothing is known yet,
// which is less than `any`, the type of everything.
import { isArray, isObject, isSet, numberText, type Value } from '../value/index.ts'

/** A type; undefined where none is known. */
export type Unknown = Type | undefined

/** The type of a term, a rule or a function. */
export type Type = ScalarType | ArrayType | ObjectType | SetType | AnyType | FunctionType | RecursiveType

/** Types without parts. */
export interface ScalarType {
  readonly kind: 'null' | 'boolean' | 'number' | 'string'
}
/** An array: known leading items, and what the others are. Without `dynamic` there are no others. */
export interface ArrayType {
  readonly kind: 'array'
  readonly static: readonly Unknown[]
  readonly dynamic: Unknown
}
/** One known key of an object. */
export interface Property {
  readonly key: Value
  readonly value: Unknown
}
/** What keys beyond the known ones are, and what stands at them. */
export interface Dynamic {
  readonly key: Unknown
  readonly value: Unknown
}
/** An object. `static` is sorted by key. */
export interface ObjectType {
  readonly kind: 'object'
  readonly static: readonly Property[]
  readonly dynamic: Dynamic | undefined
}
/** A set. */
export interface SetType {
  readonly kind: 'set'
  readonly of: Unknown
}
/** A union, sorted; without members it is everything. */
export interface AnyType {
  readonly kind: 'any'
  readonly of: readonly Type[]
}
/** A function. Without a result it can only stand as an expression. */
export interface FunctionType {
  readonly kind: 'function'
  readonly args: readonly Unknown[]
  readonly result: Unknown
  readonly variadic: Unknown
}
/** A type inside its own definition, by the name of the schema's reference. */
export interface RecursiveType {
  readonly kind: 'recursive'
  readonly name: string
  /** Set once the definition is read. */
  type: Unknown
}

/** `null`. */
export const nullType: ScalarType = { kind: 'null' }
/** `true` and `false`. */
export const booleanType: ScalarType = { kind: 'boolean' }
/** Numbers. */
export const numberType: ScalarType = { kind: 'number' }
/** Strings. */
export const stringType: ScalarType = { kind: 'string' }
/** Everything. */
export const anyType: AnyType = { kind: 'any', of: [] }

/** True for the union of everything. */
export function isEverything(type: Unknown): boolean {
  return type?.kind === 'any' && type.of.length === 0
}

/** The type a recursive type stands for; any other type itself. */
export function unwrapped(type: Unknown): Unknown {
  return type?.kind === 'recursive' ? type.type : type
}

/** The type as it is shown in messages. */
export function typeText(type: Unknown): string {
  switch (type?.kind) {
    case undefined:
      return '???'
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
      return type.kind
    case 'array':
      return `array${list(type.static.map(typeText))}${type.dynamic === undefined ? '' : `[${typeText(type.dynamic)}]`}`
    case 'object': {
      const known = type.static.map(({ key, value }) => `${keyText(key)}: ${typeText(value)}`)
      const rest = type.dynamic
      return `object${list(known)}${rest === undefined ? '' : `[${typeText(rest.key)}: ${typeText(rest.value)}]`}`
    }
    case 'set':
      return `set[${typeText(type.of)}]`
    case 'any':
      return `any${list(type.of.map(typeText))}`
    case 'function':
      return `${argumentsText(type.args, type.variadic)} => ${typeText(type.result)}`
    case 'recursive':
      return `recursive(${type.name})`
  }
}

/** The arguments of a function as they are shown, with the names that they have. */
export function argumentsText(args: readonly Unknown[], variadic: Unknown, names: readonly string[] = []): string {
  const shown = args.map((arg, i) => (names[i] ? `${names[i]}: ${typeText(arg)}` : typeText(arg)))
  if (variadic !== undefined) shown.push(`${typeText(variadic)}...`)
  return `(${shown.join(', ')})`
}

function list(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `<${parts.join(', ')}>`
}

/** Keys are shown bare. */
function keyText(key: Value): string {
  if (key === null) return '<nil>'
  if (typeof key === 'string') return key
  if (typeof key === 'boolean') return String(key)
  if (isArray(key)) return `[${key.map(keyText).join(' ')}]`
  if (isSet(key)) return `[${[...key].map(keyText).join(' ')}]`
  if (isObject(key)) return `map[${[...key].map(([name, value]) => `${keyText(name)}:${keyText(value)}`).join(' ')}]`
  return numberText(key)
}
