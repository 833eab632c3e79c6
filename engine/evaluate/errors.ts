// What an evaluation's error is to those who asked for a decision.
import type { EvaluationError } from '../../rego/interpret/index.ts'
import { EvaluateError, type EvaluateErrorCode } from './contract.ts'
import { MemorySpent } from './linear-memory.ts'

/** The error of a decision for the error of an evaluation. */
export function decisionError(error: EvaluationError): EvaluateError {
  return new EvaluateError(codeOf(error), error.message, { cause: error })
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
