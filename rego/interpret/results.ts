// Results are handed to callers who walk them without fuel, so they are walked here first.
import { EvaluationHalted } from '../builtins/contract.ts'
import { isArray, isObject, isSet, type Value } from '../value/index.ts'

/** How deep a result may nest. Rego cannot make a value hold itself; a hostile plan can. */
export const RESULT_DEPTH_MAX = 1_500

/** Spends fuel for every value inside the results; halts where they nest too deeply. */
export function checkResults(results: readonly Value[], spend: (units: number) => void): void {
  for (const result of results) checkValue(result, 0, spend)
}

function checkValue(value: Value, depth: number, spend: (units: number) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > RESULT_DEPTH_MAX) throw new EvaluationHalted('depth')
  spend(1)
  if (isArray(value) || isSet(value)) {
    for (const item of isArray(value) ? value : value.unordered()) checkValue(item, depth + 1, spend)
  } else if (isObject(value)) {
    for (const [key, item] of value.unordered()) {
      checkValue(key, depth + 1, spend)
      checkValue(item, depth + 1, spend)
    }
  }
}
