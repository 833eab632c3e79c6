// Variables that the pieces of templates and the arguments of `print` may name: those that the body around them binds.
// Others would be bound inside and iterate, which nobody who prints a value means.
import type { Body, Expr, Location, Term } from '../syntax/index.ts'
import type { Compilation } from './context.ts'
import { Either, type Names, outputVars, termVars, type VarSet } from './variables.ts'

/** What a body binds, given what is bound around it. */
export function boundBy(body: Body, outside: Names, compilation: Compilation): VarSet {
  const inBody: VarSet = new Set()
  const bound = new Either(inBody, outside)
  for (const expr of body) for (const name of outputVars(expr, bound, compilation)) inBody.add(name)
  return inBody
}

/** What is bound in the bodies of an expression: what is bound around it, and what `every` declares. */
export function boundWithin(expr: Expr, bound: Names): Names {
  if (expr.kind !== 'every') return bound
  return new Either(new Set([...(expr.key === undefined ? [] : [expr.key.name]), expr.value.name]), bound)
}

/** Reports variables of a term that are not bound. */
export function reportUndeclared(term: Term, bound: Names, location: Location, compilation: Compilation): void {
  const names = [...termVars(term, { closures: true })].filter((name) => !bound.has(name))
  for (const name of names.map((one) => compilation.shown(one)).sort()) {
    compilation.report(
      'rego_compile_error',
      `var ${name} is undeclared`,
      location,
      `give \`${name}\` a value in an expression of its own, in front of this one`,
    )
  }
}
