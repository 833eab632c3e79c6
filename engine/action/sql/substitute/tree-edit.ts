// Trees compared, and changed at places: what a rewritten text must parse to.
import { isTree } from '../parser/tree.ts'

/** Fields that say where something stands in the text. */
const placeFields = /(?:location|stmt_len|list_start|list_end)$/

/** What is known of the fields of the grammars' trees, of which there are some hundreds. */
const places = new Map<string, boolean>()
const fieldsRememberedMax = 4096

function isPlace(field: string): boolean {
  const known = places.get(field)
  if (known !== undefined) return known
  const found = placeFields.test(field)
  if (places.size < fieldsRememberedMax) places.set(field, found)
  return found
}

/** True when two trees are the same but for places. */
export function sameTree(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false
    for (let index = 0; index < one.length; index++) if (!sameTree(one[index], other[index])) return false
    return true
  }
  if (!isTree(one) || !isTree(other)) return false
  let fields = 0
  for (const field in one) {
    if (isPlace(field)) continue
    fields++
    if (!Object.hasOwn(other, field) || !sameTree(one[field], other[field])) return false
  }
  for (const field in other) if (!isPlace(field)) fields--
  return fields === 0
}

/** A tree in which `change` may replace any node; undefined leaves it. What does not change is not copied. */
export function replaced(value: unknown, change: (node: unknown) => unknown): unknown {
  const other = change(value)
  if (other !== undefined) return other
  if (Array.isArray(value)) {
    let list: unknown[] | undefined
    for (const [index, part] of value.entries()) {
      const made = replaced(part, change)
      if (made === part) continue
      list ??= [...value]
      list[index] = made
    }
    return list ?? value
  }
  if (!isTree(value)) return value
  let copy: { [field: string]: unknown } | undefined
  for (const field in value) {
    const part = value[field]
    if (typeof part !== 'object') continue
    const made = replaced(part, change)
    if (made === part) continue
    copy ??= { ...value }
    copy[field] = made
  }
  return copy ?? value
}
