// The stages of a compile, in their order: each stands on what the one before made true, and a stage that finds mistakes
// is the last. The names are OPA's; where one of ours does the work of several of OPA's, it has the name of the first.
import { type Diagnostic, type Module, nowhere, type Rule, varTerm } from '../syntax/index.ts'
import { TypeEnvironment } from '../types/index.ts'
import { AnnotationSet } from './annotation-set.ts'
import { checkTypes, reportType } from './check-types.ts'
import { checkConflicts } from './conflicts.ts'
import { Compilation } from './context.ts'
import { hoistRule } from './dynamic.ts'
import { expandRule } from './expand.ts'
import { checkForbidden } from './forbidden.ts'
import { globalsOf } from './globals.ts'
import { RuleGraph } from './graph.ts'
import { droppedCalls, hiddenImports, shadowingHeads, shadowingVariables } from './keyword-overrides.ts'
import { asksForMetadata, replaceMetadataCalls } from './metadata-calls.ts'
import { Names } from './names.ts'
import { type PrintMode, rewritePrints } from './print-calls.ts'
import { checkRecursion } from './recursion.ts'
import { checkHeads, orderRule } from './safety.ts'
import { inputType, type SchemaSet, schemaOverrides } from './schemas.ts'
import { rewriteTemplates } from './template-strings.ts'
import { buildTree } from './tree.ts'
import { checkFunctions } from './undefined-functions.ts'
import { checkVoidCalls } from './void-calls.ts'
import { checkWithTargets } from './with-targets.ts'

/** What the stages work on. */
export interface StageState {
  /** As they were written. */
  readonly written: readonly Module[]
  /** As the stages before left them. */
  readonly modules: readonly Module[]
  /** Modules that an earlier compile rewrote against the same surroundings: the stages for one module pass them over. */
  readonly settled: ReadonlySet<Module>
  readonly compilation: Compilation
  readonly print: PrintMode
  readonly annotations: AnnotationSet | undefined
  readonly graph: RuleGraph | undefined
  readonly schemas: SchemaSet | undefined
  readonly strict: boolean
}

/** One stage: for all modules at once, or for one rule after the other. */
export type Stage = WholeStage | RuleStage

/** A stage that looks at all modules. */
export interface WholeStage {
  readonly name: string
  /**
   * What lets the stages for one rule around it run as if it were not between them: it reads only what was written, or
   * only heads, which those behind it leave as they are.
   */
  readonly reads?: 'written' | 'heads'
  run(state: StageState): Partial<StageState>
}

/** A stage that looks at one rule at a time; stages of this kind that follow each other are run together. */
export interface RuleStage {
  readonly name: string
  /** What becomes of the rules of a module; undefined where there is nothing to do. Mistakes of the module are told here. */
  begin(module: Module, state: StageState): ((rule: Rule) => Rule) | undefined
}

