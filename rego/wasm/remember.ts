// Which functions may keep their value for the rest of an evaluation: those of input and data only, where every call
// passes the caller's own two documents on.
import {
  type Block,
  DATA,
  type Func,
  INPUT,
  nestedBlocks,
  type Operand,
  type Policy,
  type Stmt,
  usesOf,
  walkBlocks,
} from '../ir/index.ts'

/** The memo rows of the functions that have one, by their order. */
export function memoRows(policy: Policy): ReadonlyMap<Func, number> {
  const never = new Set<string>()
  let anything = true
  const visit = (input: number, data: number) => (stmt: Stmt) => {
    if (stmt.kind === 'CallStmt') {
      if (!isLocal(stmt.args[0], input) || !isLocal(stmt.args[1], data)) never.add(stmt.func)
    } else if (stmt.kind === 'CallDynamicStmt') {
      if (stmt.args[0] !== input || stmt.args[1] !== data) anything = false
    }
    // A plan that writes over its documents, other than by `with`, is none that a planner makes.
    if (stmt.kind !== 'WithStmt' && usesOf(stmt).writes.some((local) => local === input || local === data)) {
      anything = false
    }
  }
  for (const plan of policy.plans) walkBlocks(plan.blocks, visit(INPUT, DATA))
  for (const func of policy.funcs) walkBlocks(func.blocks, visit(func.params[0] ?? INPUT, func.params[1] ?? DATA))
  const rows = new Map<Func, number>()
  if (!anything) return rows
  const once = calledOnce(policy, never)
  for (const func of policy.funcs) {
    if (func.params.length === 2 && !never.has(func.name) && !once.has(func)) rows.set(func, rows.size)
  }
  return rows
}

/** The functions that an evaluation calls once at most, so that nobody would ask for a value they keep. */
function calledOnce(policy: Policy, never: ReadonlySet<string>): ReadonlySet<Func> {
  const calls = new Map<string, number>()
  let isDynamic = false
  const counted = (blocks: readonly Block[], isRepeated: boolean, into: Map<string, number>): void => {
    for (const { stmts } of blocks) {
      for (const stmt of stmts) {
        if (stmt.kind === 'CallDynamicStmt') isDynamic = true
        if (stmt.kind === 'CallStmt') into.set(stmt.func, (into.get(stmt.func) ?? 0) + (isRepeated ? 2 : 1))
        counted(nestedBlocks(stmt), isRepeated || stmt.kind === 'ScanStmt', into)
      }
    }
  }
  // One evaluation runs one plan.
  for (const plan of policy.plans) {
    const own = new Map<string, number>()
    counted(plan.blocks, false, own)
    for (const [name, count] of own) calls.set(name, Math.max(calls.get(name) ?? 0, count))
  }
  // A function that keeps its value, or is called once, runs once.
  for (const func of policy.funcs) counted(func.blocks, func.params.length !== 2 || never.has(func.name), calls)
  return new Set(isDynamic ? [] : policy.funcs.filter(({ name }) => (calls.get(name) ?? 0) <= 1))
}

function isLocal(operand: Operand | undefined, local: number): boolean {
  return operand?.kind === 'local' && operand.value === local
}
