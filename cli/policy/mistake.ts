// A mistake in what a person gave to a policy command: where, what, and what to do. Shown as diagnostics of Rego are.
import { type Location, renderDiagnostic } from '../../rego/syntax/index.ts'

/** One mistake in a file. */
export interface Mistake {
  readonly code: string
  readonly message: string
  readonly location: Location
  readonly details?: readonly string[]
  readonly help?: string
}

/** Mistakes that keep a command from running: exit code 1, nothing written. */
export class MistakeError extends Error {
  readonly mistakes: readonly Mistake[]
  readonly texts: ReadonlyMap<string, string>

  constructor(mistakes: readonly Mistake[], texts: ReadonlyMap<string, string>) {
    super(mistakes.map((one) => renderDiagnostic(one, texts.get(one.location.file))).join('\n\n'))
    this.mistakes = mistakes
    this.texts = texts
  }
}
