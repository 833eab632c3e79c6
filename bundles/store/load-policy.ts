// A composition becomes a policy host, and makes one decision on a bare document to see that it answers at all. What takes
// long, compiling, can be done aside.
import { createHash } from 'node:crypto'
import { decisionEntrypoint, readDecision } from '../../engine/decision/index.ts'
import {
  createInterpreterHost,
  createOpaHost,
  createWasmHost,
  createWitness,
  type DataImages,
  type InterpreterParts,
  isOwnModule,
  type PolicyHost,
  type WitnessParts,
} from '../../engine/evaluate/index.ts'
import { dataConflicts, type RulePlace, type SourceModule } from '../../rego/compile/index.ts'
import { type Policy, readPolicy } from '../../rego/ir/index.ts'
import { parseModule } from '../../rego/syntax/index.ts'
import { RegoObject, readJson } from '../../rego/value/index.ts'
import { BundleError, isDataFile, type PackageOf } from '../format/index.ts'
import { type Compile, type CompiledSources, compileSources, moduleOf, shown } from './compile-sources.ts'
import type { Composition } from './contract.ts'

/** The parts of a loader that come from outside. */
export interface LoaderParts {
  readonly nowNs: () => bigint
  readonly random: (length: number) => Uint8Array
  /** What decides: the policy compiled to wasm unless told otherwise. */
  readonly engine?: 'wasm' | 'interpreter'
  /** Where data is kept that a reload of rules leaves as it is. */
  readonly images?: DataImages
  /** Has a share of the decisions made once more by the interpreter. */
  readonly witness?: Omit<WitnessParts, 'policy' | 'data'>
}

