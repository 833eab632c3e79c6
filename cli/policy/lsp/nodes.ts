// What stands at an offset of a module: the innermost terms, the rule around them.
import { visitBody, visitTerm } from '../../../rego/compile/index.ts'
import type { Expr, Location, Module, Rule, Term } from '../../../rego/syntax/index.ts'

/** What was found at an offset. */
export interface Found {
  readonly rule: Rule | undefined
  /** Outermost first. */
  readonly terms: readonly Term[]
}

/** The terms that contain an offset. */
export function findAt(module: Module, offset: number): Found {
  const rule = module.rules.find((one) => contains(one.location, offset))
  const terms: Term[] = []
  const term = (node: Term): boolean => {
    if (!contains(node.location, offset)) return false
    terms.push(node)
    if (node.kind === 'call') visitTerm(node.operator, { term })
    return false
  }
  const expr = (node: Expr): boolean => {
    if (node.kind === 'call' && node.infix === undefined) visitTerm(node.operator, { term })
    return false
  }
  for (const one of module.imports) if (contains(one.location, offset)) visitTerm(one.path, { term })
  for (let one = rule; one !== undefined; one = one.else) {
    const { ref, args, key, value } = one.head
    for (const part of [ref, ...(args ?? []), key, value]) if (part !== undefined) visitTerm(part, { term })
    visitBody(one.body, { term, expr })
  }
  terms.sort((a, b) => b.location.end - b.location.offset - (a.location.end - a.location.offset))
  return { rule, terms }
}

function contains(location: Location, offset: number): boolean {
  return location.offset <= offset && offset <= location.end
}

/** The constant steps of a reference up to the one at the offset: `input.action.verb` at `action` is [input, action]. */
export function pathUpTo(term: Term, offset: number): readonly string[] {
  if (term.kind === 'var') return [term.name]
  if (term.kind !== 'ref' || term.head.kind !== 'var') return []
  const path = [term.head.name]
  if (offset <= term.head.location.end) return path
  for (const step of term.path) {
    path.push(step.kind === 'string' ? step.value : '_')
    if (offset <= step.location.end) break
  }
  return path
}
