// Strings: concat contains split replace substring trim* indexof ... Positions and lengths count runes.
import { isArray, isSet, runeCount, runes, type Value } from '../value/index.ts'
import { type Builtin, type BuiltinContext, BuiltinError, operandError, operandTypeError } from './contract.ts'
import { anyOperand, integerOperand, objectOperand, stringOperand, stringsOperand } from './operands.ts'

/** How long a string may become, in UTF-16 units. */
const TEXT_MAX = 64 * 1024 * 1024

/** The built-ins on strings by name. */
export const strings: Readonly<Record<string, Builtin>> = {
  concat: (context, args) => {
    const separator = stringOperand(args, 1)
    const parts = stringsOperand(args, 2)
    const length = parts.reduce((sum, part) => sum + part.length + separator.length, 0)
    context.spend(1 + (checked(length) >> 6))
    return parts.join(separator)
  },
  contains: search((text, part) => text.includes(part)),
  startswith: pair((text, part) => text.startsWith(part)),
  endswith: pair((text, part) => text.endsWith(part)),
  lower: single(lower),
  upper: single(upper),
  'strings.reverse': single((text) => runes(text).reverse().join('')),
  'strings.count': search((text, part) => (part === '' ? runeCount(text) + 1 : text.split(part).length - 1)),
  'strings.any_prefix_match': (context, args) => anyMatch(context, args, (text, part) => text.startsWith(part)),
  'strings.any_suffix_match': (context, args) => anyMatch(context, args, (text, part) => text.endsWith(part)),
  split: search((text, separator) => splitAll(text, separator)),
  'strings.split_n': (context, args) => {
    const [text, separator] = [stringOperand(args, 1), stringOperand(args, 2)]
    context.spend(searchUnits(text, separator))
    const parts = splitAll(text, separator)
    const n = integerOperand(args, 3)
    return n >= 0 ? parts.slice(0, n) : parts.slice(Math.max(0, parts.length + n))
  },
  replace: (context, args) => {
    const [text, old, by] = [stringOperand(args, 1), stringOperand(args, 2), stringOperand(args, 3)]
    return replaceAll(text, [[old, by]], (units) => context.spend(units))
  },
  'strings.replace_n': (context, args) => {
    const patterns = objectOperand(args, 1)
    const text = stringOperand(args, 2)
    const pairs = [...patterns.entries()].map(([old, by]): readonly [string, string] => {
      if (typeof old !== 'string') throw operandError(1, 'non-string key found in pattern object')
      if (typeof by !== 'string') throw operandError(1, 'non-string value found in pattern object')
      return [old, by]
    })
    return replaceAll(text, pairs, (units) => context.spend(units))
  },
  substring: (_, args) => {
    const text = stringOperand(args, 1)
    const [start, length] = [integerOperand(args, 2), integerOperand(args, 3)]
    if (start < 0) throw new BuiltinError('eval_builtin_error', 'negative offset')
    const all = runes(text)
    return all.slice(start, length < 0 ? all.length : start + length).join('')
  },
  indexof: (context, args) => indexes(context, args).next().value ?? -1,
  indexof_n: (context, args) => [...indexes(context, args)],
  trim: pair(trimBoth),
  trim_left: pair(trimLeft),
  trim_right: pair(trimRight),
  trim_prefix: pair((text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  trim_suffix: pair((text, suffix) => (text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text)),
  trim_space: single((text) => trimBoth(text, SPACE)),
}

/** What Go's unicode.IsSpace takes for white space. */
const SPACE =
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'

/** Each rune by itself, and one for one, as Go does it: no final sigma, no `SS` for `ß`. */
function lower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapped(text, (rune) => (rune === '\u0130' ? 'i' : rune.toLowerCase()))
}

function upper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapped(text, (rune) => rune.toUpperCase())
}

