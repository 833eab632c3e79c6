// Calls a built-in on operands written as Rego terms, in a context that never changes.
import assert from 'node:assert/strict'
import { type BuiltinContext, builtins } from '../../../rego/builtins/index.ts'
import { RegoObject, type Value } from '../../../rego/value/index.ts'
import { readTerm } from '../../conformance/term.ts'

const context: BuiltinContext = {
  nowNs: 0n,
  random: (length) => new Uint8Array(length).fill(7),
  cache: new Map(),
  spend: () => undefined,
  print: () => undefined,
  note: () => undefined,
  testCase: () => undefined,
  place: { file: '', row: 0, col: 0 },
  runtime: new RegoObject(),
}

/** The result of a built-in; throws what it throws. */
export function call(name: string, ...args: readonly string[]): Value | undefined {
  return callWith(name, args.map(readTerm))
}

/** The result of a built-in on values. */
export function callWith(name: string, args: readonly Value[]): Value | undefined {
  const builtin = builtins.get(name)
  assert.ok(builtin !== undefined, name)
  return builtin(context, args)
}
