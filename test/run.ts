// Lists the test files itself and fails on an empty list: on Node 20 a glob that matches nothing passes.
// `tsx test/run.ts [--system] [FILE or FOLDER ...]` runs all, or only those below the paths given.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuiltTests, buildTests } from './support/built-tests.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const args = process.argv.slice(2)
const system = args.includes('--system')
const wanted = args.filter((arg) => !arg.startsWith('--'))
const notInNpmTest = ['system', 'bench', 'fuzz', 'conformance', 'support']

function* testFiles(path: string): Generator<string> {
  if (statSync(path).isFile()) {
    if (path.endsWith('.test.ts')) yield path
    return
  }
  for (const name of readdirSync(path).sort()) {
    if (path === join(root, 'test') && !system && notInNpmTest.includes(name)) continue
    yield* testFiles(join(path, name))
  }
}

const places = wanted.length > 0 ? wanted.map((path) => resolve(path)) : [join(root, system ? 'test/system' : 'test')]
/** What takes longest is begun first: nothing long is left when all else is over. */
const longFiles = [
  'cli/demo',
  'rego/wasm/agreement',
  'cli/identity/canary',
  'cli/processes',
  'rego/growth',
  'docs',
  'cli/serve',
  'cli/deployment',
  'proxy/postgres/non-interference',
  'proxy/ssh/warm',
  'rego/compile/hostile',
  'rego/plan/planner',
].map((name) => join(root, `test/${name}.test.ts`))
const files = [...new Set(places.flatMap((path) => [...testFiles(path)]))].toSorted(
  (one, other) => placeInOrder(one) - placeInOrder(other),
)
if (files.length === 0) fail(`no test files below ${places.map((path) => relative(root, path)).join(', ')}\n`)

function placeInOrder(file: string): number {
  const place = longFiles.indexOf(file)
  return place < 0 ? longFiles.length : place
}

// A file that takes longer hangs, and is ended and named. A long run of a system test asks for more.
const minutes = Number(process.env.TEST_FILE_MINUTES ?? (system ? 20 : 8))

const { folder, starts } = await built()
// Tests leave folders behind, and what looks through a folder of thousands is slow. Servers run as others reach it, too.
const temporary = system ? tmpdir() : mkdtempSync(join(tmpdir(), 'tests-'))
if (!system) chmodSync(temporary, 0o755)
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true })
  if (!system) rmSync(temporary, { recursive: true, force: true, maxRetries: 3 })
})
const child = spawn(
  process.execPath,
  [
    ...(system ? [] : optimizingLate()),
    '--test',
    // One more than there are processors, since some wait. System tests measure what a busy one would distort.
    `--test-concurrency=${system ? 1 : availableParallelism() + 1}`,
    `--test-timeout=${minutes * 60_000}`,
    '--test-reporter',
    new URL('./support/reporter.mjs', import.meta.url).pathname,
    ...starts,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'test', TEST_BUILT: folder, TMPDIR: temporary } },
)
// What ends this process ends that one first, which ends the files.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  if (signal !== null) process.stderr.write(`the test process ended by ${signal}\n`)
  process.exitCode = code ?? 1
})

/** Most files end soon: optimizing a function later takes them less of the processors than it gives them. */
function optimizingLate(): readonly string[] {
  const flag = '--interrupt-budget=800000'
  // Later versions of Node have no such flag, and do not start with it.
  return spawnSync(process.execPath, [flag, '--version']).status === 0 ? [flag] : []
}

async function built(): Promise<BuiltTests> {
  try {
    return await buildTests(files)
  } catch (error) {
    return fail(`the test files are not built: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

function fail(why: string): never {
  process.stderr.write(why)
  process.stdout.write('0 passed, 1 failed, 0 skipped\n')
  process.exit(1)
}
