// Whether the variables of a term are bound.
import type { Term, VarTerm } from '../syntax/index.ts'
import { type Visitor, visitTerm } from '../syntax/walk.ts'
import type { Planner } from './planner.ts'

/** True when every variable of a term is bound, so that it can be built and compared whole. */
export function isBound(planner: Planner, term: Term): boolean {
  switch (term.kind) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
      return true
    case 'var':
      return !isVariable(term) || planner.bound(term.name) !== undefined
    default: {
      const seeker = new OpenSeeker(planner)
      visitTerm(term, seeker)
      return !seeker.found
    }
  }
}

/** Looks for variables that nothing has bound. */
class OpenSeeker implements Visitor {
  found = false
  readonly #planner: Planner

  constructor(planner: Planner) {
    this.#planner = planner
  }

  term(term: Term): boolean {
    if (isVariable(term) && this.#planner.bound(term.name) === undefined) this.found = true
    return term.kind === 'comprehension' || this.found
  }
}

/** Whether a term is a name that a body can bind. */
export function isVariable(term: Term): term is VarTerm {
  return term.kind === 'var' && term.name !== 'input' && term.name !== 'data'
}
