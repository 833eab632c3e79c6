// What is known of locals at a place of a function while it is emitted: that one is defined, or that it is not. A block may
// be left anywhere, so what is learned within one is forgotten behind it, with all that is known of what it writes.
import { type Block, type Local, nestedBlocks, usesOf } from '../ir/index.ts'

/** The facts at a place. */
export class Facts {
  readonly #defined = new Map<Local, boolean>()
  /** Locals that something may have been written to; the others are undefined still. */
  readonly #touched: Set<Local>
  readonly #writes = new Map<Block, readonly Local[]>()
  /** The locals of which something else was known before, and what: to be taken back in turn. */
  readonly #changed: Local[] = []
  readonly #before: (boolean | undefined)[] = []

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
    this.#change(local, isDefined)
  }

  /** Code was emitted that goes on only where a local is defined, or only where it is not. */
  learn(local: Local, isDefined: boolean): void {
    this.#change(local, isDefined)
  }

  /** Emits what is nested. `repeats` says that it may have run before. */
  within(blocks: readonly Block[], more: readonly Local[], repeats: boolean, emit: () => void): void {
    const [only] = blocks
    const written =
      only !== undefined && blocks.length === 1 && more.length === 0
        ? this.#writesOf(only)
        : [...more, ...blocks.flatMap((block) => this.#writesOf(block))]
    const mark = this.#changed.length
    if (repeats) this.#forget(written)
    emit()
    while (this.#changed.length > mark) this.#set(this.#changed.pop() ?? 0, this.#before.pop())
    this.#forget(written)
  }

  #forget(written: readonly Local[]): void {
    for (const local of written) {
      this.#touched.add(local)
      this.#change(local, undefined)
    }
  }

  #change(local: Local, isDefined: boolean | undefined): void {
    const before = this.#defined.get(local)
    if (before === isDefined) return
    this.#changed.push(local)
    this.#before.push(before)
    this.#set(local, isDefined)
  }

  #set(local: Local, isDefined: boolean | undefined): void {
    if (isDefined === undefined) this.#defined.delete(local)
    else this.#defined.set(local, isDefined)
  }

  /** What the statements of a block and those nested in them write. */
  #writesOf(block: Block): readonly Local[] {
    const known = this.#writes.get(block)
    if (known !== undefined) return known
    const written = new Set<Local>()
    for (const stmt of block.stmts) {
      for (const local of usesOf(stmt).writes) written.add(local)
      for (const nested of nestedBlocks(stmt)) for (const local of this.#writesOf(nested)) written.add(local)
    }
    const list = [...written]
    this.#writes.set(block, list)
    return list
  }
}
