// What all reports of a test run are made from: one list of cases, whether a rule or a fixture was tested.
import { fullName, leaves, type TestResult } from '../../../rego/tester/index.ts'
import type { FixtureResult } from '../fixtures/judge.ts'

/** One test with its outcome. */
export interface Outcome {
  readonly kind: 'rule' | 'fixture'
  /** The package of a rule, the file of a fixture. */
  readonly suite: string
  readonly name: string
  /** As `--run` matches it. */
  readonly fullName: string
  readonly place: { readonly file: string; readonly row: number; readonly col: number }
  readonly outcome: 'pass' | 'fail' | 'error' | 'skip'
  readonly durationNs: number
  /** Why it does not pass. */
  readonly message?: string
  readonly errorCode?: string
  /** What `print` wrote. */
  readonly output: readonly string[]
  readonly cases: readonly { readonly name: string; readonly fail: boolean }[]
  /** The cases as they lie within each other. */
  readonly subResults: TestResult['subResults']
  /** The error of the evaluation, with its own place. */
  readonly error?: TestResult['error']
  readonly trace?: string
  /** The expression that fails, with the values of its terms, in lines. */
  readonly failing?: readonly string[]
  readonly benchmark?: TestResult['benchmark']
}

/** The outcome of a test rule. */
export function outcomeOfRule(result: TestResult, failing?: readonly string[]): Outcome {
  const { test, outcome, durationNs, error, output, trace, benchmark } = result
  const cases = [...leaves(result.subResults)].map(({ name, fail }) => ({ name, fail }))
  const failed = cases.filter((one) => one.fail).map((one) => one.name)
  const message =
    error?.message ??
    (outcome === 'fail'
      ? failed.length > 0
        ? `failed cases: ${failed.join(', ')}`
        : 'the rule is not true'
      : undefined)
  return {
    kind: 'rule',
    suite: test.package,
    name: test.name,
    fullName: fullName(test),
    place: { file: test.place.file, row: test.place.row, col: test.place.col },
    outcome,
    durationNs,
    ...(message === undefined ? {} : { message }),
    ...(error === undefined ? {} : { errorCode: error.code }),
    output,
    cases,
    subResults: result.subResults,
    ...(error === undefined ? {} : { error }),
    ...(trace === undefined ? {} : { trace }),
    ...(failing === undefined ? {} : { failing }),
    ...(benchmark === undefined ? {} : { benchmark }),
  }
}

/** The outcome of a fixture. */
export function outcomeOfFixture(result: FixtureResult): Outcome {
  const { case: one, durationNs, problem } = result
  return {
    kind: 'fixture',
    suite: one.file,
    name: one.name,
    fullName: `${one.file}: ${one.name}`,
    place: { file: one.location.file, row: one.location.row, col: one.location.col },
    outcome: problem === undefined ? 'pass' : 'fail',
    durationNs,
    ...(problem === undefined ? {} : { message: problem }),
    output: [],
    cases: [],
    subResults: new Map(),
  }
}

/** The counts of a run, cases of data-driven tests one by one, as `opa test` counts. */
export function countOutcomes(outcomes: readonly Outcome[]): {
  readonly [outcome in Outcome['outcome'] | 'total']: number
} {
  const counts = { pass: 0, fail: 0, error: 0, skip: 0, total: 0 }
  for (const one of outcomes) {
    const judged = one.outcome === 'pass' || one.outcome === 'fail'
    const each = judged && one.cases.length > 0 ? one.cases.map(({ fail }) => (fail ? 'fail' : 'pass')) : [one.outcome]
    for (const outcome of each) counts[outcome === 'fail' ? 'fail' : outcome === 'pass' ? 'pass' : outcome]++
    counts.total += each.length
  }
  return counts
}
