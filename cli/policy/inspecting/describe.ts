// What a bundle is made of, in the fields of `opa inspect --format json`, with what its policies use added.
import { basename } from 'node:path'
import type { BundleFile, Manifest } from '../../../bundles/format/index.ts'
import { signaturesFile } from '../../../bundles/signing/index.ts'
import { forbiddenInGateway } from '../../../bundles/store/index.ts'
import { decisionEntrypoint, responseEntrypoint } from '../../../engine/decision/index.ts'
import { constantName, type SourceModule } from '../../../rego/compile/index.ts'
import type { Annotations, Module, Rule } from '../../../rego/syntax/index.ts'
import { annotatedEntrypoints, gatewayEntrypoints } from '../building/entrypoints.ts'
import { annotationJson, type Step } from './annotation-json.ts'
import { type Requirements, requirements } from './requirements.ts'
import { builtinsCalled, inputRead } from './uses.ts'

/** A metadata block with what it speaks of. */
export interface FoundAnnotations {
  readonly annotations: { readonly [field: string]: unknown }
  readonly location: { readonly file: string; readonly row: number; readonly col: number }
  readonly path: readonly Step[]
}

/** What was found. */
export interface Inspection {
  readonly manifest?: { readonly [field: string]: unknown }
  readonly signatures_config: { readonly [field: string]: unknown }
  readonly wasm_modules?: readonly { readonly [field: string]: unknown }[]
  readonly namespaces: { readonly [name: string]: readonly string[] }
  readonly annotations?: readonly FoundAnnotations[]
  readonly capabilities: Requirements
  readonly signed: boolean
  readonly entrypoints: readonly string[]
  readonly builtins: readonly { readonly name: string; readonly in_gateway: boolean }[]
  readonly input: readonly string[]
}

/** A bundle as it was read. */
export interface Inspected {
  readonly modules: readonly Module[]
  readonly sources: readonly SourceModule[]
  readonly files: readonly BundleFile[]
  readonly manifest: Manifest | undefined
  /** How a file of the bundle is named in the result. */
  readonly shownAs: (path: string) => string
  readonly withAnnotations: boolean
}

/** Puts the findings together. */
export function describe(bundle: Inspected): Inspection {
  const { modules, files, manifest } = bundle
  const policies = modules.filter((module) => !module.file.endsWith('_test.rego'))
  const entrypoints = new Set(annotatedEntrypoints(policies))
  // The merging package asks every package below `policy`.
  const asked = gatewayEntrypoints(policies)
  for (const name of [decisionEntrypoint, responseEntrypoint]) if (asked.includes(name)) entrypoints.add(name)
  const wasm = files.filter((file) => file.path.endsWith('.wasm'))
  return {
    ...(manifest === undefined ? {} : { manifest: manifestFields(manifest) }),
    signatures_config: signaturesOf(files),
    ...(wasm.length === 0 ? {} : { wasm_modules: wasm.map((file) => wasmFields(file, manifest, bundle.shownAs)) }),
    namespaces: namespacesOf(bundle),
    ...(bundle.withAnnotations ? { annotations: modules.flatMap(annotationsOf).sort(byPath) } : {}),
    capabilities: requirements(modules, bundle.sources),
    signed: files.some((file) => file.path === signaturesFile),
    entrypoints: [...entrypoints].sort(),
    builtins: builtinsCalled(policies).map((name) => ({ name, in_gateway: !forbiddenInGateway.has(name) })),
    input: inputRead(policies),
  }
}

function manifestFields({
  revision,
  roots,
  wasm,
  regoVersion,
  fileRegoVersions,
  metadata,
}: Manifest): Inspection['signatures_config'] {
  const versions = Object.fromEntries(fileRegoVersions.map(({ glob, version }) => [glob, version]))
  return {
    revision,
    roots,
    ...(wasm.length === 0 ? {} : { wasm }),
    ...(regoVersion === undefined ? {} : { rego_version: regoVersion }),
    ...(fileRegoVersions.length === 0 ? {} : { file_rego_versions: versions }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  }
}

function signaturesOf(files: readonly BundleFile[]): Inspection['signatures_config'] {
  const file = files.find((one) => one.path === signaturesFile)
  if (file === undefined) return {}
  try {
    const { signatures } = Object(JSON.parse(Buffer.from(file.bytes).toString('utf8')))
    return { signatures, plugin: '_default' }
  } catch {
    return {}
  }
}

function wasmFields(
  file: BundleFile,
  manifest: Manifest | undefined,
  shownAs: (path: string) => string,
): Inspection['signatures_config'] {
  const entrypoints = (manifest?.wasm ?? []).filter(({ module }) => module.replace(/^\//, '') === file.path)
  return {
    path: shownAs(file.path),
    url: shownAs(file.path),
    ...(entrypoints.length === 0
      ? {}
      : { entrypoints: entrypoints.map(({ entrypoint }) => refOf(entrypoint.split('/'))) }),
    bytes: file.bytes.length,
  }
}

function namespacesOf({ modules, files, shownAs }: Inspected): Inspection['namespaces'] {
  const found = new Map<string, string[]>()
  const add = (name: string, file: string): void => {
    found.set(name, [...(found.get(name) ?? []), file])
  }
  for (const module of modules) add(['data', ...module.package.path].join('.'), module.file)
  for (const file of files) {
    const name = basename(file.path)
    if (name !== 'data.json' && name !== 'data.yaml') continue
    add(['data', ...file.path.split('/').slice(0, -1)].join('.'), shownAs(file.path))
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function refOf(path: readonly string[]): FoundAnnotations['path'] {
  return [{ type: 'var', value: 'data' }, ...path.map((value) => ({ type: 'string' as const, value }))]
}

function byPath(a: FoundAnnotations, b: FoundAnnotations): number {
  for (const [index, { value }] of a.path.entries()) {
    const other = b.path[index]?.value
    if (other === undefined) return 1
    if (value !== other) return value < other ? -1 : 1
  }
  return a.path.length - b.path.length
}

/** The blocks of a module: of its package first, then of its rules; each with the place of what it speaks of. */
function annotationsOf(module: Module): readonly FoundAnnotations[] {
  const { path } = module.package
  const ofRules = new Set(module.rules.flatMap((rule) => rule.annotations))
  const shown = (at: readonly string[], one: Annotations, where: Module['package'] | Rule): FoundAnnotations => ({
    annotations: annotationJson(one),
    location: { file: module.file, row: where.location.row, col: where.location.col },
    path: refOf(at),
  })
  const seen = new Set<Annotations>()
  return [
    ...module.annotations.filter((one) => !ofRules.has(one)).map((one) => shown(path, one, module.package)),
    ...module.rules.flatMap((rule) =>
      rule.annotations
        .filter((one) => !seen.has(one) && seen.add(one))
        .map((one) => shown([...path, ...constantName(rule)], one, rule)),
    ),
  ]
}
