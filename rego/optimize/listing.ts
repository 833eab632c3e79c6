// The statements of one function or plan in order, outer before inner, with what each of them touches: gone through once
// for all that is to be found out about it.
import { type Block, nestedBlocks, type Stmt, type Uses, usesOf } from '../ir/index.ts'

/** The statements of some blocks, by their place in the order. */
export class Listing {
  readonly stmts: readonly Stmt[]
  readonly uses: readonly Uses[]
  /** Of each statement the last place within it. */
  readonly inner: readonly number[]
  /** Of each statement the last place of the block it stands in. */
  readonly ends: readonly number[]

  constructor(blocks: readonly Block[]) {
    const lists: Lists = { stmts: [], uses: [], inner: [], ends: [] }
    for (const block of blocks) list(block, lists)
    this.stmts = lists.stmts
    this.uses = lists.uses
    this.inner = lists.inner
    this.ends = lists.ends
  }
}

interface Lists {
  readonly stmts: Stmt[]
  readonly uses: Uses[]
  readonly inner: number[]
  readonly ends: number[]
}

function list(block: Block, lists: Lists): void {
  const { stmts, uses, inner, ends } = lists
  const from = stmts.length
  for (const stmt of block.stmts) {
    const at = stmts.push(stmt) - 1
    uses.push(usesOf(stmt))
    inner.push(at)
    ends.push(at)
    const nested = nestedBlocks(stmt)
    for (const each of nested) list(each, lists)
    if (nested.length > 0) inner[at] = stmts.length - 1
  }
  const end = stmts.length - 1
  for (let at = from; at <= end; at = (inner[at] ?? at) + 1) ends[at] = end
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
