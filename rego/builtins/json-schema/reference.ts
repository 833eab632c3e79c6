// References between schemas. Only those within a document lead anywhere: a policy fetches nothing.
import { isArray, isObject, type Value } from '../../value/index.ts'

/** The schema that `#` and a JSON pointer lead to; undefined when there is none. */
export function resolveReference(reference: string, root: Value): Value | undefined {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return undefined
  let at: Value | undefined = root
  for (const part of reference.slice(2).split('/')) {
    const name = decoded(part)
    at = isObject(at) ? at.get(name) : isArray(at) && /^[0-9]{1,9}$/.test(name) ? at[Number(name)] : undefined
    if (at === undefined) return undefined
  }
  return at
}

function decoded(part: string): string {
  let text = part
  try {
    text = decodeURIComponent(part)
  } catch {
    // it stands as it is written
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~')
}
