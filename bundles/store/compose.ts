// Several bundles become one policy: their roots must not overlap, and the digest covers every file of all of them.
import { createHash } from 'node:crypto'
import { BundleError, rootsOverlap } from '../format/index.ts'
import type { Composition, NamedBundle } from './contract.ts'

/** Puts bundles together. Throws BundleError when two of them own the same part of `data`. */
export function compose(bundles: readonly NamedBundle[]): Composition {
  const sorted = [...bundles].sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const [index, one] of sorted.entries()) {
    for (const other of sorted.slice(index + 1)) refuseOverlap(one, other)
  }
  const hash = createHash('sha256')
  for (const { name, bundle } of sorted) {
    for (const file of [...bundle.files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      // Lengths keep the border between a path and its content from moving.
      hash.update(`${name.length}:${name}${file.path.length}:${file.path}${file.bytes.length}:`).update(file.bytes)
    }
  }
  const [only] = sorted
  const revision =
    sorted.length === 1 && only !== undefined
      ? only.bundle.manifest.revision
      : sorted.map(({ name, bundle }) => `${name}@${bundle.manifest.revision}`).join('+')
  return { bundles: sorted, revision, digest: hash.digest('hex') }
}

function refuseOverlap(one: NamedBundle, other: NamedBundle): void {
  for (const root of one.bundle.manifest.roots) {
    for (const theirs of other.bundle.manifest.roots) {
      if (rootsOverlap(root, theirs)) {
        throw new BundleError(
          'overlapping_roots',
          `bundles '${one.name}' and '${other.name}' both own '${root.length > theirs.length ? root : theirs}'`,
        )
      }
    }
  }
}
