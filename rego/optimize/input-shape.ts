// What a policy can read of its input, found by following the input through its IR: a trie of fields. Where a value
// escapes (is compared with what is no constant, stored, given to a built-in), all of it counts as read.
//
// The analysis does not look at order: every local is the set of places of the input it may ever hold. That reads too
// much at worst, never too little. What is not read may be left out of the input, if each value that is on the way keeps
// its kind: an object stays an object with fewer fields, an array without `elements` stays an array.
import { DATA, type Func, INPUT, type Local, type Operand, type Plan, type Policy, type Stmt } from '../ir/index.ts'
import { CallGraph } from './call-graph.ts'
import { type Listing, Listings } from './listing.ts'

/** What is read of a value: all of it, or fields by name and what holds for every element or entry. */
export type InputShape =
  | true
  | { readonly fields: { readonly [name: string]: InputShape }; readonly elements?: InputShape }

/** Deeper than this, all of a value counts as read. */
const DEPTH_MAX = 24

class Place {
  readonly depth: number
  whole = false
  readonly fields = new Map<string, Place>()
  elements: Place | undefined

  constructor(depth: number) {
    this.depth = depth
  }
}

/** Plans are analyzed one by one while that takes no more than so many times the statements of the policy. */
const REPEATS_MAX = 8

/** Places are handed on so many times for each statement; a policy that hands on more reads all of its input. */
const HANDED_MAX = 200
/** What policies with few statements may hand on besides. */
const HANDED_BASE = 100_000

/** Finds what each plan can read of its input, in the order of the policy's plans. */
export function inputShapes(policy: Policy, listings: Listings = new Listings()): readonly InputShape[] {
  const graph = new CallGraph(policy, listings)
  const reached = policy.plans.map((plan) => graph.reachedBy(plan))
  const total = graph.sizeOf(policy.funcs)
  const repeated = reached.reduce((size, funcs) => size + graph.sizeOf(funcs), 0)
  if (repeated <= total * REPEATS_MAX) {
    return policy.plans.map((plan, i) => shapeFor(policy, listings, [plan], reached[i] ?? policy.funcs))
  }
  const shape = shapeFor(policy, listings, policy.plans, policy.funcs)
  return policy.plans.map(() => shape)
}

/** What a plan can read of its input where some functions, by name, are looked at apart. */
export function shapeWithout(policy: Policy, listings: Listings, plan: Plan, apart: ReadonlySet<string>): InputShape {
  const reached = new CallGraph(policy, listings).reachedBy(plan).filter(({ name }) => !apart.has(name))
  return shapeFor(policy, listings, [plan], reached, apart)
}

function shapeFor(
  policy: Policy,
  listings: Listings,
  plans: readonly Plan[],
  funcs: readonly Func[],
  apart: ReadonlySet<string> = new Set(),
): InputShape {
  const flow = new Flow(policy, listings, plans, funcs, apart)
  flow.run()
  return shapeOf(flow.root)
}

function shapeOf(place: Place): InputShape {
  if (place.whole) return true
  const names = [...place.fields.keys()].sort()
  const fields: { [name: string]: InputShape } = Object.create(null)
  for (const name of names) {
    const field = place.fields.get(name)
    if (field !== undefined) fields[name] = shapeOf(field)
  }
  return place.elements === undefined ? { fields } : { fields, elements: shapeOf(place.elements) }
}

/** A statement, and the locals that it reads. */
interface Step {
  readonly stmt: Stmt
  readonly reads: readonly Local[]
}

/** What is known of one function's locals. */
interface Scope {
  readonly params: readonly Local[]
  /** The statements through which something may flow, and what else escapes at each. */
  readonly steps: readonly Step[]
  /** By local, the places that it may hold. */
  readonly held: (Set<Place> | undefined)[]
  readonly returned: Set<Place>
  readonly callers: Set<Scope>
  isWaiting: boolean
}

class Flow {
  readonly root = new Place(0)
  readonly #policy: Policy
  readonly #scopes: Scope[] = []
  readonly #funcs = new Map<string, Scope>()
  readonly #dynamic: Scope[] = []
  /** Scopes in which something may flow on. */
  readonly #waiting: Scope[] = []
  readonly #apart: ReadonlySet<string>
  #handed: number

