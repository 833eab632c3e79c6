// All that a package holds and a clone does not: what is compiled, and the bill of materials. npm runs it before it packs or
// publishes, so that a package without them cannot come about.
import { rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from '../build.mjs'
import { buildKernel } from './kernel.mjs'
import { buildRuntime } from './runtime.mjs'
import { sbomOf } from './sbom.mjs'

/** Makes what the package of this tree is to hold; answers its bill of materials. */
export async function prepack(root) {
  await buildRuntime(root)
  await buildKernel(root)
  rmSync(join(root, 'dist/program'), { recursive: true, force: true })
  build(root)
  const sbom = sbomOf(root)
  writeFileSync(join(root, 'dist', 'sbom.cdx.json'), sbom)
  return sbom
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  await prepack(fileURLToPath(new URL('..', import.meta.url)))
