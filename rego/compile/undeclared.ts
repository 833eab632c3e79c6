// Variables that the pieces of templates and the arguments of `print` may name: those that the body around them binds.
// Others would be bound inside and iterate, which nobody who prints a value means.
import type { Body, Location, Term } from '../syntax/index.ts'
import type { Compilation } from './context.ts'
import { outputVars, termVars, type VarSet } from './variables.ts'

/** What a body binds, together with what is bound around it. */
export function boundBy(body: Body, outside: VarSet, compilation: Compilation): VarSet {
  const bound: VarSet = new Set(outside)
  for (const expr of body) for (const name of outputVars(expr, bound, compilation)) bound.add(name)
  return bound
}

/** Reports variables of a term that are not bound. */
export function reportUndeclared(term: Term, bound: VarSet, location: Location, compilation: Compilation): void {
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
