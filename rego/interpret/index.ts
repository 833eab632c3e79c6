// The IR interpreter: evaluates a plan with exact values, fuel, and observers.
export type { CoverageOptions, CoverageReport, FileCoverage, RowRange, RuleRows } from './coverage.ts'
export { Coverage } from './coverage.ts'
export type { EvaluateOptions, Evaluation, EvaluationErrorCode, Frame, Observer } from './evaluation.ts'
export { CALL_DEPTH_MAX, EvaluationError, FUEL_DEFAULT } from './evaluation.ts'
export { Program } from './program.ts'
export { seededRandom } from './random.ts'
export type { TraceEvent, TraceMode, TraceOp } from './trace.ts'
export { printTrace, TRACE_EVENTS_MAX, Trace } from './trace.ts'
