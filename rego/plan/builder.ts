// What a plan is built with: interned strings and files, locals, and the block that statements go to.
import {
  type Block,
  type BuiltinDeclaration,
  type Func,
  type Local,
  type Operand,
  type Place,
  PlanError,
  type Stmt,
} from '../ir/index.ts'
import type { Location } from '../syntax/index.ts'
import type { Declaration } from '../types/declarations.ts'
import type { JsonData } from '../value/index.ts'
import { type Bare, placed } from './placed.ts'

/** A block that is still being filled. */
export interface OpenBlock {
  readonly stmts: Stmt[]
}

/** Blocks that may be open at once, each inside the one before: as many as are sure to fit the stack. */
const openBlocksMax = 200

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
    this.#block.stmts.push(placed(stmt, this.#place))
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
      const at = `${this.files[place.file] ?? ''}:${place.row}:${place.col}`
      throw new PlanError('limit', at, `nested deeper than ${openBlocksMax} blocks; split the rule`)
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
    const before = { block: this.#block, next: this.#next, place: this.#place }
    this.#block = { stmts: [] }
    this.#next = 0
    try {
      return work()
    } finally {
      this.#block = before.block
      this.#next = before.next
      this.#place = before.place
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
