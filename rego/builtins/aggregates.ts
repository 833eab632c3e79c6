// count sum product max min sort any all.
import {
  compare,
  type Decimal,
  isArray,
  isNumber,
  isObject,
  isSet,
  product,
  runeCount,
  sum,
  type Value,
} from '../value/index.ts'
import { calculate } from './arithmetic.ts'
import { type Builtin, operandElementError, operandTypeError } from './contract.ts'
import { anyOperand, elementsOperand } from './operands.ts'

type Num = number | Decimal

/** The aggregates by name. */
export const aggregates: Readonly<Record<string, Builtin>> = {
  count: (_, args) => {
    const value = anyOperand(args, 1)
    if (typeof value === 'string') return runeCount(value)
    if (isArray(value)) return value.length
    if (isObject(value) || isSet(value)) return value.size
    throw operandTypeError(1, value, 'array', 'object', 'set', 'string')
  },
  sum: (context, args) => {
    const numbers = numbersOperand(args)
    context.spend(numbers.length)
    return calculate(() => sum(numbers))
  },
  product: (context, args) => {
    const numbers = numbersOperand(args)
    // The digits of a product grow with each factor.
    context.spend(numbers.length * numbers.length)
    return calculate(() => product(numbers))
  },
  max: (_, args) => extreme(elementsOperand(args, 1), 1),
  min: (_, args) => {
    const elements = elementsOperand(args, 1)
    // In a set null is the least only where it is alone: OPA takes it for "none yet" there.
    return extreme(
      isSet(args[0] ?? null) && elements.length > 1 ? elements.filter((one) => one !== null) : elements,
      -1,
    )
  },
  sort: (context, args) => {
    const elements = elementsOperand(args, 1)
    context.spend(elements.length)
    return [...elements].sort(compare)
  },
  any: (_, args) => elementsOperand(args, 1, ['array', 'set']).includes(true),
  all: (_, args) => elementsOperand(args, 1, ['array', 'set']).every((element) => element === true),
}

/** The last of the greatest or least: equal numbers may be written differently. */
function extreme(elements: readonly Value[], direction: number): Value | undefined {
  let best = elements[0]
  for (const element of elements) if (best === undefined || compare(element, best) * direction >= 0) best = element
  return best
}

function numbersOperand(args: readonly Value[]): Num[] {
  return elementsOperand(args, 1).map((element) => {
    if (!isNumber(element)) throw operandElementError(1, anyOperand(args, 1), element, 'number')
    return element
  })
}
