// Rules that each ask whether one place of the input is a constant of their own: looked up once instead of asked one by
// one. A unit is a block that can do nothing unless its guard holds, with the block behind it that passes its value on.
import { type Block, type Func, INPUT, type Local, type Policy, type Stmt, usesOf, walkBlocks } from '../ir/index.ts'

/** Blocks to run in order. */
export interface PlainRun {
  readonly kind: 'plain'
  readonly blocks: readonly Block[]
}

/** Blocks of which only those of one constant can matter: the constant that the input has at the path. */
export interface IndexedRun {
  readonly kind: 'indexed'
  /** The names on the way from the input. */
  readonly path: readonly string[]
  /** The blocks of each constant, in order. */
  readonly cases: ReadonlyMap<string, readonly Block[]>
}

/** Fewer units than this are asked one by one. */
const UNITS_MIN = 4

/** Blocks that belong together, and the constants that must be at paths for them to do anything. */
interface Unit {
  readonly blocks: readonly Block[]
  readonly guards: ReadonlyMap<string, string>
}

/** Splits a function's blocks into runs, in order. */
export function ruleIndex(policy: Policy, func: Func): readonly (PlainRun | IndexedRun)[] {
  if (func.blocks.length < UNITS_MIN || func.params[0] !== INPUT) return [{ kind: 'plain', blocks: func.blocks }]
  const units = unitsOf(policy, func)
  const runs: (PlainRun | IndexedRun)[] = []
  let plain: Block[] = []
  const flush = (): void => {
    if (plain.length > 0) runs.push({ kind: 'plain', blocks: plain })
    plain = []
  }
  for (let i = 0; i < units.length; ) {
    const run = runFrom(units, i)
    if (run !== undefined && isClosed(func, run.units)) {
      flush()
      runs.push({ kind: 'indexed', path: JSON.parse(run.path) as string[], cases: casesOf(run.units, run.path) })
      i += run.units.length
    } else {
      plain.push(...(units[i]?.blocks ?? []))
      i++
    }
  }
  flush()
  return runs
}

function casesOf(units: readonly Unit[], path: string): ReadonlyMap<string, readonly Block[]> {
  const cases = new Map<string, Block[]>()
  for (const { blocks, guards } of units) {
    const constant = guards.get(path)
    if (constant === undefined) continue
    const before = cases.get(constant)
    if (before === undefined) cases.set(constant, [...blocks])
    else before.push(...blocks)
  }
  return cases
}

/** The longest run of units from one on that share a guarded path; of equally long ones that with most constants. */
function runFrom(units: readonly Unit[], from: number): { units: readonly Unit[]; path: string } | undefined {
  let best: { units: readonly Unit[]; path: string; constants: number } | undefined
  for (const path of units[from]?.guards.keys() ?? []) {
    let end = from
    while (units[end]?.guards.has(path) === true) end++
    const run = units.slice(from, end)
    const constants = new Set(run.map(({ guards }) => guards.get(path))).size
    if (constants < UNITS_MIN) continue
    const longer = best === undefined || run.length > best.units.length
    if (longer || (run.length === best?.units.length && constants > best.constants))
      best = { units: run, path, constants }
  }
  return best
}

function unitsOf(policy: Policy, func: Func): readonly Unit[] {
  const units: Unit[] = []
  for (let i = 0; i < func.blocks.length; i++) {
    const block = func.blocks[i]
    if (block === undefined) continue
    const guards = guardsOf(policy, block)
    const next = func.blocks[i + 1]
    if (guards.size > 0 && next !== undefined && passesOn(block, next)) {
      units.push({ blocks: [block, next], guards })
      i++
    } else units.push({ blocks: [block], guards })
  }
  return units
}

/** Whether the second block does nothing unless the first gave a local its value. */
export function passesOn(block: Block, next: Block): boolean {
  const [reset] = block.stmts
  const [asks] = next.stmts
  return reset?.kind === 'ResetLocalStmt' && asks?.kind === 'IsDefinedStmt' && asks.source === reset.target
}

/** The constants that must be at places of the input before the block does anything. */
function guardsOf(policy: Policy, block: Block): ReadonlyMap<string, string> {
  const guards = new Map<string, string>()
  const paths = new Map<Local, readonly string[]>([[INPUT, []]])
  for (const stmt of block.stmts) {
    switch (stmt.kind) {
      case 'ResetLocalStmt':
        paths.delete(stmt.target)
        break
      case 'IsDefinedStmt':
        break
      case 'AssignVarStmt':
      case 'DotStmt': {
        const path = pathOf(policy, stmt, paths)
        if (path === undefined) return guards
        paths.set(stmt.target, path)
        break
      }
      case 'EqualStmt': {
        const [local, text] = stmt.a.kind === 'local' ? [stmt.a, stmt.b] : [stmt.b, stmt.a]
        const path = local.kind === 'local' ? paths.get(local.value) : undefined
        const constant = text.kind === 'string_index' ? policy.strings[text.value] : undefined
        if (path === undefined || path.length === 0 || constant === undefined) return guards
        const key = JSON.stringify(path)
        if (!guards.has(key)) guards.set(key, constant)
        break
      }
      default:
        return guards
    }
  }
  return guards
}

function pathOf(
  policy: Policy,
  stmt: Extract<Stmt, { kind: 'AssignVarStmt' | 'DotStmt' }>,
  paths: ReadonlyMap<Local, readonly string[]>,
): readonly string[] | undefined {
  const source = stmt.source.kind === 'local' ? paths.get(stmt.source.value) : undefined
  if (source === undefined || stmt.kind === 'AssignVarStmt') return source
  const name = stmt.key.kind === 'string_index' ? policy.strings[stmt.key.value] : undefined
  return name === undefined ? undefined : [...source, name]
}

/** Whether leaving units out cannot be seen: each sets the locals it reads itself, and nobody outside reads them. */
export function isClosed(func: Func, units: readonly Pick<Unit, 'blocks'>[]): boolean {
  const own = new Set<Local>([...func.params, func.return])
  const inside = new Set<Local>()
  const blocks = new Set<Block>()
  for (const unit of units) {
    const written = new Set<Local>()
    let closed = true
    walkBlocks(unit.blocks, (stmt) => {
      const { reads, writes } = usesOf(stmt)
      for (const operand of reads) {
        if (operand.kind === 'local' && !own.has(operand.value) && !written.has(operand.value)) closed = false
      }
      for (const local of writes) written.add(local)
      if (stmt.kind === 'ReturnLocalStmt') closed = false
    })
    if (!closed) return false
    for (const local of written) if (local !== func.return) inside.add(local)
    for (const block of unit.blocks) blocks.add(block)
  }
  if (func.params.some((param) => inside.has(param))) return false
  return func.blocks.every((block) => blocks.has(block) || !readsStale(block, inside))
}

/** Whether a block may read one of the locals without having set it first. */
function readsStale(block: Block, locals: ReadonlySet<Local>): boolean {
  const written = new Set<Local>()
  let stale = false
  walkBlocks([block], (stmt) => {
    const { reads, writes } = usesOf(stmt)
    for (const operand of reads) {
      if (operand.kind === 'local' && locals.has(operand.value) && !written.has(operand.value)) stale = true
    }
    for (const local of writes) written.add(local)
  })
  return stale
}
