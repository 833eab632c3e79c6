// Masks one value that is written as text.
import { createHmac } from 'node:crypto'
import { unreachable } from '../../rego/unreachable.ts'
import { parseStrategy, type Strategy } from '../decision/index.ts'
import { tokenOf } from './token.ts'

/** Strategies that were read before; policies name few. */
const known = new Map<string, Strategy | undefined>()
const knownMax = 256

function strategyOf(text: string): Strategy | undefined {
  if (known.has(text)) return known.get(text)
  const strategy = parseStrategy(text)
  if (known.size < knownMax) known.set(text, strategy)
  return strategy
}

/** The masked form of a text, or null where a strategy leaves nothing to show. An unknown strategy shows nothing. */
export function maskText(strategyText: string, value: string, hashKey: Uint8Array): string | null {
  const strategy = strategyOf(strategyText)
  return strategy === undefined ? null : apply(strategy, value, hashKey)
}

/** What a strategy makes of every value, where it is the same for all; undefined where the value counts. */
export function constantText(strategyText: string): string | undefined {
  const strategy = strategyOf(strategyText)
  if (strategy === undefined || strategy.kind === 'null') return ''
  return strategy.kind === 'redact' || strategy.kind === 'fixed'
    ? (apply(strategy, '', new Uint8Array(0)) ?? '')
    : undefined
}

/** How many characters at which end a strategy shows, where all it does is put stars in the place of the others. */
export function starsOf(strategyText: string): { readonly count: number; readonly end: 'first' | 'last' } | undefined {
  const strategy = strategyOf(strategyText)
  return strategy?.kind === 'first' || strategy?.kind === 'last'
    ? { count: strategy.count, end: strategy.kind }
    : undefined
}

function apply(strategy: Strategy, value: string, hashKey: Uint8Array): string | null {
  switch (strategy.kind) {
    case 'redact':
      return '[redacted]'
    case 'null':
      return null
    case 'fixed':
      return strategy.text
    case 'tokenize':
      return tokenOf(value, hashKey)
    case 'hash':
      return createHmac('sha256', hashKey).update(value).digest('hex').slice(0, 32)
    case 'partial':
      return partial(value)
    case 'first':
      return shown(value, strategy.count, 'first')
    case 'last':
      return shown(value, strategy.count, 'last')
    case 'date':
      return date(value, strategy.keep)
    case 'bucket': {
      const number = Number(value)
      return value.trim() === '' || !Number.isFinite(number)
        ? null
        : String(Math.floor(number / strategy.size) * strategy.size)
    }
    default:
      return unreachable(strategy)
  }
}

/** A value that is not longer than what may be shown is not shown at all. */
function shown(value: string, count: number, end: 'first' | 'last'): string {
  // Without surrogates a character is one code unit, and nothing need be taken apart.
  const characters: string | readonly string[] = /[\ud800-\udfff]/.test(value) ? [...value] : value
  const hidden = characters.length - count
  if (hidden < count) return '*'.repeat(characters.length)
  const stars = '*'.repeat(hidden)
  const text = (part: string | readonly string[]): string => (typeof part === 'string' ? part : part.join(''))
  return end === 'first' ? text(characters.slice(0, count)) + stars : stars + text(characters.slice(hidden))
}

/** `person@example.org` becomes `p*****@example.org`; anything without an at sign is hidden but for its first character. */
function partial(value: string): string {
  const at = value.lastIndexOf('@')
  const local = at < 0 ? value : value.slice(0, at)
  const [first = '', ...rest] = [...local]
  return `${rest.length === 0 ? '*' : first}${'*'.repeat(rest.length)}${at < 0 ? '' : value.slice(at)}`
}

function date(value: string, keep: 'year' | 'month' | 'day'): string | null {
  const [year, month, day] = [value.slice(0, 4), value.slice(5, 7), value.slice(8, 10)]
  const digits = (text: string, length: number): boolean =>
    text.length === length && [...text].every((one) => one >= '0' && one <= '9')
  if (!digits(year, 4) || !digits(month, 2) || !digits(day, 2) || value[4] !== '-' || value[7] !== '-') return null
  return keep === 'year' ? `${year}-01-01` : keep === 'month' ? `${year}-${month}-01` : `${year}-${month}-${day}`
}
