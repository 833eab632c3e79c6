// A statement with its place, as one object with all fields in one order: plans are mostly statements, and copying fields
// over after the object is made would take twice the room.
import type { Place, Stmt } from '../ir/index.ts'
import { unreachable } from '../unreachable.ts'

/** A statement without its place. */
export type Bare<S extends Stmt = Stmt> = S extends Stmt ? Omit<S, keyof Place> : never

/** The statement at a place. */
export function placed(stmt: Bare, { file, row, col }: Place): Stmt {
  switch (stmt.kind) {
    case 'ArrayAppendStmt':
      return { kind: 'ArrayAppendStmt', value: stmt.value, array: stmt.array, file, row, col }
    case 'AssignIntStmt':
      return { kind: 'AssignIntStmt', value: stmt.value, target: stmt.target, file, row, col }
    case 'AssignVarStmt':
      return { kind: 'AssignVarStmt', source: stmt.source, target: stmt.target, file, row, col }
    case 'AssignVarOnceStmt':
      return { kind: 'AssignVarOnceStmt', source: stmt.source, target: stmt.target, file, row, col }
    case 'BlockStmt':
      return { kind: 'BlockStmt', blocks: stmt.blocks, file, row, col }
    case 'BreakStmt':
      return { kind: 'BreakStmt', index: stmt.index, file, row, col }
    case 'CallStmt':
      return { kind: 'CallStmt', func: stmt.func, args: stmt.args, result: stmt.result, file, row, col }
    case 'CallDynamicStmt':
      return { kind: 'CallDynamicStmt', path: stmt.path, args: stmt.args, result: stmt.result, file, row, col }
    case 'DotStmt':
      return { kind: 'DotStmt', source: stmt.source, key: stmt.key, target: stmt.target, file, row, col }
    case 'EqualStmt':
      return { kind: 'EqualStmt', a: stmt.a, b: stmt.b, file, row, col }
    case 'IsArrayStmt':
      return { kind: 'IsArrayStmt', source: stmt.source, file, row, col }
    case 'IsDefinedStmt':
      return { kind: 'IsDefinedStmt', source: stmt.source, file, row, col }
    case 'IsObjectStmt':
      return { kind: 'IsObjectStmt', source: stmt.source, file, row, col }
    case 'IsSetStmt':
      return { kind: 'IsSetStmt', source: stmt.source, file, row, col }
    case 'IsUndefinedStmt':
      return { kind: 'IsUndefinedStmt', source: stmt.source, file, row, col }
    case 'LenStmt':
      return { kind: 'LenStmt', source: stmt.source, target: stmt.target, file, row, col }
    case 'MakeArrayStmt':
      return { kind: 'MakeArrayStmt', capacity: stmt.capacity, target: stmt.target, file, row, col }
    case 'MakeNullStmt':
      return { kind: 'MakeNullStmt', target: stmt.target, file, row, col }
    case 'MakeNumberIntStmt':
      return { kind: 'MakeNumberIntStmt', value: stmt.value, target: stmt.target, file, row, col }
    case 'MakeNumberRefStmt':
      return { kind: 'MakeNumberRefStmt', index: stmt.index, target: stmt.target, file, row, col }
    case 'MakeObjectStmt':
      return { kind: 'MakeObjectStmt', target: stmt.target, file, row, col }
    case 'MakeSetStmt':
      return { kind: 'MakeSetStmt', target: stmt.target, file, row, col }
    case 'NopStmt':
      return { kind: 'NopStmt', file, row, col }
    case 'NotEqualStmt':
      return { kind: 'NotEqualStmt', a: stmt.a, b: stmt.b, file, row, col }
    case 'NotStmt':
      return { kind: 'NotStmt', block: stmt.block, file, row, col }
    case 'ObjectInsertStmt':
      return { kind: 'ObjectInsertStmt', key: stmt.key, value: stmt.value, object: stmt.object, file, row, col }
    case 'ObjectInsertOnceStmt':
      return { kind: 'ObjectInsertOnceStmt', key: stmt.key, value: stmt.value, object: stmt.object, file, row, col }
    case 'ObjectMergeStmt':
      return { kind: 'ObjectMergeStmt', a: stmt.a, b: stmt.b, target: stmt.target, file, row, col }
    case 'ResetLocalStmt':
      return { kind: 'ResetLocalStmt', target: stmt.target, file, row, col }
    case 'ResultSetAddStmt':
      return { kind: 'ResultSetAddStmt', value: stmt.value, file, row, col }
    case 'ReturnLocalStmt':
      return { kind: 'ReturnLocalStmt', source: stmt.source, file, row, col }
    case 'ScanStmt':
      return {
        kind: 'ScanStmt',
        source: stmt.source,
        key: stmt.key,
        value: stmt.value,
        block: stmt.block,
        file,
        row,
        col,
      }
    case 'SetAddStmt':
      return { kind: 'SetAddStmt', value: stmt.value, set: stmt.set, file, row, col }
    case 'WithStmt':
      return {
        kind: 'WithStmt',
        local: stmt.local,
        path: stmt.path,
        value: stmt.value,
        block: stmt.block,
        file,
        row,
        col,
      }
    default:
      return unreachable(stmt)
  }
}
