// What statements cost in fuel.
import { type Block, nestedBlocks } from '../ir/index.ts'

/** Fuel for blocks and what is in them, but for the bodies of scans, which spend their own for all turns at once. */
export function costOf(blocks: readonly Block[]): number {
  let units = 0
  for (const block of blocks) {
    units += block.stmts.length + 1
    for (const stmt of block.stmts) if (stmt.kind !== 'ScanStmt') units += costOf(nestedBlocks(stmt))
  }
  return units
}
