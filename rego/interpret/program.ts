// A policy made ready to evaluate: functions become steps when they are first called.
import {
  type Builtin,
  BuiltinError,
  type BuiltinTable,
  EvaluationHalted,
  type SourcePlace,
} from '../builtins/contract.ts'
import {
  type Block,
  type CallDynamicStmt,
  type CallStmt,
  checkPolicy,
  DATA,
  type Func,
  INPUT,
  type Local,
  type Place,
  type Plan,
  type Policy,
  type Stmt,
  usesOf,
  walkBlocks,
} from '../ir/index.ts'
import { RegoObject, type Value } from '../value/index.ts'
import { type EvaluateOptions, type Evaluation, EvaluationError, type Frame } from './evaluation.ts'
import { checkResults } from './results.ts'
import { Run } from './run.ts'
import { blockStep, CONTINUE, RETURN, reader, type Step, type StepContext, UNDEFINED } from './steps.ts'

/** How many blocks a dynamic call leaves beyond its own when the function it found is undefined. */
const DYNAMIC_LEAVES = 3

/** A function ready to be called. */
interface Routine {
  readonly func: Func
  readonly index: number
  readonly frameSize: number
  /** Whether it takes input and data only, so that its value can be remembered. */
  readonly isRule: boolean
  readonly steps: { plain: readonly Step[] | undefined; observed: readonly Step[] | undefined }
}

/** A plan ready to be evaluated. */
interface Entry {
  readonly steps: readonly Step[]
  readonly frameSize: number
}

/** A policy ready to evaluate. Holds no state of evaluations. */
export class Program {
  readonly policy: Policy
  readonly #builtins: ReadonlyMap<string, { readonly run: Builtin; readonly isVoid: boolean }>
  readonly #routines: ReadonlyMap<string, Routine>
  readonly #byPath: ReadonlyMap<string, Routine>
  readonly #plans = new Map<string, Entry>()

  /** Throws PlanError when the policy refers to what does not exist; EvaluationError when a built-in is missing. */
  constructor(policy: Policy, builtins: BuiltinTable) {
    checkPolicy(policy)
    this.policy = policy
    this.#builtins = new Map(
      policy.builtins.map(({ name, decl }) => {
        const run = builtins.get(name)
        if (run === undefined) throw new EvaluationError('eval_internal_error', `no built-in \`${name}\``, NOWHERE)
        return [name, { run, isVoid: isVoid(decl) }]
      }),
    )
    this.#routines = new Map(policy.funcs.map((func, index) => [func.name, routine(func, index)]))
    const byPath = new Map<string, Routine>()
    for (const each of this.#routines.values()) {
      if (each.func.path !== undefined) byPath.set(JSON.stringify(each.func.path), each)
    }
    this.#byPath = byPath
  }

  /** The names of the plans that can be evaluated. */
  entryPoints(): readonly string[] {
    return this.policy.plans.map((plan) => plan.name)
  }

  /** Evaluates a plan. Never throws for what a policy or its input does: that is in `error`. */
  evaluate(name: string, options: EvaluateOptions = {}): Evaluation {
    const plan = this.policy.plans.find((each) => each.name === name)
    const run = new Run(options)
    if (plan === undefined)
      return failed(run, new EvaluationError('eval_internal_error', `no plan \`${name}\``, NOWHERE))
    const observed = options.observer !== undefined
    const entry = this.#entry(plan, observed)
    const frame: Frame = new Array(entry.frameSize).fill(undefined)
    frame[INPUT] = options.input
    frame[DATA] = options.data ?? new RegoObject()
    try {
      for (const step of entry.steps) step(frame, run)
      checkResults(run.results.items(), (units) => run.spend(units))
      return finished(run, options.strictBuiltinErrors === true ? run.builtinErrors[0] : undefined)
    } catch (error) {
      return failed(run, evaluationError(error, run))
    }
  }

  /** The blocks of a plan as steps. */
  #entry(plan: Plan, observed: boolean): Entry {
    const key = `${observed}${plan.name}`
    const made = this.#plans.get(key)
    if (made !== undefined) return made
    let size = DATA + 1
    walkBlocks(plan.blocks, (stmt) => {
      size = Math.max(size, frameSize(stmt))
    })
    const context = this.#context(observed, false, plan.blocks)
    const steps = plan.blocks.map((block) => blockStep(block, context))
    const entry = { steps, frameSize: size }
    this.#plans.set(key, entry)
    return entry
  }

  #context(observed: boolean, hasArguments: boolean, blocks: readonly Block[]): StepContext {
    let writers: ReadonlyMap<Local, Stmt | undefined> | undefined
    return {
      writerOf: (local) => {
        writers ??= writersOf(blocks)
        return writers.get(local)
      },
      strings: this.policy.strings,
      observed,
      hasArguments,
      place: (at) => this.#place(at),
      call: (stmt, context) => this.#call(stmt, context),
      callDynamic: (stmt, context) => this.#callDynamic(stmt, context),
    }
  }

  #place(at: Place): SourcePlace {
    return { file: this.policy.files[at.file] ?? '', row: at.row, col: at.col }
  }

  #call(stmt: CallStmt, context: StepContext): Step {
    const args = stmt.args.map((operand) => reader(operand, context))
    const planned = this.#routines.get(stmt.func)
    if (planned === undefined) return this.#callBuiltin(stmt, args, context)
    return (frame, run) => {
      const values = args.map((read) => read(frame))
      const value = this.#run(planned, values, run, context.observed)
      frame[stmt.result] = value
      return value === undefined ? UNDEFINED : CONTINUE
    }
  }

  #callBuiltin(stmt: CallStmt, args: readonly ((frame: Frame) => Value | undefined)[], context: StepContext): Step {
    const name = stmt.func
    const builtin = this.#builtins.get(name)
    if (builtin === undefined) throw new RangeError(`no built-in ${name}`)
    const place = context.place(stmt)
    return (frame, run) => {
      const values: Value[] = []
      for (const read of args) {
        const value = read(frame)
        if (value === undefined) return UNDEFINED
        values.push(value)
      }
      run.place = place
      const value = callBuiltin(name, builtin.run, values, run)
      frame[stmt.result] = value
      return value === undefined && !builtin.isVoid ? UNDEFINED : CONTINUE
    }
  }

  #callDynamic(stmt: CallDynamicStmt, context: StepContext): Step {
    const path = stmt.path.map((operand) => reader(operand, context))
    return (frame, run) => {
      const segments: string[] = []
      for (const read of path) {
        const segment = read(frame)
        if (typeof segment !== 'string') return UNDEFINED
        segments.push(segment)
      }
      const planned = this.#byPath.get(JSON.stringify(segments))
      if (planned === undefined || planned.func.params.length !== stmt.args.length) return UNDEFINED
      const values = stmt.args.map((local) => frame[local])
      const value = this.#run(planned, values, run, context.observed)
      frame[stmt.result] = value
      return value === undefined ? DYNAMIC_LEAVES : CONTINUE
    }
  }

  #run(planned: Routine, args: readonly (Value | undefined)[], run: Run, observed: boolean): Value | undefined {
    const [input, data] = args
    if (planned.isRule) {
      const memo = run.remembered(planned.index, input, data)
      if (memo !== undefined) return memo.value
    }
    const frame: Frame = new Array(planned.frameSize).fill(undefined)
    for (const [i, param] of planned.func.params.entries()) frame[param] = args[i]
    run.enterCall()
    if (observed) run.observer.enter?.(planned.func, frame)
    run.returned = undefined
    let value: Value | undefined
    for (const step of this.#steps(planned, observed)) {
      if (step(frame, run) !== RETURN) continue
      value = run.returned
      break
    }
    if (observed) run.observer.exit?.(planned.func, value)
    run.leaveCall()
    if (planned.isRule) run.remember(planned.index, input, data, value)
    return value
  }

  #steps(planned: Routine, observed: boolean): readonly Step[] {
    const which = observed ? 'observed' : 'plain'
    const known = planned.steps[which]
    if (known !== undefined) return known
    const { blocks } = planned.func
    const context = this.#context(observed, !planned.isRule, blocks)
    const steps = blocks.map((block) => blockStep(block, context))
    planned.steps[which] = steps
    return steps
  }
}

