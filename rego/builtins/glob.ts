// glob.match glob.quote_meta: globs with delimiters, translated to RE2 patterns and so matched in linear time.
import { isArray, runes, type Value } from '../value/index.ts'
import { type Builtin, BuiltinError, operandElementError, operandTypeError } from './contract.ts'
import { anyOperand, stringOperand } from './operands.ts'
import { compile, finds } from './regex.ts'

/** How deep alternatives may nest. */
const DEPTH_MAX = 50

/** The built-ins on globs by name. */
export const glob: Readonly<Record<string, Builtin>> = {
  'glob.match': (context, args) => {
    const pattern = stringOperand(args, 1)
    const delimiters = delimitersOperand(args)
    const text = stringOperand(args, 3)
    context.spend(1 + ((text.length + pattern.length) >> 4))
    return finds(compile(globPattern(pattern, delimiters)), text, (units) => context.spend(units))
  },
  'glob.quote_meta': (_, args) => stringOperand(args, 1).replace(/[*?\\[\]{}]/g, '\\$&'),
}

/** Null is none; an empty array is the dot. */
function delimitersOperand(args: readonly Value[]): readonly string[] {
  const value = anyOperand(args, 2)
  if (value === null) return []
  if (!isArray(value)) throw operandTypeError(2, value, 'array', 'null')
  const delimiters = value.map((item) => {
    if (typeof item !== 'string') throw operandElementError(2, value, item, 'string')
    if (runes(item).length !== 1) throw operandElementError(2, value, item, 'rune')
    return item
  })
  return delimiters.length === 0 ? ['.'] : delimiters
}

/** Says whether texts are what a glob without delimiters means, as lists of files have them. Throws BuiltinError when it is none. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const compiled = compile(globPattern(pattern, []))
  return (text) => finds(compiled, text, () => undefined)
}

function refused(pattern: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', `malformed glob: ${pattern}`)
}

/** The RE2 pattern for a glob. */
export function globPattern(pattern: string, delimiters: readonly string[]): string {
  const any = delimiters.length === 0 ? '(?s:.)' : `[^${delimiters.map(quoteRune).join('')}]`
  const all = runes(pattern)
  let translated = '\\A'
  let depth = 0
  for (let i = 0; i < all.length; i++) {
    const rune = all[i] ?? ''
    if (rune === '\\') {
      const next = all[++i]
      // A backslash at the end stands for nothing.
      if (next !== undefined) translated += quoteRune(next)
    } else if (rune === '*') {
      const isSuper = all[i + 1] === '*'
      if (isSuper) i++
      translated += isSuper ? '(?s:.*)' : `${any}*`
    } else if (rune === '?') translated += any
    else if (rune === '[') {
      const end = classEnd(all, i, pattern)
      translated += classPattern(all.slice(i + 1, end), pattern)
      i = end
    } else if (rune === '{') {
      if (++depth > DEPTH_MAX) throw refused(pattern)
      translated += '(?:'
    } else if (rune === '}' && depth > 0) {
      depth--
      translated += ')'
    } else translated += rune === ',' && depth > 0 ? '|' : quoteRune(rune)
  }
  // Alternatives left open end with the pattern.
  return `${translated}${')'.repeat(depth)}\\z`
}

function classEnd(all: readonly string[], start: number, pattern: string): number {
  for (let i = start + 1; i < all.length; i++) {
    if (all[i] === '\\') i++
    else if (all[i] === ']') return i
  }
  throw refused(pattern)
}

function classPattern(inside: readonly string[], pattern: string): string {
  const negated = inside[0] === '!'
  const items = inside.slice(negated ? 1 : 0)
  if (items.length === 0) throw refused(pattern)
  const [low = '', dash, high = ''] = items
  const open = negated ? '[^' : '['
  if (items.length === 3 && dash === '-') {
    if (high < low) throw refused(pattern)
    return `${open}${quoteRune(low)}-${quoteRune(high)}]`
  }
  if (items[1] === '-') throw refused(pattern)
  const members = items.filter((rune, i) => rune !== '\\' || items[i - 1] === '\\')
  return `${open}${members.map(quoteRune).join('')}]`
}

/** A rune that stands for itself, in and out of classes. */
function quoteRune(rune: string): string {
  if (/^[A-Za-z0-9_]$/.test(rune)) return rune
  return `\\x{${(rune.codePointAt(0) ?? 0).toString(16)}}`
}
