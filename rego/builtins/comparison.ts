// == != < <= > >= and membership.
import { compare, equal, isArray, isObject, isSet, type Value } from '../value/index.ts'
import type { Builtin } from './contract.ts'

/** The comparison and membership built-ins by name. */
export const comparison: Readonly<Record<string, Builtin>> = {
  eq: holds((a, b) => equal(a, b)),
  equal: holds((a, b) => equal(a, b)),
  neq: holds((a, b) => !equal(a, b)),
  lt: holds((a, b) => compare(a, b) < 0),
  lte: holds((a, b) => compare(a, b) <= 0),
  gt: holds((a, b) => compare(a, b) > 0),
  gte: holds((a, b) => compare(a, b) >= 0),
  'internal.member_2': holds(isMember),
  'internal.member_3': (_, [key = null, value = null, collection = null]) => isEntry(key, value, collection),
}

function holds(test: (a: Value, b: Value) => boolean): Builtin {
  return (_, [a = null, b = null]) => test(a, b)
}

function isMember(value: Value, collection: Value): boolean {
  if (isArray(collection)) return collection.some((item) => equal(item, value))
  if (isSet(collection)) return collection.has(value)
  if (!isObject(collection)) return false
  for (const [, item] of collection.unordered()) if (equal(item, value)) return true
  return false
}

function isEntry(key: Value, value: Value, collection: Value): boolean {
  if (isSet(collection)) return equal(key, value) && collection.has(value)
  const item = isArray(collection)
    ? typeof key === 'number'
      ? collection[key]
      : undefined
    : isObject(collection)
      ? collection.get(key)
      : undefined
  return item !== undefined && equal(item, value)
}
