// The `.manifest` of a bundle: who it is and which parts of `data` it owns.
import { globMatcher } from '../../rego/builtins/index.ts'
import { BundleError } from './error.ts'

/** One entry point that a bundle's wasm module serves. */
export interface WasmEntry {
  readonly entrypoint: string
  readonly module: string
  readonly annotations: readonly unknown[]
}

/** A checked manifest, with its defaults filled in. */
export interface Manifest {
  readonly revision: string
  /** Paths below `data` that the bundle owns, without slashes at the ends; `''` owns everything. */
  readonly roots: readonly string[]
  readonly wasm: readonly WasmEntry[]
  readonly regoVersion: 0 | 1 | undefined
  /** Glob of paths (from `/`) to version, in the order in which they are asked: the first that matches counts. */
  readonly fileRegoVersions: readonly { readonly glob: string; readonly version: 0 | 1 }[]
  readonly metadata: { readonly [key: string]: unknown }
}

/** Each may be held against each file; a name without wildcards costs nothing. */
const patternsMax = 1000

/** What a bundle without a manifest has. */
export const emptyManifest: Manifest = {
  revision: '',
  roots: [''],
  wasm: [],
  regoVersion: undefined,
  fileRegoVersions: [],
  metadata: {},
}

/** Reads and checks the text of a manifest. Throws BundleError. Unknown top-level keys are passed over, as OPA does. */
export function parseManifest(text: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new BundleError('bad_manifest', '`.manifest` is not JSON', { cause })
  }
  const fields = object(value, '.manifest')
  const revision = fields['revision'] ?? ''
  if (typeof revision !== 'string') throw new BundleError('bad_manifest', '`revision` in `.manifest` is not a text')
  const roots =
    fields['roots'] === undefined || fields['roots'] === null ? [''] : array(fields['roots'], 'roots').map(root)
  refuseOverlap(roots)
  const metadata =
    fields['metadata'] === undefined || fields['metadata'] === null ? {} : object(fields['metadata'], 'metadata')
  return {
    revision,
    roots,
    wasm: wasmEntries(fields['wasm']),
    regoVersion: absent(fields['rego_version']) ? undefined : version(fields['rego_version']),
    fileRegoVersions: fileVersions(fields['file_rego_versions']),
    metadata,
  }
}

/** The version of Rego that a manifest says of files: by the first pattern that means the path, else that of the bundle. */
export function regoVersionsOf(manifest: Manifest): (path: string) => 0 | 1 | undefined {
  const named = new Map<string, number>()
  const patterns: { readonly at: number; readonly matches: (path: string) => boolean }[] = []
  for (const [at, { glob }] of manifest.fileRegoVersions.entries()) {
    if (isPattern(glob)) patterns.push({ at, matches: matcherOf(glob) })
    else named.set(glob, at)
  }
  return (path) => {
    const asked = `/${path}`
    const pattern = patterns.find(({ matches }) => matches(asked))?.at ?? Number.POSITIVE_INFINITY
    const at = Math.min(pattern, named.get(asked) ?? Number.POSITIVE_INFINITY)
    return manifest.fileRegoVersions[at]?.version ?? manifest.regoVersion
  }
}

/** True when the path (segments below `data`) lies inside one of the roots. */
export function insideRoots(roots: readonly string[], path: readonly string[]): boolean {
  return roots.some((one) => covers(segments(one), path))
}

/** True when one root contains the other, compared by whole segments. */
export function rootsOverlap(a: string, b: string): boolean {
  return covers(segments(a), segments(b)) || covers(segments(b), segments(a))
}

function covers(outer: readonly string[], inner: readonly string[]): boolean {
  return outer.length <= inner.length && outer.every((segment, index) => segment === inner[index])
}

function segments(one: string): readonly string[] {
  return one === '' ? [] : one.split('/')
}

function root(value: unknown): string {
  if (typeof value !== 'string') throw new BundleError('bad_manifest', 'a root in `.manifest` is not a text')
  let start = 0
  let end = value.length
  while (start < end && value[start] === '/') start++
  while (end > start && value[end - 1] === '/') end--
  return value.slice(start, end)
}

function refuseOverlap(roots: readonly string[]): void {
  // Sorted by segments, a root that contains another stands right before the first one it contains.
  const sorted = roots
    .map((one) => ({ one, key: one === '' ? '' : `${one.replaceAll('/', '\u0000')}\u0000` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  for (let index = 1; index < sorted.length; index++) {
    const before = sorted[index - 1]
    const here = sorted[index]
    if (before !== undefined && here?.key.startsWith(before.key)) {
      throw new BundleError('overlapping_roots', `manifest has overlapped roots: '${before.one}' and '${here.one}'`)
    }
  }
}

function wasmEntries(value: unknown): readonly WasmEntry[] {
  if (value === undefined || value === null) return []
  const seen = new Set<string>()
  return array(value, 'wasm').map((item) => {
    const fields = object(item, 'wasm')
    const { entrypoint, module, annotations } = fields
    if (typeof entrypoint !== 'string' || entrypoint === '')
      throw new BundleError('bad_manifest', 'a wasm entry in `.manifest` has no entry point')
    if (module !== undefined && typeof module !== 'string')
      throw new BundleError('bad_manifest', 'a wasm entry in `.manifest` has a module that is not a text')
    if (seen.has(entrypoint))
      throw new BundleError('bad_manifest', `the wasm entry point '${entrypoint}' is in \`.manifest\` twice`)
    seen.add(entrypoint)
    return { entrypoint, module: module ?? '/policy.wasm', annotations: Array.isArray(annotations) ? annotations : [] }
  })
}

function fileVersions(value: unknown): Manifest['fileRegoVersions'] {
  if (value === undefined || value === null) return []
  const entries = Object.entries(object(value, 'file_rego_versions')).sort(([a], [b]) => (a < b ? -1 : 1))
  if (entries.filter(([glob]) => isPattern(glob)).length > patternsMax)
    throw new BundleError(
      'bad_manifest',
      `\`file_rego_versions\` in \`.manifest\` has more than ${patternsMax} patterns`,
    )
  for (const [glob] of entries) if (isPattern(glob)) matcherOf(glob)
  return entries.map(([glob, item]) => ({ glob, version: version(item) }))
}

function matcherOf(glob: string): (path: string) => boolean {
  try {
    return globMatcher(glob)
  } catch (cause) {
    throw new BundleError('bad_manifest', `\`file_rego_versions\` in \`.manifest\` has a malformed pattern`, { cause })
  }
}

/** True for what is not just the name of one file. */
function isPattern(glob: string): boolean {
  for (const character of glob) if ('*?\\[{'.includes(character)) return true
  return false
}

/** Go's decoder leaves what is null as it was. */
function absent(value: unknown): boolean {
  return value === undefined || value === null
}

function version(value: unknown): 0 | 1 {
  if (value === 0 || value === 1) return value
  throw new BundleError('bad_rego_version', `${JSON.stringify(value)} in \`.manifest\` is no Rego version: 0 or 1`)
}

function object(value: unknown, where: string): { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BundleError('bad_manifest', `\`${where}\` is not an object`)
  return Object.fromEntries(Object.entries(value))
}

function array(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new BundleError('bad_manifest', `\`${where}\` in \`.manifest\` is not an array`)
  return value
}
