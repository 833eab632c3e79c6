// Which functions a plan can come to, through calls by name and by path.
import type { Func, Plan, Policy } from '../ir/index.ts'
import type { Listing, Listings } from './listing.ts'

/** What a function or plan calls, and how many statements it has. */
interface Node {
  readonly calls: ReadonlySet<string>
  /** Whether it calls by a path that is known only when it is reached. */
  readonly isDynamic: boolean
  readonly size: number
  /** Its place in the policy's order. */
  readonly at: number
}

/** The calls of a policy. */
export class CallGraph {
  readonly #policy: Policy
  readonly #listings: Listings
  readonly #nodes = new Map<Func, Node>()
  readonly #byName = new Map<string, Func>()

  constructor(policy: Policy, listings: Listings) {
    this.#listings = listings
    this.#policy = policy
    for (const [at, func] of policy.funcs.entries()) {
      this.#nodes.set(func, nodeOf(listings.of(func.blocks), at))
      this.#byName.set(func.name, func)
    }
  }

  /** The functions that evaluating a plan may enter, in the policy's order. */
  reachedBy(plan: Plan): readonly Func[] {
    const reached = new Map<Func, number>()
    const waiting = [nodeOf(this.#listings.of(plan.blocks), -1)]
    const enter = (func: Func | undefined): void => {
      const node = func === undefined ? undefined : this.#nodes.get(func)
      if (func === undefined || node === undefined || reached.has(func)) return
      reached.set(func, node.at)
      waiting.push(node)
    }
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      for (const name of node.calls) enter(this.#byName.get(name))
      if (node.isDynamic) for (const func of this.#policy.funcs) if (func.path !== undefined) enter(func)
    }
    return [...reached].sort(([, a], [, b]) => a - b).map(([func]) => func)
  }

  /** How many statements some functions have. */
  sizeOf(funcs: readonly Func[]): number {
    return funcs.reduce((size, func) => size + (this.#nodes.get(func)?.size ?? 0), 0)
  }
}

function nodeOf({ stmts }: Listing, at: number): Node {
  const calls = new Set<string>()
  let isDynamic = false
  for (const stmt of stmts) {
    if (stmt.kind === 'CallStmt') calls.add(stmt.func)
    else if (stmt.kind === 'CallDynamicStmt') isDynamic = true
  }
  return { calls, isDynamic, size: stmts.length, at }
}
