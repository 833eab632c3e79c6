// `sallyport policy eval`: one query, its bindings or value, as `opa eval` prints them.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { builtins } from '../../rego/builtins/index.ts'
import { compileModules, compileQuery } from '../../rego/compile/index.ts'
import { Program, printTrace, Trace } from '../../rego/interpret/index.ts'
import { planQuery } from '../../rego/plan/index.ts'
import { dataFromValue, isObject, readJson, type Value, writeJson } from '../../rego/value/index.ts'
import { report } from './check.ts'
import { languageFlags, readLanguage } from './language.ts'
import { readOptions, UsageError } from './options.ts'
import { Profile, type ProfileEntry } from './profile.ts'
import { readSources, SourceError } from './sources.ts'

const valueName = 'sallyport_value'

/** Runs `eval`. Exit 2 on an evaluation error, 1 when `--fail` and there is no answer. */
export async function evaluate(args: readonly string[]): Promise<number> {
  const { values, lists, paths } = readOptions(args, {
    data: { type: 'string', short: 'd', multiple: true },
    bundle: { type: 'string', short: 'b', multiple: true },
    input: { type: 'string', short: 'i' },
    'stdin-input': { type: 'boolean', short: 'I' },
    format: { type: 'string', short: 'f' },
    explain: { type: 'string' },
    profile: { type: 'boolean' },
    fail: { type: 'boolean' },
    'fail-defined': { type: 'boolean' },
    'strict-builtin-errors': { type: 'boolean' },
    'v0-compatible': { type: 'boolean' },
    ...languageFlags,
  })
  const [query, ...more] = paths
  if (query === undefined || more.length > 0) throw new UsageError('give exactly one query')
  const regoVersion = values['v0-compatible'] === true ? 0 : 1
  const sources = await readSources([...(lists['data'] ?? []), ...(lists['bundle'] ?? [])], regoVersion)
  const { compilation, diagnostics } = compileModules(sources.modules, {
    ...(await readLanguage(values)),
    print: 'keep',
  })
  if (compilation === undefined) {
    process.stderr.write(report(diagnostics, sources.texts, 'pretty'))
    return 2
  }
  // A lone expression is answered by its value; anything else by its bindings.
  const asValue = compileQuery(`${valueName} := ${query}`, compilation, { regoVersion, print: 'keep' })
  const plain = compileQuery(query, compilation, { regoVersion, print: 'keep' })
  const isValue = asValue.query?.variables.length === 1 && plain.query?.variables.length === 0
  const compiled = isValue ? asValue : plain
  if (compiled.query === undefined) {
    process.stderr.write(report(compiled.diagnostics, new Map([['<query>', query]]), 'pretty'))
    return 2
  }
  const input =
    values['stdin-input'] === true
      ? readJson(readFileSync(0, 'utf8'))
      : typeof values['input'] === 'string'
        ? inputOf(values['input'])
        : undefined
  const program = new Program(planQuery(compilation, compiled.query), builtins)
  const mode = explainMode(values['explain'])
  const trace = mode === undefined ? undefined : new Trace(program.policy)
  const profile = values['profile'] === true ? new Profile(program.policy, () => process.hrtime.bigint()) : undefined
  if (trace !== undefined && profile !== undefined)
    throw new UsageError('`--explain` and `--profile` cannot go together')
  const evaluation = program.evaluate('eval', {
    data: sources.data,
    ...(input === undefined ? {} : { input }),
    nowNs: BigInt(Date.now()) * 1_000_000n,
    random: (length) => randomBytes(length),
    strictBuiltinErrors: values['strict-builtin-errors'] === true,
    print: (line) => process.stderr.write(`${line}\n`),
    ...(trace === undefined ? {} : { observer: trace.observer, note: trace.note }),
    ...(profile === undefined ? {} : { observer: profile.observer }),
  })
  const format = String(values['format'] ?? 'json')
  // JSON on standard output stays JSON: what people read goes to the other stream.
  const aside = format === 'json' ? process.stderr : process.stdout
  if (trace !== undefined && mode !== undefined) {
    const texts = new Map([...sources.texts, ['<query>', query]])
    const printed = printTrace(trace, mode, (file, row) => texts.get(file)?.split('\n')[row - 1])
    aside.write(`${printed.replaceAll(' g0.data.', ' data.')}\n`)
  }
  if (evaluation.error !== undefined) {
    process.stderr.write(`${evaluation.error.message}\n`)
    return 2
  }
  const extra = profile === undefined ? {} : { profile: profile.entries() }
  process.stdout.write(show(evaluation.results, format, isValue ? query : undefined, extra))
  if (profile !== undefined && format !== 'json') process.stdout.write(profile.table())
  if (values['fail'] === true && evaluation.results.length === 0) return 1
  if (values['fail-defined'] === true && evaluation.results.length > 0) return 1
  return 0
}

function inputOf(path: string): Value {
  try {
    return readJson(readFileSync(path, 'utf8'))
  } catch {
    throw new SourceError(`the input \`${path}\` cannot be read as JSON`)
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

function show(
  results: readonly Value[],
  format: string,
  expression: string | undefined,
  extra: { readonly profile?: readonly ProfileEntry[] },
): string {
  const bindings = results.map((result): object => {
    const data = isObject(result) ? dataFromValue(result) : {}
    return typeof data === 'object' && data !== null ? data : {}
  })
  if (format === 'raw' || format === 'values') {
    return (
      results
        .map((result) =>
          isObject(result)
            ? [...result.values()].map((value) => (typeof value === 'string' ? value : writeJson(value))).join(' ')
            : '',
        )
        .join('\n') + (results.length > 0 ? '\n' : '')
    )
  }
  if (format === 'pretty' && expression !== undefined) {
    const [value] = bindings.map((one) => Object.values(one)[0])
    return value === undefined ? 'undefined\n' : `${JSON.stringify(value, null, 2)}\n`
  }
  if (format === 'bindings' || format === 'pretty') return `${JSON.stringify(bindings, null, 2)}\n`
  if (format !== 'json')
    throw new UsageError(`there is no output format \`${format}\`: json, bindings, pretty, raw, values`)
  const result = bindings.map((one) =>
    expression === undefined
      ? { bindings: one }
      : { expressions: [{ value: Object.values(one)[0] ?? null, text: expression, location: { row: 1, col: 1 } }] },
  )
  return `${JSON.stringify(results.length === 0 ? extra : { result, ...extra }, null, 2)}\n`
}
