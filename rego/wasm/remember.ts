// Which functions may keep their value for the rest of an evaluation: those of input and data only, where every call
// passes the caller's own two documents on.
import { DATA, type Func, INPUT, type Operand, type Policy, type Stmt, usesOf, walkBlocks } from '../ir/index.ts'

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
  for (const func of policy.funcs) if (func.params.length === 2 && !never.has(func.name)) rows.set(func, rows.size)
  return rows
}

function isLocal(operand: Operand | undefined, local: number): boolean {
  return operand?.kind === 'local' && operand.value === local
}
