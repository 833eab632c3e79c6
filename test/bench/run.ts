// Runs every bench in turn and prints its rows with their ratios and goals.
// `tsx test/bench/run.ts [--json FILE] [--page FILE] [NAME ...]`; a bench fails when it throws, has no row, or misses a goal.
// `--from FILE --page FILE` writes the page of an earlier run, from its JSON.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** One measured figure. `goal` reads `< 5` or `>= 0.9` and is held against `ratio` where there is one, else `value`. */
interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}

/** What a `NAME.bench.ts` exports. */
interface Bench {
  readonly name: string
  readonly run: () => Promise<{ readonly rows: readonly Row[]; readonly skipped?: string }>
  /** Why rows fall short, by a part of their names: told where they do. */
  readonly reasons?: Readonly<Record<string, string>>
  /** What a reader of the page has to know of how it was measured. */
  readonly how?: string
}

function isBench(module: unknown): module is Bench {
  return (
    typeof module === 'object' &&
    module !== null &&
    'name' in module &&
    typeof module.name === 'string' &&
    'run' in module &&
    typeof module.run === 'function'
  )
}

/** Whether a row meets its goal; undefined when it has none that can be computed. */
function meets(row: Row): boolean | undefined {
  const [sign, bound] = (row.goal ?? '').replace(/^ratio /, '').split(' ')
  const limit = Number.parseFloat(bound ?? '')
  const measured = row.ratio ?? row.value
  if (Number.isNaN(limit)) return undefined
  if (sign === '<') return measured < limit
  if (sign === '<=') return measured <= limit
  if (sign === '>') return measured > limit
  return sign === '>=' ? measured >= limit : undefined
}

function line(row: Row): string {
  const met = meets(row)
  const ratio = row.ratio === undefined ? '' : `  ratio ${row.ratio.toFixed(2)}`
  const goal = row.goal === undefined ? '' : `  goal ${row.goal}${met === undefined ? '' : met ? ' met' : ' MISSED'}`
  return `  ${row.name.padEnd(52)} ${row.value.toPrecision(4).padStart(10)} ${row.unit}${ratio}${goal}\n`
}

interface Result {
  readonly name: string
  readonly rows: readonly Row[]
  readonly reasons: NonNullable<Bench['reasons']>
  readonly how?: string | undefined
  readonly error?: string
}

/** What falls short of its goal, and why: a reason with the rows that it is of. */
function shortfalls({ rows, reasons }: Result): string {
  const missed = rows.filter((row) => meets(row) === false).map((row) => row.name)
  const known = Object.entries(reasons).filter(([part]) => missed.some((row) => row.includes(part)))
  const unknown = missed.filter((row) => !known.some(([part]) => row.includes(part)))
  const lines = [
    ...known.map(([part, why]) => `- ${part}: ${why}`),
    ...unknown.map((row) => `- ${row}: the reason is not known`),
  ]
  return lines.length === 0 ? '' : `\nFalls short, and why:\n\n${lines.join('\n')}\n`
}

/** The page that BENCHMARKS.md is: every row with its goal, and what it ran on. */
function page(results: readonly Result[]): string {
  const [cpu] = cpus()
  const where = `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, Node ${process.version}, ${process.platform} ${process.arch}`
  const tables = results
    .filter(({ rows }) => rows.length > 0)
    .map((result) => {
      const { name, rows } = result
      const lines = rows.map((row) => {
        const met = meets(row)
        const ratio = row.ratio === undefined ? '' : row.ratio.toFixed(2)
        const verdict = met === undefined ? '' : met ? 'met' : '**missed**'
        return `| ${row.name} | ${row.value.toPrecision(4)} ${row.unit} | ${ratio} | ${row.goal ?? ''} | ${verdict} |`
      })
      const how = result.how === undefined ? '' : `${result.how}\n\n`
      return `## ${name}\n\n${how}| what | measured | ratio | goal | |\n|---|---|---|---|---|\n${lines.join('\n')}\n${shortfalls(result)}`
    })
  return `# Benchmarks\n\nWritten by \`npm run bench -- --page BENCHMARKS.md\`. On: ${where}.\n\n${tables.join('\n')}`
}

/** The page of an earlier run on the same machine; reasons and explanations are those of today. */
async function pageOf(jsonFile: string, pageFile: string): Promise<void> {
  const { benches }: { readonly benches: readonly Result[] } = JSON.parse(readFileSync(jsonFile, 'utf8'))
  const known = new Map<string, Pick<Bench, 'reasons' | 'how'>>()
  for (const file of readdirSync(new URL('.', import.meta.url)).filter((one) => one.endsWith('.bench.ts'))) {
    const module: unknown = await import(new URL(file, import.meta.url).href)
    if (isBench(module)) known.set(module.name, module)
  }
  const today = (one: Result): Result => {
    const { reasons = {}, how } = known.get(one.name) ?? {}
    return { ...one, reasons, how }
  }
  writeFileSync(pageFile, page(benches.map(today)))
}

async function main(args: readonly string[]): Promise<void> {
  const fileOf = (flag: string): string | undefined => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined)
  const from = fileOf('--from')
  if (from !== undefined) {
    await pageOf(from, fileOf('--page') ?? 'BENCHMARKS.md')
    return
  }
  const jsonFile = fileOf('--json')
  const pageFile = fileOf('--page')
  const wanted = args.filter((arg, at) => !arg.startsWith('--') && !(args[at - 1] ?? '').startsWith('--'))
  const files = readdirSync(new URL('.', import.meta.url))
    .filter((file) => file.endsWith('.bench.ts'))
    .filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)))
    .sort()
  const results: Result[] = []
  let passed = 0
  let failed = 0
  let skipped = 0
  for (const file of files) {
    const module: unknown = await import(new URL(file, import.meta.url).href)
    if (!isBench(module)) throw new Error(`${file} exports no name and run`)
    process.stdout.write(`${module.name}\n`)
    try {
      const { rows, skipped: why } = await module.run()
      for (const row of rows) process.stdout.write(line(row))
      results.push({ name: module.name, rows, reasons: module.reasons ?? {}, how: module.how })
      if (rows.length === 0 && why !== undefined) {
        skipped++
        process.stdout.write(`  skipped: ${why}\n`)
      } else if (rows.length === 0 || rows.some((row) => meets(row) === false)) failed++
      else passed++
    } catch (error) {
      failed++
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      results.push({ name: module.name, rows: [], reasons: {}, error: text })
      process.stdout.write(`  FAIL ${text}\n`)
    }
  }
  if (pageFile !== undefined) writeFileSync(pageFile, page(results))
  if (jsonFile !== undefined) {
    const machine = { node: process.version, cpus: cpus().length, cpu: cpus()[0]?.model ?? '' }
    writeFileSync(jsonFile, `${JSON.stringify({ machine, benches: results }, null, 2)}\n`)
  }
  if (files.length === 0) {
    failed = 1
    process.stdout.write('no bench to run\n')
  }
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  process.exitCode = failed === 0 ? 0 : 1
}

await main(process.argv.slice(2))