/** All stages. */
export const stages: readonly Stage[] = [
  // What v1 does not allow at all is told before names get other meanings.
  {
    name: 'CheckKeywordOverrides',
    begin: onV1(({ compilation }, module) => {
      for (const rule of module.rules) for (const one of shadowingHeads(rule)) compilation.add(one)
      return told(shadowingVariables, compilation)
    }),
  },
  {
    name: 'CheckDuplicateImports',
    begin: onV1(({ compilation }, module) => {
      for (const one of hiddenImports(module)) compilation.add(one)
      return undefined
    }),
  },
  // Names: everything after works on `data` references and variables that mean one thing.
  { name: 'RewriteLocalVars', begin: resolveNames },
  // Templates and prints look at what their body binds, which nested calls would hide once they are taken apart.
  { name: 'RewriteTemplateStrings', begin: eachRule(rewriteTemplates, holdsTemplate) },
  { name: 'CheckVoidCalls', begin: onRules(checkVoidCalls) },
  {
    name: 'RewritePrintCalls',
    begin: ({ source }, { print, compilation }) =>
      holdsPrint(source) ? (rule) => rewritePrints(rule, print, compilation) : undefined,
  },
  // Metadata is known before any rule is, and its calls are taken away before functions are looked for.
  {
    name: 'SetAnnotationSet',
    reads: 'written',
    run: ({ written, compilation }) => ({ annotations: new AnnotationSet(written, compilation) }),
  },
  { name: 'RewriteRegoMetadataCalls', begin: replaceMetadata },
  // Calls move out of terms before safety, which orders expressions and not parts of them.
  { name: 'RewriteExprTerms', begin: eachRule(expandRule) },
  { name: 'RewriteWithValues', begin: onRules(checkWithTargets) },
  {
    name: 'CheckRuleConflicts',
    reads: 'heads',
    run: ({ modules, compilation }) => {
      checkConflicts(modules, compilation)
      return {}
    },
  },
  // Before safety, so that a function that does not exist is not told as a variable that is not bound.
  { name: 'CheckUndefinedFuncs', begin: onRules(checkFunctions) },
  { name: 'CheckSafetyRuleHeads', begin: onRules(checkHeads) },
  { name: 'CheckSafetyRuleBodies', begin: eachRule(orderRule) },
  // References become expressions only after safety: their open steps are bound by it.
  { name: 'RewriteDynamicTerms', begin: eachRule(hoistRule) },
  {
    name: 'CheckRecursion',
    run: ({ modules, compilation }) => {
      const graph = new RuleGraph(viewOf(modules, compilation))
      checkRecursion(graph, compilation)
      return { graph }
    },
  },
  // Types follow the rules in the order of their dependencies, which only rules without circles have.
  { name: 'CheckTypes', run: checkAllTypes },
  // These two would read all rules once more, long after the last stage that did, to find what most policies have none of.
  {
    name: 'CheckUnsafeBuiltins',
    begin: (module, state) => (state.compilation.forbids ? onRules(checkForbidden)(module, state) : undefined),
  },
  {
    name: 'CheckDeprecatedBuiltins',
    begin: onV1(({ compilation }) => (compilation.callsDropped ? told(droppedCalls, compilation) : undefined)),
  },
]

function checkAllTypes({ graph, annotations, schemas, compilation }: StageState): Partial<StageState> {
  const global = new TypeEnvironment()
  const input = inputType(schemas)
  if (input !== undefined && 'kind' in input) global.put([varTerm('input', nowhere)], input)
  else if (input !== undefined) reportType(input, compilation)
  const env = global.within()
  const overrides = annotations === undefined ? undefined : schemaOverrides(annotations, schemas)
  if (graph !== undefined) checkTypes(graph, env, overrides, compilation)
  compilation.types = env
  return {}
}

/** What is asked of modules of v1 only. */
function onV1(begin: (state: StageState, module: Module) => ReturnType<RuleStage['begin']>): RuleStage['begin'] {
  return (module, state) => (state.strict || module.regoVersion === 1 ? begin(state, module) : undefined)
}

/** Tells what a check finds in a rule, and leaves it as it is. */
function told(check: (rule: Rule) => readonly Diagnostic[], compilation: Compilation): (rule: Rule) => Rule {
  return (rule) => {
    for (const one of check(rule)) compilation.add(one)
    return rule
  }
}

function onRules(check: (rule: Rule, compilation: Compilation) => void): RuleStage['begin'] {
  return (_module, { compilation }) =>
    (rule) => {
      check(rule, compilation)
      return rule
    }
}

/** Changes rules; where the text shows that a stage has nothing to do, its module stays as it is. */
function eachRule(
  change: (rule: Rule, compilation: Compilation) => Rule,
  concerns: (source: string) => boolean = () => true,
): RuleStage['begin'] {
  return ({ source }, { compilation }) => (concerns(source) ? (rule) => change(rule, compilation) : undefined)
}

function holdsTemplate(source: string): boolean {
  return source.includes('$"') || source.includes('$`')
}

function holdsPrint(source: string): boolean {
  return source.includes('print(')
}

function resolveNames(module: Module, { compilation }: StageState): (rule: Rule) => Rule {
  const names = new Names(compilation, globalsOf(module, compilation))
  return (rule) => names.rule(rule)
}

function replaceMetadata(module: Module, { compilation, annotations }: StageState): ((rule: Rule) => Rule) | undefined {
  if (annotations === undefined || !asksForMetadata(module.source)) return undefined
  return (rule) => replaceMetadataCalls(rule, module.package.path, annotations, compilation)
}

/** A compilation over rewritten modules that reports to the same list. */
function viewOf(modules: readonly Module[], compilation: Compilation): Compilation {
  return new Compilation(modules, buildTree(modules), { prefix: 'local' }, compilation)
}