  constructor(
    policy: Policy,
    listings: Listings,
    plans: readonly Plan[],
    funcs: readonly Func[],
    apart: ReadonlySet<string>,
  ) {
    this.#policy = policy
    this.#apart = apart
    for (const plan of plans) {
      const scope = scopeOf([INPUT, DATA], listings.of(plan.blocks))
      scope.held[INPUT] = new Set([this.root])
      this.#scopes.push(scope)
    }
    for (const func of funcs) {
      const scope = scopeOf(func.params, listings.of(func.blocks))
      this.#scopes.push(scope)
      this.#funcs.set(func.name, scope)
      if (func.path !== undefined) this.#dynamic.push(scope)
    }
    this.#handed = HANDED_BASE + HANDED_MAX * this.#scopes.reduce((sum, { steps }) => sum + steps.length, 0)
  }

  run(): void {
    for (const scope of this.#scopes) this.#wait(scope)
    for (const scope of this.#waiting) {
      scope.isWaiting = false
      for (const step of scope.steps) this.#stmt(scope, step)
      if (this.#handed > 0) continue
      this.root.whole = true
      return
    }
  }

  /** What is held in a scope, or returned to it, has grown. */
  #wait(scope: Scope): void {
    if (scope.isWaiting) return
    scope.isWaiting = true
    this.#waiting.push(scope)
  }

  #stmt(scope: Scope, { stmt, reads }: Step): void {
    switch (stmt.kind) {
      case 'AssignVarStmt':
        this.#flow(scope, stmt.source, stmt.target)
        return
      case 'AssignVarOnceStmt':
        // A second value is compared with the first.
        this.#escape(scope, stmt.source)
        this.#flow(scope, stmt.source, stmt.target)
        return
      case 'DotStmt':
        this.#escape(scope, stmt.key)
        for (const place of held(scope, stmt.source)) {
          const name = stmt.key.kind === 'string_index' ? this.#policy.strings[stmt.key.value] : undefined
          this.#hold(scope, stmt.target, name === undefined ? this.#elements(place) : this.#field(place, name))
        }
        return
      case 'ScanStmt':
        for (const place of held(scope, { kind: 'local', value: stmt.source })) {
          this.#hold(scope, stmt.value, this.#elements(place))
        }
        return
      case 'LenStmt':
        for (const place of held(scope, stmt.source)) this.#elements(place)
        return
      case 'EqualStmt':
      case 'NotEqualStmt':
        this.#escape(scope, stmt.a)
        this.#escape(scope, stmt.b)
        return
      case 'CallStmt':
        this.#call(scope, stmt)
        return
      case 'CallDynamicStmt':
        for (const callee of this.#dynamic) {
          if (callee.params.length === stmt.args.length)
            this.#enter(scope, callee, stmt.args.map(localOperand), stmt.result)
        }
        for (const operand of stmt.path) this.#escape(scope, operand)
        return
      case 'WithStmt':
        this.#escape(scope, stmt.value)
        for (const place of held(scope, { kind: 'local', value: stmt.local })) this.#path(place, stmt.path)
        return
      case 'ReturnLocalStmt':
        for (const place of held(scope, { kind: 'local', value: stmt.source })) {
          if (place.whole || scope.returned.has(place)) continue
          scope.returned.add(place)
          for (const caller of scope.callers) this.#wait(caller)
        }
        return
      default:
        for (const local of reads) for (const place of scope.held[local] ?? nothing) this.#read(place)
    }
  }

  #call(scope: Scope, stmt: Extract<Stmt, { kind: 'CallStmt' }>): void {
    const callee = this.#funcs.get(stmt.func)
    if (callee !== undefined) this.#enter(scope, callee, stmt.args, stmt.result)
    else if (stmt.func === 'count') {
      for (const operand of stmt.args) for (const place of held(scope, operand)) this.#elements(place)
    } else if (!this.#apart.has(stmt.func)) for (const operand of stmt.args) this.#escape(scope, operand)
  }

