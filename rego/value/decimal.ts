// Exact decimal numbers of any size: sign and digits as a BigInt, times a power of ten.

/** How many digits or powers of ten a number may span; beyond it arithmetic would cost more than a policy is worth. */
export const NUMBER_EXPONENT_MAX = 100_000

/** How many characters a number may be written in. */
export const NUMBER_TEXT_MAX = 100_000

/**
 * A number that is no safe integer as JavaScript writes it: it has a fraction, or more digits than a double holds, or is
 * spelled otherwise, like `1.0` and `-0`. Make it by `numberFromText` and the like.
 */
export class Decimal {
  readonly kind = 'decimal'
  /** Not divisible by ten, but for zero. */
  readonly coefficient: bigint
  /** The power of ten that the coefficient is multiplied by. */
  readonly exponent: number
  /** How it was written, which is how it is printed. */
  readonly text: string
  /** The safe integer that it equals, from which only its text tells it. */
  readonly integer: number | undefined
  readonly #double: number

  constructor(coefficient: bigint, exponent: number, text: string, integer?: number) {
    this.coefficient = coefficient
    this.exponent = exponent
    this.text = text
    this.integer = integer
    this.#double = integer ?? Number(text)
  }

  /** The nearest double. */
  toDouble(): number {
    return this.#double
  }

  /** Whether it is an integer (of any size). */
  isInteger(): boolean {
    return this.exponent >= 0
  }

  toString(): string {
    return this.text
  }
}

const zero = 0x30
const nine = 0x39

/** Whether a text is a number as JSON writes it. */
export function isNumberText(text: string): boolean {
  let at = text.charCodeAt(0) === 0x2d ? 1 : 0
  const integer = at
  at = digits(text, at)
  if (at === integer || (at - integer > 1 && text.charCodeAt(integer) === zero)) return false
  if (text.charCodeAt(at) === 0x2e) {
    const fraction = at + 1
    at = digits(text, fraction)
    if (at === fraction) return false
  }
  const e = text.charCodeAt(at)
  if (e === 0x65 || e === 0x45) {
    const sign = text.charCodeAt(at + 1)
    const exponent = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1
    at = digits(text, exponent)
    if (at === exponent) return false
  }
  return at === text.length
}

function digits(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < zero || code > nine) break
  }
  return at
}

/** Reads a number as JSON writes it; undefined when the text is no number or is beyond the limits. */
export function numberFromText(text: string): number | Decimal | undefined {
  if (text.length <= 15 && digits(text, text.charCodeAt(0) === 0x2d ? 1 : 0) === text.length && isNumberText(text)) {
    return text === '-0' ? new Decimal(0n, 0, text, 0) : Number(text)
  }
  if (text.length > NUMBER_TEXT_MAX || !isNumberText(text)) return undefined
  const e = Math.max(text.indexOf('e'), text.indexOf('E'))
  const mantissa = e < 0 ? text : text.slice(0, e)
  const power = e < 0 ? 0 : Number(text.slice(e + 1))
  const dot = mantissa.indexOf('.')
  const whole = dot < 0 ? mantissa : mantissa.slice(0, dot) + mantissa.slice(dot + 1)
  return numberFromParts(BigInt(whole), power - (dot < 0 ? 0 : mantissa.length - dot - 1), text)
}

/** The number `coefficient` times ten to the `exponent`, written so; undefined beyond the limits. */
export function numberFromParts(coefficient: bigint, exponent: number, text?: string): number | Decimal | undefined {
  if (coefficient === 0n) return spelled(0n, 0, 0, text)
  let c = coefficient
  let e = exponent
  if (c % 10n === 0n) {
    const written = c.toString()
    let end = written.length
    while (written.charCodeAt(end - 1) === zero) end--
    e += written.length - end
    c = BigInt(written.slice(0, end))
  }
  if (!Number.isSafeInteger(e) || Math.abs(e) > NUMBER_EXPONENT_MAX) return undefined
  if (e >= 0 && e <= 16) {
    const integer = c * 10n ** BigInt(e)
    if (integer >= MIN_SAFE && integer <= MAX_SAFE) return spelled(c, e, Number(integer), text)
  }
  return new Decimal(c, e, text ?? partsText(c, e))
}

function spelled(c: bigint, e: number, integer: number, text: string | undefined): number | Decimal {
  return text === undefined || text === String(integer) ? integer : new Decimal(c, e, text, integer)
}

const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER)
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

function partsText(c: bigint, e: number): string {
  const negative = c < 0n
  const written = (negative ? -c : c).toString()
  return (negative ? '-' : '') + plainDigits(written, written.length + e)
}

/** Digits with the decimal point after the first `point` of them, written without an exponent. */
export function plainDigits(written: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${written}`
  if (point >= written.length) return written + '0'.repeat(point - written.length)
  return `${written.slice(0, point)}.${written.slice(point)}`
}

/** An integer of any size as a value. */
export function numberFromBigInt(integer: bigint): number | Decimal {
  if (integer >= MIN_SAFE && integer <= MAX_SAFE) return Number(integer)
  const number = numberFromParts(integer, 0, integer.toString())
  if (number === undefined) throw new RangeError('integer beyond the number limit')
  return number
}

/** A finite double as a value: the shortest decimal that reads back as it. */
export function numberFromDouble(double: number): number | Decimal {
  if (Number.isSafeInteger(double)) return double + 0
  const number = numberFromText(String(double))
  if (number === undefined) throw new RangeError('not a finite number')
  return number
}

/** The integer a number is, of any size; undefined when it has a fraction. */
export function integerOf(number: number | Decimal): bigint | undefined {
  if (typeof number === 'number') return BigInt(number)
  return number.exponent >= 0 ? number.coefficient * 10n ** BigInt(number.exponent) : undefined
}

/** A number as it is printed. */
export function numberText(number: number | Decimal): string {
  return typeof number === 'number' ? String(number) : number.text
}

/** The nearest double to a number. */
export function doubleOf(number: number | Decimal): number {
  return typeof number === 'number' ? number : number.toDouble()
}

/** Orders two numbers exactly. */
export function compareNumbers(a: number | Decimal, b: number | Decimal): number {
  const x = doubleOf(a)
  const y = doubleOf(b)
  // Rounding to a double keeps the order, so only equal doubles need the exact comparison.
  if (x !== y) return x < y ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number') return 0
  const [ca, ea] = typeof a === 'number' ? [BigInt(a), 0] : [a.coefficient, a.exponent]
  const [cb, eb] = typeof b === 'number' ? [BigInt(b), 0] : [b.coefficient, b.exponent]
  const e = Math.min(ea, eb)
  const left = ca * 10n ** BigInt(ea - e)
  const right = cb * 10n ** BigInt(eb - e)
  return left === right ? 0 : left < right ? -1 : 1
}
