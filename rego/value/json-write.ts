// Values to JSON text, and to and from plain JS data.
import { holdsBytes, shownText } from './byte-text.ts'
import { compareStrings } from './compare.ts'
import { numberFromBigInt, numberFromDouble, numberText } from './decimal.ts'
import { RegoObject } from './object.ts'
import { runes } from './runes.ts'
import { isArray, type Value } from './value.ts'

/** How JSON is written. */
export interface JsonStyle {
  /** One entry a line, indented by this. */
  readonly indent?: string
  /** Escape `<`, `>`, `&`, U+2028 and U+2029 as Go's encoder does. */
  readonly escapeHtml?: boolean
}

/** Writes a value as JSON: sets as sorted arrays, keys that are no strings as their JSON text. */
export function writeJson(value: Value, style: JsonStyle = {}): string {
  return write(value, style, '\n')
}

function write(value: Value, style: JsonStyle, line: string): string {
  if (typeof value === 'string') return writeJsonString(value, style.escapeHtml)
  if (typeof value !== 'object' || value === null) return String(value)
  if (isArray(value))
    return list(
      '[',
      value.map((item) => write(item, style, inner(style, line))),
      ']',
      style,
      line,
    )
  switch (value.kind) {
    case 'decimal':
      return numberText(value)
    case 'set':
      return list(
        '[',
        value.items().map((item) => write(item, style, inner(style, line))),
        ']',
        style,
        line,
      )
    case 'object': {
      const colon = style.indent === undefined ? ':' : ': '
      const entries = jsonEntries(value).map(
        ([key, item]) => writeJsonString(key, style.escapeHtml) + colon + write(item, style, inner(style, line)),
      )
      return list('{', entries, '}', style, line)
    }
  }
}

function inner(style: JsonStyle, line: string): string {
  return style.indent === undefined ? line : line + style.indent
}

function list(open: string, items: readonly string[], close: string, style: JsonStyle, line: string): string {
  if (style.indent === undefined || items.length === 0) return open + items.join(',') + close
  const within = inner(style, line)
  return open + within + items.join(`,${within}`) + line + close
}

/** The entries of an object as JSON has them: keys as text, in the order of their bytes. */
export function jsonEntries(object: RegoObject): readonly (readonly [string, Value])[] {
  const entries: (readonly [string, Value])[] = []
  let plain = true
  for (const [key, value] of object.entries()) {
    plain &&= typeof key === 'string'
    entries.push([typeof key === 'string' ? key : writeJson(key), value])
  }
  // Keys that are the same as text are one; the last counts.
  return plain ? entries : [...new Map(entries)].sort((a, b) => compareStrings(a[0], b[0]))
}

/** Writes a JSON string. */
export function writeJsonString(text: string, escapeHtml = false): string {
  const plain = JSON.stringify(text)
  // Surrogates without another half come as escapes: bytes that are no text are shown, or as Go's encoder has them.
  const json = !plain.includes('\\udc')
    ? plain
    : escapeHtml
      ? `"${runes(text).map(writeRune).join('')}"`
      : JSON.stringify(shownText(text))
  return escapeHtml ? json.replace(/[<>&\u2028\u2029]/g, escapeUnit) : json
}

function writeRune(rune: string): string {
  return holdsBytes(rune) ? '\\ufffd' : JSON.stringify(rune).slice(1, -1)
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Plain JS data (what JSON.parse gives, and bigint) as a value; undefined entries are left out. Throws on anything else. */
export function valueFromData(data: unknown): Value {
  switch (typeof data) {
    case 'string':
      return shownText(data)
    case 'boolean':
      return data
    case 'number':
      return numberFromDouble(data)
    case 'bigint':
      return numberFromBigInt(data)
    case 'object':
      break
    default:
      throw new TypeError(`no Rego value: ${typeof data}`)
  }
  if (data === null) return null
  if (Array.isArray(data)) return data.map(valueFromData)
  const object = new RegoObject()
  for (const [key, item] of Object.entries(data))
    if (item !== undefined) object.insert(shownText(key), valueFromData(item))
  return object
}

/** JSON-shaped JS data. */
export type JsonData = null | boolean | number | string | JsonData[] | { [key: string]: JsonData }

/** A value as JSON-shaped JS data: sets become arrays, numbers the nearest doubles. */
export function dataFromValue(value: Value): JsonData {
  if (typeof value === 'string') return shownText(value)
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) return value.map(dataFromValue)
  switch (value.kind) {
    case 'decimal':
      return value.toDouble()
    case 'set':
      return value.items().map(dataFromValue)
    case 'object': {
      const entries = jsonEntries(value).map(([key, item]) => [shownText(key), dataFromValue(item)] as const)
      return Object.fromEntries(entries)
    }
  }
}
