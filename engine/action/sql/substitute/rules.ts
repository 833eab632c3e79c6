// Which statements may pass at all while something is protected. What is not known to be harmless is refused.
import type { Catalog } from '../catalog/catalog.ts'
import type { SqlPredicate, SqlRelation, SqlStatement } from '../facts.ts'
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
  if (
    statement.relations.some(
      ({ schema, name }) => (schema === 'pg_catalog' || name === 'pg_stat_statements') && telling.has(name),
    )
  )
    return 'it reads what tells of values elsewhere'
  const called = statement.functions.find(
    ({ name, effects, via }) =>
      // What a trigger announces comes to clients without its text.
      !(name === 'pg_notify' && via.length > 0) &&
      (effects === 'unknown' || effects === 'external' || tellingFunctions.test(name)),
  )
  return called === undefined ? undefined : `the function ${called.name} reads around what is protected`
}

/** Why a statement that reaches protected relations may not pass. */
export function reachRefusal(statement: SqlStatement, protections: Protections, catalog: Catalog): string | undefined {
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
    if (touched.access === 'define') return 'a protected relation is changed in its form'
    if (touched.access !== 'write') continue
    const why = writeRefusal(statement, touched, protection, catalog) ?? throughRefusal(statement, touched, protections)
    if (why !== undefined) return why
  }
  return undefined
}

/** A write passes when it neither reads nor returns masked columns, and nothing that it raises can tell them. */
function writeRefusal(
  statement: SqlStatement,
  touched: SqlRelation,
  { masks, filters }: Protection,
  catalog: Catalog,
): string | undefined {
  const own = ({ schema, relation, column }: { schema: string; relation: string; column: string }): boolean =>
    schema === touched.schema && relation === touched.name && masks.has(column)
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
  for (const column of masks.keys()) {
    if (!guarded.has(column)) continue
    // Whether a value is there already shows in the error of a constraint.
    if (writesAll || assigned.some((one) => one.column === column))
      return `the masked column ${column} is bound by a constraint`
    if (statement.kind !== 'delete' && relation.checks?.some((check) => check.includes(column)) === true)
      return `a check reads the masked column ${column}`
  }
  if (filters.size > 0 && statement.kind !== 'update' && statement.kind !== 'delete')
    return 'rows are added to or taken from a relation with a row filter'
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
