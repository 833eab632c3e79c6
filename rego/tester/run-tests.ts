// Runs tests as `opa test` does: a test passes when its rule is true, or all the cases that it built are.
import type { BuiltinTable } from '../builtins/contract.ts'
import {
  Coverage,
  type EvaluateOptions,
  type Evaluation,
  EvaluationError,
  Program,
  printTrace,
  Trace,
} from '../interpret/index.ts'
import { isObject, type Value } from '../value/index.ts'
import type {
  Outcome,
  SubResult,
  TestBundle,
  TestOptions,
  TestReporter,
  TestResult,
  TestRule,
  TestSummary,
} from './contract.ts'
import { fullName, isTodo } from './discover.ts'
import { leaves, subResults } from './sub-results.ts'

/** How long a test may run. */
export const TEST_TIMEOUT_MS = 5_000

/** How long a test may run as a benchmark. */
export const BENCHMARK_TIMEOUT_MS = 30_000

/** How long a benchmark measures. */
export const BENCHMARK_MEASURE_MS = 1_000

/** How many lines of `print` a test keeps. */
export const OUTPUT_LINES_MAX = 10_000

const MS = 1_000_000

/** Runs the tests of a bundle, telling the reporter of each as it ends. Throws PlanError when the policy cannot be run. */
export function runTests(
  bundle: TestBundle,
  builtins: BuiltinTable,
  options: TestOptions,
  reporter: TestReporter,
): TestSummary {
  const program = new Program(bundle.policy, builtins)
  const wantsCoverage = options.coverage === true || options.threshold !== undefined
  const coverage = options.collector ?? (wantsCoverage ? new Coverage() : undefined)
  const counts = { pass: 0, fail: 0, error: 0, skip: 0 }
  let cancelled = false
  for (const test of bundle.tests) {
    if (options.filter !== undefined && !options.filter(fullName(test))) continue
    for (let run = 0; run < (options.count ?? 1) && !cancelled; run++) {
      const result = new TestRun(program, bundle.data, test, options, coverage).result()
      reporter.result(result)
      countResult(counts, result)
      cancelled = options.cancelled?.() === true
    }
    if (cancelled) break
  }
  const report = coverage?.report(
    [bundle.policy],
    options.coverFile === undefined ? {} : { include: options.coverFile },
  )
  const missed = report !== undefined && options.threshold !== undefined && report.coverage < options.threshold
  const summary: TestSummary = {
    ...counts,
    total: counts.pass + counts.fail + counts.error + counts.skip,
    ...(report === undefined ? {} : { coverage: report }),
    ...(missed && options.threshold !== undefined
      ? { thresholdMissed: { got: report.coverage, wanted: options.threshold } }
      : {}),
    cancelled,
  }
  reporter.end?.(summary)
  return summary
}

/** Counts by leaf cases where a test has cases and ran to its end, by the test itself otherwise. */
function countResult(counts: Record<Outcome, number>, result: TestResult): void {
  const cases = result.outcome === 'pass' || result.outcome === 'fail' ? [...leaves(result.subResults)] : []
  if (cases.length === 0) counts[result.outcome]++
  for (const each of cases) counts[each.fail ? 'fail' : 'pass']++
}

/** What an engine says of a test. */
type Verdict = Pick<TestResult, 'outcome' | 'subResults'> & { readonly error?: EvaluationError }

function said(verdict: Verdict): string {
  return verdict.error === undefined ? verdict.outcome : `${verdict.outcome} (${verdict.error.code})`
}

/** One test on its way. */
class TestRun {
  readonly #program: Program
  readonly #data: Value
  readonly #test: TestRule
  readonly #options: TestOptions
  readonly #coverage: Coverage | undefined
  readonly #output: string[] = []
  #begun: (readonly Value[])[] = []
  #started = 0n

  constructor(program: Program, data: Value, test: TestRule, options: TestOptions, coverage: Coverage | undefined) {
    this.#program = program
    this.#data = data
    this.#test = test
    this.#options = options
    this.#coverage = coverage
  }

