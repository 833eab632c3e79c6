// Which rows of a policy's files an evaluation ran. A row counts as run when a statement of it did something; what
// every function does before and after its rules (reset, test, return) is no evidence.
import { type Func, type Policy, type Stmt, walkBlocks } from '../ir/index.ts'
import type { Observer } from './evaluation.ts'

/** Rows of a file, both ends included. */
export interface RowRange {
  readonly start: { readonly row: number }
  readonly end: { readonly row: number }
}

/** The coverage of one file. */
export interface FileCoverage {
  readonly covered: readonly RowRange[]
  readonly not_covered: readonly RowRange[]
  readonly covered_lines: number
  readonly not_covered_lines: number
  /** In percent, two decimals. */
  readonly coverage: number
}

/** The coverage of a policy, in the shape of `opa test --coverage`. */
export interface CoverageReport {
  readonly files: Readonly<Record<string, FileCoverage>>
  readonly covered_lines: number
  readonly not_covered_lines: number
  readonly coverage: number
}

/** The file name that stands for the query: it is nobody's source. */
const QUERY_FILE = '<query>'

/** Collects over any number of evaluations. */
export class Coverage {
  readonly #ran = new Map<string, Set<number>>()

  /** Watches evaluations of a policy; several policies may be watched by one coverage. */
  observer(policy: Policy): Observer {
    let func: Func | undefined
    const callers: (Func | undefined)[] = []
    return {
      enter: (entered) => {
        callers.push(func)
        func = entered
      },
      exit: () => {
        func = callers.pop()
      },
      defined: (stmt) => this.#mark(policy, stmt, func),
      failed: (stmt) => this.#mark(policy, stmt, func),
    }
  }

  #mark(policy: Policy, stmt: Stmt, func: Func | undefined): void {
    if (isEvidence(stmt, func)) rowsOf(this.#ran, policy.files[stmt.file]).add(stmt.row)
  }

  /** What ran of the policies' rows. */
  report(policies: readonly Policy[], options: CoverageOptions = {}): CoverageReport {
    const include = options.include ?? (() => true)
    const all = new Map<string, Set<number>>()
    for (const policy of policies) {
      for (const func of policy.funcs) {
        walkBlocks(func.blocks, (stmt) => {
          if (isEvidence(stmt, func) && stmt.row > 0) rowsOf(all, policy.files[stmt.file]).add(stmt.row)
        })
      }
      for (const { place } of policy.unplannedRules ?? []) rowsOf(all, policy.files[place.file]).add(place.row)
    }
    const ran = this.#withConstants(all, options.rules ?? [])
    const files: Record<string, FileCoverage> = {}
    let covered = 0
    let missed = 0
    for (const file of [...all.keys()].sort()) {
      if (file === QUERY_FILE || file === '' || !include(file)) continue
      const rows = [...rowsOf(all, file)].sort((a, b) => a - b)
      const rowsRan = ran.get(file) ?? new Set<number>()
      const hit = rows.filter((row) => rowsRan.has(row))
      const miss = rows.filter((row) => !rowsRan.has(row))
      covered += hit.length
      missed += miss.length
      files[file] = {
        covered: ranges(hit),
        not_covered: ranges(miss),
        covered_lines: hit.length,
        not_covered_lines: miss.length,
        coverage: share(hit.length, miss.length),
      }
    }
    return { files, covered_lines: covered, not_covered_lines: missed, coverage: share(covered, missed) }
  }

  /** The rows that ran, and those of constants that the planner took away where what comes behind them ran. */
  #withConstants(all: Map<string, Set<number>>, rules: readonly RuleRows[]): ReadonlyMap<string, ReadonlySet<number>> {
    const ran = new Map([...this.#ran].map(([file, rows]) => [file, new Set(rows)]))
    for (const { file, head, body } of rules) {
      const planned = new Set(rowsOf(all, file))
      const own = rowsOf(ran, file)
      let reached = own.has(head)
      for (const row of [...body].reverse()) {
        if (own.has(row)) reached = true
        else if (reached && !planned.has(row)) own.add(row)
      }
      for (const row of [head, ...body]) rowsOf(all, file).add(row)
    }
    return ran
  }
}

/** What a coverage report is about. */
export interface CoverageOptions {
  /** Chooses the files that count. */
  readonly include?: (file: string) => boolean
  /** The rules as they were written: their rows count even where the planner left nothing of them. */
  readonly rules?: readonly RuleRows[]
}

/** The rows of a rule: its head, and its expressions in order. */
export interface RuleRows {
  readonly file: string
  readonly head: number
  readonly body: readonly number[]
}

function rowsOf(map: Map<string, Set<number>>, file = ''): Set<number> {
  let rows = map.get(file)
  if (rows === undefined) {
    rows = new Set()
    map.set(file, rows)
  }
  return rows
}

function isEvidence(stmt: Stmt, func: Func | undefined): boolean {
  switch (stmt.kind) {
    case 'ResetLocalStmt':
    case 'IsDefinedStmt':
    case 'IsUndefinedStmt':
    case 'ReturnLocalStmt':
    case 'BlockStmt':
    case 'BreakStmt':
    case 'NopStmt':
      return false
    case 'MakeSetStmt':
    case 'MakeObjectStmt':
    case 'MakeArrayStmt':
      return stmt.target !== func?.return
    default:
      return true
  }
}

function ranges(rows: readonly number[]): RowRange[] {
  const found: { start: { row: number }; end: { row: number } }[] = []
  for (const row of rows) {
    const last = found.at(-1)
    if (last !== undefined && last.end.row === row - 1) last.end.row = row
    else found.push({ start: { row }, end: { row } })
  }
  return found
}

function share(covered: number, missed: number): number {
  const total = covered + missed
  return total === 0 ? 0 : Math.round((covered / total) * 10_000) / 100
}
