// `sallyport policy build`: deterministic, signed bundles in OPA's format.
import { writeFileSync } from 'node:fs'
import { BundleError, type BundleFile, readBundle, writeArchive } from '../../bundles/format/index.ts'
import { signaturesFile } from '../../bundles/signing/index.ts'
import { packageOfModule, withMergeModule } from '../../bundles/store/index.ts'
import { changingParts } from '../../engine/action/index.ts'
import { decisionEntrypoint, responseEntrypoint } from '../../engine/decision/index.ts'
import { compileModules } from '../../rego/compile/index.ts'
import { type Policy, writePlanJson } from '../../rego/ir/index.ts'
import { EntrypointError, planEntrypoints } from '../../rego/plan/index.ts'
import { type Module, parseModule } from '../../rego/syntax/index.ts'
import { printModule } from '../../rego/syntax/printer/index.ts'
import { writeJson } from '../../rego/value/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { annotatedEntrypoints, annotationsAt, gatewayEntrypoints } from './building/entrypoints.ts'
import { type Input, type InputModule, mergedData, readInput } from './building/inputs.ts'
import { manifestOf } from './building/manifest.ts'
import { report } from './check.ts'
import { signatureOf, verificationFlags, verificationOf } from './keys.ts'
import { languageFlags, readLanguage } from './language.ts'
import { type Options, readOptions, regoVersionFlags, regoVersionOf, UsageError } from './options.ts'
import { SourceError } from './sources.ts'

/** Runs `build`. Nothing is written when anything is wrong. */
export async function build(args: readonly string[]): Promise<number> {
  const options = readOptions(args, {
    output: { type: 'string', short: 'o' },
    target: { type: 'string', short: 't' },
    entrypoint: { type: 'string', short: 'e', multiple: true },
    revision: { type: 'string', short: 'r' },
    ignore: { type: 'string', multiple: true },
    'signing-key': { type: 'string' },
    'signing-alg': { type: 'string' },
    'signing-key-id': { type: 'string' },
    'claims-file': { type: 'string' },
    scope: { type: 'string' },
    bundle: { type: 'boolean', short: 'b' },
    optimize: { type: 'string', short: 'O' },
    ...verificationFlags,
    ...regoVersionFlags,
    ...languageFlags,
  })
  const { values, lists, paths } = options
  if (paths.length === 0) throw new UsageError('name at least one folder, bundle or file')
  if (!['0', '1', '2'].includes(String(values['optimize'] ?? '1'))) throw new UsageError('`--optimize` is 0, 1 or 2')
  const target = values['target'] ?? 'rego'
  if (target !== 'rego' && target !== 'plan' && target !== 'wasm')
    throw new UsageError(`the target \`${String(target)}\` cannot be built: rego, plan, wasm`)
  const bundles = values['bundle'] === true
  const verification = values['verification-key'] === undefined ? undefined : verificationOf(options)
  const inputs: Input[] = []
  for (const path of paths)
    inputs.push(
      await readInput(path, {
        bundles,
        regoVersion: regoVersionOf(values),
        ignore: lists['ignore'] ?? [],
        // A lone folder is the bundle, wherever it lies: the same bytes come from any place.
        prefixed: bundles || paths.length > 1,
        ...(verification === undefined ? {} : { verification }),
      }),
    )
  for (const warning of inputs.flatMap((one) => one.warnings)) process.stderr.write(`${warning}\n`)
  const made = await compile(inputs, lists['entrypoint'] ?? [], target, values)
  if (made === undefined) return 2
  const { policy, modules, entrypoints, parsed } = made
  const wasm =
    target === 'wasm'
      ? entrypoints.map((entrypoint) => {
          const annotations = annotationsAt(entrypoint, parsed)
          return { entrypoint, module: '/policy.wasm', ...(annotations.length === 0 ? {} : { annotations }) }
        })
      : undefined
  const { revision } = values
  const manifest = manifestOf(inputs, {
    revision: typeof revision === 'string' ? revision : undefined,
    bundles,
    regoVersion: regoVersionOf(values),
    wasm,
  })
  const files: BundleFile[] = [
    { path: 'data.json', bytes: Buffer.from(`${writeJson(mergedData(inputs))}\n`) },
    // As in OPA's bundles, a module stands in the place of the Rego it was made from.
    ...(target === 'wasm' ? [] : modules.map(({ path, text }) => ({ path, bytes: Buffer.from(text) }))),
    ...(policy === undefined
      ? []
      : target === 'plan'
        ? [{ path: 'plan.json', bytes: Buffer.from(`${writePlanJson(policy)}\n`) }]
        : [{ path: 'policy.wasm', bytes: Buffer.from(emitModule(policy, changingParts)) }]),
    { path: '.manifest', bytes: Buffer.from(`${JSON.stringify(manifest)}\n`) },
  ]
  const check = readBundleOrThrow(files)
  if (values['signing-key'] !== undefined)
    files.push({ path: signaturesFile, bytes: (await signatureOf(files, options)).bytes })
  const out = String(values['output'] ?? 'bundle.tar.gz')
  writeFileSync(out, writeArchive(files))
  process.stdout.write(`${out}: ${check.modules.length} modules, revision ${JSON.stringify(check.manifest.revision)}\n`)
  return 0
}

