// Materialized views keep values of what they were made from: their columns are masked by lineage.
import { stricterStrategy } from '../../../decision/index.ts'
import { quoted } from '../analyze/identifiers.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { SqlResult } from '../contract.ts'
import { isKeyed } from './mask-expression.ts'
import { type Protection, type Protections, relationKey } from './protection.ts'

/** Materialized views that stand on one another. */
export const storedDepthMax = 8

/** Masks generated columns that are made of masked ones. */
export function protectGenerated(
  protections: Protections,
  parts: { readonly catalog: Catalog; readonly analyze: (text: string) => SqlResult },
): void {
  for (const protection of protections.values()) {
    const relation = parts.catalog.relation(protection.schema, protection.name)
    const generated = (relation?.columns ?? []).filter((column) => column.generated === true)
    for (const { name, default: made = 'NULL' } of generated) {
      if (relation === undefined || protection.masks.size === 0 || protection.masks.has(name)) continue
      const from = `${quoted(relation.schema)}.${quoted(relation.name)}`
      const analysis = parts.analyze(`SELECT ${made} FROM ${from}`)
      const [output] = analysis.kind === 'analysis' ? (analysis.statements[0]?.outputs ?? []) : []
      const isFree = output?.known === true && output.sources.every(({ column }) => !protection.masks.has(column))
      if (!isFree) protection.masks.set(name, 'null')
    }
  }
}

/**
 * Lineage leads past a view to what it is made of: a mask that needs the gateway's key holds there, or the column of the view
 * is not shown at all.
 */
export function protectViews(
  protections: Protections,
  parts: { readonly catalog: Catalog; readonly analyze: (text: string) => SqlResult },
): void {
  for (const { schema, name, masks } of protections.values()) {
    const relation = parts.catalog.relation(schema, name)
    const keyed = [...masks].filter(([, strategy]) => isKeyed(strategy))
    if (relation?.kind !== 'view' || keyed.length === 0) continue
    const analysis = parts.analyze((relation.query ?? '').trim().replace(/;$/, ''))
    const outputs = analysis.kind === 'analysis' ? (analysis.statements[0]?.outputs ?? []) : []
    for (const [column, strategy] of keyed) {
      const output = outputs[relation.columns.findIndex((one) => one.name === column)]
      const [source, ...others] = output?.known === true && output.direct ? output.sources : []
      const below = source && protections.get(`${source.schema}.${source.relation}`)?.masks.get(source.column)
      if (below === strategy && others.length === 0 && outputs.length === relation.columns.length) masks.delete(column)
      else masks.set(column, 'null')
    }
  }
}

/** Adds a protection for every materialized view over something protected. */
export function protectStored(
  protections: Protections,
  parts: { readonly catalog: Catalog; readonly analyze: (text: string) => SqlResult },
): void {
  for (let depth = 0; depth < storedDepthMax; depth++) {
    const before = protections.size
    for (const relation of parts.catalog.relations()) {
      if (relation.kind !== 'materialized_view' || protections.get(relationKey(relation))?.closed === true) continue
      const analysis = parts.analyze((relation.query ?? '').trim().replace(/;$/, ''))
      const found = protectionOf(analysis, protections, relation)
      if (found === undefined) continue
      const own = protections.get(relationKey(relation))
      for (const [column, strategy] of own?.masks ?? []) {
        const other = found.masks.get(column)
        found.masks.set(column, other === undefined ? strategy : stricterStrategy(other, strategy))
      }
      for (const filter of own?.filters ?? []) found.filters.add(filter)
      protections.set(relationKey(relation), found)
    }
    if (protections.size === before) return
  }
}

function protectionOf(
  analysis: SqlResult,
  protections: Protections,
  {
    schema,
    name,
    columns,
  }: { readonly schema: string; readonly name: string; readonly columns: readonly { readonly name: string }[] },
): Protection | undefined {
  const made: Protection = { schema, name, masks: new Map(), filters: new Set(), closed: false, dividedBy: [] }
  const closed = { ...made, closed: true }
  const [statement] = analysis.kind === 'analysis' ? analysis.statements : []
  // What cannot be followed may hold anything.
  if (statement === undefined || !statement.complete || statement.dynamic) return closed
  const reached = statement.relations.flatMap((touched) => protections.get(relationKey(touched)) ?? [])
  if (reached.length === 0) return undefined
  if (reached.some((one) => one.closed || one.filters.size > 0) || statement.outputs.length !== columns.length)
    return closed
  const strategyOf = (source: { schema: string; relation: string; column: string }): string | undefined =>
    protections.get(`${source.schema}.${source.relation}`)?.masks.get(source.column)
  if (statement.predicates.some((one) => strategyOf(one) !== undefined)) return closed
  for (const [index, output] of statement.outputs.entries()) {
    if (!output.known) return closed
    const strategies = output.sources.flatMap((source) => strategyOf(source) ?? [])
    const column = columns[index]?.name ?? output.name
    const [strategy] = strategies
    if (strategy !== undefined) made.masks.set(column, output.direct && strategies.length === 1 ? strategy : 'null')
  }
  return made
}
