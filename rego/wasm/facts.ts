// What is known of locals at a place of a function while it is emitted: that one is defined, or that it is not. A block may
// be left anywhere, so what is learned within one is forgotten behind it, with all that is known of what it writes.
import { type Block, type Local, nestedBlocks, usesOf } from '../ir/index.ts'

/** The facts at a place. */
export class Facts {
  #defined = new Map<Local, boolean>()
  /** Locals that something may have been written to; the others are undefined still. */
  readonly #touched: Set<Local>
  readonly #writes = new Map<Block, ReadonlySet<Local>>()

  constructor(params: readonly Local[]) {
    this.#touched = new Set(params)
  }

  /** Whether a local is defined; undefined where that is not known. */
  isDefined(local: Local): boolean | undefined {
    return this.#defined.get(local) ?? (this.#touched.has(local) ? undefined : false)
  }

  /** A local is written; whether it is defined from here on, undefined where that is not known. */
  write(local: Local, isDefined: boolean | undefined): void {
    this.#touched.add(local)
    if (isDefined === undefined) this.#defined.delete(local)
    else this.#defined.set(local, isDefined)
  }

  /** Code was emitted that goes on only where a local is defined, or only where it is not. */
  learn(local: Local, isDefined: boolean): void {
    this.#defined.set(local, isDefined)
  }

  /** Emits what is nested. `repeats` says that it may have run before. */
  within(blocks: readonly Block[], more: readonly Local[], repeats: boolean, emit: () => void): void {
    const written = new Set(more)
    for (const block of blocks) for (const local of this.#writesOf(block)) written.add(local)
    const without = new Map(this.#defined)
    for (const local of written) without.delete(local)
    if (repeats) {
      for (const local of written) {
        this.#touched.add(local)
        this.#defined.delete(local)
      }
    }
    emit()
    for (const local of written) this.#touched.add(local)
    this.#defined = without
  }

  /** What the statements of a block and those nested in them write. */
  #writesOf(block: Block): ReadonlySet<Local> {
    const known = this.#writes.get(block)
    if (known !== undefined) return known
    const written = new Set<Local>()
    for (const stmt of block.stmts) {
      for (const local of usesOf(stmt).writes) written.add(local)
      for (const nested of nestedBlocks(stmt)) for (const local of this.#writesOf(nested)) written.add(local)
    }
    this.#writes.set(block, written)
    return written
  }
}
