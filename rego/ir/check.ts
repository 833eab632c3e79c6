// Checks that a policy's IR refers only to what exists, stays within limits and breaks only where that has a meaning.
import { numberFromText } from '../value/index.ts'
import { PlanError } from './plan-json-read.ts'
import type { Block, Func, Operand, Policy, Stmt } from './policy.ts'
import { nestedBlocks, usesOf } from './walk.ts'

/** How many locals a plan or function may have: as many as wasm engines allow. */
export const LOCAL_MAX = 50_000

/** How deep blocks may nest. */
export const BLOCK_DEPTH_MAX = 500

/** Throws PlanError at the first reference to what does not exist, and at every limit. */
export function checkPolicy(policy: Policy): void {
  const checker = new Checker(policy)
  for (const plan of policy.plans) checker.body(plan.blocks, `plan ${plan.name}`, false)
  for (const func of policy.funcs) {
    if (func.params.length < 2) {
      throw new PlanError('bad_reference', `func ${func.name}`, 'a function takes at least input and data')
    }
    for (const local of [...func.params, func.return]) checker.local(local, `func ${func.name}`)
    checker.body(func.blocks, `func ${func.name}`, true)
  }
}

/** What is checked: a function or plan by name, or a statement of one. */
type Where = string | { readonly path: string; readonly stmt: Stmt }

function textOf(where: Where): string {
  return typeof where === 'string' ? where : `${where.path} ${where.stmt.kind} at row ${where.stmt.row}`
}

class Checker {
  readonly #policy: Policy
  readonly #funcs = new Map<string, Func>()
  readonly #builtins: ReadonlySet<string>

  constructor(policy: Policy) {
    this.#policy = policy
    this.#builtins = new Set(policy.builtins.map(({ name }) => name))
    for (const func of policy.funcs) {
      if (this.#funcs.has(func.name)) throw new PlanError('bad_reference', `func ${func.name}`, 'defined twice')
      this.#funcs.set(func.name, func)
    }
    const names = new Set<string>()
    for (const { name } of policy.plans) {
      if (names.has(name)) throw new PlanError('bad_reference', `plan ${name}`, 'defined twice')
      names.add(name)
    }
  }

  body(blocks: readonly Block[], path: string, isFunc: boolean): void {
    for (const block of blocks) this.#block(block, path, isFunc, [])
  }

  /** `scopes` are the enclosing blocks, innermost last; true where leaving one goes on with the next element of a scan. */
  #block(block: Block, path: string, isFunc: boolean, scopes: boolean[]): void {
    if (scopes.length > BLOCK_DEPTH_MAX) throw new PlanError('limit', path, 'blocks nest too deeply')
    for (const stmt of block.stmts) {
      this.#stmt(stmt, { path, stmt }, isFunc, scopes)
      const blocks = nestedBlocks(stmt)
      if (blocks.length === 0) continue
      scopes.push(stmt.kind === 'ScanStmt')
      for (const nested of blocks) this.#block(nested, path, isFunc, scopes)
      scopes.pop()
    }
  }

  #stmt(stmt: Stmt, at: Where, isFunc: boolean, scopes: readonly boolean[]): void {
    const { reads, writes } = usesOf(stmt)
    for (const operand of reads) this.#operand(operand, at)
    for (const local of writes) this.local(local, at)
    switch (stmt.kind) {
      case 'BreakStmt': {
        if (stmt.index > scopes.length)
          throw new PlanError('bad_reference', textOf(at), 'a break out of more blocks than there are')
        const left = stmt.index === 0 ? [] : scopes.slice(scopes.length - stmt.index)
        if (left.includes(true)) throw new PlanError('bad_reference', textOf(at), 'a break out of a scan')
        return
      }
      case 'CallStmt':
        this.#call(stmt.func, stmt.args.length, at)
        return
      case 'MakeNumberRefStmt':
        if (numberFromText(this.#string(stmt.index, at)) === undefined)
          throw new PlanError('bad_field', textOf(at), 'no number')
        return
      case 'WithStmt':
        for (const index of stmt.path) this.#string(index, at)
        return
      case 'ReturnLocalStmt':
        if (!isFunc) throw new PlanError('bad_statement', textOf(at), 'a return outside a function')
        return
      case 'ResultSetAddStmt':
        if (isFunc) throw new PlanError('bad_statement', textOf(at), 'a result outside a plan')
        return
      default:
    }
  }

  #call(name: string, args: number, at: Where): void {
    const func = this.#funcs.get(name)
    if (func === undefined) {
      if (!this.#builtins.has(name)) throw new PlanError('bad_reference', textOf(at), `no function \`${name}\``)
    } else if (func.params.length !== args) {
      throw new PlanError('bad_reference', textOf(at), `\`${name}\` takes ${func.params.length} arguments, not ${args}`)
    }
  }

  #operand(operand: Operand, at: Where): void {
    if (operand.kind === 'local') this.local(operand.value, at)
    else if (operand.kind === 'string_index') this.#string(operand.value, at)
  }

  #string(index: number, at: Where): string {
    const text = this.#policy.strings[index]
    if (text === undefined) throw new PlanError('bad_reference', textOf(at), `no string ${index}`)
    return text
  }

  local(local: number, at: Where): void {
    if (!Number.isSafeInteger(local) || local < 0 || local >= LOCAL_MAX) {
      throw new PlanError('limit', textOf(at), `local ${local} is beyond the limit`)
    }
  }
}
