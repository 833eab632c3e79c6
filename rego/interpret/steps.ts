// IR statements as closures. A step gives CONTINUE, RETURN, or how many blocks to leave beyond its own: an undefined
// statement leaves none beyond, which is what `break 0` does too.

import type { SourcePlace } from '../builtins/contract.ts'
import {
  type Block,
  hasTwoNames,
  isBaseDocument,
  isIndex,
  type Local,
  type Operand,
  type Place,
  type Stmt,
} from '../ir/index.ts'
import { unreachable } from '../unreachable.ts'
import {
  equal,
  isArray,
  isNumber,
  isObject,
  isSet,
  numberFromBigInt,
  numberFromText,
  numberText,
  RegoObject,
  RegoSet,
  runeCount,
  type Value,
} from '../value/index.ts'
import { EvaluationError, type Frame } from './evaluation.ts'
import type { Run } from './run.ts'
import { upsert } from './upsert.ts'

/** One statement or block, ready to run. */
export type Step = (frame: Frame, run: Run) => number

/** The statement was defined: go on. */
export const CONTINUE = -1

/** The function returns `run.returned`. */
export const RETURN = -2

/** The statement was undefined: leave its block. */
export const UNDEFINED = 0

/** What steps need of the program they are part of. */
export interface StepContext {
  readonly strings: readonly string[]
  readonly observed: boolean
  /** Whether the steps belong to a function that takes more than input and data. */
  readonly hasArguments: boolean
  /** The one statement of the function that writes a local; undefined where there are more, or none. */
  writerOf(local: Local): Stmt | undefined
  place(at: Place): SourcePlace
  call(stmt: Extract<Stmt, { kind: 'CallStmt' }>, context: StepContext): Step
  callDynamic(stmt: Extract<Stmt, { kind: 'CallDynamicStmt' }>, context: StepContext): Step
}

type Read = (frame: Frame) => Value | undefined

/** A block as one step. */
export function blockStep(block: Block, context: StepContext): Step {
  const steps = block.stmts.map((stmt) => (context.observed ? observed(stmt, context) : stmtStep(stmt, context)))
  const units = steps.length + 1
  return (frame, run) => {
    run.spend(units)
    for (const step of steps) {
      const next = step(frame, run)
      if (next !== CONTINUE) return next
    }
    return CONTINUE
  }
}

function observed(stmt: Stmt, context: StepContext): Step {
  const step = stmtStep(stmt, context)
  if (stmt.kind === 'BreakStmt') return step
  return (frame, run) => {
    run.observer.statement?.(stmt, frame)
    const next = step(frame, run)
    if (next === CONTINUE || next === RETURN) run.observer.defined?.(stmt, frame)
    else if (next === UNDEFINED) run.observer.failed?.(stmt, frame)
    return next
  }
}

/** Reads an operand. */
export function reader(operand: Operand, context: StepContext): Read {
  if (operand.kind === 'local') {
    const local = operand.value
    return (frame) => frame[local]
  }
  const constant: Value = operand.kind === 'bool' ? operand.value : stringAt(operand.value, context)
  return () => constant
}

function stringAt(index: number, context: StepContext): string {
  const text = context.strings[index]
  if (text === undefined) throw new RangeError(`no string ${index}`)
  return text
}

function stmtStep(stmt: Stmt, context: StepContext): Step {
  switch (stmt.kind) {
    case 'BlockStmt':
      return nested(stmt.blocks.map((block) => blockStep(block, context)))
    case 'BreakStmt':
      return () => stmt.index
    case 'CallStmt':
      return context.call(stmt, context)
    case 'CallDynamicStmt':
      return context.callDynamic(stmt, context)
    case 'NotStmt':
      return negated(blockStep(stmt.block, context))
    case 'ScanStmt':
      return scan(stmt, blockStep(stmt.block, context))
    case 'WithStmt':
      return withStep(stmt, context)
    case 'ReturnLocalStmt':
      return (frame, run) => {
        run.returned = frame[stmt.source]
        return RETURN
      }
    case 'ResultSetAddStmt':
      return (frame, run) => {
        const bindings = frame[stmt.value]
        if (bindings !== undefined) run.results.add(bindings)
        return CONTINUE
      }
    case 'NopStmt':
      return () => CONTINUE
    case 'ArrayAppendStmt':
    case 'ObjectInsertStmt':
    case 'ObjectInsertOnceStmt':
    case 'SetAddStmt':
      return building(stmt, context)
    case 'MakeArrayStmt':
    case 'MakeNullStmt':
    case 'MakeNumberIntStmt':
    case 'MakeNumberRefStmt':
    case 'MakeObjectStmt':
    case 'MakeSetStmt':
    case 'AssignIntStmt':
      return making(stmt, context)
    case 'AssignVarStmt': {
      const source = reader(stmt.source, context)
      return assign(stmt.target, source)
    }
    case 'AssignVarOnceStmt':
      return assignOnce(stmt, context)
    case 'ResetLocalStmt':
      return assign(stmt.target, () => undefined)
    case 'ObjectMergeStmt':
      return assign(stmt.target, (frame) => merge(frame[stmt.a], frame[stmt.b]))
    case 'DotStmt':
    case 'LenStmt':
    case 'EqualStmt':
    case 'NotEqualStmt':
    case 'IsArrayStmt':
    case 'IsObjectStmt':
    case 'IsSetStmt':
    case 'IsDefinedStmt':
    case 'IsUndefinedStmt':
      return asking(stmt, context)
    default:
      return unreachable(stmt)
  }
}

