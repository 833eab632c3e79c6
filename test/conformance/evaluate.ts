// How the evaluation of a case is set up, the same for every engine.
import type { EvaluateOptions } from '../../rego/interpret/index.ts'
import { type Policy, readPolicy } from '../../rego/ir/index.ts'
import type { Value } from '../../rego/value/index.ts'
import type { EvaluationCase } from './cases.ts'
import { readTerm } from './term.ts'

/** The time the cases run at: any fixed one will do. */
export const CASE_TIME_NS: bigint = 1_700_000_000_000_000_000n

/** The options a case is evaluated with. */
export function caseOptions(wanted: EvaluationCase): EvaluateOptions {
  const input = inputOf(wanted)
  return {
    data: wanted.data,
    ...(input === undefined ? {} : { input }),
    nowNs: CASE_TIME_NS,
    strictBuiltinErrors: wanted.strictError,
  }
}

/** The input of a case: a value, or a term as text. */
export function inputOf(wanted: EvaluationCase): Value | undefined {
  return wanted.inputTerm === undefined ? wanted.input : readTerm(wanted.inputTerm)
}

/** The plan of a case. Its files are called as the wanted errors call them: `test-0.rego`, not `module-0.rego`. */
export function casePolicy(plan: Value): Policy {
  const policy = readPolicy(plan)
  return { ...policy, files: policy.files.map((file) => file.replace(/^module-(?=[0-9]+\.rego$)/, 'test-')) }
}
