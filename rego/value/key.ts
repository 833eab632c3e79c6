// Map keys for values: equal values have equal keys, different values different ones. Strings, small numbers, booleans
// and null are their own keys; everything else is encoded into a string that no plain string's key can equal.
import type { Decimal } from './decimal.ts'
import type { Value } from './value.ts'

/** A JS Map key that stands for a value. */
export type Key = null | boolean | number | string

const MARK = '\u0000'

/** The map key of a value. */
export function keyOf(value: Value): Key {
  if (typeof value === 'string') return value.charCodeAt(0) === 0 ? `${MARK}s${value}` : value
  if (typeof value !== 'object' || value === null) return value
  if ('kind' in value && value.kind === 'decimal' && value.integer !== undefined) return value.integer
  return MARK + encode(value)
}

/** Injective text for a value; objects and sets keep theirs. */
export function encode(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`
    case 'number':
      return `d${value};`
    case 'boolean':
      return value ? 't' : 'f'
    default:
      if (value === null) return 'z'
      if ('kind' in value) return value.kind === 'decimal' ? encodeDecimal(value) : value.encoded()
      return encodeAll('[', value, ']')
  }
}

function encodeDecimal({ integer, coefficient, exponent }: Decimal): string {
  return integer === undefined ? `n${coefficient}e${exponent};` : `d${integer};`
}

/** The encodings of a list of values between two brackets. */
export function encodeAll(open: string, values: Iterable<Value>, close: string): string {
  let text = open
  for (const item of values) text += encode(item)
  return text + close
}
