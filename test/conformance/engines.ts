// Runs the policy of a case by one of our engines; wasm is compared with the interpreter each time.
import { WasmProgram } from '../../engine/evaluate/index.ts'
import { builtins } from '../../rego/builtins/index.ts'
import { type Evaluation, Program } from '../../rego/interpret/index.ts'
import type { Policy } from '../../rego/ir/index.ts'
import { compare, dataFromValue, equal, RegoSet, type Value, valueFromData } from '../../rego/value/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { type EvaluationCase, mismatch } from './cases.ts'
import { caseOptions } from './evaluate.ts'

/** What evaluates. */
export type Engine = 'interpreter' | 'wasm'

/** What came of running a policy: why it is not what was wanted, and how wasm differs from the interpreter. */
export interface EngineOutcome {
  readonly passed: boolean
  readonly reason?: string
  readonly disagreement?: string
}

/** Evaluates the plan `eval` of a policy for a case. */
export function runPolicy(engine: Engine, policy: Policy, wanted: EvaluationCase): EngineOutcome {
  const options = caseOptions(wanted)
  const interpreted = new Program(policy, builtins).evaluate('eval', options)
  if (engine === 'interpreter') return outcome(mismatch(wanted, interpreted))
  const program = new WasmProgram(new WebAssembly.Module(emitModule(policy)), builtins)
  program.setData(wanted.data)
  const got = program.evaluate('eval', options)
  // What is left out of the input must not show.
  const plain = plainInput(options.input)
  const projected = plain === undefined ? undefined : program.evaluate('eval', options, plain)
  const disagreement =
    difference(got, interpreted) ?? (projected === undefined ? undefined : difference(projected, interpreted))
  return { ...outcome(mismatch(wanted, got)), ...(disagreement === undefined ? {} : { disagreement }) }
}

/** An input as plain data, where it can be written so without loss. */
function plainInput(input: Value | undefined): unknown {
  if (input === undefined) return undefined
  const plain = dataFromValue(input)
  return equal(valueFromData(plain), input) ? plain : undefined
}

function outcome(reason: string | undefined): EngineOutcome {
  return reason === undefined ? { passed: true } : { passed: false, reason }
}

/** How two engines' evaluations differ; undefined when they do not. */
export function difference(wasm: Evaluation, interpreter: Evaluation): string | undefined {
  const [a, b] = [wasm.error?.message, interpreter.error?.message]
  if (a !== b) return `wasm: ${a ?? 'no error'}; interpreter: ${b ?? 'no error'}`
  const same = compare(new RegoSet(wasm.results), new RegoSet(interpreter.results)) === 0
  return same ? undefined : 'the results differ'
}
