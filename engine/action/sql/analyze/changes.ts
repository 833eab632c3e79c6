// What a session's own definitions do to the catalog that its later statements are read by. A plain new table is known as
// the server will have it; whatever else was changed is known to have changed, and no statement about it is called complete
// until the catalog has been read again.
import type { CatalogChange } from '../catalog/catalog.ts'
import type { Column, QualifiedName, Relation, TypeRef } from '../catalog/types.ts'
import { as, child, contentOf, list, namesOf, type Tree, tagOf, text } from '../parser/tree.ts'
import type { SqlSession } from '../session.ts'
import type { Context } from './context.ts'
import { temporary } from './names.ts'

/** The session after CREATE TABLE. */
export function tableMade(context: Context, tree: Tree): SqlSession {
  const range = child(tree, 'relation')
  if (range === undefined) return context.session
  const at = placeOf(context, range)
  if (context.names.catalog.relation(at.schema, at.name) !== undefined) return context.session
  const untilCommit = text(tree, 'oncommit') === 'ONCOMMIT_DROP'
  if (untilCommit && !context.session.inTransaction) return context.session
  // A foreign key has actions that run for changes of another table.
  if (list(tree, 'tableElts').some(hasForeignKey)) return allChanged(context)
  const columns = list(tree, 'tableElts').map((element) => columnOf(context, at, element))
  const plain =
    ['inhRelations', 'partspec', 'partbound', 'ofTypename'].every((field) => tree[field] === undefined) &&
    columns.every((column) => column !== undefined)
  const known = columns.filter((column): column is Column => typeof column === 'object')
  const parents = list(tree, 'inhRelations').map((one) => parentOf(context, contentOf(one)))
  return made(context, {
    ...at,
    kind: tree['partspec'] === undefined ? 'table' : 'partitioned',
    columns: plain ? known : [],
    ...(at.schema === 'pg_temp' ? { temporary: true } : {}),
    ...(untilCommit ? { untilCommit } : {}),
    ...(parents.length > 0 ? { parents } : {}),
    ...(plain ? {} : { changed: true }),
  })
}

/** The session after a definition that makes or changes one relation in a way that is not followed. */
export function relationChanged(context: Context, range: Tree, kind: Relation['kind'] = 'table'): SqlSession {
  const schema = temporary(text(range, 'schemaname'))
  return changedTo(context, range, kind, context.names.relation(schema, text(range, 'relname')))
}

/** The session after a definition that makes a relation, or replaces one, where new things go. */
export function relationMade(context: Context, range: Tree, kind: Relation['kind'] = 'table'): SqlSession {
  const { schema, name } = placeOf(context, range)
  return changedTo(context, range, kind, context.names.catalog.relation(schema, name))
}

function changedTo(context: Context, range: Tree, kind: Relation['kind'], found: Relation | undefined): SqlSession {
  // What its children and partitions inherit from it has changed too.
  if (found !== undefined && context.names.catalog.children(found).length > 0) return allChanged(context)
  const at = found ?? placeOf(context, range)
  return made(context, {
    ...(found ?? { kind, columns: [] }),
    schema: at.schema,
    name: at.name,
    ...(at.schema === 'pg_temp' ? { temporary: true } : {}),
    changed: true,
  })
}

/** The session after a relation is gone, or has another name. */
export function relationGone(context: Context, schema: string, name: string): SqlSession {
  const found = context.names.relation(temporary(schema), name)
  return found === undefined ? context.session : changed(context, { relations: [[found, null]] })
}

/** The session after a function was defined: calls of its name are not understood for now. */
export function routineChanged(context: Context, names: readonly unknown[]): SqlSession {
  const parts = namesOf(names) ?? []
  const name = parts.at(-1)
  const schema = parts.at(-2) ?? context.names.creation
  if (name === undefined || schema === undefined) return allChanged(context)
  return changed(context, { routines: [[{ schema: temporary(schema), name }, []]] })
}

/** The session after something that can change what any name means. */
export function allChanged(context: Context): SqlSession {
  return changed(context, { stale: 'changed in this session' })
}

