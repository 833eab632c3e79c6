// Test files and what they import, made into JavaScript once a run: a process a file then loads few modules, by no hook.
// What is built is of this run alone, in a folder of its own, so that nothing stale is ever run.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
const kept = join(root, 'node_modules/.cache/tests')

/** What each file loads first. */
const loadedFirst = ['asserting.mjs', 'ending.mjs'].map((name) => join(root, 'test/support', name))

/** Packages of many small modules, each read by many files; all others are loaded from their folders. */
const builtIn = new Set(['graphql', 'jose', 'pgsql-ast-parser', 'yaml'])

/** From when on a folder whose run is over is nobody's. */
const leftMs = 60 * 60_000

/** The folder of a run, and the files to start in the order that was asked for. */
export interface BuiltTests {
  readonly folder: string
  readonly starts: readonly string[]
}

/** Builds test files into a new folder, which the caller removes. Throws what esbuild found, which it has printed. */
export async function buildTests(files: readonly string[]): Promise<BuiltTests> {
  mkdirSync(kept, { recursive: true })
  removeLeft()
  const folder = realpathSync(mkdtempSync(join(kept, `${process.pid}-`)))
  try {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const threads = new Set<string>()
    const options = optionsOf(folder, threads)
    const entries = [...loadedFirst, ...files].map((file) => ({ in: file, out: placeOf(file) }))
    await build({ ...options, entryPoints: entries })
    if (threads.size > 0)
      await build({ ...options, entryPoints: [...threads].map((file) => ({ in: file, out: placeOf(file) })) })
    const starts = files.map((file, place) => start(folder, file, String(place).padStart(4, '0')))
    const built = files.flatMap((file, place) =>
      [starts[place], join(folder, `${placeOf(file)}.js`)].map((path) => [path, file]),
    )
    writeFileSync(join(folder, 'sources.json'), JSON.stringify(Object.fromEntries(built)))
    return { folder, starts }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** A file that loads a test file after what goes first. Its name keeps the place in the order, since node:test sorts. */
function start(folder: string, file: string, place: string): string {
  const path = join(folder, `${place}.test.js`)
  const loads = [...loadedFirst, file].map((one) => `import './${placeOf(one)}.js'\n`)
  writeFileSync(path, `// ${relative(root, file)}\n${loads.join('')}`)
  return path
}

/** Where a source's JavaScript is, below the folder and without its ending. */
function placeOf(file: string): string {
  const path = relative(root, file)
  return (path.startsWith('..') ? join('outside', resolve(file)) : path).replace(/\.m?[jt]s$/, '')
}

function optionsOf(folder: string, threads: Set<string>): BuildOptions {
  return {
    outdir: folder,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    tsconfigRaw: '{}',
    // What is built in and is CommonJS asks for Node's own modules.
    banner: {
      js: "import { createRequire as requires } from 'node:module'; const require = requires(import.meta.url);",
    },
    define: { 'import.meta.url': 'addressOfThisModule' },
    plugins: [sources(folder, threads)],
  }
}

/** Modules keep the address of their source, and threads are built as well. */
function sources(folder: string, threads: Set<string>): Plugin {
  return {
    name: 'sources',
    setup(run) {
      run.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
        kind === 'entry-point' || builtIn.has(path.split('/')[0] ?? '') ? undefined : { path, external: true },
      )
      run.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
        if (path.includes('/node_modules/')) return undefined
        const text = readFileSync(path, 'utf8')
        let url = pathToFileURL(path)
        // A thread is started from beside the module that starts it.
        const [, thread] = /new URL\('\.\/([\w-]+-worker)\.js', import\.meta\.url\)/.exec(text) ?? []
        if (thread !== undefined) {
          threads.add(join(dirname(path), `${thread}.ts`))
          url = pathToFileURL(join(folder, `${placeOf(path)}.js`))
        }
        const head = text.includes('import.meta.url') ? `const addressOfThisModule = ${JSON.stringify(url.href)}; ` : ''
        return { contents: head + text, loader: path.endsWith('.ts') ? 'ts' : 'js' }
      })
    },
  }
}

/** Removes what runs left that were killed. A process of another container is not seen here: what is new stays. */
function removeLeft(): void {
  for (const name of readdirSync(kept)) {
    const [, pid] = /^(\d+)-/.exec(name) ?? []
    if (pid === undefined || runs(Number(pid))) continue
    const path = join(kept, name)
    const status = statSync(path, { throwIfNoEntry: false })
    if (status !== undefined && status.mtimeMs < Date.now() - leftMs) rmSync(path, { recursive: true, force: true })
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
