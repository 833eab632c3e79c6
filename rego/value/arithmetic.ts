// Rego arithmetic as OPA does it: integers exactly at any size, everything else in 64-bit-mantissa floats.
import {
  addFloats,
  type BigFloat,
  divideFloats,
  floatOf,
  multiplyFloats,
  numberFromFloat,
  truncate,
  ZERO,
} from './big-float.ts'
import { Decimal, integerOf, numberFromBigInt } from './decimal.ts'

type Num = number | Decimal

const NEGATIVE_ZERO = new Decimal(0n, 0, '-0', 0)

/** Why an operation has no result. */
export type ArithmeticFault = 'divide by zero' | 'modulo by zero' | 'modulo on floating-point number' | 'number too big'

/** An arithmetic operation without a result. */
export class ArithmeticError extends Error {
  readonly fault: ArithmeticFault

  constructor(fault: ArithmeticFault) {
    super(fault)
    this.name = 'ArithmeticError'
    this.fault = fault
  }
}

/** a + b */
export function add(a: Num, b: Num): Num {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  return binary(a, b, (x, y) => x + y, addFloats)
}

/** a - b */
export function subtract(a: Num, b: Num): Num {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b
    if (Number.isSafeInteger(difference)) return difference
  }
  return binary(
    a,
    b,
    (x, y) => x - y,
    (x, y) => addFloats(x, { mantissa: -y.mantissa, exponent: y.exponent }),
  )
}

/** a * b */
export function multiply(a: Num, b: Num): Num {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b
    if (Number.isSafeInteger(product)) return product + 0
  }
  return signedZero(
    binary(a, b, (x, y) => x * y, multiplyFloats),
    (integerOf(a) === undefined || integerOf(b) === undefined) && isNegative(a) !== isNegative(b),
  )
}

/** The sum of all: exact where all are integers, in floats where one is not. */
export function sum(numbers: readonly Num[]): Num {
  if (numbers.every(isInteger)) return numbers.reduce(add, 0)
  return number(numbers.map(floatOf).reduce(addFloats, ZERO))
}

/** The product of all: exact where all are integers, in floats where one is not. */
export function product(numbers: readonly Num[]): Num {
  if (numbers.every(isInteger)) return numbers.reduce(multiply, 1)
  const float = numbers.map(floatOf).reduce(multiplyFloats, { mantissa: 1n, exponent: 0 })
  return signedZero(number(float), numbers.filter(isNegative).length % 2 === 1)
}

/** a / b; throws on a zero divisor. */
export function divide(a: Num, b: Num): Num {
  if (b === 0 || (typeof b !== 'number' && b.integer === 0)) throw new ArithmeticError('divide by zero')
  if (typeof a === 'number' && typeof b === 'number' && a !== 0 && a % b === 0) return a / b
  return signedZero(number(divideFloats(floatOf(a), floatOf(b))), isNegative(a) !== isNegative(b))
}

/** a % b, with the sign of a; throws on a zero divisor and on fractions. */
export function remainder(a: Num, b: Num): Num {
  const x = integerOf(a)
  const y = integerOf(b)
  if (x === undefined || y === undefined) throw new ArithmeticError('modulo on floating-point number')
  if (y === 0n) throw new ArithmeticError('modulo by zero')
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0
  return numberFromBigInt(x % y)
}

/** The magnitude. */
export function absolute(a: Num): Num {
  if (typeof a === 'number') return Math.abs(a)
  const { mantissa, exponent } = floatOf(a)
  return number({ mantissa: mantissa < 0n ? -mantissa : mantissa, exponent })
}

/** The number with its sign turned. */
export function negate(a: Num): Num {
  return subtract(0, a)
}

/** The nearest integer, halves away from zero. */
export function round(a: Num): Num {
  if (typeof a === 'number') return a
  const float = floatOf(a)
  const half: BigFloat = { mantissa: float.mantissa < 0n ? -1n : 1n, exponent: -1 }
  return numberFromBigInt(truncate(addFloats(float, half)))
}

/** The integer part, rounded toward zero. */
export function truncated(a: Num): bigint {
  return integerOf(a) ?? truncate(floatOf(a))
}

/** The smallest integer not below; between -1 and 0 it is 1, as in OPA, which asks for the sign of the integer part. */
export function ceil(a: Num): Num {
  if (typeof a === 'number') return a
  const float = floatOf(a)
  const whole = truncate(float)
  return numberFromBigInt(whole >= 0n && !isWhole(float, whole) ? whole + 1n : whole)
}

/** The largest integer not above; between -1 and 0 it is 0, as in OPA, which asks for the sign of the integer part. */
export function floor(a: Num): Num {
  if (typeof a === 'number') return a
  const float = floatOf(a)
  const whole = truncate(float)
  return numberFromBigInt(whole < 0n && !isWhole(float, whole) ? whole - 1n : whole)
}

function isInteger(a: Num): boolean {
  return typeof a === 'number' || a.isInteger()
}

function isNegative(a: Num): boolean {
  return typeof a === 'number' ? a < 0 : a.text.startsWith('-')
}

/** Zero keeps the sign that floats give it: it is printed. */
function signedZero(result: Num, negative: boolean): Num {
  return negative && result === 0 ? NEGATIVE_ZERO : result
}

function isWhole(float: BigFloat, whole: bigint): boolean {
  return float.exponent >= 0 || whole << BigInt(-float.exponent) === float.mantissa
}

function binary(
  a: Num,
  b: Num,
  exact: (x: bigint, y: bigint) => bigint,
  inexact: (x: BigFloat, y: BigFloat) => BigFloat,
): Num {
  const x = integerOf(a)
  const y = x === undefined ? undefined : integerOf(b)
  if (x !== undefined && y !== undefined) {
    const result = exact(x, y)
    return numberFromBigInt(result)
  }
  return number(inexact(floatOf(a), floatOf(b)))
}

function number(float: BigFloat): Num {
  const result = numberFromFloat(float)
  if (result === undefined) throw new ArithmeticError('number too big')
  return result
}
