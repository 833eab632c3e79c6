// Which functions may keep their value for the rest of an evaluation: those of input and data only, where every call
// passes the caller's own two documents on.
import { DATA, type Func, INPUT, type Operand, type Policy } from '../ir/index.ts'
import type { Listing, Listings } from '../optimize/index.ts'

/** The memo rows of the functions that have one, by their order. */
export function memoRows(policy: Policy, listings: Listings): ReadonlyMap<Func, number> {
  const rows = new Map<Func, number>()
  const own = documentFunctions(policy, listings)
  if (own.size === 0) return rows
  const once = calledOnce(policy, own, listings)
  for (const func of policy.funcs) if (own.has(func.name) && !once.has(func)) rows.set(func, rows.size)
  return rows
}

/** The names of the functions of input and data alone, which get the plan's own wherever they are called. */
export function documentFunctions(policy: Policy, listings: Listings): ReadonlySet<string> {
  const never = new Set<string>()
  for (const plan of policy.plans) if (!passesOn(listings.of(plan.blocks), INPUT, DATA, never)) return new Set()
  for (const { blocks, params } of policy.funcs) {
    if (!passesOn(listings.of(blocks), params[0] ?? INPUT, params[1] ?? DATA, never)) return new Set()
  }
  return new Set(
    policy.funcs.filter(({ name, params }) => params.length === 2 && !never.has(name)).map(({ name }) => name),
  )
}

/** Finds the functions that get other documents than the caller's own; gives false where any may. */
function passesOn(listing: Listing, input: number, data: number, never: Set<string>): boolean {
  const { stmts, writes } = listing
  let write = 0
  for (let at = 0; at < stmts.length; at++) {
    const stmt = stmts[at]
    if (stmt?.kind === 'CallStmt') {
      if (!isLocal(stmt.args[0], input) || !isLocal(stmt.args[1], data)) never.add(stmt.func)
    } else if (stmt?.kind === 'CallDynamicStmt') {
      if (stmt.args[0] !== input || stmt.args[1] !== data) return false
    }
    // A plan that writes over its documents, other than by `with`, is none that a planner makes.
    const end = listing.writeEnd(at)
    for (; write < end; write++) {
      if (stmt?.kind !== 'WithStmt' && (writes[write] === input || writes[write] === data)) return false
    }
  }
  return true
}

/** The functions that an evaluation calls once at most, so that nobody would ask for a value they keep. */
function calledOnce(policy: Policy, keeps: ReadonlySet<string>, listings: Listings): ReadonlySet<Func> {
  const calls = new Map<string, number>()
  // One evaluation runs one plan.
  for (const plan of policy.plans) {
    const own = new Map<string, number>()
    if (!countCalls(listings.of(plan.blocks), false, own)) return new Set()
    for (const [name, count] of own) calls.set(name, Math.max(calls.get(name) ?? 0, count))
  }
  // A function that keeps its value, or is called once, runs once.
  for (const { blocks, name } of policy.funcs) {
    if (!countCalls(listings.of(blocks), !keeps.has(name), calls)) return new Set()
  }
  return new Set(policy.funcs.filter(({ name }) => (calls.get(name) ?? 0) <= 1))
}

/** Counts the calls of each function, those that may be repeated twice; gives false where any may be called. */
function countCalls(listing: Listing, isRepeated: boolean, into: Map<string, number>): boolean {
  let loopEnd = -1
  for (let at = 0; at < listing.stmts.length; at++) {
    const stmt = listing.stmts[at]
    if (stmt?.kind === 'CallDynamicStmt') return false
    if (stmt?.kind === 'ScanStmt') loopEnd = Math.max(loopEnd, listing.inner(at))
    if (stmt?.kind !== 'CallStmt') continue
    into.set(stmt.func, (into.get(stmt.func) ?? 0) + (isRepeated || at <= loopEnd ? 2 : 1))
  }
  return true
}

function isLocal(operand: Operand | undefined, local: number): boolean {
  return operand?.kind === 'local' && operand.value === local
}
