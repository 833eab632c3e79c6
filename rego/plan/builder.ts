// What a plan is built with: interned strings and files, locals, and the block that statements go to.
import type { Block, BuiltinDeclaration, Func, Local, Operand, Place, Stmt } from '../ir/index.ts'
import type { Location } from '../syntax/index.ts'
import type { Declaration } from '../types/declarations.ts'
import type { JsonData } from '../value/index.ts'
import { PlanLimitError } from './limit.ts'
import { type Bare, placed } from './placed.ts'

/** A block that is still being filled. */
export interface OpenBlock {
  readonly stmts: Stmt[]
}

/** Blocks that may be open at once, each inside the one before: as many as are sure to fit the stack. */
const openBlocksMax = 200

/** Statements of functions that are planned again for what `with` replaces: some seconds of planning and emitting. */
const copiedStmtsMax = 250_000

/** Statements that are planned for each rule that open steps of references come to: some seconds of planning and emitting. */
const repeatedStmtsMax = 1_000_000

/** Why rules are planned again. */
export const againFor = 'are planned again for what `with` replaces'
/** What to do about too many of them. */
export const replaceLess = 'replace fewer rules and functions at a time, or the input and base documents'

/** Collects a policy. */
export class Builder {
  readonly strings: string[] = []
  readonly files: string[] = []
  readonly funcs: Func[] = []
  readonly #stringIndex = new Map<string, number>()
  readonly #fileIndex = new Map<string, number>()
  readonly #builtins = new Map<string, BuiltinDeclaration>()
  #block: OpenBlock = { stmts: [] }
  #open = 0
  #isCopying = false
  #copied = 0
  #isRepeating = false
  #repeated = 0
  #next: Local = 0
  #place: Place = { file: 0, row: 0, col: 0 }

  string(text: string): number {
    let index = this.#stringIndex.get(text)
    if (index === undefined) {
      index = this.strings.length
      this.strings.push(text)
      this.#stringIndex.set(text, index)
    }
    return index
  }

  stringOperand(text: string): Operand {
    return { kind: 'string_index', value: this.string(text) }
  }

  builtin(declaration: Declaration): string {
    // A declaration is JSON by its making.
    this.#builtins.set(declaration.name, { name: declaration.name, decl: declaration.decl as unknown as JsonData })
    return declaration.name
  }

  get builtins(): readonly BuiltinDeclaration[] {
    return [...this.#builtins.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  local(): Local {
    return this.#next++
  }

  /** A place in the policy's files. */
  place(location: Location): Place {
    let file = this.#fileIndex.get(location.file)
    if (file === undefined) {
      file = this.files.length
      this.files.push(location.file)
      this.#fileIndex.set(location.file, file)
    }
    return { file, row: location.row, col: location.col }
  }

  /** Remembers where statements come from until the next call. */
  at(location: Location): void {
    this.#place = this.place(location)
  }

  emit(stmt: Bare): void {
    if (this.#isCopying && ++this.#copied > copiedStmtsMax)
      throw this.limit(`more than ${copiedStmtsMax} statements of rules ${againFor}`, replaceLess)
    if (this.#isRepeating && ++this.#repeated > repeatedStmtsMax)
      throw this.limit(
        `more than ${repeatedStmtsMax} statements for the rules that open steps of references come to`,
        'name the package or rule that is meant, or ask once and use the answer',
      )
    this.#block.stmts.push(placed(stmt, this.#place))
  }

  /** A limit that is reached where statements come from now. */
  limit(message: string, help: string): PlanLimitError {
    const { file, row, col } = this.#place
    const location = { file: this.files[file] ?? '', row, col, offset: 0, end: 0 }
    return new PlanLimitError({ code: 'rego_compile_error', message, location, help })
  }

  /** Emits what is planned for the first time, or again. */
  copying(isCopying: boolean, work: () => void): void {
    const before = this.#isCopying
    this.#isCopying = isCopying
    work()
    this.#isCopying = before
  }

  /** Emits what is planned once for each rule that an open step comes to; functions that are called from there are not. */
  repeating<T>(work: () => T): T {
    const before = this.#isRepeating
    this.#isRepeating = true
    try {
      return work()
    } finally {
      this.#isRepeating = before
    }
  }

  /** How many blocks are being filled, one inside the other. */
  get open(): number {
    return this.#open
  }

  /** Fills a new block and gives it back; the block before goes on afterwards. */
  block(fill: () => void): Block {
    const before = this.#block
    const place = this.#place
    const block: OpenBlock = { stmts: [] }
    if (this.#open >= openBlocksMax) {
      throw this.limit(`nested deeper than ${openBlocksMax} blocks`, 'split the rule')
    }
    this.#block = block
    this.#open++
    try {
      fill()
    } finally {
      this.#open--
      this.#block = before
      this.#place = place
    }
    // Without the room that its list was given to grow into: plans are large.
    return { stmts: block.stmts.slice() }
  }

  /** Plans a function with locals of its own. */
  func<T>(work: () => T): T {
    const before = { block: this.#block, next: this.#next, place: this.#place, isRepeating: this.#isRepeating }
    this.#block = { stmts: [] }
    this.#next = 0
    this.#isRepeating = false
    try {
      return work()
    } finally {
      this.#block = before.block
      this.#next = before.next
      this.#place = before.place
      this.#isRepeating = before.isRepeating
    }
  }
}

/** Operands that are kept: the first locals stand in every function. */
const keptOperandsMax = 8192
const locals: Operand[] = []

/** A local as an operand. */
export function localOperand(local: Local): Operand {
  const kept = locals[local]
  if (kept !== undefined) return kept
  const operand: Operand = { kind: 'local', value: local }
  if (local === locals.length && local < keptOperandsMax) locals.push(operand)
  return operand
}

const yes: Operand = { kind: 'bool', value: true }
const no: Operand = { kind: 'bool', value: false }

/** A boolean as an operand. */
export function boolOperand(value: boolean): Operand {
  return value ? yes : no
}
