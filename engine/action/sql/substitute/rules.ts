// Which statements may pass at all while something is protected. What is not known to be harmless is refused.
import { rowUse } from '../analyze/trigger-rows.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Relation, Trigger } from '../catalog/types.ts'
import type { SqlPredicate, SqlRelation, SqlStatement } from '../facts.ts'
import type { Grammar } from '../parser/grammar.ts'
import { type Protection, type Protections, relationKey } from './protection.ts'

/** Kinds of statements that may reach a protected relation. */
const kinds: ReadonlySet<string> = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'copy',
  'declare_cursor',
  'prepare',
  'execute',
  'fetch',
  'move',
  'create_table_as',
  'select_into',
  'truncate',
  'lock',
])

/** How the analyzer names what a foreign key does. */
export const keyStep = ' foreign key'

/** Of relations that tell other things too, the column with the texts of statements. */
const tellingColumn: ReadonlyMap<string, string> = new Map([
  ['pg_cursors', 'statement'],
  ['pg_prepared_statements', 'statement'],
  ['pg_stat_activity', 'query'],
])

/** Functions that act on sessions: what they are given is masked already. */
const acting =
  /^(?:pg_(?:try_)?advisory_\w+|pg_sleep(?:_for|_until)?|pg_notify|pg_cancel_backend|pg_terminate_backend)$/

/** Relations of the server that tell of values elsewhere, or of other sessions' statements. */
const telling: ReadonlySet<string> = new Set([
  'pg_statistic',
  'pg_statistic_ext_data',
  'pg_stats',
  'pg_stats_ext',
  'pg_stats_ext_exprs',
  'pg_largeobject',
  'pg_stat_activity',
  'pg_stat_statements',
  'pg_prepared_statements',
  'pg_cursors',
])

/** Views of the server that count what was done to a relation: rows that are hidden too. */
const counting = /^pg_stat(?:io)?_(?:xact_)?(?:all|sys|user)_(?:tables|indexes|sequences|functions)$/

/** Functions that read around the text of a statement: other rows, files, statistics, other servers, running SQL. */
const tellingFunctions =
  /^(?:query_to_|table_to_|schema_to_|database_to_|cursor_to_|dblink|lo_|loread|pg_read_|pg_ls_|pg_stat_get_|pg_stat_file|pg_logical_|pg_stat_statements|ts_stat|ts_rewrite|pg_mcv_list_items|pg_buffercache|pgstat|get_raw_page|heap_page|bt_page|currtid)/

/** Predicate uses in which a masked value decides which rows come out, in which order or how many. */
const deciding: ReadonlySet<SqlPredicate['uses'][number]> = new Set([
  'where',
  'join',
  'having',
  'group',
  'sort',
  'distinct',
  'window',
  'limit',
  'merge',
])

/** Why a statement may not pass, whatever it touches. */
export function aroundRefusal(statement: SqlStatement): string | undefined {
  if (statement.dynamic) return 'it builds and runs text that cannot be seen'
  if (!statement.complete) return 'it is not fully understood'
  if (statement.relations.some(tells)) return 'it reads what tells of values elsewhere'
  const called = statement.functions.find(
    ({ schema, name, effects }) =>
      effects === 'unknown' || tellingFunctions.test(name) || (effects === 'external' && !acts(schema, name)),
  )
  return called === undefined ? undefined : `the function ${called.name} reads around what is protected`
}

/** Over what a statement is looked at. */
export interface RuleParts {
  readonly protections: Protections
  readonly catalog: Catalog
  readonly grammar: Grammar
  /** The relations of which the statement deletes rows. */
  readonly deleted: readonly string[]
}

function tells({ schema, name, columns }: SqlRelation): boolean {
  if (name === 'pg_stat_statements') return true
  if (schema !== 'pg_catalog' || !(telling.has(name) || counting.test(name))) return false
  const column = tellingColumn.get(name)
  return column === undefined || columns.includes(column) || columns.includes('*')
}

function acts(schema: string, name: string): boolean {
  return schema === 'pg_catalog' && acting.test(name)
}

