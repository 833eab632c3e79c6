// The formats of `eval`: what each prints for answers, for errors and for what was measured.
import type { CoverageReport, EvaluationError } from '../../../rego/interpret/index.ts'
import type { Diagnostic } from '../../../rego/syntax/index.ts'
import { RegoObject, type Value, writeJson } from '../../../rego/value/index.ts'
import type { ProfileEntry } from '../profile.ts'
import type { Answer } from './answer.ts'
import { boxTable } from './box-table.ts'
import { Exact, exactJson, type Written } from './exact-json.ts'
import type { Aggregate } from './timings.ts'

/** The formats. */
export const evalFormats = ['json', 'values', 'bindings', 'pretty', 'source', 'raw', 'discard'] as const
/** One format. */
export type EvalFormat = (typeof evalFormats)[number]

/** What is printed. */
export interface Printed {
  readonly answers: readonly Answer[]
  readonly errors: readonly Written[]
  /** True where an error ended the evaluation; errors of built-ins that are only shown end nothing. */
  readonly broken?: boolean
  readonly metrics?: { readonly [name: string]: number }
  readonly aggregated?: { readonly [name: string]: Aggregate }
  readonly profile?: readonly ProfileEntry[]
  readonly coverage?: CoverageReport
}

const queryFile = '<query>'

/** An error of the compiler in the form of `opa eval`. */
export function errorOfDiagnostic({ code, message, location, details, help }: Diagnostic, source?: string): Written {
  const { row, col } = location
  const line = code === 'rego_parse_error' ? source?.split('\n')[row - 1] : undefined
  return {
    message,
    code,
    ...(row === 0 ? {} : { location: { file: shownFile(location.file), row, col } }),
    ...(line === undefined ? (details === undefined ? {} : { details }) : { details: { line, idx: col - 1 } }),
    ...(help === undefined ? {} : { help }),
  }
}

/** An error of the evaluation in the form of `opa eval`. */
export function errorOfEvaluation({ code, text, place: { file, row, col } }: EvaluationError): Written {
  return { message: text, code, ...(row === 0 ? {} : { location: { file: shownFile(file), row, col } }) }
}

function shownFile(file: string): string {
  return file === queryFile ? '' : file
}

/** The text of a format. */
export function printed(shown: Printed, format: EvalFormat): string {
  // Errors are told in place of answers, except in JSON, which has room for both.
  const answers = shown.errors.length > 0 && format !== 'json' && format !== 'discard' ? [] : shown.answers
  switch (format) {
    case 'json':
      return `${exactJson({ errors: unlessEmpty(shown.errors), result: unlessEmpty(answers.map(answerJson)), ...measured(shown) })}\n`
    case 'discard': {
      const result = answers.length === 0 ? undefined : 'discarded'
      return `${exactJson({ errors: unlessEmpty(shown.errors), result, ...measured(shown) })}\n`
    }
    case 'values':
      return answers
        .map(({ expressions }) => `${exactJson(expressions.map(({ value }) => new Exact(value)))}\n`)
        .join('')
    case 'bindings':
      return answers.map(({ bindings }) => `${exactJson(new Exact(objectOf(bindings)))}\n`).join('')
    case 'raw':
      return answers.map(({ expressions }) => `${expressions.map(({ value }) => rawText(value)).join(' ')}\n`).join('')
    case 'pretty':
    case 'source':
      return `${shown.errors.length > 0 ? '' : prettyAnswers(answers)}${prettyMeasured(shown)}`
  }
}

function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list
}

function answerJson({ expressions, bindings }: Answer): Written {
  return {
    expressions: expressions.map(({ value, text, row, col }) => ({
      value: new Exact(value),
      text,
      location: { row, col },
    })),
    bindings: bindings.size === 0 ? undefined : new Exact(objectOf(bindings)),
  }
}

function objectOf(bindings: ReadonlyMap<string, Value>): RegoObject {
  const object = new RegoObject()
  for (const [name, value] of bindings) object.insert(name, value)
  return object
}

function rawText(value: Value): string {
  return typeof value === 'string' ? value : writeJson(value, { escapeHtml: true })
}

function rawJson(value: Value | undefined): string {
  return value === undefined ? '' : writeJson(value, { escapeHtml: true })
}

function measured({ metrics, aggregated, profile, coverage }: Printed): { readonly [name: string]: Written } {
  return {
    metrics,
    aggregated_metrics: aggregated,
    profile: profile?.map((one) => ({ ...one, location: { ...one.location, file: shownFile(one.location.file) } })),
    coverage: coverage === undefined ? undefined : coverageJson(coverage),
  }
}

function coverageJson({ files, ...totals }: CoverageReport): Written {
  return {
    files: Object.fromEntries(
      Object.entries(files).map(([file, one]) => [
        file,
        { ...one, covered: [...one.covered].map(range), not_covered: [...one.not_covered].map(range) },
      ]),
    ),
    ...totals,
  }
}

function range({ start, end }: CoverageReport['files'][string]['covered'][number]): Written {
  return { start: { row: start.row }, end: { row: end.row } }
}

/** One value as it is; several answers, or answers with variables, as a table. */
function prettyAnswers(answers: readonly Answer[]): string {
  const [first] = answers
  if (first === undefined) return 'undefined\n'
  const names = [...first.bindings.keys()]
  const [only, ...others] = first.expressions
  if (answers.length === 1 && names.length === 0 && only !== undefined && others.length === 0)
    return `${exactJson(new Exact(only.value))}\n`
  // Several expressions that all only hold say one thing.
  if (answers.length === 1 && names.length === 0 && first.expressions.every(({ value }) => value === true))
    return 'true\n'
  // Beside variables, an expression that only holds says nothing.
  const columns = first.expressions.flatMap(({ value, text }, at) =>
    names.length > 0 && typeof value === 'boolean' ? [] : [{ text, at }],
  )
  const rows = answers.map(({ bindings, expressions }) => [
    ...names.map((name) => rawJson(bindings.get(name))),
    ...columns.map(({ at }) => rawJson(expressions[at]?.value)),
  ])
  return boxTable([...names, ...columns.map(({ text }) => text)], rows)
}

function prettyMeasured({ metrics, aggregated, coverage }: Printed): string {
  let text = ''
  if (metrics !== undefined)
    text += boxTable(
      ['Metric', 'Value'],
      Object.entries(metrics).map(([name, value]) => [name, String(value)]),
    )
  if (aggregated !== undefined)
    text += boxTable(
      ['Metric', 'Min', 'Max', 'Mean', '90%', '99%'],
      Object.entries(aggregated).map(([name, one]) => [
        name,
        ...['min', 'max', 'mean', '90%', '99%'].map((key) => String(one[key] ?? 0)),
      ]),
    )
  if (coverage !== undefined)
    text += `┌──────────────────┬${'─'.repeat(7)}┐\n│ Overall Coverage │ ${String(coverage.coverage).padEnd(5)} │\n└──────────────────┴${'─'.repeat(7)}┘\n`
  return text
}
