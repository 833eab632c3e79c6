// The state of one evaluation: fuel, memoized rules, results, errors.
import { type BuiltinContext, EvaluationHalted, type SourcePlace } from '../builtins/contract.ts'
import { RegoObject, RegoSet, type Value } from '../value/index.ts'
import {
  CALL_DEPTH_MAX,
  type EvaluateOptions,
  type EvaluationError,
  FUEL_DEFAULT,
  type Observer,
} from './evaluation.ts'
import { seededRandom } from './random.ts'

/** How much fuel is spent between two questions whether the evaluation is cancelled. */
const POLL_FUEL = 4_096

/** How many pairs of input and data a rule's value is remembered for: `with` makes new ones. */
const MEMO_MAX = 4

interface Memo {
  readonly input: Value | undefined
  readonly data: Value | undefined
  readonly value: Value | undefined
}

const NOWHERE: SourcePlace = { file: '', row: 0, col: 0 }

/** One evaluation on its way. */
export class Run {
  readonly results: RegoSet = new RegoSet()
  readonly builtinErrors: EvaluationError[] = []
  readonly context: BuiltinContext
  readonly observer: Observer
  /** What the function that just returned gave. */
  returned: Value | undefined
  /** Where the built-in that runs was called. */
  place: SourcePlace = NOWHERE
  readonly #options: EvaluateOptions
  readonly #fuel: number
  readonly #memo: Memo[][] = []
  #left: number
  #poll: number
  #depth = 0

  constructor(options: EvaluateOptions) {
    this.#options = options
    this.#fuel = options.fuel ?? FUEL_DEFAULT
    this.#left = this.#fuel
    this.#poll = this.#fuel
    this.observer = options.observer ?? {}
    const random = options.random ?? seededRandom(0)
    const run = this
    this.context = {
      nowNs: options.nowNs ?? 0n,
      random,
      cache: new Map(),
      spend: (units) => run.spend(units),
      print: (line) => options.print?.(line, run.place),
      note: (message) => options.note?.(message, run.place),
      testCase: (keys) => options.testCase?.(keys),
      get place() {
        return run.place
      },
      runtime: options.runtime ?? new RegoObject(),
      ...(options.external === undefined ? {} : { external: options.external }),
    }
  }

  /** Spends fuel; halts when there is none left or the evaluation is cancelled. */
  spend(units: number): void {
    this.#left -= units
    if (this.#left >= this.#poll) return
    if (this.#left < 0) throw new EvaluationHalted('fuel')
    if (this.#options.cancelled?.() === true) throw new EvaluationHalted('cancelled')
    this.#poll = this.#left - POLL_FUEL
  }

  fuelSpent(): number {
    return Math.min(this.#fuel, this.#fuel - this.#left)
  }

  enterCall(): void {
    if (++this.#depth > CALL_DEPTH_MAX) throw new EvaluationHalted('depth')
  }

  leaveCall(): void {
    this.#depth--
  }

  /** What a rule gave for this very input and data before. */
  remembered(rule: number, input: Value | undefined, data: Value | undefined): Memo | undefined {
    return this.#memo[rule]?.find((memo) => memo.input === input && memo.data === data)
  }

  remember(rule: number, input: Value | undefined, data: Value | undefined, value: Value | undefined): void {
    this.#memo[rule] ??= []
    const memos = this.#memo[rule]
    if (memos.length === MEMO_MAX) memos.shift()
    memos.push({ input, data, value })
  }
}
