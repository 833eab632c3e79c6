// What an evaluation's error is to those who asked for a decision.
import type { EvaluationError } from '../../rego/interpret/index.ts'
import { EvaluateError, type EvaluateErrorCode } from './contract.ts'
import { MemorySpent } from './linear-memory.ts'

/** The error of a decision for the error of an evaluation: it names the line and column of the policy. */
export function decisionError(error: EvaluationError): EvaluateError {
  const { file, row, col } = error.place
  const where = row === 0 ? '' : `${file}:${row}:${col}: `
  return new EvaluateError(codeOf(error), `${where}${error.code}: ${error.text}`, { cause: error })
}

function codeOf(error: EvaluationError): EvaluateErrorCode {
  if (error.cause instanceof MemorySpent) return 'memory_spent'
  switch (error.code) {
    case 'eval_conflict_error':
      return 'conflict'
    case 'eval_cancel_error':
      return 'fuel_spent'
    case 'eval_builtin_error':
    case 'eval_type_error':
      return 'builtin_failed'
    case 'eval_internal_error':
      return 'aborted'
  }
}
