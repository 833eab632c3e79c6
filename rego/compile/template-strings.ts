// Template strings become calls of `internal.template_string`. Each expression stands in a set comprehension: one that is
// undefined must not stop the body, and one with several results is a mistake when it runs.
import {
  type Body,
  callExpr,
  callTerm,
  type Expr,
  operatorName,
  type Rule,
  stringTerm,
  type Term,
} from '../syntax/index.ts'
import { mapExpr, mapTerm } from '../syntax/walk.ts'
import { declarations } from '../types/declarations.ts'
import type { Compilation } from './context.ts'
import { boundBy, boundWithin, reportUndeclared } from './undeclared.ts'
import { Either, isRoot, type Names, termVars, type VarSet } from './variables.ts'

/** The rule without template strings. */
export function rewriteTemplates(rule: Rule, compilation: Compilation): Rule {
  const args: VarSet = new Set()
  for (const arg of rule.head.args ?? []) for (const name of termVars(arg)) args.add(name)
  const rewriter = new TemplateRewriter(compilation)
  const { bound, body } = rewriter.body(rule.body, args)
  const { key, value, ref } = rule.head
  const term = (one: Term): Term => rewriter.term(one, bound)
  return {
    ...rule,
    head: {
      ...rule.head,
      ...(ref.kind === 'var' ? {} : { ref: { ...ref, path: ref.path.map(term) } }),
      ...(rule.head.args === undefined ? {} : { args: rule.head.args.map(term) }),
      ...(key === undefined ? {} : { key: term(key) }),
      ...(value === undefined ? {} : { value: term(value) }),
    },
    body,
    ...(rule.else === undefined ? {} : { else: rewriteTemplates(rule.else, compilation) }),
  }
}

/** The body of a query without template strings. */
export function rewriteTemplatesIn(body: Body, compilation: Compilation): Body {
  return new TemplateRewriter(compilation).body(body, new Set()).body
}

class TemplateRewriter {
  readonly #compilation: Compilation

  constructor(compilation: Compilation) {
    this.#compilation = compilation
  }

  body(body: Body, outside: Names): { readonly bound: Names; readonly body: Body } {
    const bound = new Either(boundBy(body, outside, this.#compilation), outside)
    return { bound, body: body.map((expr) => this.#expr(expr, bound)) }
  }

  #expr(expr: Expr, bound: Names): Expr {
    const inner = boundWithin(expr, bound)
    return mapExpr(expr, { term: (term) => this.term(term, bound), body: (body) => this.body(body, inner).body })
  }

  term(term: Term, bound: Names): Term {
    if (term.kind === 'template') return this.#template(term, bound)
    if (term.kind === 'comprehension') {
      const { bound: within, body } = this.body(term.body, bound)
      const key = term.key === undefined ? undefined : this.term(term.key, within)
      return { ...term, ...(key === undefined ? {} : { key }), value: this.term(term.value, within), body }
    }
    return mapTerm(term, { term: (inner) => this.term(inner, bound), body: (body) => this.body(body, bound).body })
  }

  #template(term: Extract<Term, { kind: 'template' }>, bound: Names): Term {
    const items = term.parts.map((part) =>
      typeof part === 'string' ? stringTerm(part, term.location) : this.#part(part, bound),
    )
    const all = items.length === 0 ? [stringTerm('', term.location)] : items
    return callTerm('internal.template_string', [{ kind: 'array', items: all, location: term.location }], term.location)
  }

  #part(expr: Expr, bound: Names): Term {
    const { location } = expr
    const value = termOf(expr)
    if (value === undefined) return stringTerm('', location)
    const name = expr.kind === 'call' ? operatorName(expr.operator) : undefined
    if (name !== undefined && declarations.get(name)?.relation === true) {
      this.#compilation.report(
        'rego_compile_error',
        `illegal call to relation built-in '${name}' that may cause multiple outputs`,
        location,
        'collect what it gives in a comprehension first',
      )
      return stringTerm('', location)
    }
    const inner = this.term(value, bound)
    // A variable always has a value here; `input` may be undefined.
    if (inner.kind === 'var' && !isRoot(inner) && expr.with.length === 0)
      return { kind: 'set', items: [inner], location }
    reportUndeclared(inner, bound, location, this.#compilation)
    const local = this.#compilation.generate(location)
    const body = [{ ...callExpr('eq', [local, inner], location), with: expr.with }]
    return { kind: 'comprehension', of: 'set', value: local, body, location }
  }
}

function termOf(expr: Expr): Term | undefined {
  if (expr.kind === 'term') return expr.term
  if (expr.kind !== 'call') return undefined
  const { operator, args, location } = expr
  return { kind: 'call', operator, args, location }
}
