// Members of JSON objects by their names.
import type { HttpJson } from './facts.ts'

/** A member of an object; undefined where it has none of that name. */
export function member(value: HttpJson | undefined, name: string): HttpJson | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const found: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
  return found as HttpJson | undefined
}

/**
 * The first member that has none of these names and yet one of them but for its case: Go's decoder takes it for that one,
 * and others do not. Names are given in lower case.
 */
export function lookalike(value: HttpJson | undefined, names: ReadonlySet<string>): HttpJson | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  // Upper case first: it is there that `\u017f` becomes an `s`.
  const name = Object.keys(value).find((key) => !names.has(key) && names.has(key.toUpperCase().toLowerCase()))
  return name === undefined ? undefined : member(value, name)
}
