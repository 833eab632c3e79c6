// Where the locals of a function are read and written, by the order of its statements: what is written once and read only
// behind that, in the same block, needs no local of its own.
import type { Local, Operand, Stmt } from '../ir/index.ts'
import type { Listing } from './listing.ts'

/** The place of a statement that stands in several. */
const NOWHERE = -1

/** How many statements are gone back from a part of a parameter to the parameter. */
const STEPS_MAX = 256

/** Where one local is read and written. */
interface Touched {
  firstRead: number
  lastRead: number
  reads: number
  readonly writes: number[]
}

/** The reads and writes of one function or plan. */
export class LocalUses {
  readonly #listing: Listing
  readonly #places = new Map<Stmt, number>()
  readonly #locals: (Touched | undefined)[] = []

  constructor(listing: Listing) {
    this.#listing = listing
    const { stmts, reads, writes } = listing
    for (let at = 0, read = 0, write = 0; at < stmts.length; at++) {
      const stmt = stmts[at]
      if (stmt === undefined) continue
      const { size } = this.#places
      this.#places.set(stmt, at)
      if (this.#places.size === size) this.#places.set(stmt, NOWHERE)
      for (const end = listing.readEnd(at); read < end; read++) this.#read(reads[read] ?? 0, at)
      for (const end = listing.writeEnd(at); write < end; write++) this.#touched(writes[write] ?? 0).writes.push(at)
    }
  }

  /** Whether a local is written by this statement only, and read only behind it in its block. */
  isOwn(stmt: Stmt, local: Local): boolean {
    const at = this.#placeOf(stmt)
    const touched = this.#locals[local]
    if (at === NOWHERE || touched?.writes.length !== 1) return false
    return touched.reads === 0 || (touched.firstRead > at && touched.lastRead <= this.#listing.end(at))
  }

  /** Whether a local is written once, and read by this statement once and so often before it, and by no other. */
  isOnlyFor(local: Local, stmt: Stmt, before = 0): boolean {
    const at = this.#placeOf(stmt)
    const touched = this.#locals[local]
    if (at === NOWHERE || touched?.writes.length !== 1) return false
    return touched.reads === before + 1 && touched.lastRead === at
  }

  /** The one statement that writes a local; undefined where there are more, or none. */
  writerOf(local: Local): Stmt | undefined {
    const writes = this.#locals[local]?.writes
    return writes?.length === 1 ? this.#listing.stmts[writes[0] ?? NOWHERE] : undefined
  }

  /** Whether a local keeps its value from behind a statement to the end of its block. */
  isKept(stmt: Stmt, local: Local): boolean {
    const at = this.#placeOf(stmt)
    return at !== NOWHERE && !this.#isWritten(local, at + 1, this.#listing.end(at))
  }

  /** Whether a local keeps its value while a statement runs, with what is nested in it. */
  isKeptWithin(stmt: Stmt, local: Local): boolean {
    const at = this.#placeOf(stmt)
    return at !== NOWHERE && !this.#isWritten(local, at, this.#listing.inner(at))
  }

  /** Whether an operand is a constant, a parameter or a part of one: no statement of the function adds to it. */
  isSettled(operand: Operand, params: readonly Local[]): boolean {
    let found = operand
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      if (found.kind !== 'local' || params.includes(found.value)) return true
      const writer = this.writerOf(found.value)
      if (writer === undefined) return false
      if (writer.kind === 'DotStmt' || writer.kind === 'AssignVarStmt') found = writer.source
      else if (writer.kind === 'ScanStmt') found = { kind: 'local', value: writer.source }
      else return false
    }
    return false
  }

  /** The statements within one, but itself; none for one that stands in several places. */
  within(stmt: Stmt): readonly Stmt[] {
    const at = this.#placeOf(stmt)
    return at === NOWHERE ? [] : this.#listing.stmts.slice(at + 1, this.#listing.inner(at) + 1)
  }

  #placeOf(stmt: Stmt): number {
    return this.#places.get(stmt) ?? NOWHERE
  }

  #isWritten(local: Local, from: number, to: number): boolean {
    for (const at of this.#locals[local]?.writes ?? []) if (at >= from && at <= to) return true
    return false
  }

  #read(local: Local, at: number): void {
    const touched = this.#touched(local)
    if (touched.reads === 0) touched.firstRead = at
    touched.lastRead = at
    touched.reads++
  }

  #touched(local: Local): Touched {
    const known = this.#locals[local]
    if (known !== undefined) return known
    const made = { firstRead: NOWHERE, lastRead: NOWHERE, reads: 0, writes: [] }
    this.#locals[local] = made
    return made
  }
}

/** By local, the operand that it is another name for: copies, of a constant or of a local that does not change meanwhile. */
export function copiesOf(listing: Listing, uses: LocalUses): readonly (Operand | undefined)[] {
  const copies: (Operand | undefined)[] = []
  for (const stmt of listing.stmts) {
    if (stmt.kind !== 'AssignVarStmt' || !uses.isOwn(stmt, stmt.target)) continue
    const { source } = stmt
    if (source.kind !== 'local' || (source.value !== stmt.target && uses.isKept(stmt, source.value))) {
      copies[stmt.target] = source
    }
  }
  return copies
}
