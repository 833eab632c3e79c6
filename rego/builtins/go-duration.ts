// Durations as Go reads them (`1h30m`), with the days, weeks and years that OPA adds.
import { isDigit } from './go-layout.ts'

/** How long a duration may be. */
const TEXT_MAX = 1_000

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
  // 365 days.
  y: 31_536_000_000_000_000n,
}

/** Nanoseconds of a duration such as `-1.5h` or `2m3s`; undefined when it is none or beyond 64 bits. */
export function parseDuration(text: string): bigint | undefined {
  if (text.length > TEXT_MAX) return undefined
  let at = text[0] === '-' || text[0] === '+' ? 1 : 0
  const negative = text[0] === '-'
  if (text.slice(at) === '0') return 0n
  if (at === text.length) return undefined
  let total = 0n
  while (at < text.length) {
    const whole = digitsAt(text, at)
    at += whole.length
    let fraction = ''
    if (text[at] === '.') {
      fraction = digitsAt(text, at + 1)
      at += 1 + fraction.length
    }
    if (whole === '' && fraction === '') return undefined
    let end = at
    while (end < text.length && text[end] !== '.' && !isDigit(text[end])) end++
    const unit = UNITS[text.slice(at, end)]
    if (unit === undefined) return undefined
    at = end
    total += BigInt(whole === '' ? '0' : whole) * unit
    if (fraction !== '') total += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length)
    if (total > 1n << 63n) return undefined
  }
  const signed = negative ? -total : total
  return BigInt.asIntN(64, signed) === signed ? signed : undefined
}

function digitsAt(text: string, at: number): string {
  let end = at
  while (isDigit(text[end])) end++
  return text.slice(at, end)
}
