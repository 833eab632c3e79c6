// Puts a value at a path of a document, copying what it changes.
import { isObject, RegoObject, type Value } from '../value/index.ts'

/** The document with the value at the path; what is on the path and no object is replaced by one. */
export function upsert(document: Value | undefined, path: readonly string[], value: Value, at = 0): Value {
  const key = path[at]
  if (key === undefined) return value
  const object = isObject(document) ? document : new RegoObject()
  return object.with(key, upsert(object.get(key), path, value, at + 1))
}
