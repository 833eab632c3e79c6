// Values as Rego literals, the way OPA prints them in messages and by `print`.
import { numberText } from './decimal.ts'
import { isArray, type Value } from './value.ts'

/** A value as a Rego literal. */
export function writeRego(value: Value): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (isArray(value)) return `[${value.map(writeRego).join(', ')}]`
  switch (value.kind) {
    case 'decimal':
      return numberText(value)
    case 'set':
      return value.size === 0 ? 'set()' : `{${value.items().map(writeRego).join(', ')}}`
    case 'object': {
      const entries: string[] = []
      for (const [key, item] of value.entries()) entries.push(`${writeRego(key)}: ${writeRego(item)}`)
      return `{${entries.join(', ')}}`
    }
  }
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** A string in double quotes, escaped as Go's `strconv.Quote` does. */
export function quote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  let quoted = '"'
  for (const rune of text) quoted += SHORT[rune] ?? (isPrintable(rune) ? rune : escapeRune(rune))
  return `${quoted}"`
}

function isPrintable(rune: string): boolean {
  return rune === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(rune)
}

function escapeRune(rune: string): string {
  const code = rune.codePointAt(0) ?? 0
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}
