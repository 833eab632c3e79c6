// Parses and rewrites all modules of a policy, stage by stage. A stage that finds mistakes ends the compile.
import { type Diagnostic, type Module, parseModule, type Rule } from '../syntax/index.ts'
import { TypeEnvironment } from '../types/index.ts'
import { checkTypes } from './check-types.ts'
import { checkCalls, checkConflicts } from './checks.ts'
import { Compilation } from './context.ts'
import { hoistRule } from './dynamic.ts'
import { expandRule } from './expand.ts'
import { RuleGraph } from './graph.ts'
import { globalsOf, Names, type PrintMode } from './names.ts'
import { checkRecursion } from './recursion.ts'
import { orderRule } from './safety.ts'
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
  for (const source of sources) {
    const parsed = parseModule(source.text, source)
    diagnostics.push(...parsed.diagnostics)
    if (parsed.module !== undefined) parsedModules.push(parsed.module)
  }
  const modules = options.transform?.(parsedModules) ?? parsedModules
  if (diagnostics.length > 0) return { modules, compilation: undefined, diagnostics }
  const written = new Compilation(modules, buildTree(modules), {
    prefix: 'local',
    ...(options.forbiddenBuiltins === undefined ? {} : { forbiddenBuiltins: options.forbiddenBuiltins }),
  })
  const rewritten = rewrite(written, modules, options)
  if (written.failed) return { modules, compilation: undefined, diagnostics: sorted(written.diagnostics) }
  const done = new Compilation(rewritten, buildTree(rewritten), {
    prefix: 'localq',
    ...(options.forbiddenBuiltins === undefined ? {} : { forbiddenBuiltins: options.forbiddenBuiltins }),
  })
  return { modules, compilation: done, diagnostics: [] }
}

/** The stages, in this order: each stands on what the one before made true. */
function rewrite(compilation: Compilation, modules: readonly Module[], options: CompileOptions): readonly Module[] {
  // Names first: everything after works on `data` references and variables that mean one thing.
  const named = modules.map((module) => {
    const names = new Names(compilation, globalsOf(module, compilation), options.print ?? 'erase')
    return { ...module, rules: module.rules.map((rule) => names.rule(rule)) }
  })
  if (compilation.failed) return named
  // Calls move out of terms before safety, which orders expressions and not parts of them.
  const expanded = eachRule(named, (rule) => expandRule(rule, compilation))
  checkConflicts(compilation)
  if (compilation.failed) return expanded
  for (const module of expanded) for (const rule of module.rules) checkCalls(rule, compilation)
  if (compilation.failed) return expanded
  const ordered = eachRule(expanded, (rule) => orderRule(rule, compilation))
  if (compilation.failed) return ordered
  // References become expressions only after safety: their open steps are bound by it.
  const hoisted = eachRule(ordered, (rule) => hoistRule(rule, compilation))
  const view = withTree(compilation, hoisted)
  const graph = new RuleGraph(view)
  checkRecursion(graph, view)
  if (compilation.failed) return hoisted
  checkTypes(graph, new TypeEnvironment().within(), view)
  return hoisted
}

/** A compilation over rewritten modules that reports to the same list. */
function withTree(compilation: Compilation, modules: readonly Module[]): Compilation {
  const view = new Compilation(modules, buildTree(modules), { prefix: 'r' })
  view.report = compilation.report.bind(compilation)
  view.shown = compilation.shown.bind(compilation)
  return view
}

function eachRule(modules: readonly Module[], change: (rule: Rule) => Rule): readonly Module[] {
  return modules.map((module) => ({ ...module, rules: module.rules.map(change) }))
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
