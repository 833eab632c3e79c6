// What the compiler itself calls: print, template strings' parts, test cases.
import { isArray, isSet, type Value, writeRego } from '../value/index.ts'
import { type Builtin, type BuiltinContext, BuiltinError, elementsOf, operandTypeError } from './contract.ts'

/** How many lines one call of print may write: its operands are sets, and every combination is a line. */
const PRINT_LINES_MAX = 1_000

/** The built-ins of the compiler by name. */
export const internal: Readonly<Record<string, Builtin>> = {
  print: (context, args) => print(context, [args.map((arg) => [arg])]),
  'internal.print': (context, args) => print(context, args),
  'internal.template_string': (_, [parts = null]) => {
    if (!isArray(parts)) throw operandTypeError(1, parts, 'array')
    return parts.map(templatePart).join('')
  },
  'internal.test_case': (context, [keys = null]) => {
    if (!isArray(keys)) throw operandTypeError(1, keys, 'array')
    context.testCase(keys)
    return undefined
  },
}

/** The operand is an array of sets, each the values an argument takes: an empty one is an undefined argument. */
function print(context: BuiltinContext, args: readonly Value[]): undefined {
  const [operands = null] = args
  if (!isArray(operands)) throw operandTypeError(1, operands, 'array')
  let lines: string[][] = [[]]
  for (const operand of operands) {
    const values = isSet(operand) ? operand.items() : isArray(operand) ? operand : [operand]
    const texts = values.length === 0 ? ['<undefined>'] : values.map(printed)
    lines = lines.flatMap((line) => texts.map((text) => [...line, text])).slice(0, PRINT_LINES_MAX)
  }
  for (const line of lines) context.print(line.join(' '))
  return undefined
}

/** A part is a constant, or the set of values of an expression: none is an undefined one. */
function templatePart(part: Value): string {
  const values = elementsOf(part)
  if (values === undefined) return printed(part)
  if (values.length > 1)
    throw new BuiltinError('eval_builtin_error', 'template-strings must not produce multiple outputs')
  const [value] = values
  return value === undefined ? '<undefined>' : printed(value)
}

function printed(value: Value): string {
  return typeof value === 'string' ? value : writeRego(value)
}
