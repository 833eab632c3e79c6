// What a policy author did wrong, and where. Diagnostics are collected and never thrown.

/** The kinds of mistake, by OPA's codes. */
export type DiagnosticCode =
  | 'rego_parse_error'
  | 'rego_compile_error'
  | 'rego_type_error'
  | 'rego_unsafe_var_error'
  | 'rego_recursion_error'
  | 'rego_format_error'

/** A place in a source text. Rows and columns count from 1; offsets are UTF-16 units of the text. */
export interface Location {
  readonly file: string
  readonly row: number
  readonly col: number
  readonly offset: number
  readonly end: number
}

/** One mistake. */
export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly message: string
  readonly location: Location
  /** Lines that OPA prints below the message: what was had and what was wanted. */
  readonly details?: readonly string[]
  /** What to do about it. */
  readonly help?: string
}

/** Where diagnostics go. */
export interface Sink {
  report(diagnostic: Diagnostic): void
}

/** What can be shown like a diagnostic, whatever found it. */
export type RenderedDiagnostic = Omit<Diagnostic, 'code'> & { readonly code: string }

/** The diagnostic as people read it: place, message, the line with a caret, and what to do. */
export function renderDiagnostic(diagnostic: RenderedDiagnostic, source: string | undefined): string {
  const { location, code, message, details, help } = diagnostic
  const place = [location.file, ...(location.row === 0 ? [] : [location.row, location.col])].filter((one) => one !== '')
  const lines = [`${place.map((one) => `${one}:`).join('')}${place.length === 0 ? '' : ' '}${code}: ${message}`]
  const line = source === undefined ? undefined : lineAt(source, location.row)
  if (line !== undefined && line.length <= renderedLineMax) {
    const gutter = `${location.row} | `
    const before = [...line].slice(0, location.col - 1).map((character) => (character === '\t' ? '\t' : ' '))
    const width = Math.max(1, Math.min(location.end - location.offset, line.length - location.col + 1))
    lines.push(`  ${gutter}${line}`, `  ${' '.repeat(gutter.length)}${before.join('')}${'^'.repeat(width)}`)
  }
  for (const detail of details ?? []) lines.push(`  ${detail}`)
  if (help !== undefined) lines.push(`  help: ${help}`)
  return lines.join('\n')
}

/** The diagnostic as OPA prints it, on one line. */
export function opaText(diagnostic: Diagnostic): string {
  const { location, code, message } = diagnostic
  const place = location.file === '' ? `${location.row}:${location.col}` : `${location.file}:${location.row}`
  return `${place}: ${code}: ${message}`
}

const renderedLineMax = 400

function lineAt(source: string, row: number): string | undefined {
  return source.split('\n', row)[row - 1]
}
