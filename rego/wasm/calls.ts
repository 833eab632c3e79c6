// Calls: of planned functions, of built-ins in the runtime or the host, and by a path known only when it is reached.
import type { CallDynamicStmt, CallStmt, Local, Operand } from '../ir/index.ts'
import { WasmError } from './error.ts'
import type { FunctionBody } from './function-body.ts'
import { KIND } from './layout.ts'
import { natives } from './natives.ts'
import type { ConstantPattern } from './patterns.ts'

/** How many blocks a dynamic call leaves beyond its own when the function it found is undefined. */
const DYNAMIC_LEAVES = 3

/** The most arguments a host takes. */
const HOST_ARGUMENTS_MAX = 4

export function emitCall(body: FunctionBody, stmt: CallStmt): void {
  if (pushCall(body, stmt)) body.assignDefined(stmt.result)
}

/** Emits a call and leaves its result on the stack; gives false where the result is where it belongs already. */
export function pushCall(body: FunctionBody, stmt: CallStmt): boolean {
  const code = body.code
  const planned = body.program.planned(stmt.func)
  if (planned !== undefined) {
    for (const operand of stmt.args) body.operand(operand)
    code.call(planned.index)
    return true
  }
  const { id, isVoid } = body.program.builtin(stmt.func)
  if (stmt.args.length > HOST_ARGUMENTS_MAX) throw new WasmError(`\`${stmt.func}\` takes too many arguments`)
  for (const operand of stmt.args) body.leaveUndefined(operand)
  code.constant(id).constant(body.program.site(stmt))
  for (const operand of stmt.args) body.operand(operand)
  if (emitConcat(body, stmt)) return false
  const table = tableOf(body, stmt)
  const native = natives.get(stmt.func)
  if (table !== undefined) {
    code.constant(table.address)
    body.runtime(table.export)
  } else body.runtime(native?.arity === stmt.args.length ? native.export : `host${stmt.args.length}`)
  if (isVoid) body.assign(stmt.result, undefined)
  return !isVoid
}

/**
 * A text that is joined of an array written out, often a name or a message: what can fail is done at once, the text is
 * made where it is first used. Arguments are on the stack.
 */
function emitConcat(body: FunctionBody, stmt: CallStmt): boolean {
  const [separator, parts] = stmt.args
  if (stmt.func !== 'concat' || separator === undefined || parts === undefined || stmt.args.length !== 2) return false
  const [text, array] = [body.original(separator), body.original(parts)]
  if (array.kind !== 'local' || !body.written.has(array.value) || !body.uses.isKept(stmt, array.value)) return false
  if (text.kind === 'local' && !body.uses.isKept(stmt, text.value)) return false
  if (!body.uses.isOwn(stmt, stmt.result)) return false
  body.runtime('concatReady').assignDefined(stmt.result)
  body.deferred.set(stmt.result, () => {
    body.get(stmt.result)
    body.operand(text)
    body.operand(array)
    body.runtime('concatJoin').code.set(body.local(stmt.result))
  })
  return true
}

/** The most values that are joined without an array of them. */
const JOINED_MAX = 4

/**
 * A text that is joined of an array that is written out right before, for nothing else: the array is never made. What can
 * fail is done at once, as for any such text. Gives false, and emits nothing, where it is no such call.
 */
export function emitJoin(body: FunctionBody, stmt: CallStmt, array: Local, values: readonly Operand[]): boolean {
  const [separator, parts] = stmt.args
  if (stmt.func !== 'concat' || separator === undefined || parts?.kind !== 'local' || parts.value !== array)
    return false
  if (stmt.args.length !== 2 || values.length > JOINED_MAX || body.program.planned(stmt.func) !== undefined)
    return false
  if (!body.uses.isOnlyFor(array, stmt, values.length) || !body.uses.isOwn(stmt, stmt.result)) return false
  const all = [separator, ...values]
  if (!all.every((operand) => body.isDefined(operand) === true && staysBehind(body, stmt, operand))) return false
  body.begin(stmt)
  const pushAll = (): void => {
    body.operand(separator).constant(values.length)
    for (let i = 0; i < JOINED_MAX; i++) {
      const value = values[i]
      if (value === undefined) body.code.constant(0)
      else body.operand(value)
    }
  }
  body.code.constant(body.program.builtin(stmt.func).id).constant(body.program.site(stmt))
  pushAll()
  body.runtime('joinReady').assignDefined(stmt.result)
  body.deferred.set(stmt.result, () => {
    body.get(stmt.result)
    pushAll()
    body.runtime('join').code.set(body.local(stmt.result))
  })
  return true
}

