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

/** True for types that are made of others. */
export function hasParts({ kind }: Type): boolean {
  return kind !== 'null' && kind !== 'boolean' && kind !== 'number' && kind !== 'string'
}

/** The type a recursive type stands for; any other type itself. */
export function unwrapped(type: Unknown): Unknown {
  return type?.kind === 'recursive' ? type.type : type
}

/** Parts of a type that are shown: nobody reads more, and what holds one type many times would show it as many times. */
const partsShownMax = 10_000

/** The type as it is shown in messages. */
export function typeText(type: Unknown): string {
  let shown = 0
  const text = (one: Unknown): string => {
    if (++shown > partsShownMax) return '...'
    switch (one?.kind) {
      case undefined:
        return '???'
      case 'null':
      case 'boolean':
      case 'number':
      case 'string':
        return one.kind
      case 'array':
        return `array${list(each(one.static, text))}${one.dynamic === undefined ? '' : `[${text(one.dynamic)}]`}`
      case 'object': {
        const known = each(one.static, ({ key, value }) => `${keyText(key)}: ${text(value)}`)
        const rest = one.dynamic
        return `object${list(known)}${rest === undefined ? '' : `[${text(rest.key)}: ${text(rest.value)}]`}`
      }
      case 'set':
        return `set[${text(one.of)}]`
      case 'any':
        return `any${list(each(one.of, text))}`
      case 'function': {
        const args = each(one.args, text)
        if (one.variadic !== undefined) args.push(`${text(one.variadic)}...`)
        return `(${args.join(', ')}) => ${text(one.result)}`
      }
      case 'recursive':
        return `recursive(${one.name})`
    }
  }
  /** What is beyond the parts that are shown ends its list. */
  const each = <T>(parts: readonly T[], partText: (part: T) => string): string[] => {
    const texts: string[] = []
    for (const part of parts) {
      texts.push(partText(part))
      if (shown > partsShownMax) break
    }
    return texts
  }
  return text(type)
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