  result(): TestResult {
    this.#started = this.#options.clockNs()
    if (isTodo(this.#test)) return this.#finished('skip')
    if (this.#options.benchmark === true) return this.#benchmark()
    const evaluation = this.#evaluate()
    const judged = this.#witnessed(this.#judge(evaluation))
    const trace = judged.outcome !== 'pass' && this.#options.trace !== undefined ? { trace: this.#trace() } : {}
    return this.#finished(judged.outcome, { ...judged, ...trace })
  }

  #evaluate(more: EvaluateOptions = {}): Evaluation {
    const { nowNs, random, runtime, external, fuel } = this.#options
    return this.#program.evaluate(this.#test.plan, {
      data: this.#data,
      nowNs,
      ...(random === undefined ? {} : { random }),
      ...(runtime === undefined ? {} : { runtime }),
      ...(external === undefined ? {} : { external }),
      ...(fuel === undefined ? {} : { fuel }),
      ...(this.#coverage === undefined ? {} : { observer: this.#coverage.observer(this.#program.policy) }),
      strictBuiltinErrors: this.#options.raiseBuiltinErrors === true,
      print: (line) => {
        if (this.#output.length < OUTPUT_LINES_MAX) this.#output.push(line)
      },
      testCase: (keys) => this.#begun.push(keys),
      cancelled: () => this.#isLate() || this.#options.cancelled?.() === true,
      ...more,
    })
  }

  /** The verdict, unless the other engine has another one. Running out of a limit is no difference: limits count otherwise. */
  #witnessed(judged: Verdict): Verdict {
    const { witness, nowNs, random, fuel } = this.#options
    if (witness === undefined || judged.error?.code === 'eval_cancel_error') return judged
    const begun = this.#begun
    this.#begun = []
    const evaluation = witness(this.#test.plan, {
      nowNs,
      ...(random === undefined ? {} : { random }),
      ...(fuel === undefined ? {} : { fuel }),
      strictBuiltinErrors: this.#options.raiseBuiltinErrors === true,
      testCase: (keys) => this.#begun.push(keys),
    })
    const other = this.#judge(evaluation)
    this.#begun = begun
    const same = other.outcome === judged.outcome && other.error?.code === judged.error?.code
    if (same || other.error?.code === 'eval_cancel_error') return judged
    const text = `the interpreter says ${said(judged)}, the compiled policy ${said(other)}`
    return {
      outcome: 'error',
      subResults: NO_CASES,
      error: new EvaluationError('eval_internal_error', text, this.#test.place),
    }
  }

  #isLate(): boolean {
    const fallback = this.#options.benchmark === true ? BENCHMARK_TIMEOUT_MS : TEST_TIMEOUT_MS
    const limit = this.#options.timeoutMs || fallback
    return Number(this.#options.clockNs() - this.#started) > limit * MS
  }

  #judge(evaluation: Evaluation): Verdict {
    if (evaluation.error !== undefined)
      return { outcome: 'error', subResults: NO_CASES, error: this.#named(evaluation.error) }
    const [bindings] = evaluation.results
    const value = isObject(bindings) ? bindings.get('result') : undefined
    if (!this.#test.hasCases || (value !== undefined && !isObject(value)))
      return { outcome: value === true ? 'pass' : 'fail', subResults: NO_CASES }
    const { fail, cases } = subResults(value, this.#begun)
    return { outcome: fail ? 'fail' : 'pass', subResults: cases }
  }

  /** A test that ran out of time says so. */
  #named(error: EvaluationError): EvaluationError {
    if (error.code !== 'eval_cancel_error' || !this.#isLate()) return error
    return new EvaluationError(error.code, 'timed out', error.place, { cause: error })
  }

  /** Runs the test once more, traced: tests that pass pay nothing for traces. */
  #trace(): string {
    const trace = new Trace(this.#program.policy)
    const output = this.#output.length
    const begun = this.#begun
    this.#begun = []
    this.#evaluate({ observer: trace.observer, note: trace.note })
    this.#output.length = output
    this.#begun = begun
    return printTrace(trace, this.#options.trace, this.#options.source)
  }

  #benchmark(): TestResult {
    let iterations = 0
    let fuel = 0
    const begin = this.#options.clockNs()
    for (;;) {
      this.#begun = []
      this.#output.length = 0
      const evaluation = this.#evaluate()
      iterations++
      fuel += evaluation.fuelSpent
      const judged = this.#judge(evaluation)
      if (judged.outcome !== 'pass') return this.#finished(judged.outcome, judged)
      const spent = Number(this.#options.clockNs() - begin)
      if (spent < BENCHMARK_MEASURE_MS * MS) continue
      const benchmark = { iterations, nsPerOp: spent / iterations, fuelPerOp: Math.round(fuel / iterations) }
      return this.#finished('pass', { ...judged, benchmark })
    }
  }

  #finished(outcome: Outcome, more: Partial<TestResult> = {}): TestResult {
    return {
      test: this.#test,
      output: this.#output,
      subResults: NO_CASES,
      durationNs: Number(this.#options.clockNs() - this.#started),
      ...more,
      outcome,
    }
  }
}

const NO_CASES: ReadonlyMap<string, SubResult> = new Map()
