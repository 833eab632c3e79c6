// Rego's total order: null < false < true < numbers < strings < arrays < objects < sets, deep.
import { isByte } from './byte-text.ts'
import { compareNumbers } from './decimal.ts'
import type { RegoObject } from './object.ts'
import type { RegoSet } from './set.ts'
import { isArray, isDecimal, isObject, isSet, type Value, type ValueArray } from './value.ts'

/** Orders two values: negative, zero (they are equal) or positive. */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b)
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : 1
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  if (isArray(a) && isArray(b)) return compareArrays(a, b)
  if (isObject(a) && isObject(b)) return compareObjects(a, b)
  if (isSet(a) && isSet(b)) return compareSets(a, b)
  if (typeof a === 'boolean') return a === b ? 0 : a ? 1 : -1
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b)
  return 0
}

/** Whether two values are equal. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true
  // Scalars that are equal are identical, but for numbers that are spelled like `1.0`.
  if (typeof a !== 'object' || a === null) return typeof a === 'number' && isDecimal(b) && b.integer === a
  if (typeof b !== 'object' || b === null) return typeof b === 'number' && isDecimal(a) && a.integer === b
  if (isArray(a)) {
    if (!isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) {
      const x = a[i]
      const y = b[i]
      if (x === undefined || y === undefined || !equal(x, y)) return false
    }
    return true
  }
  if (isArray(b) || a.kind !== b.kind) return false
  if (a.kind === 'object' && b.kind === 'object') {
    if (a.size !== b.size) return false
    for (const [key, value] of a.unordered()) {
      const other = b.get(key)
      if (other === undefined || !equal(value, other)) return false
    }
    return true
  }
  if (a.kind === 'set' && b.kind === 'set') {
    if (a.size !== b.size) return false
    for (const item of a.unordered()) if (!b.has(item)) return false
    return true
  }
  return compare(a, b) === 0
}

/** Orders strings by their code points, which is the order of their UTF-8 bytes. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // A surrogate stands for a code point above every other unit, so it sorts after U+E000 to U+FFFF.
    return x >= 0xd800 && y >= 0xd800 ? rankAt(a, i) - rankAt(b, i) : x - y
  }
  return a.length - b.length
}

/** A surrogate that is a byte which is no text counts for itself, as it lies in a module's memory. */
function rankAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return isByte(text, at) ? unit - 0x800 : codePointRank(unit)
}

function codePointRank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

function isNumeric(value: Value): value is number | Extract<Value, { kind: 'decimal' }> {
  return typeof value === 'number' || rankOf(value) === 2
}

function rankOf(value: Value): number {
  switch (typeof value) {
    case 'boolean':
      return 1
    case 'number':
      return 2
    case 'string':
      return 3
    default:
      if (value === null) return 0
      if (isArray(value)) return 4
      return value.kind === 'decimal' ? 2 : value.kind === 'object' ? 5 : 6
  }
}

function compareArrays(a: ValueArray, b: ValueArray): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a[i]
    const y = b[i]
    if (x === undefined || y === undefined) break
    const order = compare(x, y)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareObjects(a: RegoObject, b: RegoObject): number {
  const left = a.keys()
  const right = b.keys()
  const length = Math.min(left.length, right.length)
  for (let i = 0; i < length; i++) {
    const x = left[i]
    const y = right[i]
    if (x === undefined || y === undefined) break
    const keys = compare(x, y)
    if (keys !== 0) return keys
    const vx = a.get(x)
    const vy = b.get(y)
    if (vx === undefined || vy === undefined) break
    const values = compare(vx, vy)
    if (values !== 0) return values
  }
  return left.length - right.length
}

function compareSets(a: RegoSet, b: RegoSet): number {
  return compareArrays(a.items(), b.items())
}
