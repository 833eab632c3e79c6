// OPA's tables of its own commands, run by ours: exit codes, formatted texts, and the errors that must be among those shown.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CaseOutcome, Suite } from '../suite.ts'

const bin = fileURLToPath(new URL('../../../bin/sallyport.js', import.meta.url))

interface Fields {
  readonly [name: string]: unknown
}

/** cmd/test, cmd/check and cmd/fmt by the command line. */
export const suites: readonly Suite[] = [
  {
    suite: 'cmd',
    engine: 'cli',
    gate: 0.95,
    needs: 'go-tables/cmd__test_test.json',
    run: (dataDir, report) => runAll(dataDir, report),
  },
]

async function runAll(dataDir: string, report: (outcome: CaseOutcome) => void): Promise<void> {
  for (const [command, run] of [
    ['test', runTest],
    ['check', runCheck],
    ['fmt', runFmt],
  ] as const) {
    const table: unknown = JSON.parse(readFileSync(join(dataDir, `go-tables/cmd__${command}_test.json`), 'utf8'))
    const rows = fieldsOf(table)['entries']
    if (!Array.isArray(rows)) throw new TypeError(`the table of cmd/${command} has no entries`)
    rows.forEach((row: unknown, index) => {
      const { func, entry } = fieldsOf(row)
      const fields = fieldsOf(entry)
      const id = `${command}/${String(func)}#${index} ${String(fields['note'] ?? fields['$key'] ?? '')}`
      const why = run(String(func), fields)
      if (why === 'skip')
        report({ id, passed: false, skipped: true, reason: 'the row is no plain data, or of a flag that is not here' })
      else report(why === undefined ? { id, passed: true } : { id, passed: false, reason: why })
    })
  }
}

/** Undefined when the row passes, `skip` when it cannot run, else what differs. */
type Verdict = string | undefined

function runTest(func: string, row: Fields): Verdict {
  const single = row['Test']
  const files = typeof single === 'string' ? { 'test.rego': single } : textsOf(row['files'] ?? row['modules'])
  const known = [
    'TestExitCode',
    'TestFailOnEmpty',
    'TestCoverageThreshold',
    'TestRun_DefaultRegoVersion',
    'TestRun_CompatibleFlags',
    'TestRunWithRegoV1Capability',
    'TestWithBundleRegoVersion',
  ]
  if (func === 'TestFailVarValues' && files !== undefined) return varValues(files, String(row['expected']))
  if (!known.includes(func) || files === undefined || row['capabilities'] !== undefined) return 'skip'
  if (row['v0Compatible'] === true && row['v1Compatible'] === true) return 'skip'
  const args = ['test']
  if (row['ExitZeroOnSkipped'] === true) args.push('-z')
  if (row['FailOnEmpty'] === true) args.push('--fail-on-empty')
  if (row['v0Compatible'] === true) args.push('--v0-compatible')
  if (row['verbose'] === true) args.push('-v')
  if (row['threshold'] !== undefined) args.push('--threshold', String(row['threshold']))
  const errors = errorsOf(row)
  const ran = run(files, [...args, '.'])
  const wanted = row['ExpectedExitCode'] ?? row['expectedExitCode'] ?? (errors.length > 0 ? 1 : 0)
  if (ran.status !== wanted) return `exit code: wanted ${String(wanted)}, got ${ran.status}: ${ran.all.slice(0, 200)}`
  const stderr = row['expectedErrOutput']
  if (typeof stderr === 'string')
    errors.push(
      ...stderr
        .replaceAll('%ROOT%/', '')
        .split('\n')
        .filter((line) => line !== ''),
    )
  return missing(errors, ran.all)
}

