// Going through IR: nested blocks, what statements read and write, rewriting.
import { unreachable } from '../unreachable.ts'
import type { Block, Local, Operand, Policy, Stmt } from './policy.ts'

/** The blocks directly inside a statement. */
export function nestedBlocks(stmt: Stmt): readonly Block[] {
  switch (stmt.kind) {
    case 'BlockStmt':
      return stmt.blocks
    case 'NotStmt':
    case 'ScanStmt':
    case 'WithStmt':
      return [stmt.block]
    default:
      return NONE
  }
}

const NONE: readonly Block[] = []

/** Visits every statement of the blocks, outer before inner. */
export function walkBlocks(blocks: readonly Block[], visit: (stmt: Stmt) => void): void {
  for (const block of blocks) {
    for (const stmt of block.stmts) {
      visit(stmt)
      const nested = nestedBlocks(stmt)
      if (nested !== NONE) walkBlocks(nested, visit)
    }
  }
}

/** Visits every statement of every plan and function. */
export function walkPolicy(policy: Policy, visit: (stmt: Stmt) => void): void {
  for (const plan of policy.plans) walkBlocks(plan.blocks, visit)
  for (const func of policy.funcs) walkBlocks(func.blocks, visit)
}

/** The statement with its nested blocks replaced. */
export function mapNested(stmt: Stmt, map: (block: Block) => Block): Stmt {
  switch (stmt.kind) {
    case 'BlockStmt':
      return { ...stmt, blocks: stmt.blocks.map(map) }
    case 'NotStmt':
    case 'ScanStmt':
    case 'WithStmt':
      return { ...stmt, block: map(stmt.block) }
    default:
      return stmt
  }
}

/** Rewrites blocks bottom-up: each statement, its nested blocks done, becomes the statements that `map` gives. */
export function mapBlocks(blocks: readonly Block[], map: (stmt: Stmt) => readonly Stmt[]): readonly Block[] {
  const mapBlock = (block: Block): Block => ({ stmts: block.stmts.flatMap((stmt) => map(mapNested(stmt, mapBlock))) })
  return blocks.map(mapBlock)
}

const NO_OPERANDS: readonly Operand[] = []
const NO_LOCALS: readonly Local[] = []

/** What a statement itself (not its nested blocks) touches. `changes` are locals whose collection is built in place. */
export interface Uses {
  readonly reads: readonly Operand[]
  readonly writes: readonly Local[]
  readonly changes: readonly Local[]
}

/** The locals a statement itself reads, writes and changes. */
export function usesOf(stmt: Stmt): Uses {
  switch (stmt.kind) {
    case 'ArrayAppendStmt':
      return uses([stmt.value, local(stmt.array)], NO_LOCALS, [stmt.array])
    case 'AssignIntStmt':
    case 'MakeArrayStmt':
    case 'MakeNullStmt':
    case 'MakeNumberIntStmt':
    case 'MakeNumberRefStmt':
    case 'MakeObjectStmt':
    case 'MakeSetStmt':
    case 'ResetLocalStmt':
      return uses(NO_OPERANDS, [stmt.target])
    case 'AssignVarStmt':
      return uses([stmt.source], [stmt.target])
    case 'AssignVarOnceStmt':
      return uses([stmt.source, local(stmt.target)], [stmt.target])
    case 'BlockStmt':
    case 'BreakStmt':
    case 'NopStmt':
    case 'NotStmt':
      return uses(NO_OPERANDS, NO_LOCALS)
    case 'CallStmt':
      return uses(stmt.args, [stmt.result])
    case 'CallDynamicStmt':
      return uses([...stmt.path, ...stmt.args.map(local)], [stmt.result])
    case 'DotStmt':
      return uses([stmt.source, stmt.key], [stmt.target])
    case 'EqualStmt':
    case 'NotEqualStmt':
      return uses([stmt.a, stmt.b], NO_LOCALS)
    case 'IsArrayStmt':
    case 'IsObjectStmt':
    case 'IsSetStmt':
      return uses([stmt.source], NO_LOCALS)
    case 'IsDefinedStmt':
    case 'IsUndefinedStmt':
    case 'ReturnLocalStmt':
      return uses([local(stmt.source)], NO_LOCALS)
    case 'LenStmt':
      return uses([stmt.source], [stmt.target])
    case 'ObjectInsertStmt':
    case 'ObjectInsertOnceStmt':
      return uses([stmt.key, stmt.value, local(stmt.object)], NO_LOCALS, [stmt.object])
    case 'ObjectMergeStmt':
      return uses([local(stmt.a), local(stmt.b)], [stmt.target])
    case 'ResultSetAddStmt':
      return uses([local(stmt.value)], NO_LOCALS)
    case 'ScanStmt':
      return uses([local(stmt.source)], [stmt.key, stmt.value])
    case 'SetAddStmt':
      return uses([stmt.value, local(stmt.set)], NO_LOCALS, [stmt.set])
    case 'WithStmt':
      return uses([stmt.value, local(stmt.local)], [stmt.local])
    default:
      return unreachable(stmt)
  }
}

function uses(reads: readonly Operand[], writes: readonly Local[], changes: readonly Local[] = NO_LOCALS): Uses {
  return { reads, writes, changes }
}

function local(value: Local): Operand {
  return { kind: 'local', value }
}