/** Why a statement that reaches protected relations may not pass. */
export function reachRefusal(statement: SqlStatement, parts: RuleParts): string | undefined {
  const { protections, catalog } = parts
  const { kind } = statement
  if (!kinds.has(kind)) return `${kind.replaceAll('_', ' ')} on a protected relation`
  const masked = ({ schema, relation, column }: { schema: string; relation: string; column: string }): boolean =>
    protections.get(`${schema}.${relation}`)?.masks.has(column) === true
  const decides = statement.predicates.find((one) => masked(one) && one.uses.some((use) => deciding.has(use)))
  if (decides !== undefined) return `the masked column ${decides.column} decides which rows come out, or their order`
  // What is behind a view is neither replaced nor filtered where the server writes it in the view's place.
  if (statement.relations.some(({ access, kind: what }) => access === 'write' && what === 'view'))
    return 'a view over a protected relation is written'
  for (const touched of statement.relations) {
    const protection = protections.get(relationKey(touched))
    if (protection === undefined) continue
    if (protection.closed) return 'a relation shows rows or values that cannot be told from protected ones'
    const row = rowPolicyRefusal(catalog.relation(touched.schema, touched.name), protection.masks)
    if (row !== undefined) return row
    if (touched.access === 'define') return 'a protected relation is changed in its form'
    if (!protection.dividedBy.includes(touched.via.at(-1) ?? '') && protection.dividedBy.length > 0)
      return 'a partition by a masked column is read or written by itself'
    if (touched.access !== 'write') continue
    const why = writeRefusal(statement, touched, protection, parts) ?? throughRefusal(statement, touched, protections)
    if (why !== undefined) return why
  }
  return undefined
}

/** Whether a statement only drops tables, and of what is protected only their keys off it. */
export function dropsKeys({ kind, relations }: SqlStatement, protections: Protections): boolean {
  const isKey = ({ access, via }: SqlRelation): boolean => access === 'lock' && via.at(-1)?.endsWith(keyStep) === true
  return kind === 'drop_table' && relations.every((one) => isKey(one) || !protections.has(relationKey(one)))
}

/** Which rows a row security policy shows tells what it compares, and settings that the client makes can be part of that. */
function rowPolicyRefusal(relation: Relation | undefined, masks: Protection['masks']): string | undefined {
  if (relation?.rowSecurity !== true) return undefined
  for (const { name, using, check } of relation.policies ?? []) {
    const column = [...masks.keys()].find((one) =>
      [using, check].some((text) => text !== undefined && mentions(text, one)),
    )
    if (column !== undefined) return `the row policy ${name} decides by the masked column ${column}`
  }
  return undefined
}

/** A write passes when it neither reads nor returns masked columns, and nothing that it raises can tell them. */
function writeRefusal(
  statement: SqlStatement,
  touched: SqlRelation,
  { masks, filters }: Protection,
  { catalog, grammar, deleted }: RuleParts,
): string | undefined {
  const own = ({ schema, relation, column }: { schema: string; relation: string; column: string }): boolean =>
    schema === touched.schema && relation === touched.name && (masks.has(column) || isPlace(column, masks))
  if (statement.predicates.some(own)) return 'a write uses a masked column of what it writes'
  if (statement.outputs.some((output) => !output.known || output.sources.some(own)))
    return 'a write returns a masked column'
  if (statement.assignments.some((one) => !one.known || one.sources.some(own))) return 'a write copies a masked column'
  const assigned = statement.assignments.filter(
    ({ schema, relation }) => schema === touched.schema && relation === touched.name,
  )
  const relation = catalog.relation(touched.schema, touched.name)
  if (relation === undefined) return 'a protected relation is not known'
  const guarded = new Set(relation.guarded ?? relation.columns.map(({ name }) => name))
  const writesAll = statement.kind === 'copy'
  const key =
    touched.via.some((step) => step.endsWith(keyStep)) && [...masks.keys()].find((one) => touched.columns.includes(one))
  if (typeof key === 'string') return `a foreign key over the masked column ${key} changes rows`
  const isReferred = catalog
    .references(touched)
    .some((reference) => reference.key.targetColumns.some((column) => masks.has(column)))
  if (isReferred && deleted.includes(relationKey(touched)))
    return 'a foreign key points at a masked column of what is deleted'
  const alike = alikeRefusal(statement, relation, masks)
  if (alike !== undefined) return alike
  const read = triggerRefusal(relation, masks, catalog, grammar, eventsOf(touched, deleted))
  if (read !== undefined) return read
  for (const column of masks.keys()) {
    if (!guarded.has(column)) continue
    // Whether a value is there already shows in the error of a constraint.
    if (writesAll || assigned.some((one) => one.column === column))
      return `the masked column ${column} is bound by a constraint`
    if (statement.kind !== 'delete' && relation.checks?.some((check) => mentions(check, column)) === true)
      return `a check reads the masked column ${column}`
  }
  const [unique] = (relation.unique ?? [{ columns: [...guarded] }]).flatMap(({ columns }) =>
    columns.filter((column) => assigned.some((one) => one.column === column)),
  )
  if (filters.size > 0 && unique !== undefined) return `a row that is hidden may have the same ${unique}`
  if (filters.size > 0 && statement.kind !== 'update' && statement.kind !== 'delete')
    return 'rows are added to or taken from a relation with a row filter'
  return undefined
}

