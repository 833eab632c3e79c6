// `sallyport policy build` and `verify`: deterministic, signed bundles in OPA's format.
import { createReadStream, writeFileSync } from 'node:fs'
import {
  BundleError,
  type BundleFile,
  bundleLimits,
  readArchive,
  readBundle,
  readFolder,
  writeArchive,
} from '../../bundles/format/index.ts'
import { signFiles, verifyFiles } from '../../bundles/signing/index.ts'
import {
  decisionEntrypoint,
  mayApproveEntrypoint,
  packageOfModule,
  withMergeModule,
} from '../../bundles/store/index.ts'
import { compileModules, constantName } from '../../rego/compile/index.ts'
import { type Policy, writePlanJson } from '../../rego/ir/index.ts'
import { EntrypointError, planEntrypoints } from '../../rego/plan/index.ts'
import type { Module } from '../../rego/syntax/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { report } from './check.ts'
import { keyOf } from './keys.ts'
import { readOptions, UsageError } from './options.ts'
import { readSources, SourceError } from './sources.ts'

/** Runs `build`. Nothing is written when anything is wrong. */
export async function build(args: readonly string[]): Promise<number> {
  const { values, lists, paths } = readOptions(args, {
    output: { type: 'string', short: 'o' },
    target: { type: 'string', short: 't' },
    entrypoint: { type: 'string', short: 'e', multiple: true },
    revision: { type: 'string', short: 'r' },
    'signing-key': { type: 'string' },
    'signing-alg': { type: 'string' },
    'signing-key-id': { type: 'string' },
    scope: { type: 'string' },
    bundle: { type: 'boolean', short: 'b' },
    optimize: { type: 'string', short: 'O' },
  })
  const [folder, ...more] = paths
  if (folder === undefined || more.length > 0) throw new UsageError('name exactly one folder')
  if (!['0', '1', '2'].includes(String(values['optimize'] ?? '1'))) throw new UsageError('`--optimize` is 0, 1 or 2')
  const target = values['target'] ?? 'rego'
  if (target !== 'rego' && target !== 'plan' && target !== 'wasm')
    throw new UsageError(`the target \`${String(target)}\` cannot be built: rego, plan, wasm`)
  const sources = await readSources([folder], 1)
  const named = lists['entrypoint'] ?? []
  // What a gateway asks is in a package that merges all others.
  const merged = target !== 'rego' && (named.length === 0 || named.includes(decisionEntrypoint))
  const { compilation, modules, diagnostics } = compileModules(
    merged ? withMergeModule(sources.modules) : sources.modules,
  )
  if (compilation === undefined) {
    process.stderr.write(report(diagnostics, sources.texts, 'pretty'))
    return 2
  }
  let files = [...(await readFolder(folder))].filter((file) => keep(file))
  const entrypoints = named.length > 0 ? named : entrypointsOf(modules.filter(({ file }) => sources.texts.has(file)))
  if (target !== 'rego') {
    if (entrypoints.length === 0)
      throw new UsageError(
        `the target \`${target}\` needs an \`--entrypoint\`, an annotation \`entrypoint: true\`, or a package below \`policy\``,
      )
    const policy = planOf(compilation, entrypoints)
    if (target === 'plan') files.push({ path: 'plan.json', bytes: Buffer.from(`${writePlanJson(policy)}\n`) })
    else {
      // As in OPA's bundles, a module stands in the place of the Rego it was made from.
      files = files.filter((file) => !file.path.endsWith('.rego') && file.path !== 'policy.wasm')
      files.push({ path: 'policy.wasm', bytes: Buffer.from(emitModule(policy)) })
    }
  }
  files = withManifest(files, {
    revision: values['revision'],
    wasm: target === 'wasm' ? entrypoints.map((entrypoint) => ({ entrypoint, module: '/policy.wasm' })) : undefined,
  })
  const check = readBundleOrThrow(files)
  if (values['signing-key'] !== undefined) {
    const keyid = String(values['signing-key-id'] ?? 'default')
    const claims = {
      keyid,
      iat: Math.floor(Date.now() / 1000),
      ...(values['scope'] === undefined ? {} : { scope: String(values['scope']) }),
    }
    files = [
      ...files,
      {
        path: '.signatures.json',
        bytes: await signFiles(files, keyOf(values['signing-key'], values['signing-alg']), claims),
      },
    ]
  }
  const out = String(values['output'] ?? 'bundle.tar.gz')
  writeFileSync(out, writeArchive(files))
  process.stdout.write(`${out}: ${check.modules.length} modules, revision ${JSON.stringify(check.manifest.revision)}\n`)
  return 0
}

