// What is too much to plan, told as mistakes of authors are.
import { PlanError } from '../ir/index.ts'
import type { Diagnostic } from '../syntax/index.ts'

/** A policy that is beyond what is planned, with the place, and what to do about it. */
export class PlanLimitError extends PlanError {
  readonly diagnostic: Diagnostic

  constructor(diagnostic: Diagnostic, options?: ErrorOptions) {
    const { location, message, help } = diagnostic
    super('limit', `${location.file}:${location.row}:${location.col}`, `${message}; ${help}`, options)
    this.diagnostic = diagnostic
  }
}
