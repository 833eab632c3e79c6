// Where an evaluation spends its time, expression by expression, as `opa eval --profile` shows it.
import type { Observer } from '../../rego/interpret/index.ts'
import type { Policy, Stmt } from '../../rego/ir/index.ts'

/** What one expression cost. */
export interface ProfileEntry {
  readonly total_time_ns: number
  /** How often it was evaluated. */
  readonly num_eval: number
  /** How many steps of the plan that took. */
  readonly num_gen_expr: number
  readonly location: { readonly file: string; readonly row: number; readonly col: number }
}

/** What a profile can be ordered by; no step of a plan is done again. */
export const profileOrders = ['total_time_ns', 'num_eval', 'num_redo', 'num_gen_expr', 'file', 'line'] as const

/** Collects the profile of one evaluation. */
export class Profile {
  readonly observer: Observer
  readonly #entries = new Map<string, { ns: number; evals: number; steps: Set<Stmt>; stmt: Stmt; file: string }>()
  #current: { ns: number } | undefined
  #since = 0n
  #lastKey = ''

  constructor(policy: Policy, clockNs: () => bigint) {
    this.observer = {
      statement: (stmt) => {
        const now = clockNs()
        if (this.#current !== undefined) this.#current.ns += Number(now - this.#since)
        const key = `${stmt.file}:${stmt.row}:${stmt.col}`
        let entry = this.#entries.get(key)
        if (entry === undefined) {
          entry = { ns: 0, evals: 0, steps: new Set(), stmt, file: policy.files[stmt.file] ?? '' }
          this.#entries.set(key, entry)
        }
        if (this.#lastKey !== key || entry.stmt === stmt) entry.evals++
        entry.steps.add(stmt)
        this.#lastKey = key
        this.#current = entry
        this.#since = clockNs()
      },
    }
  }

  /** The greatest first by each order in turn, the dearest expressions where none is named. */
  entries(orders: readonly string[] = []): readonly ProfileEntry[] {
    return [...this.#entries.values()]
      .filter(({ stmt, file }) => stmt.row > 0 && file !== '')
      .map(({ ns, evals, steps, stmt, file }) => ({
        total_time_ns: ns,
        num_eval: evals,
        num_gen_expr: steps.size,
        location: { file, row: stmt.row, col: stmt.col },
      }))
      .sort((a, b) => [...orders, 'total_time_ns'].reduce((sign, order) => sign || compared(a, b, order), 0))
  }

  /** The profile as a table. */
  table(limit: number, orders: readonly string[]): string {
    const rows = this.entries(orders)
      .slice(0, limit)
      .map((one) => [
        `${(one.total_time_ns / 1000).toFixed(1)}µs`,
        String(one.num_eval),
        String(one.num_gen_expr),
        `${one.location.file}:${one.location.row}`,
      ])
    const all = [['time', 'evals', 'steps', 'location'], ...rows]
    const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
    return `${all.map((row) => row.map((cell, at) => (at < 3 ? cell.padStart(widths[at] ?? 0) : cell)).join('  ')).join('\n')}\n`
  }
}

function compared(a: ProfileEntry, b: ProfileEntry, order: string): number {
  switch (order) {
    case 'num_eval':
      return b.num_eval - a.num_eval
    case 'num_gen_expr':
      return b.num_gen_expr - a.num_gen_expr
    case 'file':
      return a.location.file === b.location.file ? 0 : a.location.file > b.location.file ? -1 : 1
    case 'line':
      return b.location.row - a.location.row
    case 'total_time_ns':
      return b.total_time_ns - a.total_time_ns
    default:
      return 0
  }
}
