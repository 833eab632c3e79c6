// Statements with a block that is more than a block: scans and `with`.
import type { Local, Operand, ScanStmt, WithStmt } from '../ir/index.ts'
import { costOf } from './cost.ts'
import type { FunctionBody } from './function-body.ts'

/** How many values are computed before one loop at most: each takes a local. */
const HOISTED_MAX = 32

/** What is scanned may be on the stack already. */
export function emitScan(body: FunctionBody, stmt: ScanStmt, isOnStack = false): void {
  const code = body.code
  const { runtime } = body.program
  const [at, end, step] = [code.newLocal(), code.newLocal(), code.newLocal()]
  hoist(body, stmt)
  if (!isOnStack) body.get(stmt.source)
  const source = body.live[stmt.key] === true ? code.newLocal() : undefined
  if (source !== undefined) code.tee(source)
  code.constant(costOf([stmt.block]))
  body.runtime('scanStart').code.set(at)
  code.globalGet(runtime.global('scanEnd')).set(end).globalGet(runtime.global('scanStep')).set(step)
  code.block()
  const exit = code.depth
  code.loop()
  const next = code.depth
  code.get(at).get(end).greaterOrEqual().brIf(exit)
  body.facts.within([stmt.block], [stmt.key, stmt.value], true, () => {
    if (source !== undefined) {
      code.get(source).get(at)
      body.runtime('scanKey').assign(stmt.key)
    }
    if (body.live[stmt.value] === true) {
      code.get(at).load(0)
      body.assign(stmt.value)
    }
    code.get(at).get(step).add().set(at)
    code.block()
    body.scoped(stmt.block, code.depth)
    code.end().br(next).end().end()
  })
}

/** Looks up before a loop what is looked up in it and stays the same: a lookup fails for nobody and changes nothing. */
function hoist(body: FunctionBody, scan: ScanStmt): void {
  const ready = new Map<Local, number>()
  for (const stmt of body.uses.within(scan)) {
    if (stmt.kind !== 'DotStmt' || ready.size >= HOISTED_MAX || body.hoisted.has(stmt)) continue
    const { source, key, target } = stmt
    if (!staysIn(body, scan, source, ready) || !staysIn(body, scan, key, ready)) continue
    if (!body.uses.isOwn(stmt, target)) continue
    // What is being built may change while its name does not.
    if (!body.uses.isSettled(source, body.params) || !body.uses.isSettled(key, body.params)) continue
    const local = body.code.newLocal()
    pushReady(body, source, ready)
    pushReady(body, key, ready)
    body.lookup(stmt).code.set(local)
    body.hoisted.set(stmt, local)
    ready.set(target, local)
  }
}

/** Whether an operand is the same whenever a loop goes round; `ready` are locals that were computed before it. */
function staysIn(body: FunctionBody, scan: ScanStmt, operand: Operand, ready: ReadonlyMap<Local, number>): boolean {
  const original = body.original(operand)
  return original.kind !== 'local' || ready.has(original.value) || body.uses.isKeptWithin(scan, original.value)
}

function pushReady(body: FunctionBody, operand: Operand, ready: ReadonlyMap<Local, number>): void {
  const original = body.original(operand)
  const local = original.kind === 'local' ? ready.get(original.value) : undefined
  if (local === undefined) body.operand(original)
  else body.code.get(local)
}

export function emitWith(body: FunctionBody, stmt: WithStmt): void {
  const code = body.code
  const local = body.local(stmt.local)
  const [saved, memo, value] = [code.newLocal(), code.newLocal(), code.newLocal()]
  body.operand(stmt.value).set(value)
  code.get(local).set(saved)
  body.runtime('memoPush').code.set(memo)
  if (stmt.path.length === 0) code.get(value).set(local)
  else {
    const path = new Uint8Array(stmt.path.length * 4)
    const view = new DataView(path.buffer)
    for (const [i, index] of stmt.path.entries()) view.setUint32(i * 4, body.program.string(index), true)
    code.get(value).if()
    code.get(local).constant(body.program.constants.bytes(path)).constant(stmt.path.length).get(value)
    body.runtime('upsert').code.set(local).end()
  }
  const restore = (): void => {
    code.get(saved).set(local).get(memo)
    body.runtime('memoPop')
  }
  code.block()
  const defined = code.depth
  code.block()
  body.facts.write(stmt.local, undefined)
  body.facts.within([stmt.block], [stmt.local], false, () => body.scoped(stmt.block, code.depth, restore))
  restore()
  code.br(defined).end()
  restore()
  body.leave(0)
  code.end()
}
