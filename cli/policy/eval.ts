// `sallyport policy eval`: one query, its values and bindings, as `opa eval` prints them.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { WasmProgram } from '../../engine/evaluate/index.ts'
import { builtins } from '../../rego/builtins/index.ts'
import {
  type Compilation,
  type CompiledQuery,
  compileModules,
  compileQuery,
  dataConflicts,
  rulePlaces,
  strictErrors,
} from '../../rego/compile/index.ts'
import {
  Coverage,
  type EvaluateOptions,
  type Evaluation,
  type Observer,
  Program,
  printTrace,
  Trace,
} from '../../rego/interpret/index.ts'
import { planQuery } from '../../rego/plan/index.ts'
import { type Diagnostic, type Module, parseModule } from '../../rego/syntax/index.ts'
import { readJson, type Value } from '../../rego/value/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { readYaml } from '../../rego/yaml/index.ts'
import { report } from './check.ts'
import { answersOf } from './evaluating/answer.ts'
import {
  type EvalFormat,
  errorOfDiagnostic,
  errorOfEvaluation,
  evalFormats,
  type Printed,
  printed,
} from './evaluating/printed.ts'
import { Timings } from './evaluating/timings.ts'
import { languageFlags, readLanguage } from './language.ts'
import {
  durationMs,
  numberOf,
  type Options,
  readOptions,
  regoVersionFlags,
  regoVersionOf,
  UsageError,
} from './options.ts'
import { Profile, profileOrders } from './profile.ts'
import { type PolicySources, readBoth, SourceError } from './sources.ts'

const queryFile = '<query>'

/** Flags that ask for what is left of a query where something is unknown, or say how that is done. */
const ofPartialEvaluation = {
  partial: { type: 'boolean', short: 'p' },
  unknowns: { type: 'string', short: 'u', multiple: true },
  'disable-inlining': { type: 'string', multiple: true },
  'shallow-inlining': { type: 'boolean' },
} as const

/** Flags that change how opa comes to an answer, and not the answer. */
const forHabit = {
  optimize: { type: 'string', short: 'O' },
  entrypoint: { type: 'string', short: 'e', multiple: true },
  'disable-early-exit': { type: 'boolean' },
  'disable-indexing': { type: 'boolean' },
  'optimize-store-for-read-speed': { type: 'boolean' },
  'nondeterminstic-builtins': { type: 'boolean' },
} as const

/** Runs `eval`. Exit 2 on an error, 1 when `--fail` and there is no answer. */
export async function evaluate(args: readonly string[]): Promise<number> {
  const options = readOptions(args, {
    data: { type: 'string', short: 'd', multiple: true },
    bundle: { type: 'string', short: 'b', multiple: true },
    input: { type: 'string', short: 'i' },
    stdin: { type: 'boolean' },
    'stdin-input': { type: 'boolean', short: 'I' },
    format: { type: 'string', short: 'f' },
    import: { type: 'string', multiple: true },
    package: { type: 'string' },
    explain: { type: 'string' },
    profile: { type: 'boolean' },
    'profile-limit': { type: 'string' },
    'profile-sort': { type: 'string', multiple: true },
    coverage: { type: 'boolean' },
    metrics: { type: 'boolean' },
    instrument: { type: 'boolean' },
    count: { type: 'string' },
    fail: { type: 'boolean' },
    'fail-defined': { type: 'boolean' },
    strict: { type: 'boolean', short: 'S' },
    'strict-builtin-errors': { type: 'boolean' },
    'show-builtin-errors': { type: 'boolean' },
    target: { type: 'string', short: 't' },
    timeout: { type: 'string' },
    ignore: { type: 'string', multiple: true },
    ...ofPartialEvaluation,
    ...forHabit,
    ...regoVersionFlags,
    ...languageFlags,
  })
  const asked = askedOf(options)
  const timings = new Timings(() => process.hrtime.bigint())
  const errors: Diagnostic[] = []
  let shown: Printed = { answers: [], errors: [] }
  let texts: ReadonlyMap<string, string> = new Map()
  for (let run = 0; run < asked.count; run++) {
    const made = await compile(asked, timings)
    texts = made.texts
    if (made.compilation === undefined || made.query === undefined) {
      errors.push(...made.diagnostics)
      break
    }
    shown = await judge(asked, timings, { ...made, compilation: made.compilation, query: made.query })
    if (shown.broken === true) break
  }
  if (errors.length > 0) {
    if (asked.format !== 'json' && asked.format !== 'discard')
      process.stderr.write(report(errors.map(unnamed), texts, 'pretty'))
    else {
      const list = errors.map((one) => errorOfDiagnostic(one, texts.get(one.location.file)))
      process.stdout.write(printed({ answers: [], errors: list }, asked.format))
    }
    return 2
  }
  if (options.values['metrics'] === true || options.values['instrument'] === true)
    shown = { ...shown, ...(asked.count > 1 ? { aggregated: timings.aggregated() } : { metrics: timings.metrics() }) }
  process.stdout.write(printed(shown, asked.format))
  if (shown.broken === true) return 2
  if (asked.fail && shown.answers.length === 0) return 1
  return asked.failDefined && shown.answers.length > 0 ? 1 : 0
}

