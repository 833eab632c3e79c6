// Collections that a policy writes out: made in one call instead of entry by entry, a set of constants once and for all.
import { type Local, type MakeObjectStmt, type Operand, type Stmt, usesOf } from '../ir/index.ts'
import { compareStrings } from '../value/index.ts'
import { emitJoin } from './calls.ts'
import type { FunctionBody } from './function-body.ts'

/** The most values that one call makes an array of, and entries an object. */
const ARRAY_MAX = 4
const OBJECT_MAX = 3

/** Emits the collection that begins at a statement; gives how many statements that was, 0 where there is none. */
export function emitLiteral(body: FunctionBody, stmts: readonly Stmt[], at: number): number {
  const stmt = stmts[at]
  switch (stmt?.kind) {
    case 'MakeArrayStmt':
      return emitArray(body, stmts, at, stmt.target)
    case 'MakeObjectStmt':
      return emitBinding(body, stmts, at, stmt) || emitObject(body, stmts, at, stmt.target)
    case 'MakeSetStmt':
      return emitSet(body, stmts, at, stmt.target)
    default:
      return 0
  }
}

function emitArray(body: FunctionBody, stmts: readonly Stmt[], at: number, target: Local): number {
  const values: Operand[] = []
  for (let next = stmts[at + 1]; values.length < ARRAY_MAX; next = stmts[at + 1 + values.length]) {
    if (next?.kind !== 'ArrayAppendStmt' || next.array !== target || isLocal(body, next.value, target)) break
    values.push(next.value)
  }
  const isWhole = body.changesOf(target) === values.length
  if (isWhole) body.written.set(target, values)
  if (values.length === 0) return 0
  const call = stmts[at + 1 + values.length]
  if (isWhole && call?.kind === 'CallStmt' && emitJoin(body, call, target, values)) return 2 + values.length
  body.code.constant(values.length)
  for (let i = 0; i < ARRAY_MAX; i++) push(body, values[i])
  body.runtime('arrayOf').assign(target)
  return 1 + values.length
}

function emitObject(body: FunctionBody, stmts: readonly Stmt[], at: number, target: Local): number {
  const entries: (readonly [key: string, value: Operand])[] = []
  for (let next = stmts[at + 1]; entries.length < OBJECT_MAX; next = stmts[at + 1 + entries.length]) {
    if (next?.kind !== 'ObjectInsertStmt' || next.object !== target || isLocal(body, next.value, target)) break
    const key = next.key.kind === 'string_index' ? body.program.policy.strings[next.key.value] : undefined
    if (key === undefined || entries.some(([other]) => other === key)) break
    entries.push([key, next.value])
  }
  if (entries.length === 0) return 0
  const count = entries.length
  entries.sort(([a], [b]) => compareStrings(a, b))
  body.code.constant(count)
  for (let i = 0; i < OBJECT_MAX; i++) {
    const [key, value] = entries[i] ?? []
    body.code.constant(key === undefined ? 0 : body.program.constants.string(key))
    push(body, value)
  }
  body.runtime('objectOf').assign(target)
  return 1 + count
}

/** What a plan ends with: its value by the name `result` in the result set. Our own host needs neither of the two. */
function emitBinding(body: FunctionBody, stmts: readonly Stmt[], at: number, made: MakeObjectStmt): number {
  const [insert, add] = [stmts[at + 1], stmts[at + 2]]
  if (insert?.kind !== 'ObjectInsertStmt' || add?.kind !== 'ResultSetAddStmt' || stmts.length > at + 3) return 0
  const { target } = made
  const isOfTarget = insert.object === target && add.value === target && !isLocal(body, insert.value, target)
  if (!isOfTarget || !body.uses.isOwn(made, target) || body.isDefined(insert.value) !== true) return 0
  const { key } = insert
  if (key.kind !== 'string_index' || body.program.policy.strings[key.value] !== 'result') return 0
  body.code.get(body.resultSet)
  body.operand(key)
  body.operand(insert.value)
  body.runtime('addResult')
  return 3
}

/** A set of constant strings that nothing else is added to lies in the data segment. */
function emitSet(body: FunctionBody, stmts: readonly Stmt[], at: number, target: Local): number {
  const texts: string[] = []
  for (let next = stmts[at + 1]; ; next = stmts[at + 1 + texts.length]) {
    if (next?.kind !== 'SetAddStmt' || next.set !== target || next.value.kind !== 'string_index') break
    texts.push(body.program.policy.strings[next.value.value] ?? '')
  }
  if (texts.length === 0 || body.changesOf(target) !== texts.length) return 0
  body.code.constant(body.program.constants.set([...new Set(texts)].sort(compareStrings)))
  body.assign(target)
  return 1 + texts.length
}

/** How often each local is changed; one that is copied could be changed by its other name, without a bound. */
export function changeCounts(body: FunctionBody): ReadonlyMap<Local, number> {
  const counts = new Map<Local, number>()
  for (const stmt of body.listing.stmts) {
    for (const local of usesOf(stmt).changes) {
      const original = body.original({ kind: 'local', value: local })
      if (original.kind === 'local') counts.set(original.value, (counts.get(original.value) ?? 0) + 1)
    }
    if (stmt.kind !== 'AssignVarStmt' || body.isCopy(stmt.target)) continue
    const original = body.original(stmt.source)
    if (original.kind === 'local') counts.set(original.value, Number.POSITIVE_INFINITY)
  }
  return counts
}

function push(body: FunctionBody, operand: Operand | undefined): void {
  if (operand === undefined) body.code.constant(0)
  else body.operand(operand)
}

function isLocal(body: FunctionBody, operand: Operand, local: Local): boolean {
  const original = body.original(operand)
  return original.kind === 'local' && original.value === local
}
