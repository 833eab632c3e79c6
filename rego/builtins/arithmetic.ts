// + - * / % abs round ceil floor. `minus` also takes the difference of sets.
import {
  ArithmeticError,
  absolute,
  add,
  ceil,
  type Decimal,
  divide,
  floor,
  isNumber,
  isSet,
  multiply,
  remainder,
  round,
  subtract,
  type Value,
} from '../value/index.ts'
import { type Builtin, BuiltinError, operandTypeError } from './contract.ts'

type Num = number | Decimal

/** The arithmetic built-ins by name. */
export const arithmetic: Readonly<Record<string, Builtin>> = {
  plus: binary(add),
  mul: binary(multiply),
  div: binary(divide),
  rem: binary(remainder),
  minus,
  abs: unary(absolute),
  round: unary(round),
  ceil: unary(ceil),
  floor: unary(floor),
}

function numberOperand(args: readonly Value[], position: number): Num {
  const value = args[position - 1] ?? null
  if (!isNumber(value)) throw operandTypeError(position, value, 'number')
  return value
}

function unary(operation: (a: Num) => Num): Builtin {
  return (_, args) => calculate(() => operation(numberOperand(args, 1)))
}

function binary(operation: (a: Num, b: Num) => Num): Builtin {
  return (_, args) => {
    const a = numberOperand(args, 1)
    const b = numberOperand(args, 2)
    return calculate(() => operation(a, b))
  }
}

/** What an operation gives; where it has no result, a built-in's error. */
export function calculate(operation: () => Num): Num {
  try {
    return operation()
  } catch (error) {
    if (error instanceof ArithmeticError) throw new BuiltinError('eval_builtin_error', error.fault, { cause: error })
    throw error
  }
}

function minus(_: unknown, args: readonly Value[]): Value {
  const [a = null, b = null] = args
  if (isNumber(a) && isNumber(b)) return calculate(() => subtract(a, b))
  if (isSet(a) && isSet(b)) return a.difference(b)
  if (!isNumber(a) && !isSet(a)) throw operandTypeError(1, a, 'number', 'set')
  throw operandTypeError(2, b, isNumber(b) ? 'set' : 'number')
}
