// Why an evaluation in a module ended, in the interpreter's words and with the line of Rego it ended at.
import { EvaluationHalted, type SourcePlace } from '../../rego/builtins/index.ts'
import { EvaluationError } from '../../rego/interpret/index.ts'
import { FAILURE } from '../../rego/wasm/index.ts'
import { MemorySpent } from './linear-memory.ts'
import type { ModuleExports } from './module-check.ts'
import { DepthSpent } from './value-reader.ts'

const NOWHERE: SourcePlace = { file: '', row: 0, col: 0 }

/** The words for each kind of conflict: of a rule, of a function, of an object. */
const CONFLICTS = [
  'complete rules must not produce multiple outputs',
  'functions must not produce multiple outputs for same inputs',
  'object keys must be unique',
]

/** A module that gave up by itself; why is in its globals. */
export class Aborted extends Error {
  constructor() {
    super('the module gave up')
    this.name = 'Aborted'
  }
}

/** Of the module that ended: what tells why and where. */
export interface EndedModule {
  readonly exports: ModuleExports
  /** The string at an address. */
  string(address: number): string
  /** Where the last built-in was called that the host answered. */
  readonly builtinPlace: SourcePlace
  /** The place of the innermost frame of the policy in a stack. */
  placeIn(stack: string): SourcePlace | undefined
}

/** The evaluation error for what ended an evaluation. */
export function explained(error: unknown, module: EndedModule): EvaluationError {
  if (error instanceof EvaluationError) return error
  const because = { cause: error }
  const place = (error instanceof Error ? module.placeIn(error.stack ?? '') : undefined) ?? NOWHERE
  if (error instanceof EvaluationHalted) {
    const at = place.row === 0 ? module.builtinPlace : place
    return new EvaluationError('eval_cancel_error', error.message, at, because)
  }
  if (error instanceof DepthSpent) return new EvaluationError('eval_cancel_error', 'call depth spent', place, because)
  if (error instanceof MemorySpent) return new EvaluationError('eval_internal_error', 'memory spent', place, because)
  if (error instanceof Aborted) return failed(module, place, because)
  if (error instanceof WebAssembly.RuntimeError) {
    if ((module.exports.rego_meter?.value ?? 0) < 0)
      return new EvaluationError('eval_cancel_error', 'fuel spent', place, because)
    return new EvaluationError('eval_internal_error', 'a trap', place, because)
  }
  const text = error instanceof RangeError ? 'stack spent' : 'a built-in broke'
  return new EvaluationError('eval_internal_error', text, place.row === 0 ? module.builtinPlace : place, because)
}

function failed(module: EndedModule, place: SourcePlace, because: ErrorOptions): EvaluationError {
  const failure = module.exports.rego_failure.value
  switch (failure & 0xff) {
    case FAILURE.fuel:
      return new EvaluationError('eval_cancel_error', 'fuel spent', place, because)
    case FAILURE.memory:
      return new EvaluationError('eval_internal_error', 'memory spent', place, { cause: new MemorySpent() })
    case FAILURE.conflict: {
      const { rego_failure_file: file, rego_failure_row: row, rego_failure_col: col } = module.exports
      const told = { file: module.string(file.value), row: row.value, col: col.value }
      return new EvaluationError('eval_conflict_error', CONFLICTS[failure >> 8] ?? '', told, because)
    }
    default:
      return new EvaluationError('eval_internal_error', 'the module gave up', place, because)
  }
}
