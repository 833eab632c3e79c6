// Locals that never have a value but one constant, however often it is assigned to them.
import { type Block, type Local, type Operand, usesOf, walkBlocks } from '../ir/index.ts'

/** How far copies are followed. */
const STEPS_MAX = 200

/** Which locals of a function never have a value but one constant. */
export class ConstantLocals {
  readonly #sources = new Map<Local, Operand[] | undefined>()
  readonly #known = new Map<Local, string | undefined>()

  constructor(params: readonly Local[], blocks: readonly Block[]) {
    for (const param of params) this.#sources.set(param, undefined)
    walkBlocks(blocks, (stmt) => {
      if (stmt.kind === 'ResetLocalStmt') return
      if (stmt.kind === 'AssignVarOnceStmt' || stmt.kind === 'AssignVarStmt') {
        if (!this.#sources.has(stmt.target)) this.#sources.set(stmt.target, [])
        this.#sources.get(stmt.target)?.push(stmt.source)
      } else for (const local of usesOf(stmt).writes) this.#sources.set(local, undefined)
    })
  }

  /** The constant, spelled out; undefined where there is none. */
  of(local: Local, steps: number = STEPS_MAX): string | undefined {
    if (steps === 0) return undefined
    if (this.#known.has(local)) return this.#known.get(local)
    this.#known.set(local, undefined)
    const sources = this.#sources.get(local)
    const spelled = sources?.map((source) => {
      if (source.kind === 'local') return this.of(source.value, steps - 1)
      return `${source.kind} ${source.value}`
    })
    const [first] = spelled ?? []
    const constant = spelled?.every((each) => each === first) === true ? first : undefined
    this.#known.set(local, constant)
    return constant
  }
}
