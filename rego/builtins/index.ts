// Every built-in, in one table for the interpreter and the wasm host. A new family is a file and a line here.
import { arithmetic } from './arithmetic.ts'
import { comparison } from './comparison.ts'
import type { Builtin, BuiltinTable } from './contract.ts'
import { internal } from './internal.ts'

export type * from './contract.ts'
export {
  BuiltinError,
  EvaluationHalted,
  elementsOf,
  operandElementError,
  operandError,
  operandTypeError,
} from './contract.ts'

/** All built-ins by name. */
export const builtins: BuiltinTable = new Map<string, Builtin>([
  ...Object.entries(arithmetic),
  ...Object.entries(comparison),
  ...Object.entries(internal),
])
