// What a target must be able to do to run policies: the built-ins, keywords and features that they need.
import { compileModules, type SourceModule, type Visitor, visitBody, visitTerm } from '../../../rego/compile/index.ts'
import { type Expr, type Module, operatorName, type Rule, type Term } from '../../../rego/syntax/index.ts'
import { type Declaration, declarations } from '../../../rego/types/declarations.ts'

/** In the form of a capabilities file. */
export interface Requirements {
  readonly builtins?: readonly Declaration[]
  readonly future_keywords?: readonly string[]
  readonly features?: readonly string[]
}

const keywordsOfV1 = ['contains', 'every', 'if', 'in', 'not']

/** What modules need. What a compile makes of them needs more than their text says; where they do not compile, the text has to do. */
export function requirements(modules: readonly Module[], sources: readonly SourceModule[]): Requirements {
  const used = new Set<string>()
  const features = new Set<string>()
  const keywords = new Set<string>()
  calls(modules, used)
  if (modules.some((module) => mentions(module, { expr: becomesEquation }))) used.add('eq')
  const { compilation } = compileModules(sources)
  if (compilation !== undefined) calls(compilation.modules, used)
  for (const module of modules) {
    languageOf(module, sources.find(({ file }) => file === module.file)?.regoVersion ?? 1, features, keywords)
    if (mentions(module, { term: (term) => term.kind === 'template' })) features.add('template_strings').add('rego_v1')
  }
  if (features.has('template_strings')) used.add('internal.template_string')
  const builtins = [...used].sort().flatMap((name) => {
    const declaration = declarations.get(name)
    return declaration === undefined ? [] : [minimal(declaration)]
  })
  return {
    ...(builtins.length === 0 ? {} : { builtins }),
    ...(keywords.size === 0 ? {} : { future_keywords: [...keywords].sort() }),
    ...(features.size === 0 ? {} : { features: [...features].sort() }),
  }
}

/** Declarations and assignments are equations once they are compiled; so is the lookup of a reference in a `with`. */
function becomesEquation(expr: Expr): boolean {
  if (expr.kind === 'some_in' || expr.kind === 'every') return true
  if (expr.kind === 'call' && operatorName(expr.operator) === 'assign') return true
  return expr.with.some(({ value }) => value.kind === 'ref')
}

function minimal({ name, decl, infix }: Declaration): Declaration {
  return { name, decl, ...(infix === undefined ? {} : { infix }) }
}

function languageOf(module: Module, version: 0 | 1, features: Set<string>, keywords: Set<string>): void {
  for (const { path } of module.imports) {
    if (path.kind !== 'ref' || path.head.kind !== 'var') continue
    const words = path.path.map((step) => (step.kind === 'string' ? step.value : ''))
    if (path.head.name === 'rego' && version === 0) features.add('rego_v1_import')
    if (path.head.name !== 'future') continue
    const offered = version === 1 ? ['not'] : keywordsOfV1
    for (const word of words.length === 1 ? offered : offered.filter((one) => one === words[1])) keywords.add(word)
  }
  if (version === 1) features.add('rego_v1')
  else
    for (const { head } of module.rules) {
      if (head.ref.kind !== 'ref' || head.ref.path.length < 2) continue
      const constant = head.ref.path.every((step) => step.kind === 'string')
      features.add(constant ? 'rule_head_ref_string_prefixes' : 'rule_head_refs')
    }
}

/** Whether a part of a module is such as asked for. */
function mentions(module: Module, asked: Visitor): boolean {
  let found = false
  eachRule(module, {
    term: (term) => {
      found ||= asked.term?.(term) === true
      return false
    },
    expr: (expr) => {
      found ||= asked.expr?.(expr) === true
      return false
    },
  })
  return found
}

function calls(modules: readonly Module[], used: Set<string>): void {
  const note = (operator: Term): void => {
    const name = operator.kind === 'var' || operator.kind === 'ref' ? operatorName(operator) : undefined
    if (name !== undefined && declarations.has(name)) used.add(name)
  }
  for (const module of modules)
    eachRule(module, {
      expr: (expr) => {
        if (expr.kind === 'call') note(expr.operator)
        return false
      },
      term: (term) => {
        if (term.kind === 'call') note(term.operator)
        return false
      },
    })
}

/** Visits everything in the rules of a module. */
export function eachRule(module: Module, visitor: Visitor): void {
  for (const rule of module.rules)
    for (let one: Rule | undefined = rule; one !== undefined; one = one.else) {
      visitBody(one.body, visitor)
      const { ref, args, key, value } = one.head
      const steps = ref.kind === 'ref' ? ref.path : []
      for (const part of [...steps, ...(args ?? []), key, value]) if (part !== undefined) visitTerm(part, visitor)
    }
}