/** What was compiled. */
interface Compiled {
  readonly modules: readonly InputModule[]
  /** The modules as they were parsed. */
  readonly parsed: readonly Module[]
  readonly entrypoints: readonly string[]
  /** What the target is made of; undefined for Rego. */
  readonly policy: Policy | undefined
}

/** Compiles everything; mistakes are told, and the answer is undefined. */
async function compile(
  inputs: readonly Input[],
  named: readonly string[],
  target: 'rego' | 'plan' | 'wasm',
  values: Options['values'],
): Promise<Compiled | undefined> {
  const sources = inputs.flatMap(({ modules }) => modules)
  const texts = new Map(sources.map(({ file, text }) => [file, text]))
  // What a gateway asks is in a package that merges all others.
  const merged =
    target !== 'rego' &&
    (named.length === 0 || named.includes(decisionEntrypoint) || named.includes(responseEntrypoint))
  const { compilation, modules, diagnostics } = compileModules(
    merged ? withMergeModule(sources) : sources,
    await readLanguage(values),
  )
  if (compilation === undefined) {
    process.stderr.write(report(diagnostics, texts, 'pretty'))
    return undefined
  }
  const parsed = modules.filter(({ file }) => texts.has(file))
  const formatted = sources.map((source) => ({ ...source, text: canonical(source) }))
  if (target === 'rego') return { modules: formatted, parsed, entrypoints: [], policy: undefined }
  const asked = [...named, ...annotatedEntrypoints(parsed).filter((one) => !named.includes(one))]
  const entrypoints = named.length > 0 ? asked : [...new Set([...asked, ...gatewayEntrypoints(parsed)])].sort()
  if (entrypoints.length === 0)
    throw new UsageError(
      `the target \`${target}\` needs an \`--entrypoint\`, an annotation \`entrypoint: true\`, or a package below \`policy\``,
    )
  try {
    return { modules: formatted, parsed, entrypoints, policy: planEntrypoints(compilation, entrypoints) }
  } catch (error) {
    if (error instanceof EntrypointError) throw new UsageError(error.message)
    throw error
  }
}

/** The text in canonical form; as it stands where that would not be read the same. */
function canonical({ file, text, regoVersion }: InputModule): string {
  const { module } = parseModule(text, { file, regoVersion })
  if (module === undefined) return text
  const printed = printModule(module, { target: 'same' })
  return parseModule(printed, { file, regoVersion }).module === undefined ? text : printed
}

function readBundleOrThrow(files: readonly BundleFile[]): ReturnType<typeof readBundle> {
  try {
    return readBundle(files, packageOfModule)
  } catch (error) {
    if (error instanceof BundleError) throw new SourceError(`${error.code}: ${error.message}`)
    throw error
  }
}
