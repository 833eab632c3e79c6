// What else happens when a relation is written: triggers, rules, foreign keys, checks, policies, children.
import type { Relation } from '../catalog/types.ts'
import type { Context, WriteEvent } from './context.ts'
import { descendants, policies } from './from.ts'

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
  if (relation.partial === true) context.facts.incomplete('relation not fully known')
  if (relation.changed === true) context.facts.incomplete('changed in this session')
  if (relation.kind === 'view') context.facts.incomplete('write through a view')
  if (relation.kind === 'foreign_table') context.facts.incomplete('write to another server')
  if (relation.schema === 'pg_catalog') context.facts.incomplete('write to the system catalog')
  if (depth > cascadeDepthMax) {
    context.facts.incomplete('foreign keys nested too deeply')
    return
  }
  for (const trigger of relation.triggers ?? []) {
    if (!trigger.events.some((event) => events.includes(event))) continue
    const found = context.names.catalog.routines(trigger.function.schema, trigger.function.name)
    if (found.length === 0) context.facts.incomplete('unresolved trigger function')
    for (const routine of found)
      context.facts.include(context.walk.routine(context, routine, 'trigger').facts, [
        ...via,
        `${name} trigger ${trigger.name}`,
      ])
  }
  for (const rule of relation.rules ?? [])
    if (rule.event === 'select' || events.includes(rule.event)) context.facts.incomplete('rewrite rule')
  for (const check of relation.checks ?? [])
    context.facts.include(context.walk.text(context, check, relation, relation.path).facts, [...via, `${name} check`])
  if (relation.rowSecurity === true)
    for (const event of events) if (event !== 'truncate') policies(context, relation, event)
  for (const child of descendants(context, relation)) {
    if (!via.includes(name)) writes(context, child, events, columns, [...via, name], depth + 1)
  }
  foreignKeys(context, relation, events, via, depth)
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
