// Builds `dist/`: TypeScript by `tsc -b`, then the data files that the program reads beside its code, then the program in
// few files.
// `node build.mjs` always builds; `buildIfStale` builds only when a source is newer than the last build.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const codeFolders = ['rego', 'engine', 'bundles', 'proxy', 'cli']
const dataEndings = ['.wasm', '.rego', '.json', '.yaml', '.md', '.sql', '.html', '.css', '.txt']
const dataFolders = [...codeFolders, 'fixtures/schema']

/** Every file below `folder`, without dist, node_modules and the runtime's AssemblyScript sources. */
function* filesBelow(folder) {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) yield path
  }
}

function copyData(root) {
  for (const folder of dataFolders) {
    for (const file of filesBelow(join(root, folder))) {
      if (!dataEndings.some((ending) => file.endsWith(ending)) || file.endsWith('tsconfig.json')) continue
      const target = join(root, 'dist', file.slice(root.length))
      mkdirSync(join(target, '..'), { recursive: true })
      cpSync(file, target)
    }
  }
}

/** Builds everything; throws when a compile step fails. */
export function build(root) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const started = Date.now()
  for (const folder of codeFolders) {
    execFileSync(process.execPath, [tsc, '-b', join(root, folder)], { cwd: root, stdio: ['ignore', 2, 2] })
  }
  copyData(root)
  execFileSync(process.execPath, [join(root, 'tools', 'program.mjs')], { cwd: root, stdio: ['ignore', 2, 2] })
  writeFileSync(join(root, 'dist', '.built'), `${started}\n`)
}

/** True when a source or data file changed after the last build. */
function isStale(root) {
  const stamp = join(root, 'dist', '.built')
  if (!existsSync(stamp) || !existsSync(join(root, 'dist', 'program', 'main.js'))) return true
  const builtMs = statSync(stamp).mtimeMs
  for (const folder of dataFolders) {
    for (const file of filesBelow(join(root, folder))) if (statSync(file).mtimeMs > builtMs) return true
  }
  return false
}

/** Builds when something changed since the last build. A run of tests has a folder, and it is looked once a run. */
export function buildIfStale(root) {
  const run = process.env.TEST_BUILT
  const looked = run !== undefined && existsSync(run) ? join(run, 'dist-is-built') : undefined
  if (looked !== undefined && existsSync(looked)) return
  if (isStale(root)) buildOrEnd(root)
  if (looked !== undefined) writeFileSync(looked, '')
}

function buildOrEnd(root) {
  try {
    build(root)
  } catch (error) {
    process.stderr.write("sallyport: the build failed; the compiler's messages are above\n")
    process.exit(error && typeof error === 'object' && 'status' in error ? 1 : 70)
  }
}

/** Whether the AssemblyScript compiler is here: it is no part of an installed package. */
function hasRuntimeCompiler(root) {
  return existsSync(join(root, 'node_modules', 'assemblyscript'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('.', import.meta.url))
  if (hasRuntimeCompiler(root)) {
    await (await import('./tools/runtime.mjs')).buildRuntime(root)
    await (await import('./tools/kernel.mjs')).buildKernel(root)
  }
  build(root)
}
