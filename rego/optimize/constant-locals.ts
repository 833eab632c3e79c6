// Locals that never have a value but one constant, however often it is assigned to them.
import type { Local, Operand } from '../ir/index.ts'
import type { Listing } from './listing.ts'

/** How far copies are followed. */
const STEPS_MAX = 200

const other: Operand[] = []

/** Which locals of a function never have a value but one constant. */
export class ConstantLocals {
  /** By local, what is assigned to it; `other` where it may have any other value. */
  readonly #sources: (Operand[] | undefined)[] = []
  readonly #known = new Map<Local, string | undefined>()

  constructor(params: readonly Local[], listing: Listing) {
    const sources = this.#sources
    const { stmts, writes } = listing
    for (const param of params) sources[param] = other
    for (let at = 0, i = 0; at < stmts.length; at++) {
      const stmt = stmts[at]
      const end = listing.writeEnd(at)
      if (stmt?.kind === 'AssignVarOnceStmt' || stmt?.kind === 'AssignVarStmt') {
        const before = sources[stmt.target]
        if (before === undefined) sources[stmt.target] = [stmt.source]
        else if (before !== other) before.push(stmt.source)
      } else if (stmt?.kind !== 'ResetLocalStmt') for (; i < end; i++) sources[writes[i] ?? 0] = other
      i = end
    }
  }

  /** The constant, spelled out; undefined where there is none. */
  of(local: Local, steps: number = STEPS_MAX): string | undefined {
    if (steps === 0) return undefined
    const sources = this.#sources[local]
    if (sources === undefined || sources === other) return undefined
    if (this.#known.has(local)) return this.#known.get(local)
    this.#known.set(local, undefined)
    let constant: string | undefined
    for (const [i, source] of sources.entries()) {
      const spelled =
        source.kind === 'local' ? this.of(source.value, steps - 1) : `${source.kind} ${String(source.value)}`
      if (spelled === undefined || (i > 0 && spelled !== constant)) return undefined
      constant = spelled
    }
    this.#known.set(local, constant)
    return constant
  }
}
