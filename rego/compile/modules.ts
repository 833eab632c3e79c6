// Parses and rewrites all modules of a policy, stage by stage. A stage that finds mistakes ends the compile.
import { type Diagnostic, type LanguageCapabilities, type Module, nowhere, parseModule } from '../syntax/index.ts'
import type { Declaration } from '../types/declarations.ts'
import type { CompileCache } from './cache.ts'
import { Compilation } from './context.ts'
import type { PrintMode } from './print-calls.ts'
import { refHeadFaults } from './ref-heads.ts'
import { runStages } from './run-stages.ts'
import type { SchemaSet } from './schemas.ts'
import type { StageState } from './stages.ts'
import { buildTree } from './tree.ts'

/** A module as it comes: its text, and the version that its bundle says. */
export interface SourceModule {
  readonly file: string
  readonly text: string
  readonly regoVersion?: 0 | 1
}

/** How to compile. */
export interface CompileOptions {
  /** Whether `print` calls are kept; they are erased unless asked for. */
  readonly print?: PrintMode
  /** Built-ins that must not be called. */
  readonly forbiddenBuiltins?: ReadonlySet<string>
  /** Whether v0 texts are held to what v1 demands of names and imports, too. */
  readonly strict?: boolean
  /** The built-ins that there are, as the target declares them; all that are known unless said otherwise. */
  readonly builtins?: ReadonlyMap<string, Declaration>
  /** Whether v0 texts are held to what v1 asks of rules, too. */
  readonly bothVersions?: boolean
  /** What the target understands of the language; everything unless said otherwise. */
  readonly capabilities?: LanguageCapabilities
  /** Schemas for the type checker. */
  readonly schemas?: SchemaSet
  /** What the last compile with the same options left, for one file that was edited among many. */
  readonly cache?: CompileCache
  /** Changes the parsed modules before anything else, as the test runner does to tell tests of one name apart. */
  readonly transform?: (modules: readonly Module[]) => readonly Module[]
}

/** What came of a compile. */
export interface CompiledModules {
  /** The modules as they were written; those that did not parse are missing. */
  readonly modules: readonly Module[]
  /** The rewritten rules, ready to plan; only without diagnostics. */
  readonly compilation: Compilation | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Compiles modules. */
export function compileModules(sources: readonly SourceModule[], options: CompileOptions = {}): CompiledModules {
  const parsedModules: Module[] = []
  const diagnostics: Diagnostic[] = []
  options.cache?.begin(options)
  options.cache?.keepOnly(new Set(sources.map(({ file }) => file)))
  for (const source of sources) {
    const parsed =
      options.cache?.parse(source, options.capabilities) ??
      parseModule(source.text, {
        ...source,
        ...(options.bothVersions === undefined ? {} : { bothVersions: options.bothVersions }),
        ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
      })
    diagnostics.push(...parsed.diagnostics)
    if (parsed.module !== undefined) parsedModules.push(parsed.module)
  }
  const modules = options.transform?.(parsedModules) ?? parsedModules
  if (options.capabilities !== undefined) diagnostics.push(...refHeadFaults(modules, options.capabilities))
  if (diagnostics.length > 0) return { modules, compilation: undefined, diagnostics }
  const written = new Compilation(modules, buildTree(modules), {
    prefix: 'local',
    ...(options.cache === undefined ? {} : { names: options.cache.names }),
    ...(options.forbiddenBuiltins === undefined ? {} : { forbiddenBuiltins: options.forbiddenBuiltins }),
    ...(options.builtins === undefined ? {} : { builtins: options.builtins }),
  })
  const { modules: rewritten, graph } = rewriteWithin(written, modules, options)
  if (written.failed) return { modules, compilation: undefined, diagnostics: sorted(written.diagnostics) }
  const done = new Compilation(rewritten, graph?.tree ?? buildTree(rewritten), {
    prefix: 'localq',
    ...(options.forbiddenBuiltins === undefined ? {} : { forbiddenBuiltins: options.forbiddenBuiltins }),
    ...(options.builtins === undefined ? {} : { builtins: options.builtins }),
  })
  done.types = written.types
  return { modules, compilation: done, diagnostics: [] }
}

/** What is known to nest has limits of its own; anything else that the stack is too short for is a mistake, too. */
function rewriteWithin(
  compilation: Compilation,
  modules: readonly Module[],
  options: CompileOptions,
): Pick<StageState, 'modules' | 'graph'> {
  try {
    return rewrite(compilation, modules, options)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const longest = modules.toSorted((a, b) => b.source.length - a.source.length)[0]
    const message = 'nested too deep to compile'
    const help = 'split what is long into smaller rules'
    compilation.report('rego_compile_error', message, longest?.package.location ?? nowhere, help)
    return { modules, graph: undefined }
  }
}

/** Runs the stages up to the first that finds mistakes. */
function rewrite(compilation: Compilation, modules: readonly Module[], options: CompileOptions): StageState {
  const { cache } = options
  const around = cache?.surroundings(modules)
  const settled = new Set<Module>()
  const start = modules.map((module) => {
    const known = cache?.settled(module, around?.get(module) ?? '')
    if (known !== undefined) settled.add(known)
    return known ?? module
  })
  const state = runStages({
    written: modules,
    modules: start,
    settled,
    compilation,
    print: options.print ?? 'erase',
    annotations: undefined,
    graph: undefined,
    schemas: options.schemas,
    strict: options.strict === true,
  })
  if (!compilation.failed)
    for (const [index, module] of modules.entries()) {
      const done = state.modules[index]
      if (done !== undefined) cache?.settle(module, around?.get(module) ?? '', done)
    }
  return state
}

function sorted(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort((a, b) =>
    a.location.file < b.location.file
      ? -1
      : a.location.file > b.location.file
        ? 1
        : a.location.offset - b.location.offset,
  )
}
