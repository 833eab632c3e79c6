// `sallyport policy test`: test_ rules with `opa test` semantics, then the fixtures of the bundle.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { BundleError } from '../../bundles/format/index.ts'
import { WasmProgram } from '../../engine/evaluate/index.ts'
import { builtins } from '../../rego/builtins/index.ts'
import { Coverage, type RuleRows } from '../../rego/interpret/index.ts'
import type { Module, Rule } from '../../rego/syntax/index.ts'
import { nameFilter, runTests, type TestBundle, type TestOptions, type TestResult } from '../../rego/tester/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { report } from './check.ts'
import { runFixtures } from './fixtures/run.ts'
import { updateFixtures } from './fixtures/update.ts'
import { languageFlags, readLanguage } from './language.ts'
import {
  durationMs,
  type Format,
  formatOf,
  numberOf,
  type Options,
  readOptions,
  regoVersionFlags,
  regoVersionOf,
  UsageError,
} from './options.ts'
import { type PolicySources, readSources, SourceError } from './sources.ts'
import { coveragePage } from './testing/coverage-page.ts'
import { explainedMax, failingLines } from './testing/failing.ts'
import { countOutcomes, outcomeOfFixture, outcomeOfRule } from './testing/outcome.ts'
import { prettyReport } from './testing/pretty.ts'
import { githubReport, jsonReport, junitReport, type RunReport, sarifReport, tapReport } from './testing/reports.ts'
import { ruleRemarks } from './testing/rule-remarks.ts'
import { makeTestBundle } from './testing/test-bundle.ts'
import { runWatching } from './watch.ts'

const formats = ['pretty', 'json', 'junit', 'sarif', 'github', 'tap'] as const

/** Runs `test`. */
export async function test(args: readonly string[]): Promise<number> {
  const options = readOptions(args, {
    run: { type: 'string', short: 'r' },
    verbose: { type: 'boolean', short: 'v' },
    format: { type: 'string', short: 'f' },
    output: { type: 'string', short: 'o' },
    bundle: { type: 'string', short: 'b', multiple: true },
    coverage: { type: 'boolean', short: 'c' },
    'coverage-html': { type: 'string' },
    threshold: { type: 'string' },
    timeout: { type: 'string' },
    count: { type: 'string' },
    bench: { type: 'boolean' },
    benchmem: { type: 'boolean' },
    'max-errors': { type: 'string', short: 'm' },
    target: { type: 'string', short: 't' },
    explain: { type: 'string' },
    ...languageFlags,
    sort: { type: 'string' },
    update: { type: 'boolean' },
    watch: { type: 'boolean', short: 'w' },
    parallel: { type: 'string', short: 'p' },
    ignore: { type: 'string', multiple: true },
    'exit-zero-on-skipped': { type: 'boolean', short: 'z' },
    'fail-on-empty': { type: 'boolean' },
    ...regoVersionFlags,
    'var-values': { type: 'boolean' },
  })
  const paths = [...options.paths, ...(options.lists['bundle'] ?? [])]
  if (paths.length === 0) throw new UsageError('name at least one file, folder or bundle')
  const plan = planOf(options, paths)
  return options.values['watch'] === true ? runWatching(paths, () => runOnce(plan)) : runOnce(plan)
}

/** The command line, checked. */
interface Plan {
  readonly paths: readonly string[]
  /** Whether the paths are bundles: all are where one is named so, as with opa's flag. */
  readonly bundles: boolean
  readonly ignore: readonly string[]
  readonly format: Format
  readonly values: Options['values']
  readonly rego: 0 | 1
  readonly tests: Pick<TestOptions, 'filter' | 'timeoutMs' | 'count' | 'benchmark' | 'trace'>
  readonly threshold: number | undefined
  readonly coverage: boolean
  /** Whether the compiled policy judges as well as the interpreter. */
  readonly compiled: boolean
}

