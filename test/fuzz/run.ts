// Runs every fuzzer in turn with an equal share of the time. `tsx test/fuzz/run.ts [--seconds N] [--seed N] [NAME ...]`
// A failure prints its seed, with which the same run comes again.
import { readdirSync } from 'node:fs'

/** What a `NAME.fuzz.ts` exports. */
interface Fuzzer {
  readonly name: string
  readonly run: (
    random: () => number,
    deadlineMs: number,
  ) => Promise<{ readonly cases: number; readonly failures: readonly string[] }>
}

const defaultSeconds = 20
const failuresShown = 5

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function isFuzzer(module: unknown): module is Fuzzer {
  return (
    typeof module === 'object' &&
    module !== null &&
    'name' in module &&
    typeof module.name === 'string' &&
    'run' in module &&
    typeof module.run === 'function'
  )
}

function option(args: readonly string[], name: string, otherwise: number): number {
  const at = args.indexOf(name)
  if (at === -1) return otherwise
  const value = Number(args[at + 1])
  if (!(value > 0)) throw new Error(`${name} needs a number above 0`)
  return value
}

async function main(args: readonly string[]): Promise<void> {
  const seconds = option(args, '--seconds', defaultSeconds)
  const seed = option(args, '--seed', (Date.now() % 2 ** 31) + 1)
  const wanted = args.filter((arg, at) => !arg.startsWith('--') && !(args[at - 1] ?? '').startsWith('--'))
  const files = readdirSync(new URL('.', import.meta.url))
    .filter((file) => file.endsWith('.fuzz.ts'))
    .filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)))
    .sort()
  let passed = 0
  let failed = 0
  const startedMs = Date.now()
  for (const [index, file] of files.entries()) {
    const leftMs = startedMs + seconds * 1000 - Date.now()
    const shareMs = Math.max(200, leftMs / (files.length - index))
    const module: unknown = await import(new URL(file, import.meta.url).href)
    if (!isFuzzer(module)) throw new Error(`${file} exports no name and run`)
    const failures: string[] = []
    let cases = 0
    try {
      const found = await module.run(seeded(seed), Date.now() + shareMs)
      cases = found.cases
      failures.push(...found.failures)
      if (cases === 0) failures.push('ran no case')
    } catch (error) {
      failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
    if (failures.length === 0) passed++
    else failed++
    process.stdout.write(`${failures.length === 0 ? 'ok  ' : 'FAIL'} ${module.name}: ${cases} cases, seed ${seed}\n`)
    for (const failure of failures.slice(0, failuresShown)) process.stdout.write(`     ${failure}\n`)
  }
  if (files.length === 0) {
    failed = 1
    process.stdout.write('no fuzzer to run\n')
  }
  process.stdout.write(`${passed} passed, ${failed} failed, 0 skipped\n`)
  process.exitCode = failed === 0 ? 0 : 1
}

await main(process.argv.slice(2))
