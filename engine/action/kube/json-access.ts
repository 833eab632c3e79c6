// Reading of parsed JSON whose shape nobody promised.
import type { KubeJson } from './facts.ts'

/** The value at a path of keys; null where something on the way is missing. */
export function at(value: KubeJson, ...path: readonly string[]): KubeJson {
  let here = value
  for (const key of path) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return null
    here = here[key] ?? null
  }
  return here
}

/** Whether a value is a JSON object. */
export function isObject(value: KubeJson): value is { readonly [key: string]: KubeJson } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as a list; empty when it is none. */
export function list(value: KubeJson): readonly KubeJson[] {
  return Array.isArray(value) ? value : []
}

/** The value as a text; empty when it is none. */
export function text(value: KubeJson): string {
  return typeof value === 'string' ? value : ''
}

/** The texts of a list. */
export function texts(value: KubeJson): readonly string[] {
  return list(value).filter((one) => typeof one === 'string')
}

/** The value as a whole number, null when it is none. */
export function whole(value: KubeJson): number | null {
  return typeof value === 'number' && Number.isInteger(value) ? value : null
}
