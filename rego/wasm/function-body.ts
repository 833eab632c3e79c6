// The body of one wasm function while it is emitted: its locals, and the blocks of IR that enclose what is written. A
// block of IR is a wasm block; to leave it is to branch to its end, which is where its statement decides what an
// undefined block means. A scan is one block of IR but three labels of wasm, and a `with` puts things back however it is
// left, so branches go by a list of scopes and never by counting labels.
import {
  type Block,
  type DotStmt,
  type Func,
  hasTwoNames,
  INPUT,
  isBaseDocument,
  type Local,
  type Operand,
  type Plan,
  type Stmt,
  usesOf,
  walkBlocks,
} from '../ir/index.ts'
import {
  copiesOf,
  type EarlyExits,
  type IndexedRun,
  type Listing,
  LocalUses,
  liveLocals,
  type PlainRun,
} from '../optimize/index.ts'
import { unreachable } from '../unreachable.ts'
import { emitChain } from './chains.ts'
import { type CodeBody, CodeWriter } from './code-writer.ts'
import { costOf } from './cost.ts'
import { WasmError } from './error.ts'
import { Facts } from './facts.ts'
import { WORD } from './layout.ts'
import { changeCounts, emitLiteral } from './literals.ts'
import type { EmitProgram } from './program.ts'

const NO_EXITS: EarlyExits = { past: new Map(), assignments: new Set() }

/** Emits one statement. */
export type EmitStmt = (body: FunctionBody, stmt: Stmt) => void

/** One block of IR that encloses what is written. */
interface Scope {
  /** The wasm label at whose end the block is left. */
  readonly depth: number
  /** What to put back when the block is left for one further out. */
  readonly restore?: () => void
}

/** The body of one function. */
export class FunctionBody {
  readonly emit: EmitStmt
  readonly program: EmitProgram
  readonly code: CodeWriter
  readonly ofFunc: Func | undefined
  readonly locals: Map<number, number> = new Map<number, number>()
  readonly scopes: Scope[] = []
  readonly row: number
  readonly resultSet: number
  readonly exits: EarlyExits
  /** By local, whether somebody reads it. */
  readonly live: readonly (boolean | undefined)[]
  /** All blocks of the function. */
  readonly blocks: readonly Block[]
  /** All statements of the function. */
  readonly listing: Listing
  #changes: ReadonlyMap<Local, number> | undefined
  readonly params: readonly Local[]
  readonly uses: LocalUses
  /** What is known of locals where the code is being written. */
  readonly facts: Facts
  /** Wasm locals in which the results of statements lie ready, computed before the loops they are in. */
  readonly hoisted: Map<Stmt, number> = new Map<Stmt, number>()
  /** Locals whose value is made when it is first asked for, if it is: the code that makes it. */
  readonly deferred: Map<Local, () => void> = new Map<Local, () => void>()
  /** Arrays that a policy writes out, with what is in them: nothing is added to them any more. */
  readonly written: Map<Local, readonly Operand[]> = new Map<Local, readonly Operand[]>()
  readonly #copies: readonly (Operand | undefined)[]
  readonly #words = new Map<Local, number>()
  out = -1
  returnDepth = 0

  constructor(emit: EmitStmt, program: EmitProgram, params: readonly number[], row: number, source: Func | Plan) {
    this.emit = emit
    this.program = program
    this.code = new CodeWriter(params.length, program.bodies)
    this.row = row
    this.ofFunc = 'return' in source ? source : undefined
    this.exits = 'return' in source ? program.exits.of(source) : NO_EXITS
    this.blocks = source.blocks
    this.listing = program.listings.of(source.blocks)
    this.live = liveLocals(this.listing)
    this.params = params
    this.uses = new LocalUses(this.listing)
    this.#copies = copiesOf(this.listing, this.uses)
    this.facts = new Facts(params)
    this.resultSet = params.indexOf(-1)
    for (const [index, param] of params.entries()) this.locals.set(param, index)
  }

