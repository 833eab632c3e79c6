// A test run in the formats that CI systems read.
import type { CoverageReport } from '../../../rego/interpret/index.ts'
import type { Diagnostic } from '../../../rego/syntax/index.ts'
import { sarifLog } from '../sarif.ts'
import type { Outcome } from './outcome.ts'
import type { RuleRemark } from './rule-remarks.ts'

/** Everything that a report may tell. */
export interface RunReport {
  readonly outcomes: readonly Outcome[]
  readonly coverage?: CoverageReport
  readonly thresholdMissed?: { readonly got: number; readonly wanted: number }
  readonly remarks: readonly RuleRemark[]
}

/** The array of results that `opa test --format json` prints; with coverage, its coverage object with `tests` added. */
export function jsonReport(run: RunReport): string {
  const tests = run.outcomes.map((one) => ({
    location: one.place,
    package: one.suite,
    name: one.name,
    duration: Math.round(one.durationNs),
    ...(one.kind === 'fixture' ? { fixture: true } : {}),
    ...(one.outcome === 'fail' ? { fail: true } : {}),
    ...(one.outcome === 'skip' ? { skip: true } : {}),
    ...(one.outcome === 'error'
      ? {
          error: {
            code: one.errorCode ?? '',
            message: one.error?.text ?? one.message ?? '',
            location: one.error === undefined || one.error.place.row === 0 ? one.place : one.error.place,
          },
        }
      : {}),
    ...(one.kind === 'fixture' && one.message !== undefined ? { message: one.message } : {}),
    ...(one.output.length === 0 ? {} : { output: Buffer.from(`${one.output.join('\n')}\n`).toString('base64') }),
    ...(one.subResults.size === 0 ? {} : { sub_results: subResultsJson(one.subResults) }),
    ...(one.benchmark === undefined ? {} : { benchmark_result: one.benchmark }),
  }))
  const value = run.coverage === undefined ? tests : { ...run.coverage, tests }
  return `${JSON.stringify(value, null, 2)}\n`
}

function subResultsJson(results: Outcome['subResults']): object {
  return Object.fromEntries(
    [...results].map(([key, { name, fail, subResults }]) => [
      key,
      {
        name,
        ...(fail ? { fail } : {}),
        ...(subResults.size === 0 ? {} : { sub_results: subResultsJson(subResults) }),
      },
    ]),
  )
}

/** JUnit XML: a suite for each package and fixture file. */
export function junitReport(run: RunReport): string {
  const suites = new Map<string, Outcome[]>()
  for (const one of run.outcomes) suites.set(one.suite, [...(suites.get(one.suite) ?? []), one])
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites${totals(run.outcomes)}>`]
  for (const [name, outcomes] of suites) {
    lines.push(`  <testsuite name="${xml(name)}"${totals(outcomes)}>`)
    for (const one of outcomes) lines.push(...junitCase(one))
    lines.push('  </testsuite>')
  }
  return `${[...lines, '</testsuites>'].join('\n')}\n`
}

function totals(outcomes: readonly Outcome[]): string {
  const count = (outcome: Outcome['outcome']): number => outcomes.filter((one) => one.outcome === outcome).length
  const seconds = outcomes.reduce((sum, one) => sum + one.durationNs, 0) / 1e9
  return ` tests="${outcomes.length}" failures="${count('fail')}" errors="${count('error')}" skipped="${count('skip')}" time="${seconds.toFixed(6)}"`
}

function junitCase(one: Outcome): readonly string[] {
  const { file, row } = one.place
  const head = `    <testcase classname="${xml(one.suite)}" name="${xml(one.name)}" file="${xml(file)}" line="${row}" time="${(one.durationNs / 1e9).toFixed(6)}"`
  const inner: string[] = []
  const message = xml(one.message ?? '')
  if (one.outcome === 'fail') inner.push(`      <failure message="${message}"/>`)
  if (one.outcome === 'error') inner.push(`      <error type="${xml(one.errorCode ?? '')}" message="${message}"/>`)
  if (one.outcome === 'skip') inner.push('      <skipped/>')
  if (one.output.length > 0) inner.push(`      <system-out>${xml(one.output.join('\n'))}</system-out>`)
  return inner.length === 0 ? [`${head}/>`] : [`${head}>`, ...inner, '    </testcase>']
}

/** The mistakes of a check as JUnit XML: a case for each file. */
export function junitOfDiagnostics(diagnostics: readonly Diagnostic[], files: readonly string[]): string {
  const outcomes = files.map((file): Outcome => {
    const found = diagnostics.filter((one) => one.location.file === file)
    const message = found
      .map((one) => `${one.location.row}:${one.location.col}: ${one.code}: ${one.message}`)
      .join('\n')
    return {
      kind: 'rule',
      suite: 'check',
      name: file,
      fullName: file,
      place: found[0]?.location ?? { file, row: 1, col: 1 },
      outcome: found.length > 0 ? 'fail' : 'pass',
      durationNs: 0,
      ...(found.length > 0 ? { message } : {}),
      output: [],
      cases: [],
      subResults: new Map(),
    }
  })
  return junitReport({ outcomes, remarks: [] })
}

/** TAP 13. */
export function tapReport(run: RunReport): string {
  const lines = run.outcomes.flatMap((one, index) => {
    const ok = one.outcome === 'pass' || one.outcome === 'skip' ? 'ok' : 'not ok'
    const line = `${ok} ${index + 1} - ${one.fullName.replaceAll('#', '\\#')}${one.outcome === 'skip' ? ' # SKIP todo' : ''}`
    if (ok === 'ok') return [line]
    const at = `${one.place.file}:${one.place.row}`
    return [line, '  ---', `  message: ${JSON.stringify(one.message ?? '')}`, `  at: ${JSON.stringify(at)}`, '  ...']
  })
  return `TAP version 13\n1..${run.outcomes.length}\n${lines.map((line) => `${line}\n`).join('')}`
}

/** GitHub workflow commands, which show at the lines of a pull request. */
export function githubReport(run: RunReport): string {
  const errors = run.outcomes
    .filter((one) => one.outcome === 'fail' || one.outcome === 'error')
    .map((one) => githubLine('error', one.place, `${one.fullName}: ${one.message ?? one.outcome}`))
  const warnings = run.remarks.map((one) => githubLine('warning', one.place, one.message))
  return [...errors, ...warnings].join('')
}

/** One workflow command. */
export function githubLine(
  level: 'error' | 'warning',
  place: { readonly file: string; readonly row: number; readonly col: number },
  message: string,
): string {
  const escaped = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const file = place.file.replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C')
  return `::${level} file=${file},line=${place.row},col=${place.col}::${escaped}\n`
}

/** SARIF 2.1.0: failed tests as errors, remarks on rules as warnings. */
export function sarifReport(run: RunReport): string {
  return sarifLog([
    ...run.outcomes
      .filter((one) => one.outcome === 'fail' || one.outcome === 'error')
      .map((one) => ({
        rule: one.kind === 'fixture' ? 'fixture-failed' : 'test-failed',
        level: 'error' as const,
        message: `${one.fullName}: ${one.message ?? one.outcome}`,
        place: one.place,
      })),
    ...run.remarks.map((one) => ({
      rule: one.kind,
      level: 'warning' as const,
      message: one.message,
      place: one.place,
    })),
  ])
}

function xml(text: string): string {
  return [...text]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0
      // XML 1.0 has no way to say most control characters.
      if (code < 32 && code !== 9 && code !== 10 && code !== 13) return '\ufffd'
      return xmlEscapes.get(character) ?? character
    })
    .join('')
}

const xmlEscapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\n', '&#10;'],
])
