// What the operations of a JSON patch (RFC 6902) put where, as one partial object that can be searched like a merge patch.
import type { KubeJson } from './facts.ts'
import { at, isObject, list, text } from './json-access.ts'

/** The object of what a patch writes, and why it does not tell everything. */
export interface PatchWrites {
  readonly object: KubeJson
  readonly reasons: readonly string[]
}

/** Gathers `add` and `replace`; `move` and `copy` bring values that the patch does not show. */
export function patchWrites(patch: KubeJson): PatchWrites {
  if (!Array.isArray(patch)) return { object: null, reasons: ['the JSON patch is not a list'] }
  const writes: KubeJson[] = []
  const reasons = new Set<string>()
  for (const operation of list(patch)) {
    const kind = text(at(operation, 'op'))
    const path = text(at(operation, 'path'))
    if (kind === 'add' || kind === 'replace') writes.push(nested(path, at(operation, 'value')))
    else if (kind === 'move' || kind === 'copy') reasons.add('the JSON patch moves values that it does not show')
    else if (kind !== 'remove' && kind !== 'test') reasons.add('the JSON patch holds an unknown operation')
    if (!isObject(operation)) reasons.add('the JSON patch holds an unknown operation')
  }
  return { object: writes, reasons: [...reasons].sort() }
}

/** The value below its path: `/spec/containers/0/image` gives `{spec: {containers: [{image}]}}`. */
function nested(path: string, value: KubeJson): KubeJson {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  let inner = value
  for (const key of keys.reverse()) inner = isIndex(key) ? [inner] : Object.fromEntries([[key, inner]])
  return inner
}

/** An index as the API server reads it: digits, a sign before them too, where a minus counts from the end. */
function isIndex(key: string): boolean {
  const digits = key.startsWith('+') || key.startsWith('-') ? key.slice(1) : key
  return key === '-' || (digits !== '' && [...digits].every((mark) => mark >= '0' && mark <= '9'))
}
