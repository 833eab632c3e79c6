// The Rego value: what every rule, built-in and document is made of. `undefined` is never a value, it is its absence.
//
// INVARIANT: a number is a JS number if and only if it is a safe integer that is written as JavaScript writes it, and a
// Decimal otherwise: `1.0` is a Decimal that equals 1. Two numbers that are equal have the same key (key.ts). A JS number is
// never the negative zero; the text `-0` is a Decimal that equals 0.
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

/** Whether a value is a number beyond the safe integers, with a fraction, or spelled like `1.0`. */
export function isDecimal(value: Value | undefined): value is Decimal {
  return typeof value === 'object' && value !== null && !isArray(value) && value.kind === 'decimal'
}

/** Whether a value is a number, in either of its two representations. */
export function isNumber(value: Value | undefined): value is number | Decimal {
  return typeof value === 'number' || isDecimal(value)
}
