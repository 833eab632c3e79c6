// The IR interpreter: evaluates a plan with exact values, fuel, and observers.
export type { EvaluateOptions, Evaluation, EvaluationErrorCode, Frame, Observer } from './evaluation.ts'
export { CALL_DEPTH_MAX, EvaluationError, FUEL_DEFAULT } from './evaluation.ts'
export { Program } from './program.ts'
export { seededRandom } from './random.ts'
