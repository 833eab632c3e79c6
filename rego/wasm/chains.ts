// Statements whose value only the next one asks for: it stays on the stack, and what is undefined is found out at the end.
// Each of them leaves the same block, and looking up in what is undefined is undefined, so nobody can tell.
import type { DotStmt, Local, Operand, Stmt } from '../ir/index.ts'
import { pushCall } from './calls.ts'
import type { FunctionBody } from './function-body.ts'
import { WORD } from './layout.ts'
import { emitScan } from './scopes.ts'

/** Emits the chain that begins at a statement; gives how many statements that was, 0 where there is none. */
export function emitChain(body: FunctionBody, stmts: readonly Stmt[], at: number): number {
  const stmt = stmts[at]
  const next = stmts[at + 1]
  if (stmt?.kind === 'CallStmt') {
    if (next === undefined || !isTruth(next, stmt.result) || !body.uses.isOnlyFor(stmt.result, next)) return 0
    if (!pushCall(body, stmt)) return 0
    return 1 + emitEnd(body, next, stmt.result)
  }
  if (stmt?.kind === 'IsDefinedStmt') {
    // What is in something tells that it is defined.
    const asksItself = next?.kind === 'DotStmt' && isLocal(body, next.source, stmt.source)
    if (!asksItself) return 0
    body.begin(next)
    return 1 + emitDots(body, stmts, at + 1, next)
  }
  return stmt?.kind === 'DotStmt' ? emitDots(body, stmts, at, stmt) : 0
}

/** A lookup, those in what it gives, and the statement that asks for the last of them. */
function emitDots(body: FunctionBody, stmts: readonly Stmt[], at: number, first: DotStmt): number {
  let last = first
  let count = 1
  for (;;) {
    const next = stmts[at + count]
    if (next === undefined || !body.uses.isOnlyFor(last.target, next)) break
    if (isLookupIn(body, next, last.target)) {
      if (last === first) push(body, first)
      body.begin(next)
      body.operand(next.key)
      body.lookup(next)
      last = next
      count++
    } else if (canEnd(body, next, last.target, at + count === stmts.length - 1)) {
      if (last === first) push(body, first)
      count += emitEnd(body, next, last.target)
      learn(body, first)
      return count
    } else break
  }
  if (last === first) body.emit(body, first)
  else body.assignDefined(last.target)
  learn(body, first)
  return count
}

/** Leaves what a lookup gives on the stack; it may have been looked up before the loop it is in. */
function push(body: FunctionBody, stmt: DotStmt): void {
  const ready = body.hoisted.get(stmt)
  if (ready !== undefined) {
    body.code.get(ready)
    return
  }
  body.operand(stmt.source)
  body.operand(stmt.key)
  body.lookup(stmt)
}

function isLookupIn(body: FunctionBody, stmt: Stmt, local: Local): stmt is DotStmt {
  if (stmt.kind !== 'DotStmt' || body.hoisted.has(stmt)) return false
  return isLocal(body, stmt.source, local) && !isLocal(body, stmt.key, local)
}

function learn(body: FunctionBody, { source }: DotStmt): void {
  const original = body.original(source)
  if (original.kind === 'local') body.facts.learn(original.value, true)
}

/** Whether a statement can take the local from the stack, and does nothing more than others would where it is undefined. */
function canEnd(body: FunctionBody, stmt: Stmt, local: Local, isLast: boolean): boolean {
  if (stmt.kind === 'ScanStmt') return isLast && stmt.source === local
  if (stmt.kind === 'EqualStmt') {
    const other = otherOf(body, stmt.a, stmt.b, local)
    return other !== undefined && body.isDefined(other) === true
  }
  return isTruth(stmt, local)
}

/** Emits what becomes of the word on the stack, which is the local's. Gives how many statements that was. */
function emitEnd(body: FunctionBody, stmt: Stmt, local: Local): number {
  body.begin(stmt)
  if (stmt.kind === 'ScanStmt') {
    emitScan(body, stmt, true)
    return 1
  }
  if (stmt.kind === 'EqualStmt') {
    const other = otherOf(body, stmt.a, stmt.b, local)
    if (other !== undefined) body.operand(other)
    if (other !== undefined && body.original(other).kind === 'bool') body.code.ne()
    else body.runtime('same').code.eqz()
  } else {
    // Undefined and false differ in one bit.
    body.code.constant(~WORD.false).and().eqz()
  }
  body.leaveIf()
  return 1
}

function otherOf(body: FunctionBody, a: Operand, b: Operand, local: Local): Operand | undefined {
  if (isLocal(body, a, local)) return isLocal(body, b, local) ? undefined : b
  return isLocal(body, b, local) ? a : undefined
}

/** Whether a statement asks that a local is neither undefined nor false. */
function isTruth(stmt: Stmt, local: Local): boolean {
  if (stmt.kind !== 'NotEqualStmt') return false
  const { a, b } = stmt
  const [one, other] = a.kind === 'local' ? [a, b] : [b, a]
  return one.kind === 'local' && one.value === local && other.kind === 'bool' && !other.value
}

function isLocal(body: FunctionBody, operand: Operand, local: Local): boolean {
  const original = body.original(operand)
  return original.kind === 'local' && original.value === local
}