/** A query stands in no file. */
function unnamed(one: Diagnostic): Diagnostic {
  return one.location.file === queryFile ? { ...one, location: { ...one.location, file: '' } } : one
}

/** The command line, checked. */
interface Asked {
  readonly query: string
  readonly format: EvalFormat
  readonly regoVersion: 0 | 1
  readonly count: number
  readonly explain: 'full' | 'notes' | 'fails' | undefined
  readonly profiled: boolean
  readonly wasm: boolean
  readonly timeoutMs: number | undefined
  readonly fail: boolean
  readonly failDefined: boolean
  readonly values: Options['values']
  readonly lists: Options['lists']
}

function askedOf({ values, lists, paths }: Options): Asked {
  const [query = values['stdin'] === true ? readFileSync(0, 'utf8') : undefined, ...more] = paths
  if (query === undefined || more.length > 0)
    throw new UsageError('give exactly one query, such as `data.policy.orders.allow`')
  if (query.trim() === '') throw new UsageError('cannot evaluate empty query')
  const format = evalFormats.find((one) => one === (values['format'] ?? 'json'))
  if (format === undefined)
    throw new UsageError(`there is no output format \`${String(values['format'])}\`: ${evalFormats.join(', ')}`)
  const partial = Object.keys(ofPartialEvaluation).find((name) => name in values || name in lists)
  if (partial !== undefined || format === 'source')
    throw new UsageError(
      `${partial === undefined ? 'the format `source` shows' : `\`--${partial}\` is of`} partial evaluation, which is not here: give the whole input, or say with \`filter\` which rows are meant`,
    )
  const sort = lists['profile-sort']?.find((one) => !profileOrders.some((known) => known === one))
  if (sort !== undefined) throw new UsageError(`profiles have no order \`${sort}\`: ${profileOrders.join(', ')}`)
  const count = numberOf(values['count'], 'count') ?? 1
  if (!Number.isInteger(count) || count < 1) throw new UsageError('`--count` is a whole number from 1')
  const target = values['target'] ?? 'rego'
  if (target !== 'rego' && target !== 'wasm')
    throw new UsageError(`there is no target \`${String(target)}\`: rego, wasm`)
  const explain = explainMode(values['explain'])
  // Who says how the profile is shown wants one.
  const profiled =
    values['profile'] === true || values['profile-limit'] !== undefined || lists['profile-sort'] !== undefined
  const watched = [explain !== undefined, profiled, values['coverage'] === true]
  if (watched.filter((one) => one).length > 1)
    throw new UsageError('`--explain`, `--profile` and `--coverage` cannot go together')
  if (target === 'wasm' && watched.includes(true))
    throw new UsageError('`--explain`, `--profile` and `--coverage` watch the interpreter: leave `--target wasm` out')
  return {
    query,
    format,
    regoVersion: regoVersionOf(values),
    count,
    explain,
    profiled,
    wasm: target === 'wasm',
    timeoutMs: durationMs(values['timeout'], 'timeout'),
    fail: values['fail'] === true,
    failDefined: values['fail-defined'] === true,
    values,
    lists,
  }
}

/** What is evaluated, or why it cannot be. */
interface Made {
  readonly sources: PolicySources
  readonly compilation: Compilation | undefined
  readonly query: CompiledQuery | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** Source texts, the query's too. */
  readonly texts: ReadonlyMap<string, string>
}

async function compile(asked: Asked, timings: Timings): Promise<Made> {
  const { values, lists, regoVersion } = asked
  const language = await readLanguage(values)
  const sources = await timings.time('rego_load_files', () =>
    readBoth(lists['data'] ?? [], lists['bundle'] ?? [], regoVersion, { ignore: lists['ignore'] ?? [] }),
  )
  const strict = values['strict'] === true
  const { compilation, modules, diagnostics } = await timings.time('rego_module_compile', () =>
    compileModules(sources.modules, { ...language, strict, print: 'keep' }),
  )
  const texts = new Map([...sources.texts, [queryFile, asked.query]])
  const unused = strict && compilation !== undefined ? modules.flatMap(strictErrors) : []
  if (compilation === undefined || unused.length > 0)
    return { sources, compilation: undefined, query: undefined, diagnostics: [...diagnostics, ...unused], texts }
  const conflicts = dataConflicts(rulePlaces(compilation), sources.data)
  if (conflicts.length > 0) return { sources, compilation, query: undefined, diagnostics: conflicts, texts }
  const within = headerOf(asked)
  if (within.module === undefined)
    return { sources, compilation, query: undefined, diagnostics: within.diagnostics, texts }
  const { module } = within
  const { query, diagnostics: found } = await timings.time('rego_query_compile', () =>
    compileQuery(asked.query, compilation, {
      regoVersion: module.regoVersion,
      keywords: importedKeywords(module),
      print: 'keep',
      capture: true,
      within: module,
    }),
  )
  return { sources, compilation, query, diagnostics: found, texts }
}

