// A test run for people at a terminal: what failed and why, then the counts, coverage as a table.
import type { CoverageReport } from '../../../rego/interpret/index.ts'
import { paint } from '../options.ts'
import { countOutcomes, type Outcome } from './outcome.ts'
import type { RunReport } from './reports.ts'

/** What is shown beyond what failed. */
export interface PrettyOptions {
  readonly verbose: boolean
}

/** The run as text. */
export function prettyReport(run: RunReport, options: PrettyOptions): string {
  const lines: string[] = []
  let file = ''
  for (const one of run.outcomes) {
    if (one.outcome === 'pass' && !options.verbose && one.benchmark === undefined) continue
    if (one.place.file !== file) {
      file = one.place.file
      lines.push(`${file}:`)
    }
    lines.push(...shown(one, options.verbose))
  }
  if (lines.length > 0) lines.push('-'.repeat(80))
  const counts = countOutcomes(run.outcomes)
  lines.push(`PASS: ${counts.pass}/${counts.total}`)
  if (counts.fail > 0) lines.push(`FAIL: ${counts.fail}/${counts.total}`)
  if (counts.error > 0) lines.push(`ERROR: ${counts.error}/${counts.total}`)
  if (counts.skip > 0) lines.push(`SKIPPED: ${counts.skip}/${counts.total}`)
  if (run.coverage !== undefined) lines.push('', ...coverageTable(run.coverage))
  if (run.thresholdMissed !== undefined) {
    const { got, wanted } = run.thresholdMissed
    lines.push(paint('red', `Code coverage threshold not met: got ${got.toFixed(2)} instead of ${wanted.toFixed(2)}`))
    if (options.verbose && run.coverage !== undefined) lines.push('Lines not covered:', ...rowsNotCovered(run.coverage))
  }
  if (run.remarks.length > 0) {
    lines.push('')
    for (const { place, message } of run.remarks) lines.push(`${place.file}:${place.row}: ${paint('yellow', message)}`)
  }
  return `${lines.join('\n')}\n`
}

const words: { readonly [outcome in Outcome['outcome']]: string } = {
  pass: 'PASS',
  fail: 'FAIL',
  error: 'ERROR',
  skip: 'SKIPPED',
}
const colours = { pass: 'green', fail: 'red', error: 'red', skip: 'yellow' } as const

function shown(one: Outcome, verbose: boolean): readonly string[] {
  const word = paint(colours[one.outcome], words[one.outcome])
  const name = one.kind === 'fixture' ? one.name : one.fullName
  const bench =
    one.benchmark === undefined ? '' : ` ${one.benchmark.iterations} runs, ${duration(one.benchmark.nsPerOp)} each`
  const lines = [`${name}: ${word}${one.outcome === 'skip' ? '' : ` (${duration(one.durationNs)})`}${bench}`]
  for (const each of one.cases)
    if (each.fail || verbose) lines.push(`  ${each.name}: ${each.fail ? paint('red', 'FAIL') : paint('green', 'PASS')}`)
  if (one.message !== undefined && (one.kind === 'fixture' || one.outcome === 'error'))
    lines.push(...one.message.split('\n').map((line) => `  ${line}`))
  if (one.failing !== undefined) lines.push('', ...one.failing.map((line) => `  ${line}`.trimEnd()), '')
  if (one.trace !== undefined) lines.push('', ...one.trace.split('\n').map((line) => `  ${line}`))
  if (one.output.length > 0) lines.push('', ...one.output.map((line) => `  ${line}`), '')
  return lines
}

/** A time as Go prints it, near enough to read. */
function duration(ns: number): string {
  if (ns < 1e3) return `${ns.toFixed(0)}ns`
  if (ns < 1e6) return `${(ns / 1e3).toFixed(3)}µs`
  return ns < 1e9 ? `${(ns / 1e6).toFixed(3)}ms` : `${(ns / 1e9).toFixed(3)}s`
}

function rowsNotCovered(coverage: CoverageReport): readonly string[] {
  return Object.entries(coverage.files).flatMap(([file, { not_covered }]) =>
    not_covered.map(({ start, end }) => `\t${file}:${start.row}${start.row === end.row ? '' : `-${end.row}`}`),
  )
}

function coverageTable(coverage: CoverageReport): readonly string[] {
  const files = Object.entries(coverage.files)
  const width = Math.max(4, ...files.map(([file]) => file.length))
  const rows = files.map(([file, { covered_lines: hit, not_covered_lines: miss, coverage: share, not_covered }]) => {
    const missing = not_covered.map(({ start, end }) =>
      start.row === end.row ? `${start.row}` : `${start.row}-${end.row}`,
    )
    const text = `${file.padEnd(width)}  ${`${hit}/${hit + miss}`.padStart(9)}  ${share.toFixed(2).padStart(6)} %  ${missing.join(', ')}`
    return paint(miss === 0 ? 'green' : 'yellow', text.trimEnd())
  })
  const { covered_lines: hit, not_covered_lines: miss, coverage: share } = coverage
  const total = `${'all'.padEnd(width)}  ${`${hit}/${hit + miss}`.padStart(9)}  ${share.toFixed(2).padStart(6)} %`
  return [`${'file'.padEnd(width)}      lines  covered   not covered`, ...rows, total]
}
