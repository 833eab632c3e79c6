// A bundle as a whole: files in, checked parts out. Nothing here is compiled or trusted yet.
import type { RegoObject } from '../../rego/value/index.ts'
import { checkDataRoots, type Documents, isDataFile, readData, shownRoots } from './data.ts'
import { BundleError } from './error.ts'
import { emptyManifest, insideRoots, type Manifest, parseManifest, regoVersionsOf } from './manifest.ts'
import { type PatchOperation, readPatch } from './patch.ts'
import { baseName } from './paths.ts'
import type { BundleFile } from './tar.ts'

/** One Rego module of a bundle. */
export interface PolicyModule {
  readonly path: string
  readonly text: string
  /** The version the manifest gives it, or undefined for the loader's default. */
  readonly regoVersion: 0 | 1 | undefined
}

/** The checked parts of a bundle. */
export interface Bundle {
  readonly files: readonly BundleFile[]
  readonly manifest: Manifest
  readonly data: RegoObject
  readonly modules: readonly PolicyModule[]
  /** By path, without leading slash. */
  readonly wasm: ReadonlyMap<string, Uint8Array>
  readonly plan: Uint8Array | undefined
  /** Operations of a delta bundle; undefined for a snapshot. */
  readonly patch: readonly PatchOperation[] | undefined
}

/** The package of a module as path segments below `data`, or undefined when the text cannot be parsed. */
export type PackageOf = (module: PolicyModule) => readonly string[] | undefined

const wasmMagic = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])

/** Puts a bundle together from its files, and documents of theirs. Throws BundleError with the first thing that is wrong. */
export function readBundle(files: readonly BundleFile[], packageOf: PackageOf, documents?: Documents): Bundle {
  const manifest = readManifest(files)
  const patchFile = files.find((file) => file.path === 'patch.json')
  const operations = patchFile === undefined ? [] : readPatch(patchFile.bytes, manifest)
  const patch = operations.length > 0 ? operations : undefined
  const versionOf = regoVersionsOf(manifest)
  const modules = files
    .filter((file) => file.path.endsWith('.rego'))
    .map((file) => ({ path: file.path, text: decode(file), regoVersion: versionOf(file.path) }))
  const wasm = readWasm(files)
  if (patch !== undefined && (modules.length > 0 || wasm.size > 0 || files.some((file) => isDataFile(file.path)))) {
    throw new BundleError('bad_patch', 'a delta bundle holds files beside `patch.json` and `.manifest`')
  }
  const data = readData(files, documents)
  if (data.size > 0) checkDataRoots(data, manifest)
  for (const module of modules) checkModuleRoot(module, manifest, packageOf)
  checkWasmEntries(manifest, wasm)
  return { files, manifest, data, modules, wasm, plan: files.find((file) => file.path === 'plan.json')?.bytes, patch }
}

function readManifest(files: readonly BundleFile[]): Manifest {
  const found = files.filter((file) => file.path.endsWith('.manifest') || baseName(file.path) === '.manifest.pb')
  if (found.length > 1)
    throw new BundleError(
      'several_manifests',
      `the bundle has several manifests: ${found.map((file) => file.path).join(', ')}`,
    )
  const [only] = found
  if (only === undefined) return emptyManifest
  if (only.path.endsWith('.pb'))
    throw new BundleError('bad_manifest', 'the manifest is in protobuf form; build the bundle with a JSON manifest')
  return parseManifest(decode(only))
}

function readWasm(files: readonly BundleFile[]): ReadonlyMap<string, Uint8Array> {
  const modules = new Map<string, Uint8Array>()
  for (const file of files) {
    if (baseName(file.path) !== 'policy.wasm') continue
    if (Buffer.compare(file.bytes.subarray(0, wasmMagic.length), wasmMagic) !== 0) {
      throw new BundleError('bad_wasm', `${JSON.stringify(file.path)} is not a WebAssembly module`)
    }
    modules.set(file.path, file.bytes)
  }
  return modules
}

function checkModuleRoot(module: PolicyModule, manifest: Manifest, packageOf: PackageOf): void {
  const path = packageOf(module)
  if (path === undefined || insideRoots(manifest.roots, path)) return
  throw new BundleError(
    'outside_roots',
    `manifest roots ${shownRoots(manifest)} do not permit 'package ${path.join('.')}' in module '/${module.path}'`,
  )
}

function checkWasmEntries(manifest: Manifest, wasm: ReadonlyMap<string, Uint8Array>): void {
  for (const entry of manifest.wasm) {
    if (!insideRoots(manifest.roots, entry.entrypoint.split('/'))) {
      throw new BundleError(
        'outside_roots',
        `manifest roots ${shownRoots(manifest)} do not permit wasm entry point '${entry.entrypoint}'`,
      )
    }
    const path = entry.module.startsWith('/') ? entry.module.slice(1) : entry.module
    if (!wasm.has(path))
      throw new BundleError(
        'bad_wasm',
        `the wasm module '${entry.module}' of entry point '${entry.entrypoint}' is not in the bundle`,
      )
  }
}

function decode(file: BundleFile): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file.bytes)
  } catch (cause) {
    throw new BundleError('bad_text', `${JSON.stringify(file.path)} is not UTF-8`, { cause })
  }
}