/** The package and the imports of the query, as a module without rules. */
function headerOf({ values, lists, regoVersion }: Asked): ReturnType<typeof parseModule> {
  const imports = (lists['import'] ?? []).map((one) => `import ${one}\n`)
  const text = `package ${String(values['package'] ?? 'sallyport_eval')}\n${imports.join('')}`
  return parseModule(text, { file: queryFile, regoVersion })
}

/** The words that the imports of a v0 query make keywords. */
function importedKeywords({ imports }: Module): readonly string[] {
  return imports.flatMap(({ path }) => {
    if (path.kind !== 'ref' || path.head.kind !== 'var' || path.head.name !== 'future') return []
    const [, word] = path.path.map((step) => (step.kind === 'string' ? step.value : ''))
    return word === undefined ? ['in', 'every', 'contains', 'if'] : word === 'every' ? ['every', 'in'] : [word]
  })
}

async function judge(
  asked: Asked,
  timings: Timings,
  made: Made & { readonly compilation: Compilation; readonly query: CompiledQuery },
): Promise<Printed> {
  const { values } = asked
  const policy = planQuery(made.compilation, made.query)
  const program = new Program(policy, builtins)
  const input = inputOf(values)
  const trace = asked.explain === undefined ? undefined : new Trace(policy)
  const profile = asked.profiled ? new Profile(policy, () => process.hrtime.bigint()) : undefined
  const coverage = values['coverage'] === true ? new Coverage() : undefined
  const observer: Observer | undefined = trace?.observer ?? profile?.observer ?? coverage?.observer(policy)
  const until = asked.timeoutMs === undefined ? undefined : performance.now() + asked.timeoutMs
  const options: EvaluateOptions = {
    data: made.sources.data,
    ...(input === undefined ? {} : { input }),
    nowNs: BigInt(Date.now()) * 1_000_000n,
    random: (length) => randomBytes(length),
    strictBuiltinErrors: values['strict-builtin-errors'] === true,
    print: (line) => process.stderr.write(`${line}\n`),
    ...(until === undefined ? {} : { cancelled: () => performance.now() > until }),
    ...(observer === undefined ? {} : { observer }),
    ...(trace === undefined ? {} : { note: trace.note }),
  }
  const evaluation = await timings.time('rego_query_eval', (): Evaluation => {
    if (!asked.wasm) return program.evaluate('eval', options)
    const compiled = new WasmProgram(new WebAssembly.Module(emitModule(policy)), builtins)
    compiled.setData(made.sources.data)
    return compiled.evaluate('eval', options)
  })
  if (trace !== undefined && asked.explain !== undefined) {
    // JSON on standard output stays JSON: what people read goes to the other stream.
    const aside = asked.format === 'json' ? process.stderr : process.stdout
    const lines = printTrace(trace, asked.explain, (file, row) => made.texts.get(file)?.split('\n')[row - 1])
    aside.write(`${lines.replaceAll(' g0.data.', ' data.')}\n`)
  }
  const { error } = evaluation
  const failed = error === undefined ? [] : [error]
  if (values['show-builtin-errors'] === true) failed.push(...evaluation.builtinErrors.filter((one) => one !== error))
  if (failed.length > 0 && asked.format !== 'json' && asked.format !== 'discard')
    process.stderr.write(failed.map(({ message }) => `${message.replace(`${queryFile}:`, '')}\n`).join(''))
  const limit = numberOf(values['profile-limit'], 'profile-limit') ?? 10
  const order = asked.lists['profile-sort'] ?? []
  if (profile !== undefined && asked.format === 'pretty') process.stdout.write(profile.table(limit, order))
  return {
    answers: error === undefined ? answersOf(made.query, asked.query, evaluation.results) : [],
    errors: failed.map(errorOfEvaluation),
    broken: error !== undefined,
    ...(profile === undefined || asked.format === 'pretty' ? {} : { profile: profile.entries(order).slice(0, limit) }),
    ...(coverage === undefined
      ? {}
      : { coverage: coverage.report([policy], { include: (file) => file !== queryFile }) }),
  }
}

function inputOf(values: Options['values']): Value | undefined {
  const isPiped = values['stdin-input'] === true
  const path = values['input']
  if (!isPiped && typeof path !== 'string') return undefined
  const name = isPiped || typeof path !== 'string' ? 'standard input' : `the input \`${path}\``
  let text: string
  try {
    text = readFileSync(isPiped || typeof path !== 'string' ? 0 : path, 'utf8')
  } catch {
    throw new SourceError(`${name} cannot be read`)
  }
  try {
    return readJson(text)
  } catch {
    // it may be YAML
  }
  try {
    return readYaml(text)
  } catch {
    throw new SourceError(`${name} is neither JSON nor YAML`)
  }
}

/** How much of a trace is shown. */
function explainMode(value: string | boolean | undefined): 'full' | 'notes' | 'fails' | undefined {
  if (value === undefined || value === 'off') return undefined
  const mode = (['full', 'notes', 'fails'] as const).find((one) => one === (value === 'debug' ? 'full' : value))
  if (mode === undefined)
    throw new UsageError(`there is no explanation \`${String(value)}\`: full, notes, fails, debug, off`)
  return mode
}
