// Collects what a policy command works on: Rego files, data and fixtures, from files, folders and bundle archives.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import {
  BundleError,
  type BundleFile,
  bundleLimits,
  type Manifest,
  parseManifest,
  readArchive,
  readBundle,
  readData,
  readFolder,
  regoVersionsOf,
} from '../../bundles/format/index.ts'
import type { SourceModule } from '../../rego/compile/index.ts'
import { parseModule } from '../../rego/syntax/index.ts'
import { RegoObject } from '../../rego/value/index.ts'
import { withOtherData } from './other-data.ts'

/** What the paths of a command hold. */
export interface PolicySources {
  readonly modules: readonly SourceModule[]
  readonly data: RegoObject
  /** YAML files below `fixtures/` folders. */
  readonly fixtures: readonly { readonly file: string; readonly text: string }[]
  /** Source texts by file name, for showing lines. */
  readonly texts: ReadonlyMap<string, string>
}

/** A path that cannot be read, in words for a person. */
export class SourceError extends Error {}

/** How paths are read. */
export interface SourceOptions {
  readonly parts?: 'all' | 'modules'
  readonly ignore?: readonly string[]
  /** Whether every JSON and YAML file is data of its folder, as where opa reads no bundle. */
  readonly allData?: boolean
  /** Whether the paths are bundles, whose manifests must be kept to. */
  readonly bundles?: boolean
}

/** Reads all paths. Throws SourceError. */
export async function readSources(
  paths: readonly string[],
  regoVersion: 0 | 1,
  options: SourceOptions = {},
): Promise<PolicySources> {
  const modules: SourceModule[] = []
  const fixtures: { file: string; text: string }[] = []
  const texts = new Map<string, string>()
  let data = new RegoObject()
  for (const path of paths) {
    const files = await filesOf(path)
    const named = (file: BundleFile): string =>
      statSync(path).isDirectory()
        ? relative('.', join(path, file.path)) || file.path
        : path.endsWith('.tar.gz')
          ? `${path}/${file.path}`
          : path
    const manifest = manifestOf(path, files)
    if (options.bundles === true && manifest !== undefined) checkBundle(path, files, regoVersion)
    const saidOf = manifest === undefined ? undefined : regoVersionsOf(manifest)
    for (const file of files) {
      if (isIgnored(file.path, options.ignore ?? [])) continue
      const text = (): string => textOf(file, named(file))
      if (file.path.endsWith('.rego')) {
        modules.push({ file: named(file), text: text(), regoVersion: saidOf?.(file.path) ?? regoVersion })
        texts.set(named(file), text())
      } else if (/(^|\/)fixtures\/[^/]+\.ya?ml$/.test(file.path)) fixtures.push({ file: named(file), text: text() })
    }
    if (options.parts === 'modules') continue
    const kept = files.filter((file) => !isFixture(file.path) && !isIgnored(file.path, options.ignore ?? []))
    try {
      data = data.merge(readData(kept))
    } catch (error) {
      throw new SourceError(`${path}: ${error instanceof Error ? error.message : 'data cannot be read'}`)
    }
    if (options.allData === true && manifest === undefined) data = withOtherData(data, kept)
  }
  return { modules, data, fixtures, texts }
}

/** What a manifest says of the files beside it. */
function checkBundle(path: string, files: readonly BundleFile[], regoVersion: 0 | 1): void {
  try {
    readBundle(files, (module) => {
      const options = { file: module.path, regoVersion: module.regoVersion ?? regoVersion }
      return parseModule(module.text, options).module?.package.path
    })
  } catch (error) {
    throw new SourceError(`${path}: ${error instanceof BundleError ? error.message : 'the bundle cannot be read'}`)
  }
}

function textOf(file: BundleFile, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.bytes)
  } catch {
    throw new SourceError(`${name} is not UTF-8`)
  }
}

/** The manifest of a bundle; undefined where there is none. */
function manifestOf(path: string, files: readonly BundleFile[]): Manifest | undefined {
  const file = files.find((one) => one.path === '.manifest')
  if (file === undefined) return undefined
  try {
    return parseManifest(Buffer.from(file.bytes).toString('utf8'))
  } catch (error) {
    throw new SourceError(`${path}: ${error instanceof BundleError ? error.message : 'the manifest cannot be read'}`)
  }
}

/** True for what lies in a folder of fixtures. */
export function isFixture(path: string): boolean {
  return path.startsWith('fixtures/') || path.includes('/fixtures/')
}

/** True for paths that a pattern names: a file or folder name, with `*` for anything between its ends. */
export function isIgnored(path: string, patterns: readonly string[]): boolean {
  const parts = path.split('/')
  return patterns.some((pattern) => {
    const [head = '', ...rest] = pattern.split('*')
    const tail = rest.at(-1)
    return parts.some((part) =>
      tail === undefined
        ? part === head
        : part.length >= head.length + tail.length && part.startsWith(head) && part.endsWith(tail),
    )
  })
}

async function filesOf(path: string): Promise<readonly BundleFile[]> {
  if (!existsSync(path)) throw new SourceError(`there is no \`${path}\``)
  try {
    if (statSync(path).isDirectory()) return await readFolder(path)
    if (path.endsWith('.tar.gz')) return await readArchive(createReadStream(path), bundleLimits)
    const bytes = await readFile(path)
    const name = basename(path)
    // A data file named on the command line is the root document, whatever it is called.
    if (/\.(json|ya?ml)$/.test(name)) return [{ path: name.endsWith('.json') ? 'data.json' : 'data.yaml', bytes }]
    return [{ path: name, bytes }]
  } catch (error) {
    throw new SourceError(`${path}: ${error instanceof BundleError ? error.message : 'cannot be read'}`)
  }
}

/** Reads what is named as policies and data, and what is named as bundles, of which only `data.json` and `data.yaml` are data. */
export async function readBoth(
  paths: readonly string[],
  bundles: readonly string[],
  regoVersion: 0 | 1,
  options: SourceOptions = {},
): Promise<PolicySources> {
  const loose = await readSources(paths, regoVersion, { ...options, allData: true })
  const bundled = await readSources(bundles, regoVersion, { ...options, bundles: true })
  return {
    modules: [...loose.modules, ...bundled.modules],
    data: loose.data.merge(bundled.data),
    fixtures: [...loose.fixtures, ...bundled.fixtures],
    texts: new Map([...loose.texts, ...bundled.texts]),
  }
}