  /** A rule or function. */
  ofRule(runs: readonly (PlainRun | IndexedRun)[]): CodeBody {
    const code = this.code
    const { memo } = this.globals()
    this.out = code.newLocal()
    if (this.row >= 0) {
      code
        .globalGet(memo)
        .load(this.row * 4)
        .tee(this.out)
        .if()
      code.get(this.out).constant(0).get(this.out).constant(WORD.rememberedUndefined).ne().select().return().end()
    }
    let units = 1
    code.block()
    this.returnDepth = code.depth
    for (const run of runs) if (run.kind === 'plain') units += costOf(run.blocks)
    this.spend(units)
    for (const run of runs) {
      if (run.kind === 'plain') this.plain(run.blocks)
      else this.indexed(run)
    }
    code.end()
    if (this.row >= 0) {
      code
        .globalGet(memo)
        .get(this.out)
        .constant(WORD.rememberedUndefined)
        .get(this.out)
        .select()
        .store(this.row * 4)
    }
    code.get(this.out)
    return code.finish()
  }

  /** Blocks in order, but for those that an early exit leaves out. */
  plain(blocks: readonly Block[]): void {
    const code = this.code
    for (let at = 0; at < blocks.length; at++) {
      const block = blocks[at]
      if (block === undefined) return
      const last = this.#lastLeftOut(blocks, at)
      if (last <= at) {
        this.block(block)
        continue
      }
      code.block()
      const done = code.depth
      const run = blocks.slice(at, last + 1)
      this.facts.within(run, [], false, () => {
        for (const each of run) this.block(each, this.exits.past.has(each) ? done : undefined)
      })
      code.end()
      at = last
    }
  }

