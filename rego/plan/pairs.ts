// The pairs of two patterns that stand against each other: those of which nothing is known wait for what others bind.
import { ascendingQueue } from '../compile/queue.ts'
import type { Term } from '../syntax/index.ts'
import { type Visitor, visitTerm } from '../syntax/walk.ts'
import { isVariable } from './bound.ts'
import type { Planner } from './planner.ts'

/** Two terms that stand at the same place. */
export type Pair = readonly [a: Term, b: Term]

/** The variables of a term, and how many of the first are known to be bound. */
interface Side {
  readonly names: readonly string[]
  bound: number
}

interface Waiting {
  readonly pair: Pair
  readonly sides: readonly Side[]
  isTaken: boolean
}

/** Pairs that were not planned yet. Each is looked at again only where a variable is bound that it waits for. */
export class WaitingPairs {
  readonly #planner: Planner
  readonly #pairs: readonly Waiting[]
  readonly #known = ascendingQueue(0)
  readonly #waiting = new Map<string, number[]>()
  /** All before are taken. */
  #first = 0

  constructor(planner: Planner, pairs: readonly Pair[]) {
    this.#planner = planner
    this.#pairs = pairs.map((pair) => ({
      pair,
      sides: pair.map((term) => ({ names: namesIn(term), bound: 0 })),
      isTaken: false,
    }))
    for (const at of this.#pairs.keys()) this.#look(at)
  }

  /** Takes the first pair of which one side is known; where there is none, the first. */
  next(): Pair | undefined {
    for (let at = this.#known.pop(); at !== undefined; at = this.#known.pop()) {
      const one = this.#pairs[at]
      if (one !== undefined && !one.isTaken) return this.#take(one)
    }
    while (this.#pairs[this.#first]?.isTaken === true) this.#first++
    const first = this.#pairs[this.#first]
    return first === undefined ? undefined : this.#take(first)
  }

  /** Says that all variables of a pair are bound now. */
  bound(pair: Pair): void {
    for (const term of pair) {
      for (const name of namesIn(term)) {
        const waiting = this.#waiting.get(name)
        if (waiting === undefined) continue
        this.#waiting.delete(name)
        for (const at of waiting) this.#look(at)
      }
    }
  }

  /** The pairs that are not taken. */
  left(): readonly Pair[] {
    return this.#pairs.flatMap(({ pair, isTaken }) => (isTaken ? [] : [pair]))
  }

  #take(one: Waiting): Pair {
    one.isTaken = true
    return one.pair
  }

  #look(at: number): void {
    const one = this.#pairs[at]
    if (one === undefined || one.isTaken) return
    const open: string[] = []
    for (const side of one.sides) {
      const name = this.#openIn(side)
      if (name === undefined) {
        this.#known.push(at)
        return
      }
      open.push(name)
    }
    for (const name of open) {
      const waiting = this.#waiting.get(name)
      if (waiting === undefined) this.#waiting.set(name, [at])
      else waiting.push(at)
    }
  }

  #openIn(side: Side): string | undefined {
    for (; side.bound < side.names.length; side.bound++) {
      const name = side.names[side.bound]
      if (name !== undefined && this.#planner.bound(name) === undefined) return name
    }
    return undefined
  }
}

function namesIn(term: Term): readonly string[] {
  const names = new Names()
  visitTerm(term, names)
  return names.found
}

class Names implements Visitor {
  readonly found: string[] = []

  term(term: Term): boolean {
    if (isVariable(term)) this.found.push(term.name)
    return term.kind === 'comprehension'
  }
}