function mapped(text: string, change: (rune: string) => string): string {
  let changed = ''
  for (const rune of text) {
    const other = change(rune)
    changed += runeCount(other) === 1 ? other : rune
  }
  return changed
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

function single(operation: (text: string) => Value): Builtin {
  return (_, args) => operation(stringOperand(args, 1))
}

function pair(operation: (a: string, b: string) => Value): Builtin {
  return (_, args) => operation(stringOperand(args, 1), stringOperand(args, 2))
}

/** A built-in that looks for the second text in the first. */
function search(operation: (text: string, part: string) => Value): Builtin {
  return (context, args) => {
    const [text, part] = [stringOperand(args, 1), stringOperand(args, 2)]
    context.spend(searchUnits(text, part))
    return operation(text, part)
  }
}

/** What it costs at most to look for a text: each place may be held against all of it. */
function searchUnits(text: string, part: string): number {
  return 1 + Math.floor((text.length * (4 + part.length)) / 1024)
}

function checked(length: number): number {
  if (length > TEXT_MAX) throw new BuiltinError('eval_builtin_error', 'string beyond the limit')
  return length
}

function splitAll(text: string, separator: string): string[] {
  return separator === '' ? runes(text) : text.split(separator)
}

/** The text without the runes of the cutset at its ends. */
export function trimBoth(text: string, cutset: string): string {
  return trimRight(trimLeft(text, cutset), cutset)
}

function trimLeft(text: string, cutset: string): string {
  const cut = new Set(runes(cutset))
  const all = runes(text)
  const start = all.findIndex((rune) => !cut.has(rune))
  return start < 0 ? '' : all.slice(start).join('')
}

function trimRight(text: string, cutset: string): string {
  const cut = new Set(runes(cutset))
  const all = runes(text)
  return all.slice(0, all.findLastIndex((rune) => !cut.has(rune)) + 1).join('')
}

function* indexes(context: BuiltinContext, args: readonly Value[]): Generator<number> {
  const [text, part] = [stringOperand(args, 1), stringOperand(args, 2)]
  context.spend(searchUnits(text, part))
  if (part === '') throw new BuiltinError('eval_builtin_error', 'empty search character')
  let units = 0
  let counted = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    counted += runeCount(text.slice(units, at))
    units = at
    yield counted
  }
}

function anyMatch(
  context: BuiltinContext,
  args: readonly Value[],
  matches: (text: string, part: string) => boolean,
): boolean {
  const [texts, parts] = [oneOrMany(args, 1), oneOrMany(args, 2)]
  context.spend(Math.floor((texts.length * parts.length) / 64))
  return texts.some((text) => parts.some((part) => matches(text, part)))
}

function oneOrMany(args: readonly Value[], position: number): string[] {
  const value = anyOperand(args, position)
  if (typeof value === 'string') return [value]
  if (!isArray(value) && !isSet(value)) throw operandTypeError(position, value, 'string', 'set', 'array')
  return stringsOperand(args, position)
}

/** Replaces from left to right without looking at what was put in; where several match, the first of `pairs` wins. */
function replaceAll(
  text: string,
  pairs: readonly (readonly [string, string])[],
  spend: (units: number) => void,
): string {
  const [only] = pairs
  spend(1 + ((text.length * Math.max(1, pairs.length)) >> 6))
  if (only === undefined) return text
  if (pairs.length === 1 && only[0] !== '') {
    spend(searchUnits(text, only[0]))
    const parts = text.split(only[0])
    checked(text.length + parts.length * only[1].length)
    return parts.join(only[1])
  }
  let replaced = ''
  let at = 0
  // An empty pattern matches once at a place; then the others have their turn there.
  let afterEmpty = false
  while (at <= text.length) {
    const found = pairs.find(([old]) => text.startsWith(old, at) && (old !== '' || !afterEmpty))
    if (found === undefined) {
      const rune = at < text.length ? String.fromCodePoint(text.codePointAt(at) ?? 0) : ''
      replaced += rune
      at += rune.length || 1
    } else {
      replaced += found[1]
      at += found[0].length
    }
    afterEmpty = found?.[0] === ''
    checked(replaced.length)
  }
  return replaced
}
