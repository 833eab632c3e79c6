// Functions that give nothing, such as `print`, can only stand as expressions.
import { operatorName, type Rule, type Term, termString } from '../syntax/index.ts'
import { type Visitor, visitBody, visitTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'

/** Reports calls of void functions that stand where a value belongs. */
export function checkVoidCalls(first: Rule, compilation: Compilation): void {
  const visitor = voidCalls(compilation)
  for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) {
    visitBody(rule.body, visitor)
    const { key, value, ref } = rule.head
    for (const term of [key, value, ...(ref.kind === 'ref' ? ref.path : [])])
      if (term !== undefined) visitTerm(term, visitor)
  }
}

/** The same for any part of a policy. */
export function voidCalls(compilation: Compilation): Visitor {
  return new VoidCalls(compilation)
}

class VoidCalls implements Visitor {
  readonly #compilation: Compilation

  constructor(compilation: Compilation) {
    this.#compilation = compilation
  }

  term(term: Term): boolean {
    if (term.kind !== 'call') return false
    const callee = this.#compilation.callee(term.operator)
    if (callee?.kind === 'builtin' && callee.void)
      this.#compilation.report(
        'rego_type_error',
        `${operatorName(term.operator) ?? ''}(${term.args.map((arg) => termString(arg)).join(', ')}) used as value`,
        term.location,
        'call it in an expression of its own',
      )
    return false
  }
}
