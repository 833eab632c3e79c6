// The one interface behind which every policy host stands: our wasm, OPA's wasm, the interpreter.
import type { ActionDocument } from '../action/document.ts'

/** Why an evaluation gave no result. Each is a refusal. */
export type EvaluateErrorCode = 'fuel_spent' | 'memory_spent' | 'aborted' | 'builtin_failed' | 'conflict' | 'bad_module'

/** An evaluation that failed. The code is stable; the message is for operators, never for clients. */
export class EvaluateError extends Error {
  readonly code: EvaluateErrorCode
  constructor(code: EvaluateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EvaluateError'
    this.code = code
  }
}

/** A loaded policy, ready to decide. Synchronous: nothing on the allowed path waits. */
export interface PolicyHost {
  readonly revision: string
  /** SHA-256 (hex) of the bundle's content. */
  readonly digest: string
  /** Whether the policy has an entry point. */
  has(entrypoint: string): boolean
  /**
   * Evaluates `entrypoint` (`sallyport/decision`) on the document. Undefined when the policy says nothing. A result that
   * is frozen is so all through, and comes again as the same object.
   */
  evaluate(entrypoint: string, input: ActionDocument | unknown): unknown
  /** Fuel spent by the last evaluation, 0 where the host does not count. */
  fuelSpent(): number
  close(): void
}