/** Where a row is stored: how long masked values are shows in that, or what they are where it divides the rows. */
function isPlace(column: string, masks: Protection['masks']): boolean {
  return masks.size > 0 && (column === 'ctid' || column === 'tableoid')
}

/** Whether an expression of the catalog uses a column, or whole rows. */
function mentions(text: string, column: string): boolean {
  return text.includes(column.replaceAll('"', '""')) || text.includes('.*')
}

/** Rows that may not be alike: whether one is there already shows in an error, also where only other columns are written. */
function alikeRefusal(statement: SqlStatement, relation: Relation, masks: Protection['masks']): string | undefined {
  const assigned = new Set(
    statement.assignments
      .filter((one) => one.schema === relation.schema && one.relation === relation.name)
      .map(({ column }) => column),
  )
  const given = new Set(relation.columns.filter((column) => column.default !== undefined).map(({ name }) => name))
  for (const { columns, nullsAlike } of relation.unique ?? []) {
    const masked = columns.find((column) => masks.has(column))
    if (masked === undefined) continue
    // A new row has NULL there, which is like nothing, or else what is always given.
    const isGiven =
      statement.kind !== 'update' && columns.some((column) => masks.has(column) && (nullsAlike || given.has(column)))
    if (columns.some((column) => assigned.has(column)) || (isGiven && statement.kind !== 'delete'))
      return `the masked column ${masked} is bound by a constraint`
  }
  return undefined
}

/** Whether an event may happen to a relation: what gives no column a value deletes, where that is known. */
function eventsOf(touched: SqlRelation, deleted: readonly string[]): (event: Trigger['events'][number]) => boolean {
  const isDeleted = deleted.includes(relationKey(touched))
  const isOther = !isDeleted || touched.columns.length > 0
  return (event) => (event === 'delete' ? isDeleted : isOther)
}

/** What a trigger makes of masked columns is seen wherever it puts it, or by its failing. */
function triggerRefusal(
  relation: Relation,
  masks: Protection['masks'],
  catalog: Catalog,
  grammar: Grammar,
  happens: (event: Trigger['events'][number]) => boolean,
): string | undefined {
  for (const { name, function: target, definition, transition = [], events } of relation.triggers ?? []) {
    if (!events.some(happens)) continue
    const column = [...masks.keys()].find((one) => definition !== undefined && mentions(definition, one))
    const used = catalog.routines(target.schema, target.name).map((routine) => rowUse(grammar, routine))
    const read = column ?? [...masks.keys()].find((one) => used.some(({ whole, columns }) => whole || columns.has(one)))
    if (read !== undefined) return `the trigger ${name} reads the masked column ${read}`
    if (transition.length > 0 && masks.size > 0) return `the trigger ${name} reads all rows that are written`
  }
  return undefined
}

/** A relation with a row filter may be written through its parent, whose condition holds for its rows too. */
function throughRefusal(statement: SqlStatement, touched: SqlRelation, protections: Protections): string | undefined {
  const filters = protections.get(relationKey(touched))?.filters ?? new Set()
  const [first] = touched.via
  if (filters.size === 0 || first === undefined) return undefined
  const parent = protections.get(first)
  const written = statement.relations.some(
    (one) => one.access === 'write' && one.via.length === 0 && relationKey(one) === first,
  )
  const same =
    touched.via.length === 1 && written && parent !== undefined && [...filters].every((one) => parent.filters.has(one))
  return same ? undefined : 'a relation with a row filter is written through another'
}
