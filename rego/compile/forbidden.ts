// Built-ins that reach out of the policy are off where decisions are made.
import { type Expr, type Location, operatorName, type Rule } from '../syntax/index.ts'
import { type Visitor, visitBody, visitTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'

/** Reports calls of built-ins that must not be called. */
export function checkForbidden(first: Rule, compilation: Compilation): void {
  const visitor = forbiddenCalls(compilation)
  for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) {
    visitBody(rule.body, visitor)
    for (const part of [rule.head.key, rule.head.value]) if (part !== undefined) visitTerm(part, visitor)
  }
}

/** The same for any part of a policy. */
export function forbiddenCalls(compilation: Compilation): Visitor {
  return new ForbiddenCalls(compilation)
}

class ForbiddenCalls implements Visitor {
  readonly #compilation: Compilation

  constructor(compilation: Compilation) {
    this.#compilation = compilation
  }

  expr(expr: Expr): boolean {
    const name = expr.kind === 'call' ? operatorName(expr.operator) : undefined
    if (name !== undefined) this.#check(name, expr.location)
    // What `with` puts in the place of another function is called by that one's name.
    for (const { value } of expr.with) {
      const callee = value.kind === 'var' || value.kind === 'ref' ? this.#compilation.callee(value) : undefined
      if (callee?.kind === 'builtin') this.#check(callee.declaration.name, value.location)
    }
    return false
  }

  #check(name: string, location: Location): void {
    if (!this.#compilation.isForbidden(name)) return
    this.#compilation.report(
      'rego_type_error',
      `unsafe built-in function calls in expression: ${name}`,
      location,
      `\`${name}\` reaches out of the policy and is off in gateways: pass what it would fetch as data`,
    )
  }
}
