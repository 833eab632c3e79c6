// The statements of one function or plan in order, outer before inner, with the locals that each of them reads and writes:
// gone through once for all that is to be found out about it.
import { type Block, type Local, nestedBlocks, type Operand, type Stmt, usesOf } from '../ir/index.ts'

/** The statements of some blocks, by their place in the order. */
export class Listing {
  readonly #stmts: Stmt[] = []
  readonly #inner: number[] = []
  readonly #ends: number[] = []
  readonly #reads: Local[] = []
  readonly #readEnds: number[] = []
  readonly #writes: Local[] = []
  readonly #writeEnds: number[] = []

  constructor(blocks: readonly Block[]) {
    for (const block of blocks) this.#block(block)
  }

  /** The statements. */
  get stmts(): readonly Stmt[] {
    return this.#stmts
  }

  /** The last place within the statement at a place. */
  inner(at: number): number {
    return this.#inner[at] ?? at
  }

  /** The last place of the block in which the statement at a place stands. */
  end(at: number): number {
    return this.#ends[at] ?? at
  }

  /** The locals that statements read, one behind the other. */
  get reads(): readonly Local[] {
    return this.#reads
  }

  /** Where the reads of the statement at a place end; they begin where those of the one before end. */
  readEnd(at: number): number {
    return this.#readEnds[at] ?? 0
  }

  /** The locals that statements write, one behind the other. */
  get writes(): readonly Local[] {
    return this.#writes
  }

  /** Where the writes of the statement at a place end; they begin where those of the one before end. */
  writeEnd(at: number): number {
    return this.#writeEnds[at] ?? 0
  }

  #block(block: Block): void {
    const from = this.#stmts.length
    for (const stmt of block.stmts) {
      const at = this.#stmts.push(stmt) - 1
      addLocals(stmt, this.#reads, this.#writes)
      this.#readEnds.push(this.#reads.length)
      this.#writeEnds.push(this.#writes.length)
      this.#inner.push(at)
      this.#ends.push(at)
      const nested = nestedBlocks(stmt)
      for (const each of nested) this.#block(each)
      if (nested.length > 0) this.#inner[at] = this.#stmts.length - 1
    }
    const end = this.#stmts.length - 1
    for (let at = from; at <= end; at = this.inner(at) + 1) this.#ends[at] = end
  }
}

/** Adds the locals that a statement itself reads and writes to lists, as `usesOf` gives them, with nothing made for most. */
export function addLocals(stmt: Stmt, reads: Local[], writes: Local[]): void {
  switch (stmt.kind) {
    case 'AssignVarStmt':
      addLocal(stmt.source, reads)
      writes.push(stmt.target)
      return
    case 'DotStmt':
      addLocal(stmt.source, reads)
      addLocal(stmt.key, reads)
      writes.push(stmt.target)
      return
    case 'CallStmt':
      for (const operand of stmt.args) addLocal(operand, reads)
      writes.push(stmt.result)
      return
    case 'EqualStmt':
    case 'NotEqualStmt':
      addLocal(stmt.a, reads)
      addLocal(stmt.b, reads)
      return
    case 'IsDefinedStmt':
    case 'IsUndefinedStmt':
    case 'ReturnLocalStmt':
      reads.push(stmt.source)
      return
    case 'ResetLocalStmt':
    case 'MakeNumberRefStmt':
    case 'MakeObjectStmt':
      writes.push(stmt.target)
      return
    case 'ScanStmt':
      reads.push(stmt.source)
      writes.push(stmt.key, stmt.value)
      return
    default: {
      const touched = usesOf(stmt)
      for (const operand of touched.reads) addLocal(operand, reads)
      for (const local of touched.writes) writes.push(local)
    }
  }
}

function addLocal(operand: Operand, locals: Local[]): void {
  if (operand.kind === 'local') locals.push(operand.value)
}

/** The listings of the functions and plans of one policy, each made once. */
export class Listings {
  readonly #known = new Map<readonly Block[], Listing>()

  /** The listing of all the blocks of a function or plan. */
  of(blocks: readonly Block[]): Listing {
    const known = this.#known.get(blocks)
    if (known !== undefined) return known
    const made = new Listing(blocks)
    this.#known.set(blocks, made)
    return made
  }
}
