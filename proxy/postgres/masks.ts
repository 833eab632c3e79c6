// Which columns of a result are masked, by lineage. What cannot be masked for certain is refused.
import type { SqlStatement } from '../../engine/action/index.ts'
import type { SqlAnalysis, SqlColumnRef } from '../../engine/action/sql/index.ts'
import type { Mask } from '../../engine/decision/index.ts'

/** How the rows of one statement are masked: strategy by position, or why the statement must be refused. */
export type MaskPlan =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'columns'
      readonly columns: ReadonlyMap<number, { readonly strategy: string; readonly name: string }>
      readonly width: number
    }
  | { readonly kind: 'refuse'; readonly why: string }

/** Plans the masks for the statements of one text. */
export function planMasks({ statements, computed }: SqlAnalysis, masks: readonly Mask[]): MaskPlan {
  const columns = new Map<string, string>()
  for (const mask of masks) {
    if (!('column' in mask)) return { kind: 'refuse', why: 'only column masks can be enforced on a database' }
    columns.set(mask.column, mask.with)
  }
  if (columns.size === 0) return { kind: 'none' }
  const relations = new Set([...columns.keys()].map((column) => column.slice(0, column.lastIndexOf('.'))))
  const touched = statements.filter(
    (one) => !one.complete || one.relations.some(({ schema, name }) => relations.has(`${schema}.${name}`)),
  )
  const [statement, ...others] = touched
  if (statement === undefined) return { kind: 'none' }
  if (others.length > 0 || statements.length > 1)
    return { kind: 'refuse', why: 'several statements in one message cannot be masked' }
  return planStatement(statement, computed[0] ?? [], columns)
}

function planStatement(
  statement: SqlStatement,
  computed: readonly SqlColumnRef[],
  masked: ReadonlyMap<string, string>,
): MaskPlan {
  if (!statement.complete) return { kind: 'refuse', why: 'a statement that is not fully understood cannot be masked' }
  const isMasked = (one: SqlColumnRef): string | undefined => masked.get(`${one.schema}.${one.relation}.${one.column}`)
  if (statement.predicates.some((one) => isMasked(one) !== undefined))
    return { kind: 'refuse', why: 'a masked column decides which rows come out' }
  // Whoever reads it there has it unmasked.
  if (statement.assignments.some(({ known, sources }) => !known || sources.some((one) => isMasked(one) !== undefined)))
    return { kind: 'refuse', why: 'a masked column is copied' }
  // Also where that does not come out, it can raise.
  const isComputed = computed.some((one) => isMasked(one) !== undefined)
  if (statement.kind !== 'select') {
    const reads =
      isComputed ||
      statement.returning ||
      statement.outputs.length > 0 ||
      statement.kind.startsWith('copy') ||
      statement.verb !== 'write'
    return reads ? { kind: 'refuse', why: `${statement.kind} on a relation with masked columns` } : { kind: 'none' }
  }
  const columns = new Map<number, { readonly strategy: string; readonly name: string }>()
  for (const [index, output] of statement.outputs.entries()) {
    if (!output.known) return { kind: 'refuse', why: 'an output column has unknown sources' }
    const strategies = output.sources.flatMap((source) => isMasked(source) ?? [])
    const [strategy] = strategies
    if (strategy === undefined) continue
    // What is computed from a masked value can tell it, in an error message if nowhere else.
    if (!output.direct || output.sources.length !== 1)
      return { kind: 'refuse', why: `the output column ${output.name} is computed from a masked column` }
    columns.set(index, { strategy, name: output.name })
  }
  if (isComputed) return { kind: 'refuse', why: 'something is computed from a masked column' }
  return columns.size === 0 ? { kind: 'none' } : { kind: 'columns', columns, width: statement.outputs.length }
}
