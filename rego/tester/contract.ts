// What a test is, what became of it, and who is told.
import type { SourcePlace } from '../builtins/contract.ts'
import type { Coverage, CoverageReport, EvaluateOptions, Evaluation, EvaluationError } from '../interpret/index.ts'
import type { Policy } from '../ir/index.ts'
import type { RegoObject, Value } from '../value/index.ts'

/** A rule that is a test. */
export interface TestRule {
  /** As reports write it: `data.a.b`. */
  readonly package: string
  /** The rule's ref below its package, up to the segment that makes it a test: `test_x` or `things.test_x`. */
  readonly name: string
  readonly place: SourcePlace
  /** The plan whose `result` is the rule's value. */
  readonly plan: string
  /** Whether the rule builds an object of cases (`test_x[note] if ...`). */
  readonly hasCases: boolean
}

/** A case of a data-driven test; its own cases are inside. */
export interface SubResult {
  readonly name: string
  readonly fail: boolean
  readonly subResults: ReadonlyMap<string, SubResult>
}

/** What a benchmark measured. */
export interface BenchmarkResult {
  readonly iterations: number
  readonly nsPerOp: number
  readonly fuelPerOp: number
}

/** What became of a test. */
export type Outcome = 'pass' | 'fail' | 'error' | 'skip'

/** A test with its outcome. */
export interface TestResult {
  readonly test: TestRule
  readonly outcome: Outcome
  readonly durationNs: number
  readonly error?: EvaluationError
  /** What `print` wrote, a line an entry. */
  readonly output: readonly string[]
  readonly subResults: ReadonlyMap<string, SubResult>
  readonly benchmark?: BenchmarkResult
  /** The printed trace, where one was asked for. */
  readonly trace?: string
}

/** The counts of a run: a data-driven test counts by its leaf cases. */
export interface TestSummary {
  readonly pass: number
  readonly fail: number
  readonly error: number
  readonly skip: number
  readonly total: number
  readonly coverage?: CoverageReport
  /** Set when the coverage is below the threshold asked for. */
  readonly thresholdMissed?: { readonly got: number; readonly wanted: number }
  /** The run was cancelled before its end. */
  readonly cancelled: boolean
}

/** Is told of each test as it ends, and of the whole run. */
export interface TestReporter {
  result(result: TestResult): void
  end?(summary: TestSummary): void
}

/** What is tested: a compiled policy with a plan for each test. */
export interface TestBundle {
  readonly policy: Policy
  readonly tests: readonly TestRule[]
  readonly data: Value
}

/** How tests are run. Clocks are the embedding's. */
export interface TestOptions {
  /** Monotonic, in nanoseconds. */
  readonly clockNs: () => bigint
  /** The time that `time.now_ns` answers. */
  readonly nowNs: bigint
  readonly random?: (length: number) => Uint8Array
  readonly runtime?: RegoObject
  readonly external?: (name: string, args: readonly Value[]) => Value | undefined
  /** Chooses tests by full name, `data.pkg.test_x`: see nameFilter. */
  readonly filter?: (fullName: string) => boolean
  /** For one test; 0 or absent means the default. */
  readonly timeoutMs?: number
  readonly fuel?: number
  readonly coverage?: boolean
  /** Collects what ran, besides what others collect in it; asks for coverage. */
  readonly collector?: Coverage
  /** The least coverage in percent; asks for coverage. */
  readonly threshold?: number
  /** Files that coverage counts; test files commonly not. */
  readonly coverFile?: (file: string) => boolean
  readonly benchmark?: boolean
  /** How often each test is run, 1 if absent. */
  readonly count?: number
  /** Keeps a trace of tests that do not pass. */
  readonly trace?: 'fails' | 'notes' | 'full'
  /** A source line, for traces. */
  readonly source?: (file: string, row: number) => string | undefined
  /** Evaluates each test once more by another engine; a difference is an error of the test. */
  readonly witness?: (plan: string, options: EvaluateOptions) => Evaluation
  /** Turns failed built-ins into errors of the test. */
  readonly raiseBuiltinErrors?: boolean
  /** Asked now and then; true ends the whole run. */
  readonly cancelled?: () => boolean
}