const NOWHERE: SourcePlace = { file: '', row: 0, col: 0 }

function routine(func: Func, index: number): Routine {
  let size = Math.max(DATA, func.return, ...func.params) + 1
  walkBlocks(func.blocks, (stmt) => {
    size = Math.max(size, frameSize(stmt))
  })
  return {
    func,
    index,
    frameSize: size,
    isRule: func.params.length === 2,
    steps: { plain: undefined, observed: undefined },
  }
}

function frameSize(stmt: Parameters<typeof usesOf>[0]): number {
  const { reads, writes } = usesOf(stmt)
  let size = 0
  for (const operand of reads) if (operand.kind === 'local') size = Math.max(size, operand.value + 1)
  for (const local of writes) size = Math.max(size, local + 1)
  return size
}

/** By local, the one statement that writes it; undefined where several do. */
function writersOf(blocks: readonly Block[]): ReadonlyMap<Local, Stmt | undefined> {
  const writers = new Map<Local, Stmt | undefined>()
  walkBlocks(blocks, (stmt) => {
    for (const local of usesOf(stmt).writes) writers.set(local, writers.has(local) ? undefined : stmt)
  })
  return writers
}

function isVoid(decl: unknown): boolean {
  return typeof decl === 'object' && decl !== null && !('result' in decl)
}

function callBuiltin(name: string, builtin: Builtin, args: readonly Value[], run: Run): Value | undefined {
  try {
    return builtin(run.context, args)
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error
    run.builtinErrors.push(new EvaluationError(error.code, `${name}: ${error.message}`, run.place, { cause: error }))
    return undefined
  }
}

function evaluationError(error: unknown, run: Run): EvaluationError {
  if (error instanceof EvaluationError) return error
  if (error instanceof EvaluationHalted) {
    return new EvaluationError('eval_cancel_error', error.message, run.place, { cause: error })
  }
  const text = error instanceof RangeError ? 'stack spent' : 'a built-in broke'
  return new EvaluationError('eval_internal_error', text, run.place, { cause: error })
}

function finished(run: Run, error: EvaluationError | undefined): Evaluation {
  return {
    results: run.results.items(),
    ...(error === undefined ? {} : { error }),
    builtinErrors: run.builtinErrors,
    fuelSpent: run.fuelSpent(),
  }
}

/** An evaluation that ended early decides nothing: what it had found is not shown. */
function failed(run: Run, error: EvaluationError): Evaluation {
  return { results: [], error, builtinErrors: run.builtinErrors, fuelSpent: run.fuelSpent() }
}
