// What a plan makes of parts of its input that change from one evaluation to the next, such as a time: the functions that
// read them, apart from all that do not. Whatever else the plan does depends on those parts through the values of these
// functions alone, so two inputs that differ there only, and on which they have the same values, have the same result.
import {
  DATA,
  type Func,
  INPUT,
  type Local,
  type Operand,
  type Plan,
  type Policy,
  type Stmt,
  usesOf,
} from '../ir/index.ts'
import { CallGraph } from './call-graph.ts'
import type { Listing, Listings } from './listing.ts'

/** The functions of a plan that read what changes. */
export interface Apart {
  /** Those that the others call: their values stand for what changes. */
  readonly asked: readonly Func[]
  /** All of them, by name. */
  readonly names: ReadonlySet<string>
}

/** More parts than this are not told from each other: all that is known of a local is in the bits of one number. */
const PARTS_MAX = 30

/**
 * Finds them. `changing` are the paths of the parts; `askable` names the functions of the plan's own input and data and
 * of nothing else. Undefined where the plan reads nothing of the parts, and where what reads them cannot be told apart.
 */
export function apartBy(
  policy: Policy,
  listings: Listings,
  plan: Plan,
  changing: readonly (readonly string[])[],
  askable: ReadonlySet<string>,
): Apart | undefined {
  const parts = new Parts(changing)
  if (parts.count > PARTS_MAX) return undefined
  const flow = new Flow(policy, listings, plan, parts)
  if (!flow.run()) return undefined
  // Of what is a set or a yes and a no there is mostly one value; where such a function asks for a time, it is looked at.
  const isBrief = (func: Func): boolean => askable.has(func.name) && isSaidBriefly(func, listings)
  return flow.apart(isBrief) ?? flow.apart(({ name }) => askable.has(name))
}

/** Whether a function only ever comes to true, to false, to nothing, or to a set that it gathers. */
function isSaidBriefly({ blocks, return: result }: Func, listings: Listings): boolean {
  const { stmts } = listings.of(blocks)
  const results = new Set([result])
  for (let before = 0; before < results.size; ) {
    before = results.size
    for (const stmt of stmts) {
      const writes = usesOf(stmt).writes.filter((local) => results.has(local))
      if (writes.length === 0 || stmt.kind === 'ResetLocalStmt') continue
      if (stmt.kind === 'MakeSetStmt' && stmt.target === result) continue
      if (stmt.kind !== 'AssignVarStmt' && stmt.kind !== 'AssignVarOnceStmt') return false
      if (stmt.source.kind === 'string_index') return false
      if (stmt.source.kind === 'local') results.add(stmt.source.value)
    }
  }
  return true
}

/** The ways to what changes, each a bit: the root of the input first, then what is on the way, and the parts. */
class Parts {
  /** What changes, and whatever lies within. */
  readonly ends: number
  readonly #inner: { readonly [name: string]: number }[] = []

  constructor(paths: readonly (readonly string[])[]) {
    this.#inner.push(Object.create(null))
    let ends = 0
    for (const path of paths) {
      let at = 0
      for (const name of path) {
        const known = this.#inner[at]?.[name]
        if (known === undefined) {
          const made = this.#inner.push(Object.create(null)) - 1
          this.#inner[at] = Object.assign(Object.create(null), this.#inner[at], { [name]: made })
          at = made
        } else at = known
      }
      ends |= 1 << at
    }
    this.ends = ends
  }

  get count(): number {
    return this.#inner.length
  }

  /** What the field of some name holds; with no name, what any field holds. */
  field(mask: number, name: string | undefined): number {
    // What is in something that changes changes.
    let found = mask & this.ends
    for (const [at, inner] of this.#inner.entries()) {
      if ((mask & (1 << at)) === 0) continue
      if (name === undefined) for (const one of Object.values(inner)) found |= 1 << one
      else found |= name in inner ? 1 << (inner[name] ?? 0) : 0
    }
    return found
  }
}

/** What is known of one function, or of the plan. */
interface Scope {
  readonly func: Func | undefined
  readonly listing: Listing
  /** By local, the parts and the ways to them that it may hold. */
  readonly held: number[]
  readonly params: readonly Local[]
  readonly callers: Set<Scope>
  returned: number
  touches: boolean
  isWaiting: boolean
}

class Flow {
  readonly #policy: Policy
  readonly #parts: Parts
  readonly #plan: Scope
  readonly #scopes: Scope[] = []
  readonly #byName = new Map<string, Scope>()
  readonly #waiting: Scope[] = []

  constructor(policy: Policy, listings: Listings, plan: Plan, parts: Parts) {
    this.#policy = policy
    this.#parts = parts
    this.#plan = this.#add(undefined, [INPUT, DATA], listings.of(plan.blocks))
    for (const func of new CallGraph(policy, listings).reachedBy(plan)) {
      this.#byName.set(func.name, this.#add(func, func.params, listings.of(func.blocks)))
    }
    this.#plan.held[INPUT] = 1
  }

