// What an equation of patterns needs at the least: of variables that stand against each other, one must be bound.
import type { Expr, Term } from '../syntax/index.ts'
import { constantText, isRoot, termVars } from './variables.ts'

/** Groups of variables that an equation makes the same: while none of a group is bound, the equation cannot bind them. */
export function pairedGroups(expr: Expr): readonly (readonly string[])[] {
  if (expr.kind !== 'call' || expr.operator.kind !== 'var' || expr.operator.name !== 'eq' || expr.args.length !== 2)
    return []
  const [a, b] = expr.args
  if (a === undefined || b === undefined || a.kind !== b.kind || (a.kind !== 'array' && a.kind !== 'object')) return []
  const pairings = new Pairings()
  pairings.pair(a, b)
  return pairings.groups()
}

class Pairings {
  /** By variable, another one of its group; those that are not there stand for their group themselves. */
  readonly #above = new Map<string, string>()
  readonly #names = new Set<string>()
  /** Variables that what stands against them may bind. */
  readonly #free = new Set<string>()

  pair(a: Term, b: Term): void {
    if (a.kind === 'var' && b.kind === 'var' && !isRoot(a) && !isRoot(b)) this.#join(a.name, b.name)
    else if (a.kind === 'array' && b.kind === 'array' && a.items.length === b.items.length) {
      for (const [index, item] of a.items.entries()) this.#pairWith(item, b.items[index])
    } else if (a.kind === 'object' && b.kind === 'object' && a.entries.length === b.entries.length) {
      const others = new Map(b.entries.toReversed().map(([key, value]) => [constantText(key), value]))
      for (const [key, value] of a.entries) this.#pairWith(value, others.get(constantText(key)))
      for (const [key] of [...a.entries, ...b.entries]) this.#leave(key)
    } else for (const term of [a, b]) this.#leave(term)
  }

  groups(): readonly (readonly string[])[] {
    const groups = new Map<string, string[]>()
    for (const name of this.#names) {
      const first = this.#first(name)
      const group = groups.get(first)
      if (group === undefined) groups.set(first, [name])
      else group.push(name)
    }
    return [...groups.values()].filter((group) => !group.some((name) => this.#free.has(name)))
  }

  #leave(term: Term): void {
    if (term.kind !== 'string') for (const name of termVars(term, { closures: true })) this.#free.add(name)
  }

  #pairWith(a: Term, b: Term | undefined): void {
    // What stands against nothing is not told by this.
    this.pair(a, b ?? a)
  }

  #join(a: string, b: string): void {
    this.#names.add(a).add(b)
    const [one, other] = [this.#first(a), this.#first(b)]
    if (one !== other) this.#above.set(one, other)
  }

  #first(name: string): string {
    let first = name
    for (let above = this.#above.get(first); above !== undefined; above = this.#above.get(first)) first = above
    // The next to ask finds it at once.
    for (let at = name; at !== first; ) {
      const above = this.#above.get(at) ?? first
      this.#above.set(at, first)
      at = above
    }
    return first
  }
}
