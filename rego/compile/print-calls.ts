// `print(a, b)` becomes `internal.print([{x | x = a}, {y | y = b}])`, because an undefined argument must not stop the body;
// or it is erased, where nobody reads what is printed.
import { type Body, callExpr, type Expr, operatorName, type Rule, type Term } from '../syntax/index.ts'
import { mapExpr, mapTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'
import { boundWithin, reportUndeclared } from './undeclared.ts'
import { Either, type Names, outputVars, termVars, type VarSet } from './variables.ts'

/** How `print` calls are treated. */
export type PrintMode = 'erase' | 'keep'

/** The rule without `print`. */
export function rewritePrints(rule: Rule, mode: PrintMode, compilation: Compilation): Rule {
  const args: VarSet = new Set()
  for (const arg of rule.head.args ?? []) for (const name of termVars(arg)) args.add(name)
  const rewriter = new PrintRewriter(mode, compilation)
  const { key, value } = rule.head
  const term = (one: Term): Term => rewriter.term(one, args)
  return {
    ...rule,
    head: {
      ...rule.head,
      ...(key === undefined ? {} : { key: term(key) }),
      ...(value === undefined ? {} : { value: term(value) }),
    },
    body: rewriter.body(rule.body, args),
    ...(rule.else === undefined ? {} : { else: rewritePrints(rule.else, mode, compilation) }),
  }
}

/** The body of a query without `print`. */
export function rewritePrintsIn(body: Body, mode: PrintMode, compilation: Compilation): Body {
  return new PrintRewriter(mode, compilation).body(body, new Set())
}

class PrintRewriter {
  readonly #mode: PrintMode
  readonly #compilation: Compilation

  constructor(mode: PrintMode, compilation: Compilation) {
    this.#mode = mode
    this.#compilation = compilation
  }

  body(body: Body, outside: Names): Body {
    // Only what stands in front of a print is bound when it prints.
    const inBody: VarSet = new Set()
    const bound = new Either(inBody, outside)
    return body.flatMap((expr) => {
      const done = this.#expr(expr, bound)
      for (const name of outputVars(expr, bound, this.#compilation)) inBody.add(name)
      return done
    })
  }

  #expr(expr: Expr, bound: Names): readonly Expr[] {
    if (expr.kind === 'call' && operatorName(expr.operator) === 'print') return this.#print(expr, bound)
    const inner = boundWithin(expr, bound)
    return [mapExpr(expr, { term: (term) => this.term(term, bound), body: (body) => this.body(body, inner) })]
  }

  term(term: Term, bound: Names): Term {
    return mapTerm(term, { term: (inner) => this.term(inner, bound), body: (body) => this.body(body, bound) })
  }

  #print(expr: Extract<Expr, { kind: 'call' }>, bound: Names): readonly Expr[] {
    const { location, with: modifiers } = expr
    if (this.#mode === 'erase') {
      const term: Term = { kind: 'boolean', value: true, location }
      return [{ kind: 'term', term, negated: false, with: [], location, generated: true }]
    }
    const items = expr.args.map((arg): Term => {
      reportUndeclared(arg, bound, arg.location, this.#compilation)
      const local = this.#compilation.generate(arg.location)
      const body = [callExpr('eq', [local, arg], arg.location)]
      return { kind: 'comprehension', of: 'set', value: local, body, location: arg.location }
    })
    return [{ ...callExpr('internal.print', [{ kind: 'array', items, location }], location), with: modifiers }]
  }
}