function planOf(options: Options, paths: readonly string[]): Plan {
  const { values } = options
  const format = formatOf(values['output'] ?? values['format'], formats)
  const filter = values['run'] === undefined ? undefined : nameFilter(String(values['run']))
  if (values['run'] !== undefined && filter === undefined)
    throw new UsageError(`\`${String(values['run'])}\` is no RE2 pattern`)
  const threshold = numberOf(values['threshold'], 'threshold')
  if (threshold !== undefined && (threshold < 0 || threshold > 100))
    throw new UsageError('`--threshold` is a percentage from 0 to 100')
  const timeoutMs = durationMs(values['timeout'], 'timeout')
  const count = numberOf(values['count'], 'count')
  if (count !== undefined && (!Number.isInteger(count) || count < 1))
    throw new UsageError('`--count` is a whole number from 1')
  const parallel = numberOf(values['parallel'], 'parallel')
  if (parallel !== undefined && (!Number.isInteger(parallel) || parallel < 0))
    throw new UsageError('`--parallel` is a whole number')
  const explain = values['explain']
  const trace = (['fails', 'notes', 'full'] as const).find((mode) => mode === (explain === 'debug' ? 'full' : explain))
  if (explain !== undefined && trace === undefined)
    throw new UsageError(`there is no explanation \`${String(explain)}\`: fails, notes, full`)
  const target = String(values['target'] ?? 'both')
  if (!['rego', 'wasm', 'both'].includes(target))
    throw new UsageError(`there is no target \`${target}\`: rego, wasm (both judge unless one is named)`)
  if (values['sort'] !== undefined && values['sort'] !== 'none' && values['sort'] !== 'duration')
    throw new UsageError(`there is no order \`${String(values['sort'])}\`: none, duration`)
  return {
    paths,
    bundles: options.lists['bundle'] !== undefined,
    ignore: options.lists['ignore'] ?? [],
    format,
    values: trace === undefined ? values : { ...values, verbose: true },
    rego: regoVersionOf(values),
    tests: {
      ...(filter === undefined ? {} : { filter }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(count === undefined ? {} : { count }),
      ...(values['bench'] === true ? { benchmark: true } : {}),
      ...(trace === undefined ? {} : { trace }),
    },
    threshold,
    compiled: target !== 'rego' && values['bench'] !== true,
    coverage: values['coverage'] === true || threshold !== undefined || values['coverage-html'] !== undefined,
  }
}

async function runOnce(plan: Plan): Promise<number> {
  const { values, format } = plan
  const sources = await readSources(plan.paths, plan.rego, {
    ignore: plan.ignore,
    allData: !plan.bundles,
    bundles: plan.bundles,
  })
  const { bundle, compiled } = makeTestBundle(sources.modules, sources.data, await readLanguage(values))
  if (bundle === undefined) {
    const most = numberOf(values['max-errors'], 'max-errors') ?? 0
    const told = most < 1 ? compiled.diagnostics : compiled.diagnostics.slice(0, most)
    process.stderr.write(report(told, sources.texts, format === 'json' ? 'json' : 'pretty'))
    return 1
  }
  const collector = plan.coverage ? new Coverage() : undefined
  const clockNs = (): bigint => process.hrtime.bigint()
  const nowNs = BigInt(Date.now()) * 1_000_000n
  const results: TestResult[] = []
  const witness = plan.compiled && bundle.tests.length > 0 ? compiledWitness(bundle) : undefined
  const progress = progressLine(bundle.tests.length)
  runTests(
    bundle,
    builtins,
    {
      clockNs,
      nowNs,
      random: (length) => randomBytes(length),
      source: (file, row) => sources.texts.get(file)?.split('\n')[row - 1],
      ...plan.tests,
      ...(collector === undefined ? {} : { collector }),
      ...(witness === undefined ? {} : { witness }),
    },
    {
      result: (result) => {
        results.push(result)
        progress.step(results.length)
      },
    },
  )
  const { filter } = plan.tests
  const update = values['update'] === true
  const fixtures = await fixturesOf(sources, {
    clockNs,
    nowNs,
    update,
    compiled: plan.compiled,
    ...(filter === undefined ? {} : { filter }),
    ...(collector === undefined ? {} : { coverage: collector }),
  })
  progress.end()
  const failed = results.filter((one) => one.outcome === 'fail' && one.subResults.size === 0)
  const explained = new Set(format === 'pretty' ? failed.slice(0, explainedMax) : [])
  const failingParts = { sources: sources.modules, modules: compiled.modules, data: sources.data, nowNs }
  const outcomes = [
    ...results.map((one) => outcomeOfRule(one, explained.has(one) ? failingLines(one.test, failingParts) : undefined)),
    ...fixtures.results.map(outcomeOfFixture),
  ]
  if (values['sort'] === 'duration') outcomes.sort((a, b) => b.durationNs - a.durationNs)
  const policies = [bundle.policy, ...fixtures.policies]
  const coverage = collector?.report(policies, {
    include: (file) => sources.texts.has(file),
    rules: rulesOf(compiled.modules),
  })
  const missed = coverage !== undefined && plan.threshold !== undefined && coverage.coverage < plan.threshold
  const run: RunReport = {
    outcomes,
    remarks: filter === undefined ? ruleRemarks(compiled.modules) : [],
    ...(coverage === undefined ? {} : { coverage }),
    ...(missed && plan.threshold !== undefined
      ? { thresholdMissed: { got: coverage.coverage, wanted: plan.threshold } }
      : {}),
  }
  if (coverage !== undefined && typeof values['coverage-html'] === 'string')
    writeFileSync(values['coverage-html'], coveragePage(coverage, sources.texts))
  if (update) {
    for (const [file, count] of updateFixtures(fixtures.results))
      process.stderr.write(`${file}: ${count} ${count === 1 ? 'case' : 'cases'} rewritten; review the change\n`)
  }
  if (outcomes.length === 0)
    process.stderr.write(`sallyport policy test: there are no tests in ${plan.paths.join(', ')}\n`)
  process.stdout.write(show(run, format, values['verbose'] === true))
  return exitCode(run, values)
}

/** The policy as the module that a gateway would load, to judge the tests once more. */
function compiledWitness(bundle: TestBundle): NonNullable<TestOptions['witness']> {
  const program = new WasmProgram(new WebAssembly.Module(emitModule(bundle.policy)), builtins)
  program.setData(bundle.data)
  return (plan, options) => program.evaluate(plan, options)
}

async function fixturesOf(
  sources: PolicySources,
  options: Parameters<typeof runFixtures>[1],
): ReturnType<typeof runFixtures> {
  try {
    return await runFixtures(sources, options)
  } catch (error) {
    if (error instanceof BundleError) throw new SourceError(`the policies do not load as a bundle: ${error.message}`)
    throw error
  }
}

/** The rows of every rule, for coverage. */
function rulesOf(modules: readonly Module[]): readonly RuleRows[] {
  return modules.flatMap((module) =>
    module.rules.flatMap((rule) => {
      const found: RuleRows[] = []
      for (let one: Rule | undefined = rule; one !== undefined; one = one.else) {
        const body = one.generatedBody ? [] : one.body.map((expr) => expr.location.row)
        found.push({ file: module.file, head: one.head.location.row, body })
      }
      return found
    }),
  )
}

function exitCode(run: RunReport, values: Options['values']): number {
  const counts = countOutcomes(run.outcomes)
  const skipped = counts.skip > 0 && values['exit-zero-on-skipped'] !== true
  const empty = run.outcomes.length === 0 && values['fail-on-empty'] === true
  if (empty) return 1
  return counts.fail + counts.error > 0 || skipped || run.thresholdMissed !== undefined ? 2 : 0
}

function show(run: RunReport, format: Format, verbose: boolean): string {
  switch (format) {
    case 'json':
      return jsonReport(run)
    case 'junit':
      return junitReport(run)
    case 'sarif':
      return sarifReport(run)
    case 'github':
      return githubReport(run)
    case 'tap':
      return tapReport(run)
    default:
      return prettyReport(run, { verbose })
  }
}

/** Tests after which progress is worth a line. */
const progressFrom = 200

/** A line on a terminal that says how far a long run has come. */
function progressLine(total: number): { step(done: number): void; end(): void } {
  const wanted = process.stderr.isTTY === true && total >= progressFrom
  let shown = 0
  return {
    step: (done) => {
      const now = Date.now()
      if (!wanted || now - shown < 100) return
      shown = now
      process.stderr.write(`\r${done}/${total} tests`)
    },
    end: () => {
      if (wanted && shown > 0) process.stderr.write('\r\u001b[2K')
    },
  }
}
