// The rows of cmd/test.
import {
  type CommandRun,
  capabilitiesOf,
  errorsOf,
  exits,
  type Files,
  missing,
  type Ran,
  type RowPlan,
  type RowReader,
  textsOf,
  type Verdict,
  versionFlags,
} from '../command-rows.ts'

const known: ReadonlySet<string> = new Set([
  'TestExitCode',
  'TestFailOnEmpty',
  'TestCoverageThreshold',
  'TestRun_DefaultRegoVersion',
  'TestRun_CompatibleFlags',
  'TestRunWithRegoV1Capability',
  'TestWithBundleRegoVersion',
])

/** Reads a row. */
export const testRow: RowReader = (func, row, capabilities): RowPlan => {
  const single = row['Test']
  const files = typeof single === 'string' ? { 'test.rego': single } : textsOf(row['files'] ?? row['modules'])
  if (func === 'TestPrettyTraceWithLocalVars' && files !== undefined)
    return { files, args: ['test', '--explain', 'full', '.'], judge: (ran) => traceShown(ran, String(row['expected'])) }
  if (func === 'TestFailVarValues' && files !== undefined) return varValues(files, String(row['expected']))
  if (func === 'TestTestRunParallel') return parallel(row['parallel'])
  if (func === 'TestWatchModeBrokenFileRecovery') return { skip: 'watches a file that the Go test changes' }
  if (func === 'TestTestWithCoverageRuns') return { skip: 'the module that is covered is in Go' }
  if (!known.has(func) || files === undefined) return { skip: 'names a flag for the rows around it, and no files' }
  const caps = capabilitiesOf(row, capabilities)
  if (caps === undefined) return { skip: 'the capabilities are made by Go code' }
  const args = ['test', ...versionFlags(row), ...caps.args]
  if (row['ExitZeroOnSkipped'] === true) args.push('-z')
  if (row['FailOnEmpty'] === true) args.push('--fail-on-empty')
  if (row['verbose'] === true) args.push('-v')
  if (row['threshold'] !== undefined) args.push('--threshold', String(row['threshold']))
  const errors = errorsOf(row)
  const wanted = row['ExpectedExitCode'] ?? row['expectedExitCode'] ?? (errors.length > 0 ? 1 : 0)
  return {
    files: { ...files, ...caps.files },
    args: [
      ...args,
      ...Object.keys(files).filter((path) => path.endsWith('.rego') && files['.manifest'] === undefined),
      ...(files['.manifest'] === undefined ? [] : ['.']),
    ],
    judge: (ran) => exits(ran, (status) => status === wanted) ?? missing(errors, ran.all),
  }
}

function traceShown(ran: Ran, expected: string): Verdict {
  return ran.all.includes(expected) ? undefined : `wanted ${expected.slice(0, 200)}, got ${ran.all.slice(0, 200)}`
}

/** As many tests as there are workers and more, of which the same pass however many run at once. */
function parallel(workers: unknown): CommandRun {
  const tests = Array.from({ length: 30 }, (_, index) => `test_${index} if ${index % 10 === 9 ? 'false' : 'true'}`)
  return {
    files: { 'a_test.rego': `package a_test\n\n${tests.join('\n\n')}\n` },
    args: ['test', '--parallel', String(workers), '.'],
    judge: (ran) => exits(ran, (status) => status === 2) ?? missing(['PASS: 27/30', 'FAIL: 3/30'], ran.all),
  }
}

/** The failing expression with its values, line by line; what stands around it is each tool's own. */
function varValues(files: Files, expected: string): CommandRun {
  const wanted = /FAILURES\n-+\n[^\n]*\n\n([\s\S]*?)\n\n-{80}/.exec(expected)?.[1]?.replaceAll('%ROOT%/', '') ?? ''
  const lines = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
  return {
    files,
    args: ['test', '--var-values', '.'],
    judge: ({ all }) => (lines(all).includes(`\n${lines(wanted)}\n`) ? undefined : `wanted ${wanted}, got ${all}`),
  }
}