/** The entry points that modules name themselves: annotated rules and packages, and what a gateway asks of policies. */
function entrypointsOf(modules: readonly Module[]): readonly string[] {
  const found = new Set<string>()
  for (const { package: pack, rules, annotations } of modules) {
    const ofRules = new Set(rules.flatMap((rule) => rule.annotations))
    if (annotations.some((one) => one.entrypoint && !ofRules.has(one))) found.add(pack.path.join('/'))
    for (const rule of rules)
      if (rule.annotations.some((one) => one.entrypoint)) found.add([...pack.path, ...constantName(rule)].join('/'))
    if (pack.path[0] === 'policy') found.add(decisionEntrypoint).add(mayApproveEntrypoint)
  }
  return [...found].sort()
}

/** The files with a manifest: the folder's own, told of the module's entry points, or a new one. */
function withManifest(
  files: readonly BundleFile[],
  parts: { readonly revision: string | boolean | undefined; readonly wasm: readonly object[] | undefined },
): BundleFile[] {
  const own = files.find((file) => file.path === '.manifest')
  if (own !== undefined && parts.wasm === undefined) return [...files]
  const base: unknown =
    own === undefined
      ? { revision: String(parts.revision ?? ''), roots: [''], rego_version: 1 }
      : JSON.parse(new TextDecoder().decode(own.bytes))
  const manifest = {
    ...(typeof base === 'object' ? base : {}),
    ...(parts.wasm === undefined ? {} : { wasm: parts.wasm }),
  }
  return [
    ...files.filter((file) => file !== own),
    { path: '.manifest', bytes: Buffer.from(`${JSON.stringify(manifest)}\n`) },
  ]
}

function planOf(compilation: Parameters<typeof planEntrypoints>[0], entrypoints: readonly string[]): Policy {
  try {
    return planEntrypoints(compilation, entrypoints)
  } catch (error) {
    if (error instanceof EntrypointError) throw new UsageError(error.message)
    throw error
  }
}

/** Runs `verify`. */
export async function verify(args: readonly string[]): Promise<number> {
  const { values, paths } = readOptions(args, {
    'verification-key': { type: 'string' },
    'verification-key-id': { type: 'string' },
    'signing-alg': { type: 'string' },
    scope: { type: 'string' },
  })
  const [path, ...more] = paths
  if (path === undefined || more.length > 0 || values['verification-key'] === undefined)
    throw new UsageError('name one bundle and its `--verification-key`')
  const keyId = String(values['verification-key-id'] ?? 'default')
  const key = keyOf(values['verification-key'], values['signing-alg'])
  try {
    const files = await readArchive(createReadStream(path), bundleLimits)
    await verifyFiles(
      files,
      {
        keys: new Map([[keyId, key]]),
        keyId,
        scope: String(values['scope'] ?? ''),
        excludeFiles: [],
        allowWeakHashes: false,
      },
      Date.now(),
    )
  } catch (error) {
    if (!(error instanceof BundleError)) throw new SourceError(`${path} cannot be read`)
    process.stdout.write(`${path}: ${error.code}: ${error.message}\n`)
    return 2
  }
  process.stdout.write(`${path}: verified by key ${keyId}\n`)
  return 0
}

function keep(file: BundleFile): boolean {
  return (
    !file.path.endsWith('_test.rego') &&
    !/(^|\/)fixtures\//.test(file.path) &&
    file.path !== '.signatures.json' &&
    !/\.(md|txt)$/.test(file.path)
  )
}

function readBundleOrThrow(files: readonly BundleFile[]): ReturnType<typeof readBundle> {
  try {
    return readBundle(files, packageOfModule)
  } catch (error) {
    if (error instanceof BundleError) throw new SourceError(`${error.code}: ${error.message}`)
    throw error
  }
}
