// `npm run package [-- --out DIR]`: builds, writes the bill of materials, packs, and prints what the package weighs.
// Fails when it weighs more than it may, so that nothing slips in unseen.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepack } from './prepack.mjs'

const limits = { packedBytes: 1_250_000, unpackedBytes: 5_500_000, dependencies: 26, components: 130 }

const root = fileURLToPath(new URL('..', import.meta.url))
const at = process.argv.indexOf('--out')
const out = resolve(at === -1 ? root : (process.argv[at + 1] ?? root))

const sbom = await prepack(root)
mkdirSync(out, { recursive: true })
const packed = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
)
// npm 12 answers an object by package name where npm 11 answers a list.
const [{ filename, size, unpackedSize, entryCount, integrity }] = Array.isArray(packed) ? packed : Object.values(packed)
const bill = JSON.parse(sbom)
const direct = bill.dependencies.find(({ ref }) => ref === bill.metadata.component['bom-ref'])?.dependsOn ?? []
const measured = {
  packedBytes: size,
  unpackedBytes: unpackedSize,
  dependencies: direct.length,
  components: bill.components.length,
}
process.stdout.write(`${join(out, filename)}\n${integrity}\n${entryCount} files\n`)
let heavy = 0
for (const [name, value] of Object.entries(measured)) {
  const over = value > limits[name]
  if (over) heavy++
  process.stdout.write(`${name} ${value} (at most ${limits[name]})${over ? ' TOO MUCH' : ''}\n`)
}
process.exitCode = heavy === 0 ? 0 : 1
