// Rules that all give the same constant: once one has, the others need not be asked, nor a loop gone on with. Only what
// could be seen by nobody is left out: no built-in that may fail, no conflict, nothing that is built.
import { type Block, type Func, type Local, nestedBlocks, type Policy, type Stmt, walkBlocks } from '../ir/index.ts'
import { ConstantLocals } from './constant-locals.ts'
import { Listings } from './listing.ts'
import { isClosed, passesOn } from './rule-index.ts'

/** Built-ins that fail for nobody. */
const QUIET_BUILTINS: ReadonlySet<string> = new Set([
  'eq',
  'equal',
  'neq',
  'lt',
  'lte',
  'gt',
  'gte',
  'internal.member_2',
  'internal.member_3',
  'is_number',
  'is_string',
  'is_boolean',
  'is_array',
  'is_set',
  'is_object',
  'is_null',
])

/** How far calls are followed. */
const STEPS_MAX = 200

/** Where a function may be left early. */
export interface EarlyExits {
  /** Behind the first block, where it ran to its end, everything before the second may be left out. */
  readonly past: ReadonlyMap<Block, Block>
  /** Assignments behind which the outermost block they stand in may be left. */
  readonly assignments: ReadonlySet<Stmt>
}

/** A rule: the block that asks, and the one that passes its value on. */
interface Unit {
  readonly asks: Block
  readonly passes: Block
  readonly constant: string | undefined
  readonly isQuiet: boolean
}

function runOf({ asks, passes }: Unit): { readonly blocks: readonly Block[] } {
  return { blocks: [asks, passes] }
}

/** The early exits of the functions of one policy. */
export class ExitFinder {
  readonly #byName: ReadonlyMap<string, Func>
  readonly #quiet = new Map<string, boolean>()
  readonly #constants = new Map<readonly Block[], ConstantLocals>()
  readonly #listings: Listings
  #steps = 0

  constructor(policy: Policy, listings: Listings = new Listings()) {
    this.#listings = listings
    this.#byName = new Map(policy.funcs.map((func) => [func.name, func]))
  }

  /** The constant locals of a function or a plan, found once. */
  constantsOf(params: readonly Local[], blocks: readonly Block[]): ConstantLocals {
    const known = this.#constants.get(blocks)
    if (known !== undefined) return known
    const constants = new ConstantLocals(params, this.#listings.of(blocks))
    this.#constants.set(blocks, constants)
    return constants
  }

  /** Where a function may be left early. */
  of(func: Func): EarlyExits {
    const past = new Map<Block, Block>()
    const assignments = new Set<Stmt>()
    const units = this.#units(func)
    for (let from = 0; from < units.length; ) {
      const first = units[from++]
      if (first?.constant === undefined) continue
      const rest: Unit[] = []
      for (let next = units[from]; next?.isQuiet && next.constant === first.constant; next = units[++from])
        rest.push(next)
      const last = rest.at(-1)
      const canLeaveOut = last !== undefined && isClosed(func, rest.map(runOf))
      if (canLeaveOut) for (const { passes } of [first, ...rest.slice(0, -1)]) past.set(passes, last.passes)
      for (const unit of [first, ...rest]) {
        const found = unit.isQuiet ? loopAssignments(unit) : []
        if (found.length === 0 || !((canLeaveOut && unit !== first) || isClosed(func, [runOf(unit)]))) continue
        for (const stmt of found) assignments.add(stmt)
      }
    }
    return { past, assignments }
  }

  /** The rules of a function, in order; what stands between is undefined. */
  #units(func: Func): (Unit | undefined)[] {
    const units: (Unit | undefined)[] = []
    const constants = this.constantsOf(func.params, func.blocks)
    for (let i = 0; i < func.blocks.length; i++) {
      const [asks, passes] = [func.blocks[i], func.blocks[i + 1]]
      const [reset] = asks?.stmts ?? []
      const assigned = passes?.stmts[1]
      const isUnit =
        asks !== undefined &&
        passes?.stmts.length === 2 &&
        reset?.kind === 'ResetLocalStmt' &&
        passesOn(asks, passes) &&
        assigned?.kind === 'AssignVarOnceStmt' &&
        assigned.target === func.return &&
        assigned.source.kind === 'local' &&
        assigned.source.value === reset.target
      if (!isUnit) {
        units.push(undefined)
        continue
      }
      units.push({ asks, passes, constant: constants.of(reset.target), isQuiet: this.#isQuiet([asks], constants) })
      i++
    }
    return units
  }

  #isQuietFunc(name: string): boolean {
    const func = this.#byName.get(name)
    if (func === undefined) return QUIET_BUILTINS.has(name)
    const known = this.#quiet.get(name)
    if (known !== undefined) return known
    this.#quiet.set(name, false)
    if (this.#steps >= STEPS_MAX) return false
    this.#steps++
    const isQuiet = this.#isQuiet(func.blocks, this.constantsOf(func.params, func.blocks))
    this.#steps--
    this.#quiet.set(name, isQuiet)
    return isQuiet
  }

  /** Whether nobody can tell that blocks did not run, but for the locals they write. */
  #isQuiet(blocks: readonly Block[], constants: ConstantLocals): boolean {
    let isQuiet = true
    walkBlocks(blocks, (stmt) => {
      switch (stmt.kind) {
        case 'CallStmt':
          if (isQuiet && !this.#isQuietFunc(stmt.func)) isQuiet = false
          break
        case 'AssignVarOnceStmt':
          if (constants.of(stmt.target) === undefined) isQuiet = false
          break
        case 'CallDynamicStmt':
        case 'ObjectInsertOnceStmt':
        case 'ResultSetAddStmt':
          isQuiet = false
          break
        default:
      }
    })
    return isQuiet
  }
}

/** The assignments of a rule's value in loops, with nothing around them that must be put back. */
function loopAssignments({ asks }: Unit): Stmt[] {
  const [reset] = asks.stmts
  if (reset?.kind !== 'ResetLocalStmt') return []
  const found: Stmt[] = []
  const visit = (block: Block, isLoop: boolean): void => {
    for (const stmt of block.stmts) {
      if (isLoop && stmt.kind === 'AssignVarOnceStmt' && stmt.target === reset.target) found.push(stmt)
      if (stmt.kind === 'WithStmt' || stmt.kind === 'NotStmt') continue
      for (const nested of nestedBlocks(stmt)) visit(nested, isLoop || stmt.kind === 'ScanStmt')
    }
  }
  visit(asks, false)
  return found
}
