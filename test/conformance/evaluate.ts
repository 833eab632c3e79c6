// How the evaluation of a case is set up, the same for every engine.
import type { EvaluateOptions } from '../../rego/interpret/index.ts'
import { readJson, type Value } from '../../rego/value/index.ts'
import type { EvaluationCase } from './cases.ts'

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
  return wanted.inputTerm === undefined ? wanted.input : readJson(wanted.inputTerm)
}
