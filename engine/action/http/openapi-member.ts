// Members of a document that was parsed from JSON or YAML and may hold anything.

/** A member of an object by its name; undefined where there is none. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}

/** Steps from one reference to the next. */
export const followedMax = 32

/** What a reference into the document itself names; undefined where that is nothing, or outside of it. */
export function pointed(reference: string, document: unknown): unknown {
  if (!reference.startsWith('#/')) return undefined
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((at, part) => memberOf(at, part.replaceAll('~1', '/').replaceAll('~0', '~')), document)
}

/** What a part of the document that is only a reference refers to. */
export function referred(document: unknown, given: unknown): unknown {
  let now = given
  for (let step = 0; step < followedMax; step++) {
    const reference: unknown = memberOf(now, '$ref')
    if (typeof reference !== 'string') return now
    now = pointed(reference, document)
  }
  return undefined
}

/** Whether all that a schema refers to is there. */
export function isWhole(document: unknown, schema: unknown, seen: Set<unknown> = new Set()): boolean {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return true
  seen.add(schema)
  const reference: unknown = memberOf(schema, '$ref')
  if (typeof reference === 'string') {
    const found = pointed(reference, document)
    return found !== undefined && isWhole(document, found, seen)
  }
  return Object.values(schema).every((one) => isWhole(document, one, seen))
}

/** A copy in which `nullable` of OpenAPI 3.0 is the type that JSON Schema has for it. */
export function withNullTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNullTypes)
  if (typeof value !== 'object' || value === null) return value
  const copy = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withNullTypes(one)]))
  const type: unknown = memberOf(value, 'type')
  return memberOf(value, 'nullable') === true && typeof type === 'string' ? { ...copy, type: [type, 'null'] } : copy
}
