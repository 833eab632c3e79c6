// Definitions: what they are called, which relation they are about, and the session after them.
import type { Catalog } from '../catalog/catalog.ts'
import type { QualifiedName, Relation } from '../catalog/types.ts'
import { as, child, contentOf, flag, list, namesOf, noTree, type Tree, tagOf, text } from '../parser/tree.ts'
import type { SqlSession } from '../session.ts'
import { allChanged, placeOf, relationChanged, relationGone, relationMade } from './changes.ts'
import type { Context } from './context.ts'
import { hasDependents } from './dependents.ts'
import { descendants } from './from.ts'
import { temporary } from './names.ts'
import { pin, schemaGiven } from './pin.ts'
import type { ReadStatement } from './statement.ts'

/** An index of columns alone runs nobody's code, and one that is not unique tells nothing. */
export function isPlainIndex(tree: Tree): boolean {
  const columns = list(tree, 'indexParams').map((one) => as(one, 'IndexElem') ?? noTree)
  const fields = new Set(['name', 'ordering', 'nulls_ordering'])
  return (
    !flag(tree, 'unique') &&
    tree['whereClause'] === undefined &&
    columns.every((column) => Object.keys(column).every((field) => fields.has(field)))
  )
}

/** The session after RENAME. */
export function renamed(context: Context, tree: Tree): SqlSession {
  const range = child(tree, 'relation')
  if (range === undefined) return allChanged(context)
  if (text(tree, 'renameType') === 'OBJECT_COLUMN') return relationChanged(context, range)
  const found = context.names.relation(temporary(text(range, 'schemaname')), text(range, 'relname'))
  if (renamedWhole.has(text(tree, 'renameType'))) {
    const kind = found?.temporary === true ? 'temporary' : (found?.kind ?? 'unknown')
    const schema = found?.schema ?? placeOf(context, range).schema
    context.facts.touch({ schema, name: text(tree, 'newname') }, 'define', kind, false, [])
  }
  const gone = relationGone(context, text(range, 'schemaname'), text(range, 'relname'))
  const next = {
    ...range,
    relname: text(tree, 'newname'),
    ...(found === undefined ? {} : { schemaname: found.schema }),
  }
  return relationMade({ ...context, session: gone }, next, found?.kind)
}

/** Of what a new name is a relation's own. */
const renamedWhole: ReadonlySet<string> = new Set([
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_TABLE',
  'OBJECT_VIEW',
])

/** A statement that defines a relation, under what it is called. */
export function define(context: Context, range: Tree | undefined, kind: string): ReadStatement {
  if (range === undefined) context.facts.incomplete(`${kind} is not followed`)
  else touched(context, range, 'define', making.has(kind))
  if (context.names.catalog.eventTriggers.length > 0) context.facts.incomplete('event triggers run on DDL')
  return { kind, verb: 'define', outputs: [], limit: null, after: context.session }
}

/** Kinds that make what they name, in the schema where new things go. */
const making: ReadonlySet<string> = new Set([
  'create_materialized_view',
  'create_table',
  'create_table_as',
  'create_view',
  'select_into',
])

/** DROP of anything. */
export function drop(context: Context, tree: Tree): ReadStatement {
  const what = text(tree, 'removeType')
    .replace(/^OBJECT_/, '')
    .toLowerCase()
  let after = context.session
  for (const object of list(tree, 'objects')) {
    // Those of operator classes and families begin with their access method.
    const parts = namesOfObject(object).slice(what === 'opclass' || what === 'opfamily' ? 1 : 0)
    const name = parts.at(-1) ?? ''
    const schema = parts.at(-2) ?? ''
    if (name === '') context.facts.incomplete('what is dropped is not known')
    if (ofRelation.has(what)) {
      // Rules, triggers and policies are parts of a relation.
      touched(context, { relname: schema, schemaname: parts.at(-3) ?? '' }, 'define')
      context.facts.object(what, '', name, 'drop')
    } else if (droppedAlone.has(what)) touched(context, { relname: name, schemaname: schema }, 'define')
    else context.facts.object(what, schema, name, 'drop')
    if (what === 'schema') contents(context, name)
    // Of which relation they are parts is not known.
    if (what === 'index' || what === 'statistic_ext') context.facts.incomplete('what is dropped is part of a relation')
    alsoDropped(context, what, schema, name, text(tree, 'behavior') === 'DROP_CASCADE')
    if (droppedAlone.has(what)) after = relationGone({ ...context, session: after }, schema, name)
    else after = allChanged({ ...context, session: after })
  }
  if (context.names.catalog.eventTriggers.length > 0) context.facts.incomplete('event triggers run on DDL')
  return { kind: `drop_${what}`, verb: 'define', outputs: [], limit: null, after }
}