function changed(context: Context, change: CatalogChange): SqlSession {
  return context.session.withChange(context.shared, change)
}

function made(context: Context, relation: Relation): SqlSession {
  const schemas: CatalogChange['schemas'] = relation.schema === 'pg_temp' ? [['pg_temp', true]] : []
  return changed(context, { schemas, relations: [[relation, relation]] })
}

/** Where a new relation of this name goes. */
export function placeOf(context: Context, range: Tree): QualifiedName {
  const schema = temporary(text(range, 'schemaname'))
  const isTemporary = text(range, 'relpersistence') === 't' || schema === 'pg_temp'
  const creation = isTemporary ? 'pg_temp' : (context.names.creation ?? 'public')
  return { schema: isTemporary || schema === '' ? creation : schema, name: text(range, 'relname') }
}

function hasForeignKey(element: unknown): boolean {
  const constraints = [element, ...list(contentOf(element), 'constraints')].map((one) => as(one, 'Constraint'))
  return constraints.some((one) => one !== undefined && text(one, 'contype') === 'CONSTR_FOREIGN')
}

function parentOf(context: Context, range: Tree): QualifiedName {
  return context.names.relation(temporary(text(range, 'schemaname')), text(range, 'relname')) ?? placeOf(context, range)
}

/** Constraints that run nothing but comparisons of built-in types. */
const quietConstraints: ReadonlySet<string> = new Set([
  'CONSTR_ATTR_DEFERRABLE',
  'CONSTR_ATTR_DEFERRED',
  'CONSTR_ATTR_IMMEDIATE',
  'CONSTR_ATTR_NOT_DEFERRABLE',
  'CONSTR_IDENTITY',
  'CONSTR_NOTNULL',
  'CONSTR_NULL',
  'CONSTR_PRIMARY',
  'CONSTR_UNIQUE',
])

const serials: ReadonlyMap<string, string> = new Map([
  ['bigserial', 'int8'],
  ['serial', 'int4'],
  ['serial2', 'int2'],
  ['serial4', 'int4'],
  ['serial8', 'int8'],
  ['smallserial', 'int2'],
])

/** A column; `none` for a constraint of the table that is followed; undefined for what is not. */
function columnOf(context: Context, table: QualifiedName, element: unknown): Column | 'none' | undefined {
  const tree = contentOf(element)
  if (tagOf(element) === 'Constraint') return quietConstraints.has(text(tree, 'contype')) ? 'none' : undefined
  if (tagOf(element) !== 'ColumnDef') return undefined
  const constraints = list(tree, 'constraints').map((one) => as(one, 'Constraint'))
  if (!constraints.every((one) => one !== undefined && isQuiet(one))) return undefined
  const typeName = child(tree, 'typeName')
  const names = namesOf(list(typeName ?? {}, 'names')) ?? []
  const name = text(tree, 'colname')
  const sequence = { schema: table.schema, name: `${table.name}_${name}_seq` }
  const serial = names.length === 1 ? serials.get(names[0] ?? '') : undefined
  if (serial !== undefined) return { name, type: builtIn(serial), sequence }
  const type = typeOf(context, typeName ?? {}, names)
  if (type === undefined) return undefined
  const isIdentity = constraints.some((one) => one !== undefined && text(one, 'contype') === 'CONSTR_IDENTITY')
  return { name, type, ...(isIdentity ? { sequence } : {}) }
}

function isQuiet(constraint: Tree): boolean {
  const kind = text(constraint, 'contype')
  return quietConstraints.has(kind) || (kind === 'CONSTR_DEFAULT' && tagOf(constraint['raw_expr']) === 'A_Const')
}

function builtIn(name: string): TypeRef {
  return { schema: 'pg_catalog', name, array: false }
}

/** A type of the server's own; others have checks, casts and operators of somebody. */
function typeOf(context: Context, tree: Tree, names: readonly string[]): TypeRef | undefined {
  const type = context.names.type(names.at(-2) ?? '', names.at(-1) ?? '')
  if (type === undefined || type.schema !== 'pg_catalog') return undefined
  return { ...builtIn(type.name), array: list(tree, 'arrayBounds').length > 0 }
}
