// `sallyport policy inspect`: what a bundle is made of: packages, entry points, annotations, the built-ins it calls and what
// of the input it reads.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import {
  BundleError,
  type BundleFile,
  bundleLimits,
  emptyManifest,
  type Manifest,
  parseManifest,
  readArchive,
  readFolder,
} from '../../bundles/format/index.ts'
import { forbiddenInGateway } from '../../bundles/store/index.ts'
import { type Module, parseModule } from '../../rego/syntax/index.ts'
import { declarations } from '../../rego/types/declarations.ts'
import { describe } from './inspecting/describe.ts'
import { inspectionText } from './inspecting/printed.ts'
import { MistakeError } from './mistake.ts'
import { formatOf, readOptions, regoVersionFlags, regoVersionOf, UsageError } from './options.ts'
import { readSources, SourceError } from './sources.ts'

/** Runs `inspect`. */
export async function inspect(args: readonly string[]): Promise<number> {
  const { values, paths } = readOptions(args, {
    annotations: { type: 'boolean', short: 'a' },
    builtins: { type: 'boolean' },
    format: { type: 'string', short: 'f' },
    output: { type: 'string', short: 'o' },
    ...regoVersionFlags,
  })
  const format = formatOf(values['output'] ?? values['format'], ['pretty', 'json'])
  if (values['builtins'] === true) {
    process.stdout.write(listBuiltins(format))
    return 0
  }
  const [path, ...more] = paths
  if (path === undefined || more.length > 0) throw new UsageError('name exactly one bundle, folder or Rego file')
  const files = await bundleFiles(path)
  const sources = await readSources([path], regoVersionOf(values), { parts: 'modules' })
  const modules: Module[] = []
  for (const source of sources.modules) {
    const { module, diagnostics } = parseModule(source.text, source)
    if (module === undefined) throw new MistakeError(diagnostics, sources.texts)
    modules.push(module)
  }
  const archive = path.endsWith('.tar.gz')
  const found = describe({
    modules: archive ? modules.map((module) => ({ ...module, file: module.file.slice(path.length) })) : modules,
    sources: archive ? sources.modules.map((one) => ({ ...one, file: one.file.slice(path.length) })) : sources.modules,
    files,
    manifest: manifestOf(path, files),
    shownAs: (file) => (archive ? `/${file}` : relative('.', join(path, file))),
    withAnnotations: values['annotations'] === true,
  })
  process.stdout.write(format === 'json' ? `${JSON.stringify(found, null, 2)}\n` : inspectionText(found))
  return 0
}

async function bundleFiles(path: string): Promise<readonly BundleFile[]> {
  if (!existsSync(path)) throw new SourceError(`there is no \`${path}\``)
  try {
    if (statSync(path).isDirectory()) return await readFolder(path)
    return path.endsWith('.rego') ? [] : await readArchive(createReadStream(path), bundleLimits)
  } catch (error) {
    if (error instanceof BundleError) throw new SourceError(`${path}: ${error.code}: ${error.message}`)
    throw error
  }
}

/** What the bundle says of itself; what a bundle without a manifest is taken for. */
function manifestOf(path: string, files: readonly BundleFile[]): Manifest | undefined {
  if (files.length === 0) return undefined
  try {
    const file = files.find((one) => one.path === '.manifest')
    return file === undefined ? emptyManifest : parseManifest(Buffer.from(file.bytes).toString('utf8'))
  } catch (error) {
    if (error instanceof BundleError) throw new SourceError(`${path}: ${error.code}: ${error.message}`)
    throw error
  }
}

function listBuiltins(format: string): string {
  const all = [...declarations.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  if (format === 'json') return `${JSON.stringify(all, null, 2)}\n`
  const width = Math.max(...all.map(({ name }) => name.length))
  return all
    .map(({ name, infix, deprecated }) => {
      const notes = [
        infix === undefined ? '' : `written \`${infix}\``,
        deprecated === true ? 'deprecated' : '',
        forbiddenInGateway.has(name) ? 'off in gateways' : '',
      ].filter((note) => note !== '')
      return `${name.padEnd(width)}  ${notes.join(', ')}`.trimEnd()
    })
    .join('\n')
    .concat('\n')
}
