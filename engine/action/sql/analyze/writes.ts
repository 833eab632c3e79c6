// What else happens when a relation is written: triggers, rules, foreign keys, checks, policies, children.
import type { QualifiedName, Relation } from '../catalog/types.ts'
import type { Context, WriteEvent } from './context.ts'
import { policies } from './from.ts'
import { becomes } from './type.ts'
import { behindView, triggerCondition, unreplaced } from './view-writes.ts'

const cascadeDepthMax = 16

/** Notes that a relation is written, with everything that follows from it. */
export function writes(
  context: Context,
  relation: Relation,
  events: readonly WriteEvent[],
  columns: readonly string[],
  via: readonly string[] = [],
  depth = 0,
): void {
  const kind = relation.temporary === true ? 'temporary' : relation.kind
  const touch = context.facts.touch(relation, 'write', kind, true, via)
  for (const column of columns) touch.columns.add(column)
  const name = `${relation.schema}.${relation.name}`
  if (events.includes('delete')) context.facts.deleted.add(name)
  if (relation.partial === true) context.facts.incomplete('relation not fully known')
  if (relation.ownClasses === true) context.facts.incomplete('index with code of its own')
  if (relation.changed === true) context.facts.incomplete('changed in this session')
  if (relation.kind === 'foreign_table') context.facts.incomplete('write to another server')
  if (relation.schema === 'pg_catalog') context.facts.incomplete('write to the system catalog')
  if (depth > cascadeDepthMax) {
    context.facts.incomplete('foreign keys nested too deeply')
    return
  }
  for (const trigger of relation.triggers ?? []) {
    if (!trigger.events.some((event) => events.includes(event))) continue
    triggerCondition(context, relation, trigger)
    const found = context.names.catalog.routines(trigger.function.schema, trigger.function.name)
    if (found.length === 0) context.facts.incomplete('unresolved trigger function')
    for (const routine of found)
      context.facts.include(context.walk.routine(context, routine, 'trigger', trigger.transition).facts, [
        ...via,
        `${name} trigger ${trigger.name}`,
      ])
  }
  const own = unreplaced(context, relation, events, via)
  if (relation.kind === 'view') {
    throughView(context, relation, own, columns, via, depth)
    return
  }
  for (const { type } of relation.columns) becomes(context, type)
  for (const check of relation.checks ?? [])
    context.facts.include(context.walk.text(context, check, relation, relation.path).facts, [...via, `${name} check`])
  if (events.includes('insert') || events.includes('update')) divides(context, relation, via)
  if (relation.rowSecurity === true)
    for (const event of events) if (event !== 'truncate') policies(context, relation, event)
  // A row that an update moves is deleted from one partition and inserted into another.
  const below: readonly WriteEvent[] =
    relation.kind === 'partitioned' && events.includes('update') ? [...events, 'insert', 'delete'] : events
  for (const at of context.names.catalog.children(relation)) {
    const child = context.names.catalog.relation(at.schema, at.name)
    if (child !== undefined && !via.includes(name)) writes(context, child, below, columns, [...via, name], depth + 1)
  }
  if (events.includes('update')) defaults(context, relation, via, true)
  foreignKeys(context, relation, events, via, depth)
}

/** Which partition a row belongs into is computed for each that is written, also where that is a partition itself. */
function divides(context: Context, relation: Relation, via: readonly string[]): void {
  const name = `${relation.schema}.${relation.name}`
  // `RANGE (expression, expression class)`: a class that is not the usual one stands where an alias would.
  const key = relation.partitionKey?.slice(relation.partitionKey.indexOf('(') + 1, -1)
  if (key !== undefined)
    context.facts.include(context.walk.text(context, key, relation, relation.path).facts, [...via, `${name} partition`])
  for (const { schema, name: above } of relation.parents ?? []) {
    const parent = via.includes(`${schema}.${above}`) ? undefined : context.names.catalog.relation(schema, above)
    if (parent?.kind === 'partitioned') divides(context, parent, [...via, name])
  }
}

/** The relation behind a view, which is written in its place. */
function throughView(
  context: Context,
  view: Relation,
  events: readonly WriteEvent[],
  columns: readonly string[],
  via: readonly string[],
  depth: number,
): void {
  const name = `${view.schema}.${view.name}`
  if (events.length === 0) return
  const behind = via.includes(name) ? undefined : behindView(context, view, columns)
  if (behind === undefined) {
    context.facts.incomplete('write through a view')
    return
  }
  const through = [...via, name]
  // CHECK OPTION looks at what the view shows.
  context.facts.include(context.walk.view(context, view).facts, through)
  writes(context, behind.relation, events, behind.columns, through, depth + 1)
  if (events.includes('insert')) defaults(context, behind.relation, through)
}

/** Defaults run for columns that get no value; which ones is not looked at: any may. An update makes the generated anew. */
export function defaults(
  context: Context,
  relation: Relation,
  via: readonly string[] = [],
  generatedOnly = false,
): void {
  for (const column of relation.columns) {
    if (column.sequence !== undefined && !generatedOnly) identity(context, column.sequence, relation, via)
    if (column.default !== undefined && (!generatedOnly || column.generated === true))
      context.facts.include(context.walk.text(context, column.default, relation, relation.path).facts, [
        ...via,
        `${relation.schema}.${relation.name} default`,
      ])
  }
}

/** An identity column takes its values from a sequence, whether or not the server's catalog tells of it yet. */
function identity(context: Context, sequence: QualifiedName, relation: Relation, via: readonly string[]): void {
  const through = [...via, `${relation.schema}.${relation.name} default`]
  const isKnown = context.names.catalog.relation(sequence.schema, sequence.name) !== undefined
  context.facts.touch(sequence, 'write', 'sequence', isKnown, through)
}

function foreignKeys(
  context: Context,
  relation: Relation,
  events: readonly WriteEvent[],
  via: readonly string[],
  depth: number,
): void {
  const name = `${relation.schema}.${relation.name}`
  for (const { target } of relation.foreignKeys ?? []) {
    const found = context.names.catalog.relation(target.schema, target.name)
    if (found !== undefined && (events.includes('insert') || events.includes('update')))
      context.facts.touch(found, 'read', found.kind, true, [...via, `${name} foreign key`])
  }
  if (!events.includes('delete') && !events.includes('update')) return
  for (const { from, key } of context.names.catalog.references(relation)) {
    const found = context.names.catalog.relation(from.schema, from.name)
    if (found === undefined) continue
    const acts =
      (events.includes('delete') && changes(key.onDelete)) || (events.includes('update') && changes(key.onUpdate))
    const through = [...via, `${name} foreign key`]
    if (!acts) context.facts.touch(found, 'read', found.kind, true, through)
    else if (!via.includes(`${name} foreign key`))
      writes(context, found, ['update', 'delete'], key.columns, through, depth + 1)
  }
}

function changes(action: string): boolean {
  return action === 'cascade' || action === 'set_null' || action === 'set_default'
}
