// Expressions that hold bodies of their own: negation, `and`, `or`, `every`.
import type { Block, Local } from '../ir/index.ts'
import type { Body, Expr } from '../syntax/index.ts'
import { boolOperand, localOperand } from './builder.ts'
import type { Planner } from './planner.ts'
import { toLocal } from './references.ts'

/** A negation. */
export function planNot(planner: Planner, body: Body): void {
  const block = planner.builder.block(() => planner.scoped(() => planner.body(body, 0, () => undefined)))
  // A body that iterates is defined as soon as one of its turns is, which a mark outside the loops tells.
  if (!hasScan(block)) {
    planner.builder.emit({ kind: 'NotStmt', block })
    return
  }
  const mark = planner.builder.local()
  planner.builder.emit({ kind: 'ResetLocalStmt', target: mark })
  const marked = planner.builder.block(() =>
    planner.scoped(() =>
      planner.body(body, 0, () =>
        planner.builder.emit({ kind: 'AssignVarStmt', source: boolOperand(true), target: mark }),
      ),
    ),
  )
  planner.builder.emit({ kind: 'BlockStmt', blocks: [marked] })
  planner.builder.emit({ kind: 'IsUndefinedStmt', source: mark })
}

/** Two bodies that must hold. */
export function planAnd(planner: Planner, left: Body, right: Body, then: () => void): void {
  for (const side of [left, right]) {
    const mark = holds(planner, [side])
    planner.builder.emit({ kind: 'IsDefinedStmt', source: mark })
  }
  then()
}

/** Two bodies of which one must hold. */
export function planOr(planner: Planner, left: Body, right: Body, then: () => void): void {
  const mark = holds(planner, [left, right])
  planner.builder.emit({ kind: 'IsDefinedStmt', source: mark })
  then()
}

/** A local that is defined when one of the bodies holds. */
function holds(planner: Planner, bodies: readonly Body[]): Local {
  const mark = planner.builder.local()
  planner.builder.emit({ kind: 'ResetLocalStmt', target: mark })
  for (const body of bodies) {
    const block = planner.builder.block(() => {
      planner.builder.emit({ kind: 'IsUndefinedStmt', source: mark })
      planner.scoped(() =>
        planner.body(body, 0, () =>
          planner.builder.emit({ kind: 'AssignVarStmt', source: boolOperand(true), target: mark }),
        ),
      )
    })
    planner.builder.emit({ kind: 'BlockStmt', blocks: [block] })
  }
  return mark
}

/** `every` over a collection. */
export function planEvery(planner: Planner, expr: Extract<Expr, { kind: 'every' }>, then: () => void): void {
  const { builder } = planner
  planner.term(expr.domain, (domain) => {
    const source = toLocal(planner, domain)
    const failed = builder.local()
    const kinds = (['IsArrayStmt', 'IsSetStmt', 'IsObjectStmt'] as const).map((kind) =>
      builder.block(() => {
        builder.emit({ kind, source: localOperand(source) })
        builder.emit({ kind: 'BreakStmt', index: 1 })
      }),
    )
    // One of the three blocks leaves; when none does, the domain is no collection and `every` is undefined.
    const check = builder.block(() => {
      for (const block of kinds) builder.emit({ kind: 'BlockStmt', blocks: [block] })
      builder.emit({ kind: 'BreakStmt', index: 1 })
    })
    builder.emit({ kind: 'BlockStmt', blocks: [check] })
    builder.emit({ kind: 'ResetLocalStmt', target: failed })
    const key = builder.local()
    const value = builder.local()
    const block = builder.block(() =>
      planner.scoped(() => {
        const holds = builder.local()
        builder.emit({ kind: 'ResetLocalStmt', target: holds })
        const inner = builder.block(() => {
          if (expr.key !== undefined && !expr.key.name.startsWith('$')) planner.bind(expr.key.name, key)
          if (!expr.value.name.startsWith('$')) planner.bind(expr.value.name, value)
          planner.body(expr.body, 0, () =>
            builder.emit({ kind: 'AssignVarStmt', source: boolOperand(true), target: holds }),
          )
        })
        builder.emit({ kind: 'BlockStmt', blocks: [inner] })
        builder.emit({ kind: 'IsUndefinedStmt', source: holds })
        builder.emit({ kind: 'AssignVarStmt', source: boolOperand(true), target: failed })
      }),
    )
    builder.emit({ kind: 'ScanStmt', source, key, value, block })
    builder.emit({ kind: 'IsUndefinedStmt', source: failed })
    then()
  })
}

function hasScan(block: Block): boolean {
  return block.stmts.some(
    (stmt) =>
      stmt.kind === 'ScanStmt' ||
      (stmt.kind === 'WithStmt' && hasScan(stmt.block)) ||
      (stmt.kind === 'BlockStmt' && stmt.blocks.some(hasScan)),
  )
}
