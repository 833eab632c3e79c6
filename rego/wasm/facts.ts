// What is known of locals at a place of a function while it is emitted: that one is defined, or that it is not. A block may
// be left anywhere, so what is learned within one is forgotten behind it, with all that is known of what it writes.
import { type Block, type Local, nestedBlocks } from '../ir/index.ts'
import { addLocals } from '../optimize/index.ts'

/** The facts at a place. */
export class Facts {
  /** By local, whether it is defined, where that is known. */
  readonly #defined: (boolean | undefined)[] = []
  /** By local, whether something may have been written to it; the others are undefined still. */
  readonly #touched: (boolean | undefined)[] = []
  readonly #writes = new Map<Block, readonly Local[]>()
  /** The locals of which something else was known before, and what: to be taken back in turn. */
  readonly #changed: Local[] = []
  readonly #before: (boolean | undefined)[] = []

  /** By local, the number of the list that it was last added to. */
  readonly #stamps: (number | undefined)[] = []
  #stamp = 0

  constructor(params: readonly Local[]) {
    for (const param of params) if (param >= 0) this.#touched[param] = true
  }

  /** Whether a local is defined; undefined where that is not known. */
  isDefined(local: Local): boolean | undefined {
    return this.#defined[local] ?? (this.#touched[local] === true ? undefined : false)
  }

  /** A local is written; whether it is defined from here on, undefined where that is not known. */
  write(local: Local, isDefined: boolean | undefined): void {
    this.#touched[local] = true
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
    while (this.#changed.length > mark) this.#defined[this.#changed.pop() ?? 0] = this.#before.pop()
    this.#forget(written)
  }

  #forget(written: readonly Local[]): void {
    for (const local of written) {
      this.#touched[local] = true
      this.#change(local, undefined)
    }
  }

  #change(local: Local, isDefined: boolean | undefined): void {
    const before = this.#defined[local]
    if (before === isDefined) return
    this.#changed.push(local)
    this.#before.push(before)
    this.#defined[local] = isDefined
  }

  /** What the statements of a block and those nested in them write. */
  #writesOf(block: Block): readonly Local[] {
    const known = this.#writes.get(block)
    if (known !== undefined) return known
    const written: Local[] = []
    const [own, reads]: [Local[], Local[]] = [[], []]
    for (const stmt of block.stmts) {
      addLocals(stmt, reads, own)
      for (const nested of nestedBlocks(stmt)) this.#writesOf(nested)
    }
    const stamp = ++this.#stamp
    this.#add(own, stamp, written)
    for (const stmt of block.stmts) {
      for (const nested of nestedBlocks(stmt)) this.#add(this.#writesOf(nested), stamp, written)
    }
    this.#writes.set(block, written)
    return written
  }

  /** Adds locals that do not have the stamp to a list. */
  #add(locals: readonly Local[], stamp: number, to: Local[]): void {
    for (const local of locals) {
      if (this.#stamps[local] === stamp) continue
      this.#stamps[local] = stamp
      to.push(local)
    }
  }
}
