// The terms of an expression whose values say why it does not hold.

import type { Location } from '../../../rego/syntax/index.ts'
import { type Expr, isWildcard, type Term } from '../../../rego/syntax/index.ts'

/** A term that has a value worth showing. */
export interface NamedTerm {
  readonly location: Location
  /** It stands in a `with`, and is evaluated without it. */
  readonly outside: boolean
  /** It is read from `data` or `input`, and may simply not be there. */
  readonly ofDocuments: boolean
  /** It is the variable that a reference begins with: once is enough. */
  readonly begins: boolean
}

/** The terms, in the order they are written. `names` are names of the module, not variables. */
export function termsOf(expr: Expr, names: ReadonlySet<string>): readonly NamedTerm[] {
  const found: NamedTerm[] = []
  const collect = new Collector(found, names, false)
  switch (expr.kind) {
    case 'term':
      collect.term(expr.term)
      break
    case 'call':
      for (const arg of expr.args) collect.term(arg)
      break
    case 'some_in':
    case 'every':
      collect.term(expr.domain)
      break
    case 'not_body':
      for (const one of expr.body) found.push(...termsOf(one, names))
      break
    case 'some':
    case 'and':
    case 'or':
      break
  }
  const outside = new Collector(found, names, true)
  for (const one of expr.with) outside.term(one.value)
  return found
}

class Collector {
  readonly #found: NamedTerm[]
  readonly #names: ReadonlySet<string>
  readonly #outside: boolean

  constructor(found: NamedTerm[], names: ReadonlySet<string>, outside: boolean) {
    this.#found = found
    this.#names = names
    this.#outside = outside
  }

  term(term: Term): void {
    switch (term.kind) {
      case 'null':
      case 'boolean':
      case 'number':
      case 'string':
        return
      case 'var':
        if (!isWildcard(term)) this.#add(term, false)
        return
      case 'ref':
        this.#ref(term)
        return
      case 'array':
      case 'set':
        for (const item of term.items) this.term(item)
        return
      case 'object':
        for (const [key, value] of term.entries) {
          this.term(key)
          this.term(value)
        }
        return
      case 'call':
        this.#add(term, false)
        for (const arg of term.args) this.term(arg)
        return
      case 'comprehension':
      case 'template':
        this.#add(term, false)
    }
  }

  #ref(term: Extract<Term, { kind: 'ref' }>): void {
    const { head, path } = term
    const named = head.kind === 'var' && this.#names.has(head.name)
    this.#add(term, head.kind === 'var' && (head.name === 'data' || head.name === 'input'))
    if (head.kind === 'var') {
      if (!named && !isWildcard(head)) this.#add(head, false, true)
    } else this.term(head)
    for (const step of path) this.term(step)
  }

  #add(term: Term, ofDocuments: boolean, begins = false): void {
    if (term.location.end > term.location.offset)
      this.#found.push({ location: term.location, outside: this.#outside, ofDocuments, begins })
  }
}
