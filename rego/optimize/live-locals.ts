// Which locals of a function anybody reads: what only ever goes into others that nobody reads need not be computed.
import type { Local } from '../ir/index.ts'
import type { Listing } from './listing.ts'

/** The locals that are read, other than by copies into locals that are not. */
export function liveLocals({ stmts, uses }: Listing): ReadonlySet<Local> {
  const live = new Set<Local>()
  const copies: Local[] = []
  for (let at = 0; at < stmts.length; at++) {
    const stmt = stmts[at]
    if (stmt?.kind === 'AssignVarStmt') {
      if (stmt.source.kind === 'local') copies.push(stmt.source.value, stmt.target)
      continue
    }
    for (const operand of uses[at]?.reads ?? []) if (operand.kind === 'local') live.add(operand.value)
  }
  for (let changed = true; changed; ) {
    changed = false
    // Copies mostly go forward: from the last on, one round is nearly always enough.
    for (let i = copies.length - 2; i >= 0; i -= 2) {
      const [source, target] = [copies[i] ?? 0, copies[i + 1] ?? 0]
      if (!live.has(target) || live.has(source)) continue
      live.add(source)
      changed = true
    }
  }
  return live
}
