// bits.* numbers.range numbers.range_step format_int rand.intn.
import { isDecimal, NUMBER_TEXT_MAX, numberFromBigInt, truncated, type Value } from '../value/index.ts'
import { type Builtin, type BuiltinContext, BuiltinError, operandError } from './contract.ts'
import { anyOperand, bigIntegerOperand, integerOperand, numberOperand, stringOperand } from './operands.ts'

/** How many numbers a range may hold. */
const RANGE_MAX = 10_000_000

/** How far bits may be shifted to the left: beyond it a number has no text within the limit. */
const SHIFT_MAX = 300_000n

/** The built-ins on integers by name. */
export const numbers: Readonly<Record<string, Builtin>> = {
  'bits.and': bits((a, b) => a & b),
  'bits.or': bits((a, b) => a | b),
  'bits.xor': bits((a, b) => a ^ b),
  'bits.lsh': (context, args) => {
    const [number, by] = [bigIntegerOperand(args, 1), shift(bigIntegerOperand(args, 2))]
    if (by > SHIFT_MAX) throw new BuiltinError('eval_builtin_error', 'shift beyond the limit')
    // The digits of a long number cost more than its bits.
    context.spend(Number(by >> 7n))
    return numberFromBigInt(number << by)
  },
  'bits.rsh': bits((a, b) => a >> shift(b)),
  'bits.negate': (_, args) => numberFromBigInt(~bigIntegerOperand(args, 1)),
  'numbers.range': (context, args) => range(context, bigIntegerOperand(args, 1), bigIntegerOperand(args, 2), 1n),
  'numbers.range_step': (context, args) => {
    const [from, to, step] = [bigIntegerOperand(args, 1), bigIntegerOperand(args, 2), bigIntegerOperand(args, 3)]
    if (step <= 0n) {
      throw new BuiltinError('eval_builtin_error', 'numbers.range_step: step must be a positive integer')
    }
    return range(context, from, to, step)
  },
  format_int: (_, args) => {
    const number = numberOperand(args, 1)
    numberOperand(args, 2)
    const base = anyOperand(args, 2)
    if (base !== 2 && base !== 8 && base !== 10 && base !== 16) throw operandError(2, 'must be one of {2, 8, 10, 16}')
    if (isDecimal(number) && number.exponent > NUMBER_TEXT_MAX) throw operandError(1, 'is too big')
    return truncated(number).toString(base)
  },
  'rand.intn': (context, args) => {
    const name = stringOperand(args, 1)
    const bound = Math.abs(integerOperand(args, 2))
    if (bound === 0) return 0
    const key = `rand.intn ${bound} ${name}`
    const before = context.cache.get(key)
    if (typeof before === 'number') return before
    const bytes = context.random(8)
    let random = 0n
    for (const byte of bytes) random = (random << 8n) | BigInt(byte)
    const chosen = Number(random % BigInt(bound))
    context.cache.set(key, chosen)
    return chosen
  },
}

function bits(operation: (a: bigint, b: bigint) => bigint): Builtin {
  return (_, args) => numberFromBigInt(operation(bigIntegerOperand(args, 1), bigIntegerOperand(args, 2)))
}

function shift(by: bigint): bigint {
  if (by < 0n) throw operandError(2, 'must be an unsigned integer number but got a negative integer')
  return by
}

function range(context: BuiltinContext, from: bigint, to: bigint, step: bigint): Value[] {
  const span = from <= to ? to - from : from - to
  const length = span / step + 1n
  if (length > BigInt(RANGE_MAX)) throw new BuiltinError('eval_builtin_error', 'range beyond the limit')
  context.spend(Number(length))
  const by = from <= to ? step : -step
  return Array.from({ length: Number(length) }, (_, i) => numberFromBigInt(from + BigInt(i) * by))
}