  /** The index of the last block that can be left out behind the one at an index, if it is that which leaves out most. */
  #lastLeftOut(blocks: readonly Block[], at: number): number {
    const block = blocks[at]
    const past = block === undefined ? undefined : this.exits.past.get(block)
    return past === undefined ? -1 : blocks.indexOf(past)
  }

  /** Only the blocks of the constant that the input has. */
  indexed(run: IndexedRun): void {
    const code = this.code
    const found = code.newLocal()
    const texts = [...run.cases.keys()]
    code.block()
    const done = code.depth
    code.get(this.local(INPUT))
    for (const name of run.path)
      code.constant(this.program.constants.string(name)).call(this.program.runtime.func('dot'))
    code.set(found).constant(this.program.constants.positions(texts)).get(found)
    this.runtime('dot')
    code.tee(found).eqz().brIf(done)
    const labels = texts.map(() => code.block().depth).reverse()
    code.get(found).constant(1).shiftRight().brTable(labels, done)
    const all = [...run.cases.values()].flat()
    this.facts.within(all, [], false, () => {
      for (const blocks of run.cases.values()) {
        code.end()
        this.spend(costOf(blocks))
        for (const block of blocks) this.block(block)
        code.br(done)
      }
    })
    code.end()
  }

  /** A plan. */
  ofPlan(blocks: readonly Block[]): CodeBody {
    this.spend(costOf(blocks))
    for (const block of blocks) this.block(block)
    return this.code.finish()
  }

  /** Whether a local never has a value but one constant. */
  isConstant(local: Local): boolean {
    return this.program.exits.constantsOf(this.params, this.blocks).of(local) !== undefined
  }

  /** How often statements of the function change the collection in a local. */
  changesOf(local: Local): number {
    this.#changes ??= changeCounts(this)
    return this.#changes.get(local) ?? 0
  }

  globals(): { readonly memo: number; readonly fuel: number } {
    return { memo: this.program.runtime.global('memo'), fuel: this.program.runtime.global('fuel') }
  }

  runtime(name: string): this {
    this.code.call(this.program.runtime.func(name))
    return this
  }

  /** Looks up what is on the stack: in base documents as their store does. */
  lookup({ source, key }: DotStmt): this {
    const isOther =
      hasTwoNames(key, this.program.policy.strings) && isBaseDocument(source, (local) => this.uses.writerOf(local))
    return this.runtime(isOther ? 'dotData' : 'dot')
  }

  /** A block on its own: left or not, what follows it runs, but for one that goes on elsewhere at its end. */
  block(block: Block, next?: number): void {
    this.code.block()
    this.facts.within([block], [], false, () => this.scoped(block, this.code.depth))
    if (next !== undefined) this.code.br(next)
    this.code.end()
  }

  /** The statements of a block whose label is open already. */
  scoped(block: Block, depth: number, restore?: () => void): void {
    this.scopes.push(restore === undefined ? { depth } : { depth, restore })
    for (let at = 0; at < block.stmts.length; ) {
      const stmt = block.stmts[at]
      if (stmt === undefined) break
      this.begin(stmt)
      const emitted = emitLiteral(this, block.stmts, at) || emitChain(this, block.stmts, at)
      if (emitted === 0) this.emit(this, stmt)
      at += emitted === 0 ? 1 : emitted
    }
    this.scopes.pop()
  }

  /** What is written next is of a statement. */
  begin(stmt: Stmt): void {
    this.code.place(stmt)
    this.#makeDeferred(stmt)
  }

  /** Makes what a statement or what is nested in it reads: within one, it might be made too late or too often. */
  #makeDeferred(stmt: Stmt): void {
    if (this.deferred.size === 0) return
    walkBlocks([{ stmts: [stmt] }], (each) => {
      if (each.kind === 'AssignVarStmt' && this.isCopy(each.target)) return
      for (const operand of usesOf(each).reads) {
        const original = this.original(operand)
        if (original.kind === 'local') this.#make(original.value)
      }
    })
  }

  #make(local: Local): void {
    const make = this.deferred.get(local)
    if (make === undefined) return
    this.deferred.delete(local)
    make()
  }

  /** Spends fuel for statements to come: for a whole body at once, since only scans go round. */
  spend(units: number): void {
    this.code.constant(units)
    this.runtime('spendUnits')
  }

  /** Leaves `index` blocks beyond the innermost; where there are not so many, the outermost. */
  leave(index: number): void {
    const last = this.scopes.length - 1
    const target = Math.max(0, last - index)
    for (let i = last; i > target; i--) this.scopes[i]?.restore?.()
    this.code.br(this.scope(target).depth)
  }

  /** Leaves the innermost block where the word on the stack is not 0. */
  leaveIf(): void {
    this.code.brIf(this.scope(this.scopes.length - 1).depth)
  }

  scope(index: number): Scope {
    const scope = this.scopes[index]
    if (scope === undefined) throw new WasmError('a statement outside of every block')
    return scope
  }

  local(local: number): number {
    const known = this.locals.get(local)
    if (known !== undefined) return known
    const made = this.code.newLocal()
    this.locals.set(local, made)
    return made
  }

  get(local: number): CodeWriter {
    return this.operand({ kind: 'local', value: local })
  }

  /** What an operand is a copy of; itself where it is none. */
  original(operand: Operand): Operand {
    let found = operand
    while (found.kind === 'local') {
      const next = this.#copies[found.value]
      if (next === undefined) return found
      found = next
    }
    return found
  }

  /** Whether a local is only another name for something. */
  isCopy(local: Local): boolean {
    return this.#copies[local] !== undefined
  }

  operand(operand: Operand): CodeWriter {
    const original = this.original(operand)
    switch (original.kind) {
      case 'local': {
        this.#make(original.value)
        const word = this.#words.get(original.value)
        return word === undefined ? this.code.get(this.local(original.value)) : this.code.constant(word)
      }
      case 'bool':
        return this.code.constant(original.value ? WORD.true : WORD.false)
      case 'string_index':
        return this.code.constant(this.program.string(original.value))
      default:
        return unreachable(original)
    }
  }

  /** Whether an operand is defined here; undefined where that is not known. */
  isDefined(operand: Operand): boolean | undefined {
    const original = this.original(operand)
    return original.kind !== 'local' || this.facts.isDefined(original.value)
  }

  /** Leaves the block where an operand is undefined. */
  leaveUndefined(operand: Operand): void {
    const isDefined = this.isDefined(operand)
    if (isDefined === true) return
    const original = this.original(operand)
    this.operand(original).eqz()
    this.leaveIf()
    if (original.kind === 'local') this.facts.learn(original.value, true)
  }

  /** The word on the stack becomes the target's; `isDefined` says what is known of it. */
  assign(target: Local, isDefined: boolean | undefined = true): void {
    this.code.set(this.local(target))
    this.facts.write(target, isDefined)
  }

  /** The target is a constant word from here on. */
  assignWord(stmt: Stmt, target: Local, word: number): void {
    if (this.uses.isOwn(stmt, target)) {
      this.#words.set(target, word)
      this.facts.write(target, true)
      return
    }
    this.code.constant(word)
    this.assign(target)
  }

  /** The word on the stack becomes the target's; undefined leaves the block. */
  assignDefined(target: Local): void {
    this.code.tee(this.local(target)).eqz()
    this.leaveIf()
    this.facts.write(target, true)
  }
}
