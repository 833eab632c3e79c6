// A composition becomes a policy host: parse, check, compile, plan, emit wasm, then one decision on a bare document to see that it
// answers at all. Nothing of this happens where actions are decided.

import { mergeModule, type PolicyPackage, readDecision } from '../../engine/decision/index.ts'
import {
  createInterpreterHost,
  createOpaHost,
  createWasmHost,
  createWitness,
  type InterpreterParts,
  isOwnModule,
  type PolicyHost,
  type WitnessParts,
} from '../../engine/evaluate/index.ts'
import { compileModules, type SourceModule } from '../../rego/compile/index.ts'
import { type Policy, readPolicy } from '../../rego/ir/index.ts'
import { planEntrypoints } from '../../rego/plan/index.ts'
import { opaText, parseModule } from '../../rego/syntax/index.ts'
import { RegoObject, readJson } from '../../rego/value/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { BundleError, type PackageOf } from '../format/index.ts'
import type { Composition } from './contract.ts'

/** The entry point that decides. */
export const decisionEntrypoint = 'sallyport/decision'
/** The entry point that says who may approve. */
export const mayApproveEntrypoint = 'sallyport/may_approve'

/** Built-ins that reach out of the process: never in a gateway. */
export const forbiddenInGateway: ReadonlySet<string> = new Set(['http.send', 'net.lookup_ip_addr', 'opa.runtime'])

/** The parts of a loader that come from outside. */
export interface LoaderParts {
  readonly nowNs: () => bigint
  readonly random: (length: number) => Uint8Array
  /** What decides: the policy compiled to wasm unless told otherwise. */
  readonly engine?: 'wasm' | 'interpreter'
  /** Has a share of the decisions made once more by the interpreter. */
  readonly witness?: Omit<WitnessParts, 'policy' | 'data'>
}

const shownDiagnostics = 10

/** The package of a module by parsing it. */
export const packageOfModule: PackageOf = (module) =>
  parseModule(module.text, { file: module.path, regoVersion: module.regoVersion ?? 1 }).module?.package.path

/** Loads a composition. Rejects with BundleError when it cannot decide. */
export function loadPolicy(composition: Composition, parts: LoaderParts): PolicyHost {
  const data = composition.bundles.reduce((all, { bundle }) => all.merge(bundle.data), new RegoObject())
  const { revision, digest } = composition
  const { nowNs, random, engine = 'wasm' } = parts
  const common = { data, revision, digest, nowNs, random }
  const compiled = compiledModule(composition)
  const host =
    compiled === undefined ? hostOf(planOf(composition), common, engine, parts.witness) : foreignHost(compiled, common)
  smokeDecide(host)
  return host
}

type Common = Omit<InterpreterParts, 'policy' | 'fuel'>

function hostOf(
  policy: Policy,
  common: Common,
  engine: 'wasm' | 'interpreter',
  seen: LoaderParts['witness'],
): PolicyHost {
  if (engine === 'interpreter') return createInterpreterHost({ ...common, policy })
  const witness = seen === undefined ? undefined : createWitness({ ...seen, policy, data: common.data })
  return createWasmHost({ ...common, module: emitModule(policy), ...(witness === undefined ? {} : { witness }) })
}

/** A module that came in a bundle, ours or OPA's. */
function foreignHost(module: Uint8Array, common: Common): PolicyHost {
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

function planOf(composition: Composition): Policy {
  const sources = sourcesOf(composition)
  if (sources.length > 0) return compilePolicy(sources)
  for (const { bundle } of composition.bundles) {
    if (bundle.plan === undefined) continue
    const policy = readPolicy(readJson(new TextDecoder().decode(bundle.plan)))
    if (policy.plans.some((plan) => plan.name === decisionEntrypoint)) return policy
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

/** Compiles modules to the plan of the two entry points; the merging module is added when none of them is one. */
export function compilePolicy(sources: readonly SourceModule[]): Policy {
  const all = withMergeModule(sources)
  const { compilation, diagnostics } = compileModules(all, { forbiddenBuiltins: forbiddenInGateway })
  if (compilation === undefined) {
    throw new BundleError('bad_text', diagnostics.slice(0, shownDiagnostics).map(opaText).join('\n'))
  }
  const entrypoints = [decisionEntrypoint, mayApproveEntrypoint].filter(
    (name) => compilation.tree.find(name.split('/')) !== undefined,
  )
  return planEntrypoints(compilation, entrypoints)
}

/** The modules with the package `sallyport` that merges them, unless they bring their own. */
export function withMergeModule(sources: readonly SourceModule[]): readonly SourceModule[] {
  const packages = new Map<string, { readonly path: readonly string[]; readonly rules: Set<string> }>()
  for (const source of sources) {
    const { module } = parseModule(source.text, source)
    if (module === undefined) continue
    const { path } = module.package
    if (
      path.length === 1 &&
      path[0] === 'sallyport' &&
      module.rules.some((rule) => rule.head.ref.kind === 'var' && rule.head.ref.name === 'decision')
    )
      return sources
    if (path[0] !== 'policy') continue
    const known = packages.get(path.join('.')) ?? { path, rules: new Set<string>() }
    for (const rule of module.rules) if (rule.head.ref.kind === 'var') known.rules.add(rule.head.ref.name)
    packages.set(path.join('.'), known)
  }
  const found: readonly PolicyPackage[] = [...packages.values()]
  return [...sources, { file: 'sallyport/merge.rego', text: mergeModule(found), regoVersion: 1 }]
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

function smokeDecide(host: PolicyHost): void {
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
}
