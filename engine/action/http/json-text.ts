// JSON of a request, as far as all its readers read the same: policies see it whole, or the action is incomplete.
import type { HttpJson } from './facts.ts'
import { jsonDepthMax, jsonValuesMax } from './limits.ts'

/**
 * A JSON text that two readers read alike: no member twice (Go and .NET take `Role` for `role`), nothing too deep, no number that loses digits, no half of a
 * character.
 */
export function jsonOf(text: string): { readonly value: HttpJson } | undefined {
  let value: HttpJson
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isBounded(value, 0, { left: jsonValuesMax })) return undefined
  // Written again it must say as much as before: a member that is there twice would be gone.
  return marksOf(text) === membersOf(value) ? { value } : undefined
}

function isBounded(value: HttpJson, depth: number, count: { left: number }): boolean {
  if (--count.left < 0 || depth > jsonDepthMax) return false
  if (typeof value === 'string') return isWellFormed(value)
  if (typeof value === 'number')
    return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value))
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every((one: HttpJson) => isBounded(one, depth + 1, count))
  const entries = Object.entries(value)
  if (entries.length > 1 && namesOf(entries) < entries.length) return false
  return entries.every(([name, one]) => isWellFormed(name) && isBounded(one, depth + 1, count))
}

/** How many names there are to a reader that looks past case. Upper case first: it is there that `\u017f` becomes an `s`. */
function namesOf(entries: readonly (readonly [name: string, value: unknown])[]): number {
  return new Set(entries.map(([name]) => name.toUpperCase().toLowerCase())).size
}

/** Without half of a pair of surrogates, which readers drop, replace or keep. */
function isWellFormed(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0xd800 || code > 0xdfff) continue
    const next = text.charCodeAt(at + 1)
    if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return false
    at++
  }
  return true
}

/** Counts the colons outside of strings: one for each member that is left after parsing. -1 where a number loses digits. */
function marksOf(text: string): number {
  let colons = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === colon) colons++
    else if (code === minus || isDigit(code)) {
      const end = endOfNumber(text, at)
      if (!isExact(text.slice(at, end))) return -1
      at = end - 1
    }
  }
  return colons
}

const quote = 34
const minus = 45
const colon = 58
const backslash = 92

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** The place of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at++
    else if (code === quote) break
  }
  return at
}

function endOfNumber(text: string, start: number): number {
  let at = start
  while (at < text.length && (isDigit(text.charCodeAt(at)) || '+-.eE'.includes(text.charAt(at)))) at++
  return at
}

/** Digits that every double keeps (DBL_DIG). */
const keptDigits = 15

/** Whether a number of JSON says the same after it was a double: a reader with decimals would read another otherwise. */
function isExact(written: string): boolean {
  if (written.length <= keptDigits && !written.includes('e') && !written.includes('E')) return true
  const said = decimalOf(written)
  const kept = decimalOf(String(Number(written)))
  return said.digits === kept.digits && (said.digits === '' || said.exponent === kept.exponent)
}

/** A number as digits without zeros at either end, and the power of ten of the last of them. */
function decimalOf(written: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa = '', power = '0'] = written.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const all = whole + fraction
  let from = 0
  let to = all.length
  while (from < to && all.charCodeAt(from) === 48) from++
  while (to > from && all.charCodeAt(to - 1) === 48) to--
  return { digits: all.slice(from, to), exponent: Number(power) - fraction.length + all.length - to }
}

function membersOf(value: HttpJson): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, one: HttpJson) => sum + membersOf(one), 0)
  return Object.values(value).reduce<number>((sum, one: HttpJson) => sum + 1 + membersOf(one), 0)
}