/** The package of a module, read from its first line of code; the whole is only parsed where that says nothing. */
export const packageOfModule: PackageOf = (module) => {
  const options = { file: module.path, regoVersion: module.regoVersion ?? 1 }
  const first = module.text.split('\n').find((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
  const path = first === undefined ? undefined : parseModule(`${first}\n`, options).module?.package.path
  return path ?? parseModule(module.text, options).module?.package.path
}

/** Loads a composition in this thread. Throws BundleError when it cannot decide. */
export function loadPolicy(composition: Composition, parts: LoaderParts): PolicyHost {
  const sources = sourcesOf(composition)
  const made = (): CompiledSources => {
    const { policy, rules } = sources.length > 0 ? compileSources(sources) : planOf(composition)
    return { module: moduleOf(policy), policy: () => policy, rules }
  }
  const { engine = 'wasm' } = parts
  if (engine === 'interpreter') return decided(interpreterHost(composition, parts))
  return decided(
    compiledModule(composition) === undefined ? ownHost(composition, parts, made()) : foreignHost(composition, parts),
  )
}

/** Loads a composition whose Rego is compiled elsewhere, such as on a thread. Rejects with BundleError. */
export async function loadPolicyAside(
  composition: Composition,
  parts: LoaderParts,
  compile: Compile,
): Promise<PolicyHost> {
  const sources = sourcesOf(composition)
  if (sources.length === 0 || parts.engine === 'interpreter') return loadPolicy(composition, parts)
  return decided(ownHost(composition, parts, await compile(sources, { plan: (parts.witness?.share ?? 0) > 0 })))
}

type Common = Omit<InterpreterParts, 'policy' | 'fuel'>

function commonOf({ bundles, revision, digest }: Composition, { nowNs, random }: LoaderParts): Common {
  const data = bundles.reduce((all, { bundle }) => all.merge(bundle.data), new RegoObject())
  return { data, revision, digest, nowNs, random }
}

/** What tells the data of compositions apart: the files that it is read from, in the order they are read. */
function dataDigest({ bundles }: Composition): string {
  const hash = createHash('sha256')
  for (const { name, bundle } of bundles) {
    for (const { path, bytes } of bundle.files) {
      if (isDataFile(path)) hash.update(`${JSON.stringify([name, path, bytes.length])}\n`).update(bytes)
    }
  }
  return hash.digest('hex')
}

function interpreterHost(composition: Composition, parts: LoaderParts): PolicyHost {
  const sources = sourcesOf(composition)
  const { policy, rules } = sources.length > 0 ? compileSources(sources) : planOf(composition)
  const common = commonOf(composition, parts)
  refuseRulesOnData(rules, common.data)
  return createInterpreterHost({ ...common, policy })
}

function ownHost(composition: Composition, parts: LoaderParts, { module, policy, rules }: CompiledSources): PolicyHost {
  const common = commonOf(composition, parts)
  refuseRulesOnData(rules, common.data)
  const witness =
    parts.witness === undefined ? undefined : createWitness({ ...parts.witness, policy, data: common.data })
  const { images } = parts
  return createWasmHost({
    ...common,
    module,
    ...(witness === undefined ? {} : { witness }),
    ...(images === undefined ? {} : { images: { of: images, digest: dataDigest(composition) } }),
  })
}

/** A rule would hide the data that stands in its place, and whoever wrote the data would not know. */
function refuseRulesOnData(rules: readonly RulePlace[], data: RegoObject): void {
  const conflicts = dataConflicts(rules, data)
  if (conflicts.length > 0) throw new BundleError('conflicting_data', shown(conflicts))
}

/** A module that came in a bundle, ours or OPA's. */
function foreignHost(composition: Composition, parts: LoaderParts): PolicyHost {
  const common = commonOf(composition, parts)
  const module = compiledModule(composition) ?? new Uint8Array()
  try {
    return isOwnModule(module)
      ? createWasmHost({ ...common, module, foreign: true })
      : createOpaHost({ ...common, module })
  } catch (cause) {
    throw new BundleError('bad_wasm', cause instanceof Error ? cause.message : 'the module cannot be loaded', { cause })
  }
}

/** The module that decides, where the bundles hold no Rego and no plan. */
function compiledModule(composition: Composition): Uint8Array | undefined {
  if (composition.bundles.some(({ bundle }) => bundle.modules.length > 0 || bundle.plan !== undefined)) return undefined
  for (const { bundle } of composition.bundles) {
    const entry = bundle.manifest.wasm.find(({ entrypoint }) => entrypoint === decisionEntrypoint)
    const module = entry === undefined ? undefined : bundle.wasm.get(entry.module.replace(/^\//, ''))
    if (module !== undefined) return module
  }
  return undefined
}

function planOf(composition: Composition): { readonly policy: Policy; readonly rules: readonly RulePlace[] } {
  for (const { bundle } of composition.bundles) {
    if (bundle.plan === undefined) continue
    const policy = readPolicy(readJson(new TextDecoder().decode(bundle.plan)))
    if (policy.plans.some((plan) => plan.name === decisionEntrypoint)) return { policy, rules: [] }
  }
  throw new BundleError(
    'bad_plan',
    `no bundle holds Rego, or a plan or module with the entry point ${decisionEntrypoint}`,
  )
}

function sourcesOf(composition: Composition): readonly SourceModule[] {
  return composition.bundles.flatMap(({ name, bundle }) =>
    bundle.modules
      // Tests ship beside policies and are no part of what decides.
      .filter((module) => !module.path.endsWith('_test.rego'))
      .map((module) => ({ file: `${name}/${module.path}`, text: module.text, regoVersion: module.regoVersion ?? 1 })),
  )
}

/** A document that says nothing; every policy must have an answer to it that keeps the contract. */
const bareDocument = {
  schema: 1,
  identity: {
    subject: '',
    issuer: '',
    kind: 'agent',
    groups: [],
    scopes: [],
    claims: {},
    chain: [],
    token: { id: '', issued_at: '1970-01-01T00:00:00Z', expires_at: '1970-01-01T00:00:00Z', binding: 'none' },
  },
  resource: { name: '', protocol: 'postgres', labels: {}, target: {} },
  session: {
    id: '',
    started_at: '1970-01-01T00:00:00Z',
    client: { address: '', application: '' },
    usage: { actions: 0, rows: 0, bytes: 0, affected: 0, denied: 0 },
    state: {},
  },
  action: { stage: 'connect', verb: 'connect', operation: 'connect', text: '', digest: '', complete: true },
  context: { time: '1970-01-01T00:00:00Z', gateway: { id: '', version: '' }, bundle: { revision: '' } },
}

/** The host, once it has shown that it answers at all. */
function decided(host: PolicyHost): PolicyHost {
  try {
    readDecision(host.evaluate(decisionEntrypoint, bareDocument), {
      id: 'smoke',
      bundle: { revision: host.revision, digest: host.digest },
      cost: { micros: 0, fuel: 0 },
    })
  } catch (cause) {
    throw new BundleError(
      'bad_plan',
      `the policy does not decide: ${cause instanceof Error ? cause.message : 'unknown'}`,
      { cause },
    )
  }
  return host
}
