// `sallyport policy inspect`: what a bundle is made of: packages, entry points, annotations, the built-ins it calls and what
// of the input it reads.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
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
import { signaturesFile } from '../../bundles/signing/index.ts'
import { forbiddenInGateway } from '../../bundles/store/index.ts'
import { constantName } from '../../rego/compile/index.ts'
import { type Module, parseModule } from '../../rego/syntax/index.ts'
import { declarations } from '../../rego/types/declarations.ts'
import { builtinsCalled, inputRead } from './inspecting/uses.ts'
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
  const found = describe(modules, files, manifestOf(path, files))
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(found, null, 2)}\n` : pretty(found, values['annotations'] === true),
  )
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

function manifestOf(path: string, files: readonly BundleFile[]): Manifest {
  try {
    const file = files.find((one) => one.path === '.manifest')
    return file === undefined ? emptyManifest : parseManifest(Buffer.from(file.bytes).toString('utf8'))
  } catch (error) {
    if (error instanceof BundleError) throw new SourceError(`${path}: ${error.code}: ${error.message}`)
    throw error
  }
}

/** What `opa inspect --format json` prints, with what the policies use added. */
interface Inspection {
  readonly manifest: Manifest
  readonly signed: boolean
  readonly wasm_modules: readonly { readonly path: string; readonly bytes: number }[]
  readonly namespaces: { readonly [name: string]: readonly string[] }
  readonly annotations: readonly {
    readonly path: string
    readonly annotations: object
    readonly location: { readonly file: string; readonly row: number; readonly col: number }
  }[]
  readonly entrypoints: readonly string[]
  readonly builtins: readonly { readonly name: string; readonly in_gateway: boolean }[]
  readonly input: readonly string[]
}

function describe(modules: readonly Module[], files: readonly BundleFile[], manifest: Manifest): Inspection {
  const namespaces: { [name: string]: string[] } = {}
  for (const module of modules) {
    const name = ['data', ...module.package.path].join('.')
    namespaces[name] = [...(namespaces[name] ?? []), module.file]
  }
  for (const file of files) {
    const name = basename(file.path)
    if (name !== 'data.json' && name !== 'data.yaml') continue
    const path = ['data', ...file.path.split('/').slice(0, -1)].join('.')
    namespaces[path] = [...(namespaces[path] ?? []), file.path]
  }
  const annotations = modules.flatMap((module) => annotationsOf(module))
  const policies = modules.filter((module) => !module.file.endsWith('_test.rego'))
  return {
    manifest,
    signed: files.some((file) => file.path === signaturesFile),
    wasm_modules: files
      .filter((file) => file.path.endsWith('.wasm'))
      .map((file) => ({ path: file.path, bytes: file.bytes.length })),
    namespaces: Object.fromEntries(Object.entries(namespaces).sort(([a], [b]) => (a < b ? -1 : 1))),
    annotations,
    entrypoints: entrypointsOf(policies),
    builtins: builtinsCalled(policies).map((name) => ({ name, in_gateway: !forbiddenInGateway.has(name) })),
    input: inputRead(policies),
  }
}

function annotationsOf(module: Module): Inspection['annotations'] {
  const path = ['data', ...module.package.path].join('.')
  const ofRules = new Set(module.rules.flatMap((rule) => rule.annotations))
  const shown = (at: string, one: Module['annotations'][number]): Inspection['annotations'][number] => ({
    path: at,
    annotations: { scope: one.scope, ...one.fields },
    location: { file: one.location.file, row: one.location.row, col: one.location.col },
  })
  return [
    ...module.annotations.filter((one) => !ofRules.has(one)).map((one) => shown(path, one)),
    ...module.rules.flatMap((rule) =>
      rule.annotations.map((one) => shown(`${path}.${constantName(rule).join('.')}`, one)),
    ),
  ]
}

function entrypointsOf(modules: readonly Module[]): readonly string[] {
  const found = new Set<string>()
  for (const { package: pack, rules, annotations } of modules) {
    const ofRules = new Set(rules.flatMap((rule) => rule.annotations))
    if (annotations.some((one) => one.entrypoint && !ofRules.has(one))) found.add(pack.path.join('/'))
    for (const rule of rules)
      if (rule.annotations.some((one) => one.entrypoint)) found.add([...pack.path, ...constantName(rule)].join('/'))
    // The merging package asks every package below `policy`.
    if (pack.path[0] === 'policy') found.add('sallyport/decision')
  }
  return [...found].sort()
}

function pretty(found: Inspection, withAnnotations: boolean): string {
  const lines: string[] = []
  const { manifest } = found
  lines.push(`revision  ${manifest.revision === '' ? '-' : manifest.revision}`)
  lines.push(`roots     ${manifest.roots.map((root) => (root === '' ? '/' : root)).join(', ')}`)
  lines.push(`signed    ${found.signed ? 'yes' : 'no'}`)
  for (const { path, bytes } of found.wasm_modules) lines.push(`wasm      ${path} (${bytes} bytes)`)
  const width = Math.max(9, ...Object.keys(found.namespaces).map((name) => name.length))
  lines.push('', `${'namespace'.padEnd(width)}  files`)
  for (const [name, files] of Object.entries(found.namespaces)) lines.push(`${name.padEnd(width)}  ${files.join(', ')}`)
  lines.push('', `entry points: ${found.entrypoints.join(', ') || 'none'}`)
  const called = found.builtins.map(({ name, in_gateway: allowed }) => (allowed ? name : `${name} (off in gateways)`))
  lines.push(`built-ins:    ${called.join(', ') || 'none'}`)
  lines.push('', 'reads of the input:')
  for (const path of found.input) lines.push(`  ${path}`)
  if (found.input.length === 0) lines.push('  nothing')
  if (withAnnotations) {
    lines.push('', 'annotations:')
    for (const { path, annotations, location } of found.annotations)
      lines.push(`  ${path} (${location.file}:${location.row})`, `    ${JSON.stringify(annotations)}`)
  }
  return `${lines.join('\n')}\n`
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