function nested(blocks: readonly Step[]): Step {
  return (frame, run) => {
    for (const block of blocks) {
      const next = block(frame, run)
      if (next === RETURN) return RETURN
      if (next > 0) return next - 1
    }
    return CONTINUE
  }
}

function negated(block: Step): Step {
  return (frame, run) => {
    const next = block(frame, run)
    if (next === CONTINUE) return UNDEFINED
    if (next === UNDEFINED) return CONTINUE
    return next === RETURN ? RETURN : next - 1
  }
}

function scan(stmt: Extract<Stmt, { kind: 'ScanStmt' }>, block: Step): Step {
  const { key, value } = stmt
  const each = (frame: Frame, run: Run, k: Value, v: Value): number => {
    frame[key] = k
    frame[value] = v
    const next = block(frame, run)
    if (next === RETURN) return RETURN
    return next > 0 ? next - 1 : CONTINUE
  }
  return (frame, run) => {
    const source = frame[stmt.source]
    if (typeof source !== 'object' || source === null) return CONTINUE
    if (isArray(source)) {
      for (let i = 0; i < source.length; i++) {
        const item = source[i]
        if (item === undefined) break
        const next = each(frame, run, i, item)
        if (next !== CONTINUE) return next
      }
    } else if (source.kind === 'object') {
      for (const k of source.keys()) {
        const item = source.get(k)
        const next = item === undefined ? CONTINUE : each(frame, run, k, item)
        if (next !== CONTINUE) return next
      }
    } else if (source.kind === 'set') {
      for (const item of source.items()) {
        const next = each(frame, run, item, item)
        if (next !== CONTINUE) return next
      }
    }
    return CONTINUE
  }
}

function withStep(stmt: Extract<Stmt, { kind: 'WithStmt' }>, context: StepContext): Step {
  const path = stmt.path.map((index) => stringAt(index, context))
  const read = reader(stmt.value, context)
  const block = blockStep(stmt.block, context)
  return (frame, run) => {
    const saved = frame[stmt.local]
    const value = read(frame)
    if (path.length === 0) frame[stmt.local] = value
    else if (value !== undefined) frame[stmt.local] = upsert(saved, path, value)
    const next = block(frame, run)
    frame[stmt.local] = saved
    return next > 0 ? next - 1 : next
  }
}

function assign(target: number, source: Read): Step {
  return (frame) => {
    frame[target] = source(frame)
    return CONTINUE
  }
}

function assignOnce(stmt: Extract<Stmt, { kind: 'AssignVarOnceStmt' }>, context: StepContext): Step {
  const source = reader(stmt.source, context)
  const { target } = stmt
  const place = context.place(stmt)
  const conflict = context.hasArguments
    ? 'functions must not produce multiple outputs for same inputs'
    : 'complete rules must not produce multiple outputs'
  return (frame) => {
    const value = source(frame)
    const before = frame[target]
    if (before !== undefined && !same(before, value)) throw new EvaluationError('eval_conflict_error', conflict, place)
    frame[target] = value
    return CONTINUE
  }
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && equal(a, b))
}

function merge(a: Value | undefined, b: Value | undefined): Value | undefined {
  if (a === undefined) return b
  return b !== undefined && isObject(a) && isObject(b) ? a.merge(b) : a
}

type Building = Extract<Stmt, { kind: 'ArrayAppendStmt' | 'ObjectInsertStmt' | 'ObjectInsertOnceStmt' | 'SetAddStmt' }>

/** Statements that change a collection in place. One that gets something else, or undefined, does nothing. */
function building(stmt: Building, context: StepContext): Step {
  const read = reader(stmt.value, context)
  switch (stmt.kind) {
    case 'ArrayAppendStmt':
      return (frame) => {
        const array = frame[stmt.array]
        const value = read(frame)
        // INVARIANT: the local holds the array that a MakeArrayStmt of this frame made, so nobody else sees it change.
        if (isArray(array) && value !== undefined) (array as Value[]).push(value)
        return CONTINUE
      }
    case 'SetAddStmt':
      return (frame) => {
        const set = frame[stmt.set]
        const value = read(frame)
        if (isSet(set) && value !== undefined) set.add(value)
        return CONTINUE
      }
    case 'ObjectInsertStmt':
    case 'ObjectInsertOnceStmt': {
      const readKey = reader(stmt.key, context)
      const once = stmt.kind === 'ObjectInsertOnceStmt'
      const place = context.place(stmt)
      return (frame) => {
        const object = frame[stmt.object]
        const key = readKey(frame)
        const value = read(frame)
        if (!isObject(object) || key === undefined || value === undefined) return CONTINUE
        const before = once ? object.get(key) : undefined
        if (before === undefined) object.insert(key, value)
        else if (!equal(before, value))
          throw new EvaluationError('eval_conflict_error', 'object keys must be unique', place)
        return CONTINUE
      }
    }
    default:
      return unreachable(stmt)
  }
}

