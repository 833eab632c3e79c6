// Statements with a block that is more than a block: scans and `with`.
import type { ScanStmt, WithStmt } from '../ir/index.ts'
import { costOf, type FunctionBody } from './function-body.ts'

export function emitScan(body: FunctionBody, stmt: ScanStmt): void {
  const code = body.code
  const [source, index, length] = [code.newLocal(), code.newLocal(), code.newLocal()]
  body.get(stmt.source).tee(source)
  body.runtime('scanLength').code.set(length).constant(0).set(index)
  code.block()
  const exit = code.depth
  code.loop()
  const next = code.depth
  code.get(index).get(length).greaterOrEqualSigned().brIf(exit)
  if (body.live.has(stmt.key)) {
    code.get(source).get(index)
    body.runtime('scanKey').assign(stmt.key)
  }
  if (body.live.has(stmt.value)) {
    code.get(source).get(index)
    body.runtime('scanValue').assign(stmt.value)
  }
  code.get(index).constant(1).add().set(index)
  code.block()
  body.spend(costOf([stmt.block]))
  body.scoped(stmt.block, code.depth)
  code.end().br(next).end().end()
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
  body.scoped(stmt.block, code.depth, restore)
  restore()
  code.br(defined).end()
  restore()
  body.leave(0)
  code.end()
}
