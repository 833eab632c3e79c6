// Which locals of a function anybody reads: what only ever goes into others that nobody reads need not be computed.
import type { Local } from '../ir/index.ts'
import type { Listing } from './listing.ts'

/** By local, whether it is read other than by copies into locals that are not. */
export function liveLocals(listing: Listing): readonly (boolean | undefined)[] {
  const { stmts, reads } = listing
  const live: (boolean | undefined)[] = []
  const copies: Local[] = []
  for (let at = 0, i = 0; at < stmts.length; at++) {
    const stmt = stmts[at]
    const end = listing.readEnd(at)
    if (stmt?.kind !== 'AssignVarStmt') for (; i < end; i++) live[reads[i] ?? 0] = true
    else if (stmt.source.kind === 'local') copies.push(stmt.source.value, stmt.target)
    i = end
  }
  for (let changed = true; changed; ) {
    changed = false
    // Copies mostly go forward: from the last on, one round is nearly always enough.
    for (let i = copies.length - 2; i >= 0; i -= 2) {
      const [source, target] = [copies[i] ?? 0, copies[i + 1] ?? 0]
      if (live[target] !== true || live[source] === true) continue
      live[source] = true
      changed = true
    }
  }
  return live
}
