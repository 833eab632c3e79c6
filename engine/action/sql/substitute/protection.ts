// What is protected by a decision's masks and filters, relation by relation: parents and children by inheritance and
// partitioning are protected with one another, because each shows the other's rows.
import { type Mask, stricterStrategy } from '../../../decision/index.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { QualifiedName, Relation } from '../catalog/types.ts'
import type { ProtectionTerms } from '../contract.ts'
import { isKeyed } from './mask-expression.ts'

/** What holds for one relation. */
export interface Protection {
  readonly schema: string
  readonly name: string
  /** Strategy by column. */
  readonly masks: Map<string, string>
  /** Conditions that a policy wrote, all of which must hold. */
  readonly filters: Set<string>
  /** It cannot be read at all: a child has a row filter that it has not, or it keeps what cannot be masked. */
  closed: boolean
  /** The tables that divide their rows by a masked column, and this is a part of: its rows are only shown through those. */
  dividedBy: readonly string[]
}

/** Protections by `schema.name`. */
export type Protections = Map<string, Protection>

/** The key of a relation. */
export function relationKey({ schema, name }: QualifiedName): string {
  return `${schema}.${name}`
}

/** Reads masks and filters; undefined when a mask is not one of a column. */
export function protectionsOf({ masks, filters }: ProtectionTerms, catalog: Catalog): Protections | undefined {
  const protections = new Map<string, Protection>()
  const of = (relation: QualifiedName): Protection => {
    const key = relationKey(relation)
    const known = protections.get(key)
    if (known !== undefined) return known
    const { schema, name } = relation
    const made: Protection = { schema, name, masks: new Map(), filters: new Set(), closed: false, dividedBy: [] }
    protections.set(key, made)
    return made
  }
  for (const mask of masks) {
    if (!('column' in mask)) return undefined
    const last = mask.column.lastIndexOf('.')
    const relation = named(mask.column.slice(0, last))
    const column = mask.column.slice(last + 1)
    for (const each of [relation, ...ancestors(catalog, relation), ...descendants(catalog, relation)]) {
      const columns = of(each).masks
      const other = columns.get(column)
      columns.set(column, other === undefined ? mask.with : stricterStrategy(other, mask.with))
    }
  }
  for (const filter of filters) {
    const relation = named(filter.relation)
    for (const each of [relation, ...descendants(catalog, relation)]) of(each).filters.add(filter.where)
  }
  for (const filter of filters) {
    for (const parent of ancestors(catalog, named(filter.relation)))
      if (!of(parent).filters.has(filter.where)) of(parent).closed = true
  }
  divide(protections, catalog, of)
  return protections
}

/** Which part a row is in tells what it is divided by. */
function divide(protections: Protections, catalog: Catalog, of: (relation: QualifiedName) => Protection): void {
  for (const { schema, name, masks } of [...protections.values()]) {
    const key = catalog.relation(schema, name)?.partitionKey
    if (key === undefined || ![...masks.keys()].some((column) => key.includes(column.replaceAll('"', '""')))) continue
    for (const part of descendants(catalog, { schema, name }))
      of(part).dividedBy = [...ancestors(catalog, part), { schema, name }].map(relationKey)
  }
}

/** The masks that the gateway applies, for every relation they hold for. */
export function gatewayMasks(protections: Protections): readonly Mask[] {
  return [...protections.values()].flatMap(({ schema, name, masks }) =>
    [...masks].flatMap(([column, strategy]) =>
      isKeyed(strategy) ? [{ column: `${schema}.${name}.${column}`, with: strategy }] : [],
    ),
  )
}

function named(text: string): QualifiedName {
  const dot = text.indexOf('.')
  return dot < 0 ? { schema: 'public', name: text } : { schema: text.slice(0, dot), name: text.slice(dot + 1) }
}

function descendants(catalog: Catalog, relation: QualifiedName): readonly QualifiedName[] {
  const found = new Map<string, QualifiedName>()
  const waiting = [...catalog.children(relation)]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (found.has(relationKey(next))) continue
    found.set(relationKey(next), next)
    waiting.push(...catalog.children(next))
  }
  return [...found.values()]
}

function ancestors(catalog: Catalog, relation: QualifiedName): readonly QualifiedName[] {
  const found = new Map<string, QualifiedName>()
  const parentsOf = (one: QualifiedName): readonly QualifiedName[] =>
    (catalog.relation(one.schema, one.name) satisfies Relation | undefined)?.parents ?? []
  const waiting = [...parentsOf(relation)]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (found.has(relationKey(next))) continue
    found.set(relationKey(next), next)
    waiting.push(...parentsOf(next))
  }
  return [...found.values()]
}