type Making = Extract<
  Stmt,
  {
    kind:
      | 'MakeArrayStmt'
      | 'MakeNullStmt'
      | 'MakeNumberIntStmt'
      | 'MakeNumberRefStmt'
      | 'MakeObjectStmt'
      | 'MakeSetStmt'
      | 'AssignIntStmt'
  }
>

function making(stmt: Making, context: StepContext): Step {
  const { target } = stmt
  switch (stmt.kind) {
    case 'MakeArrayStmt':
      return assign(target, () => [])
    case 'MakeObjectStmt':
      return assign(target, () => new RegoObject())
    case 'MakeSetStmt':
      return assign(target, () => new RegoSet())
    case 'MakeNullStmt':
      return assign(target, () => null)
    case 'AssignIntStmt':
    case 'MakeNumberIntStmt': {
      const number = numberFromBigInt(stmt.value)
      return assign(target, () => number)
    }
    case 'MakeNumberRefStmt': {
      const number = numberFromText(stringAt(stmt.index, context))
      if (number === undefined) throw new RangeError(`string ${stmt.index} is no number`)
      return assign(target, () => number)
    }
    default:
      return unreachable(stmt)
  }
}

type Asking = Extract<
  Stmt,
  {
    kind:
      | 'DotStmt'
      | 'LenStmt'
      | 'EqualStmt'
      | 'NotEqualStmt'
      | 'IsArrayStmt'
      | 'IsObjectStmt'
      | 'IsSetStmt'
      | 'IsDefinedStmt'
      | 'IsUndefinedStmt'
  }
>

function asking(stmt: Asking, context: StepContext): Step {
  switch (stmt.kind) {
    case 'DotStmt': {
      const source = reader(stmt.source, context)
      const key = reader(stmt.key, context)
      const look =
        hasTwoNames(stmt.key, context.strings) && isBaseDocument(stmt.source, context.writerOf) ? dotData : dot
      return (frame) => {
        const value = look(source(frame), key(frame))
        frame[stmt.target] = value
        return value === undefined ? UNDEFINED : CONTINUE
      }
    }
    case 'LenStmt': {
      const source = reader(stmt.source, context)
      return (frame) => {
        const length = lengthOf(source(frame))
        frame[stmt.target] = length
        return length === undefined ? UNDEFINED : CONTINUE
      }
    }
    case 'EqualStmt':
    case 'NotEqualStmt': {
      const a = reader(stmt.a, context)
      const b = reader(stmt.b, context)
      const wanted = stmt.kind === 'EqualStmt'
      return (frame) => (same(a(frame), b(frame)) === wanted ? CONTINUE : UNDEFINED)
    }
    case 'IsArrayStmt':
      return holds(reader(stmt.source, context), isArray)
    case 'IsObjectStmt':
      return holds(reader(stmt.source, context), isObject)
    case 'IsSetStmt':
      return holds(reader(stmt.source, context), isSet)
    case 'IsDefinedStmt':
      return holds(
        (frame) => frame[stmt.source],
        (value) => value !== undefined,
      )
    case 'IsUndefinedStmt':
      return holds(
        (frame) => frame[stmt.source],
        (value) => value === undefined,
      )
    default:
      return unreachable(stmt)
  }
}

function holds(source: Read, test: (value: Value | undefined) => boolean): Step {
  return (frame) => (test(source(frame)) ? CONTINUE : UNDEFINED)
}

function dot(source: Value | undefined, key: Value | undefined): Value | undefined {
  if (typeof source !== 'object' || source === null || key === undefined) return undefined
  if (isArray(source)) return typeof key === 'number' && key >= 0 ? source[key] : undefined
  return source.kind === 'decimal' ? undefined : source.get(key)
}

/** What a base document holds at a key: under a number also what is named like it, and in an array what digits say. */
function dotData(source: Value | undefined, key: Value | undefined): Value | undefined {
  const found = dot(source, key)
  if (found !== undefined || source === undefined || key === undefined) return found
  if (isObject(source)) return isNumber(key) ? source.get(numberText(key)) : undefined
  return isArray(source) && typeof key === 'string' && isIndex(key) ? source[Number(key)] : undefined
}

function lengthOf(value: Value | undefined): number | undefined {
  if (typeof value === 'string') return runeCount(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (isArray(value)) return value.length
  return value.kind === 'decimal' ? undefined : value.size
}