/** The failing expression with its values, line by line; what stands around it is each tool's own. */
function varValues(files: { readonly [name: string]: string }, expected: string): Verdict {
  const named = Object.fromEntries(Object.entries(files).map(([name, text]) => [name.replace(/^\//, ''), text]))
  const { all } = run(named, ['test', '--var-values', '.'])
  const wanted = /FAILURES\n-+\n[^\n]*\n\n([\s\S]*?)\n\n-{80}/.exec(expected)?.[1]?.replaceAll('%ROOT%/', '') ?? ''
  const lines = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
  return lines(all).includes(`\n${lines(wanted)}\n`) ? undefined : `wanted ${wanted}, got ${all}`
}

function runCheck(func: string, row: Fields): Verdict {
  const { policy } = row
  const files = typeof policy === 'string' ? { 'test.rego': policy } : textsOf(row['files'])
  // `--v0-v1` of check is not here.
  if (func === 'TestCheckRegoV1') return 'skip'
  if (files === undefined || row['capabilities'] !== undefined || row['caps'] !== undefined) return 'skip'
  if (row['v0Compatible'] === true && row['v1Compatible'] === true) return 'skip'
  const errors = errorsOf(row)
  const ran = run(files, ['check', ...(row['v0Compatible'] === true ? ['--v0-compatible'] : []), '.'])
  if ((ran.status === 0) !== (errors.length === 0)) return `exit code ${ran.status}: ${ran.all.slice(0, 200)}`
  return missing(errors, ran.all)
}

function runFmt(func: string, row: Fields): Verdict {
  const input = row['input'] ?? row['unformatted']
  const wanted = row['expected'] ?? row['formatted']
  const errors = errorsOf(row)
  if (typeof input !== 'string' || (typeof wanted !== 'string' && errors.length === 0)) return 'skip'
  const params = fieldsOf(row['params'])
  if (params['$call'] !== undefined) return 'skip'
  const args = ['fmt']
  if (func === 'TestFmtRegoV1') args.push('--rego-v1')
  if (row['v1Compatible'] === true) args.push('--v1-compatible')
  if (params['v0Compatible'] === true) args.push('--v0-compatible')
  if (row['dropV0Imports'] === true) args.push('--drop-v0-imports')
  const ran = run({ 'policy.rego': input }, [...args, 'policy.rego'])
  if (errors.length > 0) return ran.status === 0 ? 'exit code 0' : missing(errors, ran.all)
  return ran.out === wanted ? undefined : `wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(ran.out || ran.all)}`
}

function run(
  files: { readonly [path: string]: string },
  args: readonly string[],
): { readonly status: number | null; readonly out: string; readonly all: string } {
  const folder = mkdtempSync(join(tmpdir(), 'cmd-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const env = { ...process.env, NO_COLOR: '1' }
    const ran = spawnSync(process.execPath, [bin, 'policy', ...args], { cwd: folder, encoding: 'utf8', env })
    return { status: ran.status, out: ran.stdout, all: ran.stdout + ran.stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Errors that are wanted, without where the file lies: ours are shown with columns. */
function errorsOf(row: Fields): string[] {
  const wanted = [row['expErrs'], row['expErr'], row['err'], row['expectedErrs'], row['expectedErr']].flat()
  return wanted
    .filter((one) => typeof one === 'string')
    .flatMap((one) => one.split('\n'))
    .filter((one) => one.includes('rego_'))
    .map((one) => one.replaceAll('%ROOT%/', ''))
}

function missing(errors: readonly string[], shown: string): Verdict {
  const plain = shown.replaceAll(/^([^\s:]+):(\d+):\d+: /gm, '$1:$2: ')
  const absent = errors.find((one) => !plain.includes(one))
  return absent === undefined ? undefined : `not shown: ${absent}; shown: ${plain.slice(0, 300)}`
}

function textsOf(value: unknown): { readonly [path: string]: string } | undefined {
  const entries = Object.entries(fieldsOf(value)).map(([path, text]): [string, unknown] => [
    path.replace(/^\//, ''),
    text,
  ])
  if (entries.length === 0) return undefined
  const texts: { [path: string]: string } = {}
  for (const [path, text] of entries) {
    if (typeof text !== 'string' || path.startsWith('$')) return undefined
    texts[path] = text
  }
  return texts
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}
