// `node tools/program.mjs`: puts what `tsc` made into few files, `dist/program`, which is what `bin/sallyport.js` runs: a
// command then loads a tenth of the files. Packages stay where npm put them.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const out = join(dist, 'program')

/** From when on what no build writes any more is removed: a program that still runs may ask for it. */
const leftMs = 24 * 60 * 60_000

/** Threads are started from files beside the one that starts them, which here is true of all files. */
const threadStart = /new URL\('\.\/[\w-]+-worker\.js', import\.meta\.url\)/

/** Modules keep the address that they had, by which they find data files and packages. */
const addresses = {
  name: 'addresses',
  setup(run) {
    run.onLoad({ filter: /\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (threadStart.test(text)) return { contents: text, loader: 'js' }
      const address = `new URL(${JSON.stringify(relative(out, path))}, import.meta.url).href`
      return { contents: text.replaceAll('import.meta.url', address), loader: 'js' }
    })
  },
}

/** Where threads begin. */
function* threads(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* threads(path)
    else if (entry.name.endsWith('-worker.js')) yield path
  }
}

const parts = ['rego', 'engine', 'bundles', 'proxy', 'cli'].map((part) => join(dist, part))
await build({
  absWorkingDir: root,
  entryPoints: [join(dist, 'cli/main.js'), ...parts.flatMap((part) => [...threads(part)])],
  outdir: out,
  entryNames: '[name]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [addresses],
})
for (const name of readdirSync(out)) {
  const path = join(out, name)
  if (statSync(path).mtimeMs < Date.now() - leftMs) rmSync(path)
}
