// Rego becomes a plan and a module: pure work, done in this thread by the workbench and on a thread aside by a gateway.
import { changingParts } from '../../engine/action/index.ts'
import { decisionEntrypoint, mergeModule, type PolicyPackage, responseEntrypoint } from '../../engine/decision/index.ts'
import { compileModules, type RulePlace, rulePlaces, type SourceModule } from '../../rego/compile/index.ts'
import { PlanError, type Policy } from '../../rego/ir/index.ts'
import { planEntrypoints } from '../../rego/plan/index.ts'
import { type Diagnostic, opaText, parseModule } from '../../rego/syntax/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { BundleError, type BundleErrorCode } from '../format/index.ts'

/** The entry point that says who may approve. */
export const mayApproveEntrypoint = 'sallyport/may_approve'
/** The entry point that says whether somebody may look at a recording; only there where a policy says so. */
export const mayViewEntrypoint = 'sallyport/may_view'

/** Built-ins that reach out of the process: never in a gateway. */
export const forbiddenInGateway: ReadonlySet<string> = new Set(['http.send', 'net.lookup_ip_addr', 'opa.runtime'])

const shownDiagnostics = 10

/** Policies, compiled. */
export interface CompiledSources {
  readonly module: WebAssembly.Module
  /** The plan, for who evaluates it once more; read when it is asked for. */
  readonly policy: () => Policy
  /** Where rules stand, and data must not. */
  readonly rules: readonly RulePlace[]
}

/** What is wanted of a compile besides the module. */
export interface Wanted {
  /** Whether the plan will be asked for; to bring it from another thread takes as long as to compile. */
  readonly plan: boolean
}

/** Compiles sources. Rejects with BundleError. */
export type Compile = (sources: readonly SourceModule[], wanted: Wanted) => Promise<CompiledSources>

/** Sources that a compiler thread is to compile. */
export interface CompileRequest extends Wanted {
  readonly sources: readonly SourceModule[]
}

/** A file whose hash a compiler thread is to make. */
export interface DigestRequest {
  readonly path: string
  readonly bytes: Uint8Array
  readonly algorithm: string
}

/** What a compiler thread answers. */
export type CompiledText =
  | {
      readonly module: WebAssembly.Module
      readonly plan: string | undefined
      readonly rules: readonly RulePlace[]
    }
  /** What is wrong with the sources, for operators. */
  | { readonly refused: string }

/** The hash of a file, or why there is none. */
export type DigestAnswer = { readonly digest: string } | { readonly refused: string; readonly code: BundleErrorCode }

/** Narrows an answer of a thread. */
export function isCompiledText(answer: unknown): answer is CompiledText {
  if (typeof answer !== 'object' || answer === null) return false
  if ('refused' in answer) return typeof answer.refused === 'string'
  return (
    'module' in answer &&
    answer.module instanceof WebAssembly.Module &&
    'plan' in answer &&
    (answer.plan === undefined || typeof answer.plan === 'string') &&
    'rules' in answer &&
    Array.isArray(answer.rules)
  )
}

/** Narrows an answer of a thread that was asked for a hash. */
export function isDigestAnswer(answer: unknown): answer is DigestAnswer {
  if (typeof answer !== 'object' || answer === null) return false
  if ('digest' in answer) return typeof answer.digest === 'string'
  return 'refused' in answer && typeof answer.refused === 'string' && 'code' in answer
}

/** Compiles in this thread. */
export const compileHere: Compile = (sources) =>
  Promise.resolve().then(() => {
    const { policy, rules } = compileSources(sources)
    return { module: moduleOf(policy), policy: () => policy, rules }
  })

/** The module of a plan. */
export function moduleOf(policy: Policy): WebAssembly.Module {
  return new WebAssembly.Module(emitModule(policy, changingParts))
}

/** The plan of modules, without where their rules stand. */
export function compilePolicy(sources: readonly SourceModule[]): Policy {
  return compileSources(sources).policy
}

/** Compiles modules to the plan of the entry points that are there; the merging module is added when none of them is one. */
export function compileSources(sources: readonly SourceModule[]): {
  readonly policy: Policy
  readonly rules: readonly RulePlace[]
} {
  const all = withMergeModule(sources)
  const { compilation, diagnostics } = compileModules(all, { forbiddenBuiltins: forbiddenInGateway })
  if (compilation === undefined) {
    throw new BundleError('bad_text', shown(diagnostics))
  }
  const entrypoints = [decisionEntrypoint, responseEntrypoint, mayApproveEntrypoint, mayViewEntrypoint].filter(
    (name) => compilation.tree.find(name.split('/')) !== undefined,
  )
  try {
    return { policy: planEntrypoints(compilation, entrypoints), rules: rulePlaces(compilation) }
  } catch (cause) {
    if (cause instanceof PlanError) throw new BundleError('bad_text', cause.message, { cause })
    throw cause
  }
}

/** What is wrong with modules, for operators. */
export function shown(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.slice(0, shownDiagnostics).map(opaText).join('\n')
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
