// The manifest of a bundle that is built: what those it is built of say, put together.
import { BundleError, type Manifest, rootsOverlap } from '../../../bundles/format/index.ts'
import { SourceError } from '../sources.ts'
import type { Input } from './inputs.ts'

/** An entry point of the wasm module, as the manifest lists it. */
export interface ListedEntrypoint {
  readonly entrypoint: string
  readonly module: string
  readonly annotations?: readonly object[]
}

/** The parts that the command line and the target say. */
export interface ManifestParts {
  readonly revision: string | undefined
  /** Whether the inputs are bundles, each with roots of its own. */
  readonly bundles: boolean
  readonly regoVersion: 0 | 1
  readonly wasm: readonly ListedEntrypoint[] | undefined
}

/** The manifest, in the order of fields that OPA writes. Throws SourceError where roots overlap. */
export function manifestOf(inputs: readonly Input[], parts: ManifestParts): object {
  const manifests = inputs.map(({ manifest }) => manifest)
  const only: Manifest | undefined = inputs.length === 1 ? manifests[0] : undefined
  const regoVersion = only?.regoVersion ?? parts.regoVersion
  const versions = inputs
    .flatMap(({ modules }) => modules)
    .filter((module) => module.regoVersion !== regoVersion)
    .map((module): [string, 0 | 1] => [`/${module.path}`, module.regoVersion])
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const metadata = only?.metadata ?? {}
  return {
    revision: parts.revision ?? only?.revision ?? '',
    roots: parts.bundles ? rootsOf(manifests) : [''],
    ...(parts.wasm === undefined ? {} : { wasm: parts.wasm }),
    rego_version: regoVersion,
    ...(versions.length === 0 ? {} : { file_rego_versions: Object.fromEntries(versions) }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  }
}

/** The roots of all; one without a manifest owns everything. */
function rootsOf(manifests: readonly (Manifest | undefined)[]): readonly string[] {
  const roots = manifests.flatMap((one) => one?.roots ?? [''])
  for (const [index, root] of roots.entries()) {
    const other = roots.slice(index + 1).find((one) => rootsOverlap(root, one))
    if (other === undefined) continue
    const { message } = new BundleError('overlapping_roots', `manifest has overlapped roots: '${root}' and '${other}'`)
    throw new SourceError(`${message}: give each bundle a \`.manifest\` with roots of its own`)
  }
  return roots
}
