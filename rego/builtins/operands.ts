// Reads operands of built-ins, refusing them in OPA's words. Positions count from one.
import {
  type Decimal,
  integerOf,
  isArray,
  isNumber,
  isObject,
  isSet,
  type RegoObject,
  type RegoSet,
  type Value,
  type ValueArray,
} from '../value/index.ts'
import { elementsOf, operandElementError, operandError, operandTypeError } from './contract.ts'

/** No number with more digits than this has 64 bits. */
const INT64_DIGITS = 19

/** An operand of any type. */
export function anyOperand(args: readonly Value[], position: number): Value {
  const value = args[position - 1]
  if (value === undefined) throw new RangeError(`no operand ${position}`)
  return value
}

/** A string operand. */
export function stringOperand(args: readonly Value[], position: number): string {
  const value = anyOperand(args, position)
  if (typeof value !== 'string') throw operandTypeError(position, value, 'string')
  return value
}

/** A number operand. */
export function numberOperand(args: readonly Value[], position: number): number | Decimal {
  const value = anyOperand(args, position)
  if (!isNumber(value)) throw operandTypeError(position, value, 'number')
  return value
}

/** An operand that is an integer of 64 bits: what lies beyond the safe integers is the last of them. */
export function integerOperand(args: readonly Value[], position: number): number {
  const value = numberOperand(args, position)
  if (typeof value === 'number') return value
  // It is its text that says so: `1.0` is none, as in OPA.
  const integer = value.text.length > INT64_DIGITS + 1 || !/^-?[0-9]+$/.test(value.text) ? undefined : integerOf(value)
  if (integer === undefined || BigInt.asIntN(64, integer) !== integer)
    throw operandError(position, 'must be integer number but got floating-point number')
  if (integer === 0n) return 0
  return integer < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER
}

/** An operand that is an integer of any size. */
export function bigIntegerOperand(args: readonly Value[], position: number): bigint {
  const value = anyOperand(args, position)
  if (!isNumber(value)) throw operandTypeError(position, value, 'integer')
  const integer = integerOf(value)
  if (integer === undefined) throw operandError(position, 'must be integer number but got floating-point number')
  return integer
}

/** A boolean operand. */
export function booleanOperand(args: readonly Value[], position: number): boolean {
  const value = anyOperand(args, position)
  if (typeof value !== 'boolean') throw operandTypeError(position, value, 'boolean')
  return value
}

/** An array operand. */
export function arrayOperand(args: readonly Value[], position: number): ValueArray {
  const value = anyOperand(args, position)
  if (!isArray(value)) throw operandTypeError(position, value, 'array')
  return value
}

/** A set operand. */
export function setOperand(args: readonly Value[], position: number): RegoSet {
  const value = anyOperand(args, position)
  if (!isSet(value)) throw operandTypeError(position, value, 'set')
  return value
}

/** An object operand. */
export function objectOperand(args: readonly Value[], position: number): RegoObject {
  const value = anyOperand(args, position)
  if (!isObject(value)) throw operandTypeError(position, value, 'object')
  return value
}

/** The elements of an array or set operand. */
export function elementsOperand(
  args: readonly Value[],
  position: number,
  expected: readonly string[] = ['set', 'array'],
): readonly Value[] {
  const value = anyOperand(args, position)
  const elements = elementsOf(value)
  if (elements === undefined) throw operandTypeError(position, value, ...expected)
  return elements
}

/** The strings of an array or set operand. */
export function stringsOperand(
  args: readonly Value[],
  position: number,
  expected: readonly string[] = ['set', 'array'],
): string[] {
  return elementsOperand(args, position, expected).map((element) => {
    if (typeof element !== 'string') throw operandElementError(position, anyOperand(args, position), element, 'string')
    return element
  })
}
