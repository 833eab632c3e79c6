// Which locals of a function anybody reads: what only ever goes into others that nobody reads need not be computed.
import { type Block, type Local, usesOf, walkBlocks } from '../ir/index.ts'

/** The locals that are read, other than by copies into locals that are not. */
export function liveLocals(blocks: readonly Block[]): ReadonlySet<Local> {
  const live = new Set<Local>()
  const copies: (readonly [source: Local, target: Local])[] = []
  walkBlocks(blocks, (stmt) => {
    if (stmt.kind === 'AssignVarStmt') {
      if (stmt.source.kind === 'local') copies.push([stmt.source.value, stmt.target])
      return
    }
    for (const operand of usesOf(stmt).reads) if (operand.kind === 'local') live.add(operand.value)
  })
  for (let changed = true; changed; ) {
    changed = false
    for (const [source, target] of copies) {
      if (!live.has(target) || live.has(source)) continue
      live.add(source)
      changed = true
    }
  }
  return live
}
