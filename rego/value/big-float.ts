// Binary floating point with a mantissa of 64 bits, rounding to nearest even: what OPA computes fractions in.
import { type Decimal, numberFromParts, plainDigits } from './decimal.ts'

/** How many bits a mantissa has. */
const PRECISION = 64

/** `mantissa` times two to the `exponent`; the mantissa is signed and of at most 64 bits. */
export interface BigFloat {
  readonly mantissa: bigint
  readonly exponent: number
}

/** Zero. */
export const ZERO: BigFloat = { mantissa: 0n, exponent: 0 }

/** The float nearest to a number. */
export function floatOf(number: number | Decimal): BigFloat {
  if (typeof number === 'number') return { mantissa: BigInt(number), exponent: 0 }
  const { coefficient, exponent } = number
  if (exponent >= 0) return rounded(coefficient * 10n ** BigInt(exponent), 0, false)
  return quotient(coefficient, 10n ** BigInt(-exponent), 0)
}

/** The sum of two floats. */
export function addFloats(a: BigFloat, b: BigFloat): BigFloat {
  if (a.mantissa === 0n) return b
  if (b.mantissa === 0n) return a
  const [high, low] = a.exponent >= b.exponent ? [a, b] : [b, a]
  const shift = high.exponent - low.exponent
  const reach = bitLength(high.mantissa) + shift - bitLength(low.mantissa)
  if (reach > 2 * PRECISION + 2) {
    // The small one is beyond the last bit: it can only break a tie, so one bit in its place says as much.
    const widened = high.mantissa << BigInt(PRECISION + 2)
    return rounded(widened + (low.mantissa < 0n ? -1n : 1n), high.exponent - PRECISION - 2, false)
  }
  return rounded((high.mantissa << BigInt(shift)) + low.mantissa, low.exponent, false)
}

/** The product of two floats. */
export function multiplyFloats(a: BigFloat, b: BigFloat): BigFloat {
  return rounded(a.mantissa * b.mantissa, a.exponent + b.exponent, false)
}

/** The quotient of two floats; the divisor is not zero. */
export function divideFloats(a: BigFloat, b: BigFloat): BigFloat {
  return quotient(a.mantissa, b.mantissa, a.exponent - b.exponent)
}

/** The integer part of a float, rounded toward zero. */
export function truncate(a: BigFloat): bigint {
  if (a.exponent >= 0) return a.mantissa << BigInt(a.exponent)
  const magnitude = abs(a.mantissa) >> BigInt(-a.exponent)
  return a.mantissa < 0n ? -magnitude : magnitude
}

/** The number a float prints as: the shortest decimal that reads back as it. Undefined beyond the number limits. */
export function numberFromFloat(a: BigFloat): number | Decimal | undefined {
  if (a.mantissa === 0n) return 0
  const { digits, point } = shortest(abs(a.mantissa), a.exponent)
  const sign = a.mantissa < 0n ? '-' : ''
  const text = point >= digits.length ? plainDigits(digits, point) : generalDigits(digits, point)
  return numberFromParts(BigInt(sign + digits), point - digits.length, sign + text)
}

/** A number as Go's `%g` writes it with the digits it has: from a million on with an exponent. */
export function generalText(number: number | Decimal): string {
  if (number === 0) return '0'
  const [coefficient, exponent] =
    typeof number === 'number' ? [BigInt(number), 0] : [number.coefficient, number.exponent]
  const all = abs(coefficient).toString()
  return (coefficient < 0n ? '-' : '') + generalDigits(all.slice(0, withoutZeros(all)), all.length + exponent)
}

function generalDigits(digits: string, point: number): string {
  const exponent = point - 1
  return exponent < -4 || exponent >= 6 ? scientificText(digits, exponent) : plainDigits(digits, point)
}

