// The Rego value: what every rule, built-in and document is made of. `undefined` is never a value, it is its absence.
//
// INVARIANT: a number is a JS number if and only if it is a safe integer, and a Decimal otherwise, so equal numbers
// always have the same representation. Negative zero is zero.
import type { Decimal } from './decimal.ts'
import type { RegoObject } from './object.ts'
import type { RegoSet } from './set.ts'

/** A Rego value. Arrays are plain JS arrays; objects, sets and the numbers beyond safe integers are classes with a `kind`. */
export type Value = null | boolean | number | Decimal | string | ValueArray | RegoObject | RegoSet

/** A Rego array. */
export type ValueArray = readonly Value[]

/** The names `type_name` gives. */
export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'set'

/** The type of a value, as `type_name` names it. */
export function typeName(value: Value): TypeName {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    default:
      if (value === null) return 'null'
      if (isArray(value)) return 'array'
      return value.kind === 'decimal' ? 'number' : value.kind
  }
}

/** Whether a value is an array. */
export function isArray(value: Value | undefined): value is ValueArray {
  return Array.isArray(value)
}

/** Whether a value is an object. */
export function isObject(value: Value | undefined): value is RegoObject {
  return typeof value === 'object' && value !== null && !isArray(value) && value.kind === 'object'
}

/** Whether a value is a set. */
export function isSet(value: Value | undefined): value is RegoSet {
  return typeof value === 'object' && value !== null && !isArray(value) && value.kind === 'set'
}

/** Whether a value is a number beyond the safe integers or with a fraction. */
export function isDecimal(value: Value | undefined): value is Decimal {
  return typeof value === 'object' && value !== null && !isArray(value) && value.kind === 'decimal'
}

/** Whether a value is a number, in either of its two representations. */
export function isNumber(value: Value | undefined): value is number | Decimal {
  return typeof value === 'number' || isDecimal(value)
}
