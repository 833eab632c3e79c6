// `sallyport policy test`: test_ rules with `opa test` semantics, then the fixtures of the bundle.
import { randomBytes } from 'node:crypto'
import { builtins } from '../../rego/builtins/index.ts'
import { fullName, leaves, nameFilter, runTests, type TestResult, type TestSummary } from '../../rego/tester/index.ts'
import { report } from './check.ts'
import { type FixtureResult, runFixtures } from './fixtures.ts'
import { type Format, formatOf, numberOf, paint, readOptions, UsageError } from './options.ts'
import { readSources } from './sources.ts'
import { makeTestBundle } from './test-bundle.ts'

/** Runs `test`. */
export async function test(args: readonly string[]): Promise<number> {
  const { values, paths } = readOptions(args, {
    run: { type: 'string', short: 'r' },
    verbose: { type: 'boolean', short: 'v' },
    format: { type: 'string', short: 'f' },
    output: { type: 'string', short: 'o' },
    coverage: { type: 'boolean', short: 'c' },
    threshold: { type: 'string' },
    timeout: { type: 'string', short: 't' },
    count: { type: 'string' },
    'v0-compatible': { type: 'boolean' },
  })
  if (paths.length === 0) throw new UsageError('name at least one file, folder or bundle')
  const format = formatOf(values['output'] ?? values['format'], ['pretty', 'json', 'junit', 'github', 'tap'])
  const filter = values['run'] === undefined ? undefined : nameFilter(String(values['run']))
  if (values['run'] !== undefined && filter === undefined)
    throw new UsageError(`\`${String(values['run'])}\` is no RE2 pattern`)
  const threshold = numberOf(values['threshold'], 'threshold')
  const sources = await readSources(paths, values['v0-compatible'] === true ? 0 : 1)
  const { bundle, compiled } = makeTestBundle(sources.modules, sources.data)
  if (bundle === undefined) {
    process.stderr.write(report(compiled.diagnostics, sources.texts, format === 'json' ? 'json' : 'pretty'))
    return 1
  }
  const results: TestResult[] = []
  const timeoutMs = numberOf(values['timeout'], 'timeout')
  const count = numberOf(values['count'], 'count')
  const summary = runTests(
    bundle,
    builtins,
    {
      clockNs: () => process.hrtime.bigint(),
      nowNs: BigInt(Date.now()) * 1_000_000n,
      random: (length) => randomBytes(length),
      coverage: values['coverage'] === true,
      coverFile: (file) => !file.endsWith('_test.rego'),
      ...(filter === undefined ? {} : { filter }),
      ...(threshold === undefined ? {} : { threshold }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(count === undefined ? {} : { count }),
    },
    { result: (result) => results.push(result) },
  )
  const fixtures = values['run'] === undefined ? runFixtures(sources) : []
  if (results.length + fixtures.length === 0 && values['run'] === undefined) {
    process.stderr.write(`sallyport policy test: there are no tests in ${paths.join(', ')}\n`)
    return 1
  }
  process.stdout.write(show(results, fixtures, summary, format, values['verbose'] === true))
  const failed = summary.fail + summary.error + fixtures.filter((one) => one.problem !== undefined).length
  return failed > 0 || summary.thresholdMissed !== undefined ? 2 : 0
}

function show(
  results: readonly TestResult[],
  fixtures: readonly FixtureResult[],
  summary: TestSummary,
  format: Format,
  verbose: boolean,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ tests: results.map(asJson), fixtures, ...(summary.coverage === undefined ? {} : { coverage: summary.coverage }) }, null, 2)}\n`
    case 'junit':
      return junit(results, fixtures)
    case 'tap': {
      const all = [
        ...results.map((one) => ({
          name: fullName(one.test),
          ok: one.outcome === 'pass',
          skip: one.outcome === 'skip',
        })),
        ...fixtures.map((one) => ({ name: one.name, ok: one.problem === undefined, skip: false })),
      ]
      return `TAP version 13\n1..${all.length}\n${all.map((one, index) => `${one.ok || one.skip ? 'ok' : 'not ok'} ${index + 1} - ${one.name}${one.skip ? ' # SKIP todo' : ''}`).join('\n')}\n`
    }
    case 'github': {
      const bad = results.filter((one) => one.outcome === 'fail' || one.outcome === 'error')
      return [
        ...bad.map(
          (one) =>
            `::error file=${one.test.place.file},line=${one.test.place.row}::${fullName(one.test)}: ${one.outcome}\n`,
        ),
        ...fixtures.flatMap((one) =>
          one.problem === undefined ? [] : [`::error file=${one.file}::${one.name}: ${one.problem}\n`],
        ),
      ].join('')
    }
    default:
      return pretty(results, fixtures, summary, verbose)
  }
}

function pretty(
  results: readonly TestResult[],
  fixtures: readonly FixtureResult[],
  summary: TestSummary,
  verbose: boolean,
): string {
  const lines: string[] = []
  let file = ''
  for (const result of results) {
    if (!verbose && result.outcome === 'pass') continue
    if (result.test.place.file !== file) {
      file = result.test.place.file
      lines.push(`${file}:`)
    }
    const word = {
      pass: paint('green', 'PASS'),
      fail: paint('red', 'FAIL'),
      error: paint('red', 'ERROR'),
      skip: paint('yellow', 'SKIPPED'),
    }[result.outcome]
    lines.push(
      result.outcome === 'skip'
        ? `${fullName(result.test)}: ${word}`
        : `${fullName(result.test)}: ${word} (${duration(result.durationNs)})`,
    )
    for (const leaf of leaves(result.subResults))
      if (leaf.fail || verbose)
        lines.push(`  ${leaf.name}: ${leaf.fail ? paint('red', 'FAIL') : paint('green', 'PASS')}`)
    if (result.error !== undefined) lines.push(`  ${result.error.message}`)
    for (const line of result.output) lines.push(`  ${line}`)
  }
  for (const fixture of fixtures) {
    if (fixture.problem === undefined && !verbose) continue
    lines.push(
      `${fixture.file}: ${fixture.name}: ${fixture.problem === undefined ? paint('green', 'PASS') : paint('red', 'FAIL')}`,
    )
    if (fixture.problem !== undefined) lines.push(...fixture.problem.split('\n').map((line) => `  ${line}`))
  }
  if (lines.length > 0) lines.push('-'.repeat(80))
  const bad = fixtures.filter((one) => one.problem !== undefined).length
  const total = summary.total + fixtures.length
  const pass = summary.pass + fixtures.length - bad
  lines.push(`PASS: ${pass}/${total}`)
  if (summary.fail + bad > 0) lines.push(`FAIL: ${summary.fail + bad}/${total}`)
  if (summary.error > 0) lines.push(`ERROR: ${summary.error}/${total}`)
  if (summary.skip > 0) lines.push(`SKIPPED: ${summary.skip}/${total}`)
  if (summary.coverage !== undefined) {
    lines.push(`coverage: ${summary.coverage.coverage.toFixed(2)} %`)
    if (summary.thresholdMissed !== undefined)
      lines.push(paint('red', `below the threshold of ${summary.thresholdMissed.wanted} %`))
  }
  return `${lines.join('\n')}\n`
}

function asJson(result: TestResult): object {
  const { test: rule, outcome, durationNs, error, output } = result
  return {
    location: { file: rule.place.file, row: rule.place.row, col: rule.place.col },
    package: rule.package,
    name: rule.name,
    duration: Math.round(durationNs),
    ...(outcome === 'fail' ? { fail: true } : {}),
    ...(outcome === 'skip' ? { skip: true } : {}),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.text } }),
    ...(output.length === 0 ? {} : { output: Buffer.from(`${output.join('\n')}\n`).toString('base64') }),
  }
}

function junit(results: readonly TestResult[], fixtures: readonly FixtureResult[]): string {
  const cases = [
    ...results.map((one) => ({
      suite: one.test.package,
      name: one.test.name,
      seconds: one.durationNs / 1e9,
      problem:
        one.outcome === 'fail' || one.outcome === 'error' ? (one.error?.message ?? 'the rule is not true') : undefined,
      skipped: one.outcome === 'skip',
    })),
    ...fixtures.map((one) => ({ suite: one.file, name: one.name, seconds: 0, problem: one.problem, skipped: false })),
  ]
  const body = cases.map((one) => {
    const inner = one.skipped
      ? '<skipped/>'
      : one.problem === undefined
        ? ''
        : `<failure message="${xml(one.problem)}"/>`
    return `    <testcase classname="${xml(one.suite)}" name="${xml(one.name)}" time="${one.seconds.toFixed(6)}">${inner}</testcase>`
  })
  const failures = cases.filter((one) => one.problem !== undefined).length
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite name="policy" tests="${cases.length}" failures="${failures}" skipped="${cases.filter((one) => one.skipped).length}">\n${body.join('\n')}\n  </testsuite>\n</testsuites>\n`
}

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
}

function duration(ns: number): string {
  return ns < 1e6 ? `${(ns / 1e3).toFixed(3)}µs` : `${(ns / 1e6).toFixed(3)}ms`
}