function scientificText(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  const power = Math.abs(exponent).toString().padStart(2, '0')
  return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${power}`
}

function abs(n: bigint): bigint {
  return n < 0n ? -n : n
}

function bitLength(n: bigint): number {
  const hex = abs(n).toString(16)
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex.charAt(0), 16)))
}

/** Rounds to the precision; `more` says that the true magnitude is a little above the given one. */
function rounded(mantissa: bigint, exponent: number, more: boolean): BigFloat {
  if (mantissa === 0n) return ZERO
  const excess = bitLength(mantissa) - PRECISION
  if (excess <= 0) return { mantissa, exponent }
  const magnitude = abs(mantissa)
  const width = BigInt(excess)
  let kept = magnitude >> width
  const rest = magnitude - (kept << width)
  const half = 1n << (width - 1n)
  if (rest > half || (rest === half && (more || (kept & 1n) === 1n))) kept += 1n
  return { mantissa: mantissa < 0n ? -kept : kept, exponent: exponent + excess }
}

function quotient(dividend: bigint, divisor: bigint, exponent: number): BigFloat {
  const x = abs(dividend)
  const y = abs(divisor)
  if (x === 0n) return ZERO
  const shift = Math.max(0, PRECISION + 2 + bitLength(y) - bitLength(x))
  const scaled = x << BigInt(shift)
  const whole = scaled / y
  const negative = dividend < 0n !== divisor < 0n
  return rounded(negative ? -whole : whole, exponent - shift, scaled % y !== 0n)
}

/** The fewest digits that lie within half a unit in the last of the 64 places, with where their decimal point is. */
function shortest(magnitude: bigint, exponent: number): { digits: string; point: number } {
  const widen = PRECISION - bitLength(magnitude)
  const mantissa = magnitude << BigInt(widen)
  // In units of half the last place: the value is 2 * mantissa, its bounds one less and one more.
  const power = exponent - widen - 1
  const scale = power >= 0 ? 2n ** BigInt(power) : 5n ** BigInt(-power)
  const point10 = Math.min(power, 0)
  const value = (mantissa * 2n * scale).toString()
  const upper = ((mantissa * 2n + 1n) * scale).toString()
  const length = upper.length
  const exact = value.padStart(length, '0')
  const lower = ((mantissa * 2n - 1n) * scale).toString().padStart(length, '0')
  const inclusive = (mantissa & 1n) === 0n
  const [lowerEnd, upperEnd] = [withoutZeros(lower), withoutZeros(upper)]
  let digits = exact
  for (let i = 0; i < length; i++) {
    const d = exact.charCodeAt(i)
    const l = lower.charCodeAt(i)
    const u = upper.charCodeAt(i)
    const down = l !== d || (inclusive && i + 1 === lowerEnd)
    const up = d !== u && (inclusive || d + 1 < u || i + 1 < upperEnd)
    if (!down && !up) continue
    const head = exact.slice(0, i + 1)
    const raise = down && up ? roundsUp(exact, i + 1) : up
    digits = (raise ? (BigInt(head) + 1n).toString().padStart(i + 1, '0') : head) + '0'.repeat(length - i - 1)
    break
  }
  const point = digits.length + point10
  let leading = 0
  while (digits.charCodeAt(leading) === 0x30) leading++
  return { digits: digits.slice(leading, withoutZeros(digits)), point: point - leading }
}

/** Where the zeros begin that digits end in. */
function withoutZeros(digits: string): number {
  let end = digits.length
  while (end > 1 && digits.charCodeAt(end - 1) === 0x30) end--
  return end
}

/** Whether digits cut after the first `keep` round up, halves to even. */
function roundsUp(digits: string, keep: number): boolean {
  const next = digits.charCodeAt(keep)
  if (Number.isNaN(next) || next < 0x35) return false
  if (next > 0x35) return true
  for (let i = keep + 1; i < digits.length; i++) if (digits.charCodeAt(i) !== 0x30) return true
  return (digits.charCodeAt(keep - 1) - 0x30) % 2 === 1
}
