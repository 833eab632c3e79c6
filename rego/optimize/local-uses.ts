// Where the locals of a function are read and written, by the order of its statements: what is written once and read only
// behind that, in the same block, needs no local of its own.
import { type Block, type Local, nestedBlocks, type Operand, type Stmt, usesOf } from '../ir/index.ts'

/** A statement's place, the last one within it, and the last place of the block it stands in. */
interface Span {
  readonly at: number
  readonly inner: number
  readonly end: number
}

const NOWHERE = -1

/** How many statements are gone back from a part of a parameter to the parameter. */
const STEPS_MAX = 256

function isPlaced(span: Span | undefined): span is Span {
  return span !== undefined && span.end !== NOWHERE
}

/** The reads and writes of one function or plan. */
export class LocalUses {
  readonly #spans = new Map<Stmt, Span>()
  readonly #reads = new Map<Local, { first: number; last: number; count: number }>()
  readonly #writes = new Map<Local, number[]>()
  readonly #writers = new Map<Local, Stmt>()
  #next = 0

  constructor(blocks: readonly Block[]) {
    for (const block of blocks) this.#block(block)
  }

  /** Whether a local is written by this statement only, and read only behind it in its block. */
  isOwn(stmt: Stmt, local: Local): boolean {
    const span = this.#spans.get(stmt)
    const reads = this.#reads.get(local)
    if (!isPlaced(span) || this.#writes.get(local)?.length !== 1) return false
    return reads === undefined || (reads.first > span.at && reads.last <= span.end)
  }

  /** Whether a local is written once, and read by this statement once and by no other. */
  isOnlyFor(local: Local, stmt: Stmt): boolean {
    const span = this.#spans.get(stmt)
    const reads = this.#reads.get(local)
    if (!isPlaced(span) || this.#writes.get(local)?.length !== 1) return false
    return reads?.count === 1 && reads.first === span.at
  }

  /** The one statement that writes a local; undefined where there are more, or none. */
  writerOf(local: Local): Stmt | undefined {
    return this.#writes.get(local)?.length === 1 ? this.#writers.get(local) : undefined
  }

  /** Whether a local keeps its value from behind a statement to the end of its block. */
  isKept(stmt: Stmt, local: Local): boolean {
    const span = this.#spans.get(stmt)
    return isPlaced(span) && !(this.#writes.get(local) ?? []).some((at) => at > span.at && at <= span.end)
  }

  /** Whether a local keeps its value while a statement runs, with what is nested in it. */
  isKeptWithin(stmt: Stmt, local: Local): boolean {
    const span = this.#spans.get(stmt)
    return isPlaced(span) && !(this.#writes.get(local) ?? []).some((at) => at >= span.at && at <= span.inner)
  }

  /** Whether an operand is a constant, a parameter or a part of one: no statement of the function adds to it. */
  isSettled(operand: Operand, params: readonly Local[]): boolean {
    let found = operand
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      if (found.kind !== 'local' || params.includes(found.value)) return true
      const writer = this.#writers.get(found.value)
      if (writer === undefined || this.#writes.get(found.value)?.length !== 1) return false
      if (writer.kind === 'DotStmt' || writer.kind === 'AssignVarStmt') found = writer.source
      else if (writer.kind === 'ScanStmt') found = { kind: 'local', value: writer.source }
      else return false
    }
    return false
  }

  #block(block: Block): void {
    const spans: { at: number; inner: number; end: number }[] = []
    for (const stmt of block.stmts) {
      const span = { at: this.#next++, inner: 0, end: 0 }
      // A statement that stands in two places has none.
      if (this.#spans.has(stmt)) span.end = NOWHERE
      spans.push(span)
      this.#spans.set(stmt, span)
      const { reads, writes } = usesOf(stmt)
      for (const operand of reads) if (operand.kind === 'local') this.#read(operand.value, span.at)
      for (const local of writes) {
        this.#writers.set(local, stmt)
        const places = this.#writes.get(local)
        if (places === undefined) this.#writes.set(local, [span.at])
        else places.push(span.at)
      }
      for (const nested of nestedBlocks(stmt)) this.#block(nested)
      span.inner = this.#next - 1
    }
    for (const span of spans) if (span.end === 0) span.end = this.#next - 1
  }

  #read(local: Local, at: number): void {
    const known = this.#reads.get(local)
    if (known === undefined) this.#reads.set(local, { first: at, last: at, count: 1 })
    else {
      known.last = at
      known.count++
    }
  }
}

/** Locals that are another name for an operand: copies, of a constant or of a local that does not change meanwhile. */
export function copiesOf(blocks: readonly Block[], uses: LocalUses): ReadonlyMap<Local, Operand> {
  const copies = new Map<Local, Operand>()
  const visit = (block: Block): void => {
    for (const stmt of block.stmts) {
      for (const nested of nestedBlocks(stmt)) visit(nested)
      if (stmt.kind !== 'AssignVarStmt' || !uses.isOwn(stmt, stmt.target)) continue
      const { source } = stmt
      if (source.kind !== 'local' || (source.value !== stmt.target && uses.isKept(stmt, source.value))) {
        copies.set(stmt.target, source)
      }
    }
  }
  for (const block of blocks) visit(block)
  return copies
}
