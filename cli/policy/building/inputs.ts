// What a bundle is built of: the modules, data and manifests of folders, files and other bundles.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import {
  BundleError,
  type BundleFile,
  bundleLimits,
  emptyManifest,
  isDataFile,
  type Manifest,
  parseManifest,
  readArchive,
  readData,
  readFolder,
  regoVersionsOf,
} from '../../../bundles/format/index.ts'
import { type Verification, verifyFiles } from '../../../bundles/signing/index.ts'
import type { SourceModule } from '../../../rego/compile/index.ts'
import { RegoObject } from '../../../rego/value/index.ts'
import { isFixture, isIgnored, SourceError } from '../sources.ts'

/** A module with its place in the bundle that is built. */
export interface InputModule extends SourceModule {
  readonly path: string
  readonly regoVersion: 0 | 1
}

/** One path of the command line. */
export interface Input {
  readonly modules: readonly InputModule[]
  readonly data: RegoObject
  /** What it says of itself; undefined where there is no manifest, or none is asked for. */
  readonly manifest: Manifest | undefined
  readonly warnings: readonly string[]
}

/** How paths are read. */
export interface InputOptions {
  /** Whether they are bundles: their manifests count, and only `data.json` and `data.yaml` are data. */
  readonly bundles: boolean
  readonly regoVersion: 0 | 1
  readonly ignore: readonly string[]
  /** Whether the names of the paths lead the names of their files. */
  readonly prefixed: boolean
  /** Checks signatures of bundles. */
  readonly verification?: Verification
}

/** Reads one path. Throws SourceError. */
export async function readInput(path: string, options: InputOptions): Promise<Input> {
  try {
    return await readParts(path, options)
  } catch (error) {
    if (error instanceof BundleError) throw new SourceError(`${path}: ${error.code}: ${error.message}`)
    throw error
  }
}

async function readParts(path: string, options: InputOptions): Promise<Input> {
  const { files, shownAs } = await filesOf(path)
  const manifestFile = files.find(
    (file) => basename(file.path) === '.manifest' || basename(file.path) === '.manifest.pb',
  )
  const { verification } = options
  if (options.bundles && verification !== undefined) await verifyFiles(files, verification, Date.now())
  const manifest =
    options.bundles && manifestFile !== undefined
      ? parseManifest(Buffer.from(manifestFile.bytes).toString('utf8'))
      : undefined
  const prefix = options.prefixed ? cleaned(path) : ''
  const kept = files.filter(
    (file) => !isFixture(file.path) && !file.path.endsWith('_test.rego') && !isIgnored(file.path, options.ignore),
  )
  const versionOf = regoVersionsOf(manifest ?? emptyManifest)
  const modules = kept
    .filter((file) => file.path.endsWith('.rego'))
    .map((file) => ({
      file: shownAs(file.path),
      path: prefix === '' ? file.path : `${prefix}/${file.path}`,
      text: Buffer.from(file.bytes).toString('utf8'),
      regoVersion: versionOf(file.path) ?? options.regoVersion,
    }))
  const ignored = manifestFile !== undefined && !options.bundles
  return {
    modules,
    data: readData(options.bundles ? kept : kept.flatMap(asData)),
    manifest,
    warnings: ignored
      ? [`warning: ${manifestFile.path} in \`${path}\` is not looked at: give -b to build it as a bundle`]
      : [],
  }
}

/** Every JSON and YAML file counts as data of its folder where no bundle is read. */
function asData(file: BundleFile): readonly BundleFile[] {
  if (isDataFile(file.path)) return [file]
  const extension = /\.(json|ya?ml)$/.exec(file.path)?.[1]
  if (extension === undefined || basename(file.path).startsWith('.')) return []
  return [{ ...file, path: join(file.path, `../data.${extension}`) }]
}

async function filesOf(
  path: string,
): Promise<{ readonly files: readonly BundleFile[]; readonly shownAs: (file: string) => string }> {
  if (!existsSync(path)) throw new SourceError(`there is no \`${path}\``)
  if (statSync(path).isDirectory())
    return { files: await readFolder(path), shownAs: (file) => relative('.', join(path, file)) || file }
  if (path.endsWith('.tar.gz'))
    return {
      files: await readArchive(createReadStream(path), bundleLimits),
      shownAs: (file) => `${path}/${file}`,
    }
  if (!/\.(rego|json|ya?ml)$/.test(path)) throw new SourceError(`\`${path}\` is no folder, bundle, policy or data`)
  return { files: [{ path: basename(path), bytes: await readFile(path) }], shownAs: () => path }
}

/** A path as the begin of names in a bundle. */
function cleaned(path: string): string {
  const file = !statSync(path).isDirectory() && !path.endsWith('.tar.gz')
  const steps = (file ? join(path, '..') : path).split('/')
  return steps.filter((step) => step !== '' && step !== '.' && step !== '..').join('/')
}

/** All data together. Throws SourceError where two paths say different things of one place. */
export function mergedData(inputs: readonly Input[]): RegoObject {
  return inputs.reduce((all, { data }) => all.merge(data), new RegoObject())
}