  /** False where inputs are replaced on the way, so that functions do not see the plan's own. */
  run(): boolean {
    for (const { listing } of this.#scopes) if (listing.stmts.some(({ kind }) => kind === 'WithStmt')) return false
    for (const scope of this.#waiting) {
      scope.isWaiting = false
      for (const [at, stmt] of scope.listing.stmts.entries()) this.#stmt(scope, stmt, at)
    }
    return true
  }

  apart(isAsked: (func: Func) => boolean): Apart | undefined {
    const found = new Set(this.#scopes.filter(({ touches }) => touches))
    // Whoever calls a function that cannot be asked for itself reads what it reads.
    for (const { func, callers } of found) {
      if (func === undefined) return undefined
      if (!isAsked(func)) for (const caller of callers) found.add(caller)
    }
    if (found.size === 0) return undefined
    const asked: Func[] = []
    const names = new Set<string>()
    for (const { func } of this.#scopes.filter((scope) => found.has(scope))) {
      if (func === undefined) continue
      names.add(func.name)
      if ([...(this.#byName.get(func.name)?.callers ?? [])].some((caller) => !found.has(caller))) asked.push(func)
    }
    return { asked, names }
  }

  #add(func: Func | undefined, params: readonly Local[], listing: Listing): Scope {
    const scope: Scope = {
      func,
      listing,
      held: [],
      params,
      callers: new Set(),
      returned: 0,
      touches: false,
      isWaiting: true,
    }
    this.#scopes.push(scope)
    this.#waiting.push(scope)
    return scope
  }

  #wait(scope: Scope): void {
    if (scope.isWaiting) return
    scope.isWaiting = true
    this.#waiting.push(scope)
  }

  #stmt(scope: Scope, stmt: Stmt, at: number): void {
    switch (stmt.kind) {
      case 'AssignVarStmt':
        this.#hold(scope, stmt.target, held(scope, stmt.source))
        return
      case 'DotStmt': {
        if (held(scope, stmt.key) !== 0) this.#touch(scope)
        const name = stmt.key.kind === 'string_index' ? this.#policy.strings[stmt.key.value] : undefined
        this.#hold(scope, stmt.target, this.#parts.field(held(scope, stmt.source), name))
        return
      }
      case 'ScanStmt':
        this.#hold(scope, stmt.value, this.#parts.field(scope.held[stmt.source] ?? 0, undefined))
        return
      case 'CallStmt': {
        const callee = this.#byName.get(stmt.func)
        if (callee !== undefined) this.#enter(scope, callee, stmt.args, stmt.result)
        else if (stmt.args.some((operand) => held(scope, operand) !== 0)) this.#touch(scope)
        return
      }
      case 'CallDynamicStmt': {
        if (stmt.path.some((operand) => held(scope, operand) !== 0)) this.#touch(scope)
        const args = stmt.args.map((value): Operand => ({ kind: 'local', value }))
        for (const callee of this.#byName.values()) {
          if (callee.func?.path !== undefined && callee.params.length === args.length)
            this.#enter(scope, callee, args, stmt.result)
        }
        return
      }
      case 'ReturnLocalStmt': {
        const returned = scope.returned | (scope.held[stmt.source] ?? 0)
        if (returned === scope.returned) return
        scope.returned = returned
        for (const caller of scope.callers) this.#wait(caller)
        return
      }
      // What lies on the way is what it is, whatever its parts are.
      case 'IsArrayStmt':
      case 'IsDefinedStmt':
      case 'IsObjectStmt':
      case 'IsSetStmt':
      case 'IsUndefinedStmt':
        return
      default: {
        const { reads } = scope.listing
        for (let i = at === 0 ? 0 : scope.listing.readEnd(at - 1); i < scope.listing.readEnd(at); i++)
          if ((scope.held[reads[i] ?? 0] ?? 0) !== 0) this.#touch(scope)
      }
    }
  }

  #enter(scope: Scope, callee: Scope, args: readonly Operand[], result: Local): void {
    callee.callers.add(scope)
    for (const [i, param] of callee.params.entries()) {
      const operand = args[i]
      if (operand !== undefined) this.#hold(callee, param, held(scope, operand))
    }
    this.#hold(scope, result, callee.returned)
  }

  #hold(scope: Scope, local: Local, mask: number): void {
    const known = scope.held[local] ?? 0
    if ((known | mask) === known) return
    scope.held[local] = known | mask
    if ((mask & this.#parts.ends) !== 0) this.#touch(scope)
    this.#wait(scope)
  }

  #touch(scope: Scope): void {
    scope.touches = true
  }
}

function held(scope: Scope, operand: Operand): number {
  return operand.kind === 'local' ? (scope.held[operand.value] ?? 0) : 0
}
