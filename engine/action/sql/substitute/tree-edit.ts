// Trees compared, and changed at places: what a rewritten text must parse to.
import { isDeepStrictEqual } from 'node:util'
import { isTree } from '../parser/tree.ts'

/** Fields that say where something stands in the text. */
const placeFields = /(?:location|stmt_len|list_start|list_end)$/

/** A tree without places in the text. */
export function placeless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(placeless)
  if (!isTree(value)) return value
  const copy: { [field: string]: unknown } = {}
  for (const field in value) if (!placeFields.test(field)) copy[field] = placeless(value[field])
  return copy
}

/** True when two trees are the same but for places. */
export function sameTree(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(placeless(one), placeless(other))
}

/** A copy of a tree in which `change` may replace any node; undefined leaves it. */
export function replaced(value: unknown, change: (node: unknown) => unknown): unknown {
  const other = change(value)
  if (other !== undefined) return other
  if (Array.isArray(value)) return value.map((part) => replaced(part, change))
  if (!isTree(value)) return value
  const copy: { [field: string]: unknown } = {}
  for (const field in value) copy[field] = replaced(value[field], change)
  return copy
}
