// JSON of plain data in which Rego values stand with their exact numbers, indented as `opa` indents.
import { type Value, writeJson, writeJsonString } from '../../../rego/value/index.ts'

/** A Rego value inside plain data. */
export class Exact {
  readonly value: Value
  constructor(value: Value) {
    this.value = value
  }
}

/** What can be written. */
export type Written =
  | string
  | number
  | boolean
  | null
  | undefined
  | Exact
  | readonly Written[]
  | { readonly [key: string]: Written }

const indent = '  '

/** The text, without a line end. Fields that are undefined are left out. */
export function exactJson(value: Written, line = '\n'): string {
  if (value instanceof Exact) return writeJson(value.value, { indent, escapeHtml: true }).replaceAll('\n', line)
  if (typeof value === 'string') return writeJsonString(value, true)
  if (typeof value !== 'object' || value === null) return String(value)
  const inner = line + indent
  if (isList(value)) {
    if (value.length === 0) return '[]'
    return `[${inner}${value.map((item) => exactJson(item, inner)).join(`,${inner}`)}${line}]`
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  if (entries.length === 0) return '{}'
  const shown = entries.map(([key, item]) => `${writeJsonString(key, true)}: ${exactJson(item, inner)}`)
  return `{${inner}${shown.join(`,${inner}`)}${line}}`
}

function isList(value: object): value is readonly Written[] {
  return Array.isArray(value)
}
