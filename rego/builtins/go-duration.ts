// Durations as Go reads them (`1h30m`), with the days, weeks and years that OPA adds.
import { isDigit } from './go-layout.ts'

/** How long a duration may be. */
const TEXT_MAX = 1_000

/** Beyond 64 bits. */
const HUGE = 1n << 80n

const FRACTION_MAX = (1n << 63n) - 1n

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** What OPA adds, in hours; a year has 365 days. */
const HOURS: Readonly<Record<string, number>> = { d: 24, w: 168, y: 8_760 }

/** Nanoseconds of a duration such as `-1.5h` or `2m3s`; what is wrong, in Go's words, when it is none or beyond 64 bits. */
export function parseDuration(text: string): bigint | string {
  const shown = JSON.stringify(text.slice(0, TEXT_MAX))
  const invalid = `invalid duration ${shown}`
  if (text.length > TEXT_MAX) return invalid
  let at = text[0] === '-' || text[0] === '+' ? 1 : 0
  const negative = text[0] === '-'
  if (text.slice(at) === '0') return 0n
  if (at === text.length) return invalid
  let total = 0n
  while (at < text.length) {
    const whole = digitsAt(text, at)
    at += whole.length
    let fraction = ''
    if (text[at] === '.') {
      fraction = digitsAt(text, at + 1)
      at += 1 + fraction.length
    }
    if (whole === '' && fraction === '') return invalid
    let end = at
    while (end < text.length && text[end] !== '.' && !isDigit(text[end])) end++
    if (BigInt(whole) > FRACTION_MAX) return invalid
    if (end === at) return at < text.length ? invalid : `missing unit in duration ${shown}`
    const name = text.slice(at, end)
    const part =
      HOURS[name] === undefined ? partOf(whole, fraction, UNITS[name]) : hoursOf(whole, fraction, HOURS[name])
    if (part === undefined) return `unknown unit ${JSON.stringify(name)} in duration ${shown}`
    at = end
    total += part
    if (total > 1n << 63n) return invalid
  }
  const signed = negative ? -total : total
  return BigInt.asIntN(64, signed) === signed ? signed : invalid
}

function partOf(whole: string, fraction: string, unit: bigint | undefined): bigint | undefined {
  return unit === undefined ? undefined : BigInt(whole === '' ? '0' : whole) * unit + fractionOf(fraction, unit)
}

/** OPA writes days, weeks and years as hours before Go reads them; their fractions are rounded by that. */
function hoursOf(whole: string, fraction: string, hours: number): bigint | undefined {
  if (fraction === '') return partOf(String(BigInt(whole) * BigInt(hours)), '', UNITS['h'])
  const inAll = String(Number(`${whole}.${fraction}`) * hours)
  const [inHours = '', rest = ''] = inAll.split('.')
  const [digits = '', exponent] = inAll.split('e')
  if (exponent?.startsWith('+') === true) return HUGE
  if (exponent !== undefined)
    return partOf('', `${'0'.repeat(-Number(exponent) - 1)}${digits.replace('.', '')}`, UNITS['h'])
  return partOf(inHours, rest, UNITS['h'])
}

/** A fraction of a unit, by floating point as Go does it: digits beyond 63 bits are passed over. */
function fractionOf(digits: string, unit: bigint): bigint {
  let taken = 0n
  let scale = 1
  for (const digit of digits) {
    const next = taken * 10n + BigInt(digit)
    if (taken > FRACTION_MAX / 10n || next > FRACTION_MAX + 1n) break
    taken = next
    scale *= 10
  }
  return taken === 0n ? 0n : BigInt(Math.trunc(Number(taken) * (Number(unit) / scale)))
}

function digitsAt(text: string, at: number): string {
  let end = at
  while (isDigit(text[end])) end++
  return text.slice(at, end)
}