/** Parts of a relation that are dropped by name. */
const ofRelation: ReadonlySet<string> = new Set(['policy', 'rule', 'trigger'])

/** The parts of an object's name: a name, a type, or a function with its arguments. */
function namesOfObject(object: unknown): readonly string[] {
  const content = contentOf(object)
  switch (tagOf(object)) {
    case 'String':
      return [text(content, 'sval')]
    case 'TypeName':
      return namesOf(list(content, 'names')) ?? []
    case 'ObjectWithArgs':
      return namesOf(list(content, 'objname')) ?? []
    default:
      return namesOf(list(content, 'items').filter((part) => tagOf(part) === 'String')) ?? []
  }
}

/** With a schema all that is in it is dropped, where it is not empty. */
function contents(context: Context, schema: string): void {
  for (const relation of context.names.catalog.relations())
    if (relation.schema === schema) touched(context, { relname: relation.name, schemaname: schema }, 'define')
}

/** Partitions go with their table, and with CASCADE whatever depends on what is dropped. */
function alsoDropped(context: Context, what: string, schema: string, name: string, isCascade: boolean): void {
  const found = droppedAlone.has(what) ? context.names.relation(temporary(schema), name) : undefined
  if (found?.kind === 'partitioned') behind(context, found, 'define')
  if (found !== undefined) besideDropped(context, found)
  if (!isCascade) return
  // What is not there takes nothing with it. Of other objects than relations it is not known what depends on them.
  const isUnknown = found === undefined ? !droppedAlone.has(what) : hasDependents(context.names.catalog, found)
  if (isUnknown) context.facts.incomplete('what depends on it is dropped too')
}

/** A table takes its rows out of its parents, its keys off what they point at, and its sequences with it. */
function besideDropped(context: Context, relation: Relation): void {
  const { catalog } = context.names
  const own = `${relation.schema}.${relation.name}`
  const note = (name: QualifiedName | undefined, access: 'define' | 'lock', via: string): void => {
    const found = name === undefined ? undefined : catalog.relation(name.schema, name.name)
    if (found !== undefined)
      context.facts.touch(found, access, found.temporary === true ? 'temporary' : found.kind, true, [via])
  }
  for (const parent of relation.parents ?? []) {
    note(parent, 'define', own)
    note(catalog.relation(parent.schema, parent.name)?.defaultPartition, 'lock', `${parent.schema}.${parent.name}`)
  }
  for (const { target } of relation.foreignKeys ?? []) note(target, 'lock', `${own} foreign key`)
  for (const sequence of ownedSequences(catalog, relation)) note(sequence, 'define', own)
}

/** The sequences that belong to columns of a relation. */
export function ownedSequences(catalog: Catalog, relation: QualifiedName): readonly Relation[] {
  return [...catalog.relations()].filter(
    ({ kind, owner }) => kind === 'sequence' && owner?.schema === relation.schema && owner.name === relation.name,
  )
}

/** LOCK takes the partitions and children of a table with it, and what a view reads. */
export function locked(context: Context, range: Tree): void {
  touched(context, range, 'lock')
  const found = context.names.relation(temporary(text(range, 'schemaname')), text(range, 'relname'))
  if (found === undefined) return
  if (found.kind !== 'view') {
    if (flag(range, 'inh')) behind(context, found, 'lock')
    return
  }
  const via = `${found.schema}.${found.name}`
  const { facts } = context.walk.view(context, found)
  for (const touch of facts.relations.values())
    context.facts.touch(touch, 'lock', touch.kind, touch.resolved, [via, ...touch.via])
  for (const reason of facts.reasons) context.facts.incomplete(reason)
}

function behind(context: Context, relation: Relation, access: 'define' | 'lock'): void {
  const via = [`${relation.schema}.${relation.name}`]
  for (const child of descendants(context, relation))
    context.facts.touch(child, access, child.temporary === true ? 'temporary' : child.kind, true, via)
}

/** What is gone with its name, and leaves the rest as it was. */
const droppedAlone: ReadonlySet<string> = new Set(['table', 'view', 'matview', 'sequence', 'foreign_table', 'index'])

/** Notes that a relation is defined or locked. */
export function touched(context: Context, range: Tree, access: 'define' | 'lock', isMade = false): void {
  const place = placeOf(context, range)
  const { name } = place
  const given = schemaGiven(context, range)
  const schema = isMade ? place.schema : given
  const found = context.names.relation(schema, name)
  if (found !== undefined && !isMade) pin(context, range, found)
  const isTemporary = text(range, 'relpersistence') === 't' || schema === 'pg_temp'
  const kind = isTemporary ? 'temporary' : (found?.kind ?? 'unknown')
  context.facts.touch(
    {
      schema: found?.schema ?? place.schema,
      name,
    },
    access,
    kind,
    found !== undefined,
    [],
  )
}
