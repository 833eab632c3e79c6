// Locals that never have a value but one constant, however often it is assigned to them.
import type { Local, Operand } from '../ir/index.ts'
import type { Listing } from './listing.ts'

/** How far copies are followed. */
const STEPS_MAX = 200

/** Which locals of a function never have a value but one constant. */
export class ConstantLocals {
  readonly #sources = new Map<Local, Operand[] | undefined>()
  readonly #known = new Map<Local, string | undefined>()

  constructor(params: readonly Local[], { stmts, uses }: Listing) {
    const sources = this.#sources
    for (const param of params) sources.set(param, undefined)
    for (let at = 0; at < stmts.length; at++) {
      const stmt = stmts[at]
      if (stmt === undefined || stmt.kind === 'ResetLocalStmt') continue
      if (stmt.kind === 'AssignVarOnceStmt' || stmt.kind === 'AssignVarStmt') {
        const before = sources.get(stmt.target)
        if (before !== undefined) before.push(stmt.source)
        else if (!sources.has(stmt.target)) sources.set(stmt.target, [stmt.source])
      } else for (const local of uses[at]?.writes ?? []) sources.set(local, undefined)
    }
  }

  /** The constant, spelled out; undefined where there is none. */
  of(local: Local, steps: number = STEPS_MAX): string | undefined {
    if (steps === 0) return undefined
    const sources = this.#sources.get(local)
    if (sources === undefined) return undefined
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