  #enter(scope: Scope, callee: Scope, args: readonly Operand[], result: Local): void {
    for (const [i, param] of callee.params.entries()) {
      const operand = args[i]
      if (operand !== undefined) for (const place of held(scope, operand)) this.#hold(callee, param, place)
    }
    callee.callers.add(scope)
    for (const place of callee.returned) {
      if (place.whole) callee.returned.delete(place)
      else this.#hold(scope, result, place)
    }
  }

  #flow(scope: Scope, source: Operand, target: Local): void {
    for (const place of held(scope, source)) this.#hold(scope, target, place)
  }

  /** What is read as a whole need not be followed: all that is in it is read. */
  #hold(scope: Scope, local: Local, place: Place): void {
    this.#handed--
    if (place.whole) return
    let places = scope.held[local]
    if (places === undefined) {
      places = new Set()
      scope.held[local] = places
    }
    if (places.has(place)) return
    places.add(place)
    this.#wait(scope)
  }

  #escape(scope: Scope, operand: Operand): void {
    for (const place of held(scope, operand)) this.#read(place)
  }

  #read(place: Place): void {
    place.whole = true
  }

  /** A field's place; the whole value's where all of it is read anyway. */
  #field(place: Place, name: string): Place {
    if (place.whole) return place
    const known = place.fields.get(name)
    if (known !== undefined) return known
    const made = this.#inner(place)
    if (made !== place) place.fields.set(name, made)
    return made
  }

  #elements(place: Place): Place {
    if (place.whole) return place
    if (place.elements === undefined) {
      const made = this.#inner(place)
      if (made === place) return place
      place.elements = made
    }
    return place.elements
  }

  #inner(place: Place): Place {
    if (place.depth < DEPTH_MAX) return new Place(place.depth + 1)
    place.whole = true
    return place
  }

  #path(place: Place, path: readonly number[]): void {
    let inner = place
    for (const index of path) inner = this.#field(inner, this.#policy.strings[index] ?? '')
  }
}

function scopeOf(params: readonly Local[], listing: Listing): Scope {
  const { stmts, reads, writes } = listing
  const values: Values = []
  for (const param of params) values[param] = true
  for (let at = 0, i = 0; at < stmts.length; at++) {
    const stmt = stmts[at]
    const end = listing.writeEnd(at)
    if (stmt !== undefined && !makesScalar(stmt)) for (; i < end; i++) values[writes[i] ?? 0] = true
    i = end
  }
  const steps: Step[] = []
  for (let at = 0; at < stmts.length; at++) {
    const stmt = stmts[at]
    if (stmt === undefined || !canCarry(stmt, values)) continue
    steps.push({ stmt, reads: reads.slice(at === 0 ? 0 : listing.readEnd(at - 1), listing.readEnd(at)) })
  }
  return { params, steps, held: [], returned: new Set(), callers: new Set(), isWaiting: false }
}

/** By local, whether it may hold more than a mere scalar. */
type Values = (boolean | undefined)[]

/** Whether something of the input may flow or escape through a statement. */
function canCarry(stmt: Stmt, values: Values): boolean {
  switch (stmt.kind) {
    case 'AssignVarStmt':
    case 'AssignVarOnceStmt':
      return canHold(stmt.source, values)
    case 'EqualStmt':
    case 'NotEqualStmt':
      // Comparing with what is no collection reads no collection.
      return canHold(stmt.a, values) && canHold(stmt.b, values)
    case 'IsArrayStmt':
    case 'IsObjectStmt':
    case 'IsSetStmt':
    case 'IsDefinedStmt':
    case 'IsUndefinedStmt':
    case 'BlockStmt':
    case 'BreakStmt':
    case 'NopStmt':
    case 'NotStmt':
      return false
    default:
      return !makesNew(stmt)
  }
}

/** Whether a statement makes a value of nothing. */
function makesNew(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case 'AssignIntStmt':
    case 'MakeArrayStmt':
    case 'MakeNullStmt':
    case 'MakeNumberIntStmt':
    case 'MakeNumberRefStmt':
    case 'MakeObjectStmt':
    case 'MakeSetStmt':
    case 'ResetLocalStmt':
      return true
    default:
      return false
  }
}

function canHold(operand: Operand, values: Values): boolean {
  return operand.kind === 'local' && values[operand.value] === true
}

function makesScalar(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case 'MakeNullStmt':
    case 'MakeNumberIntStmt':
    case 'MakeNumberRefStmt':
    case 'AssignIntStmt':
    case 'LenStmt':
    case 'ResetLocalStmt':
      return true
    case 'AssignVarStmt':
      return stmt.source.kind !== 'local'
    default:
      return false
  }
}

const nothing: ReadonlySet<Place> = new Set()

/** The places that an operand may hold, without those that are read as a whole by now. */
function held(scope: Scope, operand: Operand): ReadonlySet<Place> {
  if (operand.kind !== 'local') return nothing
  const places = scope.held[operand.value]
  if (places === undefined) return nothing
  for (const place of places) if (place.whole) places.delete(place)
  return places
}

function localOperand(value: Local): Operand {
  return { kind: 'local', value }
}
