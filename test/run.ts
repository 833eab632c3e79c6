// Lists the test files itself and fails on an empty list: on Node 20 a glob that matches nothing passes.
// `tsx test/run.ts [--system] [FILE or FOLDER ...]` runs all, or only those below the paths given.
import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

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
const files = places.flatMap((path) => [...testFiles(path)])
if (files.length === 0) {
  process.stderr.write(`no test files below ${places.map((path) => relative(root, path)).join(', ')}\n`)
  process.stdout.write('0 passed, 1 failed, 0 skipped\n')
  process.exit(1)
}

// A file that takes longer hangs, and is ended and named. A long run of a system test asks for more.
const minutes = Number(process.env.TEST_FILE_MINUTES ?? (system ? 20 : 8))

const child = spawn(
  process.execPath,
  [
    '--import',
    new URL('./support/load-ts.mjs', import.meta.url).href,
    '--import',
    new URL('./support/asserting.mjs', import.meta.url).href,
    '--import',
    new URL('./support/ending.mjs', import.meta.url).href,
    '--test',
    // Left to itself it leaves a processor idle. System tests measure what a busy one would distort.
    `--test-concurrency=${system ? 1 : availableParallelism()}`,
    `--test-timeout=${minutes * 60_000}`,
    '--test-reporter',
    new URL('./support/reporter.mjs', import.meta.url).pathname,
    ...files,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'test' } },
)
child.on('exit', (code, signal) => {
  if (signal !== null) process.stderr.write(`the test process ended by ${signal}\n`)
  process.exitCode = code ?? 1
})
