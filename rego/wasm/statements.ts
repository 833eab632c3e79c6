// What each statement of IR becomes.
import type { Block, DotStmt, Func, Operand, Plan, Stmt } from '../ir/index.ts'
import { DATA, INPUT } from '../ir/index.ts'
import { ruleIndex } from '../optimize/index.ts'
import { unreachable } from '../unreachable.ts'
import { emitCall, emitCallDynamic } from './calls.ts'
import type { CodeBody } from './code-writer.ts'
import { FunctionBody } from './function-body.ts'
import { KIND, WORD } from './layout.ts'
import type { EmitProgram } from './program.ts'
import { emitScan, emitWith } from './scopes.ts'

/** A plan's capacity is only a hint. */
const CAPACITY_MAX = 64

/** Emits a rule or function. */
export function emitFunc(program: EmitProgram, func: Func): CodeBody {
  const planned = program.planned(func.name)
  return new FunctionBody(emitStmt, program, func.params, planned?.row ?? -1, func).ofRule(
    ruleIndex(program.policy, func),
  )
}

/** Emits a plan: a function of input, data and the result set. */
export function emitPlan(program: EmitProgram, plan: Plan): CodeBody {
  return new FunctionBody(emitStmt, program, [INPUT, DATA, -1], -1, plan).ofPlan(plan.blocks)
}

export function emitStmt(body: FunctionBody, stmt: Stmt): void {
  switch (stmt.kind) {
    case 'BlockStmt':
      for (const block of stmt.blocks) body.block(block)
      return
    case 'BreakStmt':
      body.leave(stmt.index)
      return
    case 'CallStmt':
      emitCall(body, stmt)
      return
    case 'CallDynamicStmt':
      emitCallDynamic(body, stmt)
      return
    case 'NotStmt':
      emitNot(body, stmt.block)
      return
    case 'ScanStmt':
      emitScan(body, stmt)
      return
    case 'WithStmt':
      emitWith(body, stmt)
      return
    case 'ReturnLocalStmt':
      body.get(stmt.source).set(body.out)
      for (let i = body.scopes.length - 1; i >= 0; i--) body.scopes[i]?.restore?.()
      body.code.br(body.returnDepth)
      return
    case 'ResultSetAddStmt':
      body.program.bindsOnlyResult = false
      body.code.get(body.resultSet)
      body.get(stmt.value)
      body.runtime('setAdd')
      return
    case 'NopStmt':
      return
    case 'ArrayAppendStmt':
      body.get(stmt.array)
      body.operand(stmt.value)
      body.runtime('arrayAppend')
      return
    case 'SetAddStmt':
      body.get(stmt.set)
      body.operand(stmt.value)
      body.runtime('setAdd')
      return
    case 'ObjectInsertStmt':
      body.get(stmt.object)
      body.operand(stmt.key)
      body.operand(stmt.value)
      body.runtime('objectInsert')
      return
    case 'ObjectInsertOnceStmt':
      body.get(stmt.object)
      body.operand(stmt.key)
      body.operand(stmt.value).constant(body.program.file(stmt)).constant(stmt.row).constant(stmt.col)
      body.runtime('objectInsertOnce')
      return
    case 'ObjectMergeStmt':
      body.get(stmt.a)
      body.get(stmt.b)
      body.runtime('merge').assign(stmt.target, undefined)
      return
    case 'MakeArrayStmt':
      body.code.constant(Math.min(Math.max(stmt.capacity, 0), CAPACITY_MAX))
      body.runtime('makeArray').assign(stmt.target)
      return
    case 'MakeObjectStmt':
      body.runtime('makeObject').assign(stmt.target)
      return
    case 'MakeSetStmt':
      body.runtime('makeSet').assign(stmt.target)
      return
    case 'MakeNullStmt':
      body.assignWord(stmt, stmt.target, WORD.null)
      return
    case 'MakeNumberIntStmt':
    case 'AssignIntStmt':
      body.assignWord(stmt, stmt.target, body.program.integer(stmt.value))
      return
    case 'MakeNumberRefStmt':
      body.assignWord(stmt, stmt.target, body.program.numberRef(stmt.index))
      return
    case 'AssignVarStmt':
      if (body.live[stmt.target] !== true || body.isCopy(stmt.target)) return
      body.operand(stmt.source)
      body.assign(stmt.target, body.isDefined(stmt.source))
      return
    case 'AssignVarOnceStmt':
      emitAssignOnce(body, stmt)
      if (body.exits.assignments.has(stmt)) body.leave(body.scopes.length)
      return
    case 'ResetLocalStmt':
      if (body.facts.isDefined(stmt.target) === false) return
      body.code.constant(WORD.undefined)
      body.assign(stmt.target, false)
      return
    case 'DotStmt':
      emitDot(body, stmt)
      return
    case 'LenStmt':
      body.operand(stmt.source)
      body.runtime('len').assignDefined(stmt.target)
      return
    case 'EqualStmt':
    case 'NotEqualStmt':
      emitComparison(body, stmt.a, stmt.b, stmt.kind === 'EqualStmt')
      return
    case 'IsArrayStmt':
      emitIsKind(body, stmt.source, KIND.array)
      return
    case 'IsObjectStmt':
      emitIsKind(body, stmt.source, KIND.object)
      return
    case 'IsSetStmt':
      emitIsKind(body, stmt.source, KIND.set)
      return
    case 'IsDefinedStmt':
      body.leaveUndefined({ kind: 'local', value: stmt.source })
      return
    case 'IsUndefinedStmt':
      emitIsUndefined(body, { kind: 'local', value: stmt.source })
      return
    default:
      unreachable(stmt)
  }
}

