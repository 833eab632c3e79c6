// `sallyport policy bench`: how long one query takes, as `opa bench` measures it; or one decision of a bundle.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { builtins } from '../../rego/builtins/index.ts'
import { compileModules, compileQuery } from '../../rego/compile/index.ts'
import { type EvaluateOptions, Program } from '../../rego/interpret/index.ts'
import { planQuery } from '../../rego/plan/index.ts'
import { readJson, type Value } from '../../rego/value/index.ts'
import { report } from './check.ts'
import { durationMs, numberOf, readOptions, UsageError } from './options.ts'
import { readBoth, SourceError } from './sources.ts'

/** What one run measured, in nanoseconds. */
interface Measured {
  readonly iterations: number
  readonly meanNs: number
  readonly percentiles: { readonly [name: string]: number }
  readonly fuel: number
}

const measureMsDefault = 1000
const samplesMax = 1_000_000

/** Runs `bench`. */
export async function bench(args: readonly string[]): Promise<number> {
  const { values, lists, paths } = readOptions(args, {
    data: { type: 'string', short: 'd', multiple: true },
    bundle: { type: 'string', short: 'b', multiple: true },
    input: { type: 'string', short: 'i' },
    count: { type: 'string' },
    time: { type: 'string' },
    format: { type: 'string', short: 'f' },
    fail: { type: 'boolean' },
    'v0-compatible': { type: 'boolean' },
  })
  const [query, ...more] = paths
  if (query === undefined || more.length > 0) throw new UsageError('give exactly one query')
  const format = String(values['format'] ?? 'pretty')
  if (!['pretty', 'json', 'gobench'].includes(format))
    throw new UsageError(`there is no output format \`${format}\`: pretty, json, gobench`)
  const regoVersion = values['v0-compatible'] === true ? 0 : 1
  const sources = await readBoth(lists['data'] ?? [], lists['bundle'] ?? [], regoVersion)
  const { compilation, diagnostics } = compileModules(sources.modules)
  if (compilation === undefined) {
    process.stderr.write(report(diagnostics, sources.texts, 'pretty'))
    return 2
  }
  const compiled = compileQuery(query, compilation, { regoVersion })
  if (compiled.query === undefined) {
    process.stderr.write(report(compiled.diagnostics, new Map([['<query>', query]]), 'pretty'))
    return 2
  }
  const program = new Program(planQuery(compilation, compiled.query), builtins)
  const input = typeof values['input'] === 'string' ? inputOf(values['input']) : undefined
  const options: EvaluateOptions = {
    data: sources.data,
    ...(input === undefined ? {} : { input }),
    nowNs: BigInt(Date.now()) * 1_000_000n,
    random: (length) => randomBytes(length),
  }
  const first = program.evaluate('eval', options)
  if (first.error !== undefined) {
    process.stderr.write(`${first.error.message}\n`)
    return 2
  }
  if (values['fail'] === true && first.results.length === 0) {
    process.stderr.write('the query is undefined\n')
    return 1
  }
  const measureMs = durationMs(values['time'], 'time') ?? measureMsDefault
  const runs = numberOf(values['count'], 'count') ?? 1
  for (let run = 0; run < runs; run++) process.stdout.write(show(measure(program, options, measureMs), format))
  return 0
}

function inputOf(path: string): Value {
  try {
    return readJson(readFileSync(path, 'utf8'))
  } catch {
    throw new SourceError(`the input \`${path}\` cannot be read as JSON`)
  }
}

function measure(program: Program, options: EvaluateOptions, measureMs: number): Measured {
  // A tenth of the time warms the program up.
  const warmUntil = performance.now() + measureMs / 10
  while (performance.now() < warmUntil) program.evaluate('eval', options)
  const samples: number[] = []
  let fuel = 0
  const until = performance.now() + measureMs
  while (samples.length < samplesMax && (samples.length === 0 || performance.now() < until)) {
    const started = process.hrtime.bigint()
    fuel = program.evaluate('eval', options).fuelSpent
    samples.push(Number(process.hrtime.bigint() - started))
  }
  samples.sort((a, b) => a - b)
  const at = (share: number): number => samples[Math.min(samples.length - 1, Math.floor(share * samples.length))] ?? 0
  const percentiles = { min: at(0), '50%': at(0.5), '90%': at(0.9), '99%': at(0.99), '99.9%': at(0.999), max: at(1) }
  const meanNs = samples.reduce((sum, one) => sum + one, 0) / samples.length
  return { iterations: samples.length, meanNs, percentiles, fuel }
}

function show(measured: Measured, format: string): string {
  const { iterations, meanNs, percentiles, fuel } = measured
  if (format === 'json')
    return `${JSON.stringify({ N: iterations, ns_per_op: meanNs, histogram_rego_query_eval_ns: percentiles, fuel_per_op: fuel }, null, 2)}\n`
  if (format === 'gobench') return `BenchmarkRegoQuery\t${iterations}\t${meanNs.toFixed(0)} ns/op\t${fuel} fuel/op\n`
  const rows: readonly (readonly [string, string])[] = [
    ['samples', String(iterations)],
    ['ns/op', meanNs.toFixed(0)],
    ['fuel/op', String(fuel)],
    ...Object.entries(percentiles).map(([name, ns]) => [`eval ns ${name}`, String(ns)] as const),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return `${rows.map(([name, value]) => `${name.padEnd(width)}  ${value.padStart(12)}`).join('\n')}\n`
}
