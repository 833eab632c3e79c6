// What goes into an evaluation and what comes out of it.
import type { SourcePlace } from '../builtins/contract.ts'
import type { Func, Stmt } from '../ir/index.ts'
import type { RegoObject, Value } from '../value/index.ts'

/** Fuel for one evaluation where the caller sets none: a statement spends one. */
export const FUEL_DEFAULT = 100_000_000

/** How deep calls may nest. Rego does not recurse; a hostile plan may. */
export const CALL_DEPTH_MAX = 400

/** OPA's codes of evaluation errors. */
export type EvaluationErrorCode =
  | 'eval_conflict_error'
  | 'eval_type_error'
  | 'eval_builtin_error'
  | 'eval_cancel_error'
  | 'eval_internal_error'

/** A failed evaluation. `text` is the message without place and code. */
export class EvaluationError extends Error {
  readonly code: EvaluationErrorCode
  readonly text: string
  readonly place: SourcePlace

  constructor(code: EvaluationErrorCode, text: string, place: SourcePlace, options?: ErrorOptions) {
    const where = place.row === 0 ? '' : `${place.file}:${place.row}: `
    super(`${where}${code}: ${text}`, options)
    this.name = 'EvaluationError'
    this.code = code
    this.text = text
    this.place = place
  }
}

/** The variables of a running plan or function. */
export type Frame = (Value | undefined)[]

/** Watches an evaluation, statement by statement: trace and coverage. */
export interface Observer {
  /** A function begins. */
  enter?(func: Func, frame: Frame): void
  /** A function ends, with a value or without. */
  exit?(func: Func, value: Value | undefined): void
  /** A statement is about to run. */
  statement?(stmt: Stmt, frame: Frame): void
  /** A statement ran and is defined. */
  defined?(stmt: Stmt, frame: Frame): void
  /** A statement was undefined. */
  failed?(stmt: Stmt, frame: Frame): void
}

/** What an evaluation may use. Time and randomness come from here; nothing is read from the machine. */
export interface EvaluateOptions {
  /** Absent means undefined. */
  readonly input?: Value
  readonly data?: Value
  readonly nowNs?: bigint
  readonly random?: (length: number) => Uint8Array
  readonly fuel?: number
  /** Asked now and then; true ends the evaluation. */
  readonly cancelled?: () => boolean
  readonly print?: (line: string, place: SourcePlace) => void
  readonly note?: (message: string, place: SourcePlace) => void
  readonly testCase?: (keys: readonly Value[]) => void
  readonly runtime?: RegoObject
  /** Answers built-ins that reach the world; absent turns them off. */
  readonly external?: (name: string, args: readonly Value[]) => Value | undefined
  /** Makes the first failed built-in the error of the evaluation. */
  readonly strictBuiltinErrors?: boolean
  readonly observer?: Observer
}

/** What an evaluation gave. With `error` set, `results` are what was found before it and decide nothing. */
export interface Evaluation {
  /** The distinct binding objects, in Rego's order. */
  readonly results: readonly Value[]
  readonly error?: EvaluationError
  /** Built-ins that failed and so were undefined. */
  readonly builtinErrors: readonly EvaluationError[]
  readonly fuelSpent: number
}