/** Leaves the block where the operands are not equal, or where they are. */
function emitComparison(body: FunctionBody, a: Operand, b: Operand, asksEqual: boolean): void {
  const code = body.operand(a)
  body.operand(b)
  // Booleans are words, so equal ones are the same word.
  if (body.original(a).kind === 'bool' || body.original(b).kind === 'bool') {
    if (asksEqual) code.ne()
    else code.eq()
  } else {
    body.runtime('same')
    if (asksEqual) code.eqz()
  }
  body.leaveIf()
}

function emitIsKind(body: FunctionBody, source: Operand, kind: number): void {
  body.operand(source).constant(kind)
  body.runtime('is').code.eqz()
  body.leaveIf()
}

function emitAssignOnce(body: FunctionBody, stmt: Extract<Stmt, { kind: 'AssignVarOnceStmt' }>): void {
  const code = body.code
  const before = body.facts.isDefined(stmt.target)
  // The same constant again is no conflict.
  const isAgain = body.isDefined(stmt.source) === true && body.isConstant(stmt.target)
  if (before !== false && !isAgain) {
    if (before === undefined) body.get(stmt.target).if()
    body.get(stmt.target)
    body.operand(stmt.source)
    body.runtime('same').code.eqz().if()
    const kind = body.ofFunc !== undefined && body.ofFunc.params.length > 2 ? 1 : 0
    code.constant(kind).constant(body.program.file(stmt)).constant(stmt.row).constant(stmt.col)
    body.runtime('conflict')
    code.end()
    if (before === undefined) code.end()
  }
  body.operand(stmt.source)
  body.assign(stmt.target, body.isDefined(stmt.source))
}

function emitDot(body: FunctionBody, stmt: DotStmt): void {
  const ready = body.hoisted.get(stmt)
  if (ready !== undefined) {
    body.locals.set(stmt.target, ready)
    body.code.get(ready).eqz()
    body.leaveIf()
    body.facts.write(stmt.target, true)
    return
  }
  body.operand(stmt.source)
  body.operand(stmt.key)
  body.lookup(stmt).assignDefined(stmt.target)
}

function emitIsUndefined(body: FunctionBody, operand: Operand): void {
  const isDefined = body.isDefined(operand)
  if (isDefined === false) return
  body.operand(operand)
  body.leaveIf()
  const original = body.original(operand)
  if (original.kind === 'local') body.facts.learn(original.value, false)
}

function emitNot(body: FunctionBody, block: Block): void {
  const code = body.code
  // Undefined branches to the end of the inner block; running through leaves the block the `not` is in.
  code.block()
  body.facts.within([block], [], false, () => body.scoped(block, code.depth))
  body.leave(0)
  code.end()
}