/** Whether an operand is the same to the end of the block that a statement stands in. */
function staysBehind(body: FunctionBody, stmt: CallStmt, operand: Operand): boolean {
  const original = body.original(operand)
  return original.kind !== 'local' || body.uses.isKept(stmt, original.value)
}

/** The built-ins whose constant patterns become tables: what the runtime exports the match as. */
const tables: ReadonlyMap<
  string,
  { readonly kind: ConstantPattern['kind']; readonly arity: number; readonly export: string }
> = new Map([
  ['regex.match', { kind: 'regex', arity: 2, export: 'regexTable' }],
  ['re_match', { kind: 'regex', arity: 2, export: 'regexTable' }],
  ['glob.match', { kind: 'glob', arity: 3, export: 'globTable' }],
  ['net.cidr_contains', { kind: 'network', arity: 2, export: 'networkTable' }],
])

/** The table of a call that matches a constant pattern, and what matches with it. */
function tableOf(
  body: FunctionBody,
  stmt: CallStmt,
): { readonly address: number; readonly export: string } | undefined {
  const [operand, second] = stmt.args
  const found = tables.get(stmt.func)
  if (found === undefined || operand === undefined || stmt.args.length !== found.arity) return undefined
  const constant = body.original(operand)
  if (constant.kind !== 'string_index') return undefined
  const delimiters = found.kind === 'glob' ? delimitersOf(body, second) : []
  if (delimiters === undefined) return undefined
  const pattern = body.program.policy.strings[constant.value] ?? ''
  const address = body.program.pattern({ kind: found.kind, pattern, delimiters })
  return address === undefined ? undefined : { address, export: found.export }
}

/** The delimiters of a glob where they are constant: null is none, an empty array the dot. */
function delimitersOf(body: FunctionBody, operand: Operand | undefined): readonly string[] | undefined {
  const original = operand === undefined ? undefined : body.original(operand)
  if (original?.kind !== 'local') return undefined
  const writer = body.uses.writerOf(original.value)
  if (writer?.kind === 'MakeNullStmt') return []
  if (writer?.kind !== 'MakeArrayStmt') return undefined
  const values = body.written.get(original.value)
  if (values === undefined) return undefined
  const delimiters: string[] = []
  for (const value of values) {
    const constant = body.original(value)
    const text = constant.kind === 'string_index' ? body.program.policy.strings[constant.value] : undefined
    if (text === undefined || Array.from(text).length !== 1) return undefined
    delimiters.push(text)
  }
  return delimiters.length === 0 ? ['.'] : delimiters
}

export function emitCallDynamic(body: FunctionBody, stmt: CallDynamicStmt): void {
  const code = body.code
  for (const operand of stmt.path) {
    if (operand.kind === 'bool') {
      body.leave(0)
      return
    }
    if (operand.kind === 'string_index') continue
    body.get(operand.value).constant(KIND.string)
    body.runtime('is').code.eqz()
    body.leaveIf()
  }
  code.block()
  const found = code.depth
  for (const { path, func, index } of body.program.byPath()) {
    if (path.length !== stmt.path.length || func.params.length !== stmt.args.length) continue
    if (path.some((segment, i) => differs(body, stmt.path[i], segment))) continue
    code.block()
    const next = code.depth
    for (const [i, segment] of path.entries()) {
      const operand = stmt.path[i]
      if (operand?.kind !== 'local') continue
      body.get(operand.value).constant(body.program.constants.string(segment))
      body.runtime('same').code.eqz().brIf(next)
    }
    for (const local of stmt.args) body.get(local)
    code.call(index).set(body.local(stmt.result)).br(found).end()
  }
  body.leave(0)
  code.end()
  body.facts.write(stmt.result, undefined)
  body.get(stmt.result).eqz().if()
  body.leave(DYNAMIC_LEAVES)
  code.end()
  body.facts.learn(stmt.result, true)
}

/** Whether a constant operand rules a path out. */
function differs(body: FunctionBody, operand: Operand | undefined, segment: string): boolean {
  return operand?.kind === 'string_index' && body.program.policy.strings[operand.value] !== segment
}
