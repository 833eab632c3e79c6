// Columns whose masks need the gateway's key are replaced in the result by lineage. Which come out of a statement, and whether
// it is made of plain parts only: such whose columns can be counted and named without doubt. No other is shown them.
import type { SqlStatement } from '../facts.ts'
import { as, isTree, list, namesOf, tagOf } from '../parser/tree.ts'
import { isKeyed } from './mask-expression.ts'
import type { Protections } from './protection.ts'

/** A column, as one text. */
export function shownKey(schema: string, relation: string, column: string): string {
  return JSON.stringify([schema, relation, column])
}

/** The columns with such a mask that come out, by lineage. */
export function shownColumns(statements: readonly SqlStatement[], protections: Protections): ReadonlySet<string> {
  const shown = new Set<string>()
  for (const { outputs } of statements) {
    for (const { sources } of outputs) {
      for (const { schema, relation, column } of sources) {
        const strategy = protections.get(`${schema}.${relation}`)?.masks.get(column)
        if (strategy !== undefined && isKeyed(strategy)) shown.add(shownKey(schema, relation, column))
      }
    }
  }
  return shown
}

/** What a plain statement is made of. Not among them: fields of rows, rows, documents, functions in FROM, stars in lists. */
const plainTags: ReadonlySet<string> = new Set([
  'A_ArrayExpr',
  'A_Const',
  'A_Expr',
  'BoolExpr',
  'Boolean',
  'BooleanTest',
  'CaseExpr',
  'CaseWhen',
  'CoalesceExpr',
  'CollateClause',
  'ColumnRef',
  'CommonTableExpr',
  'Float',
  'FuncCall',
  'GroupingFunc',
  'GroupingSet',
  'Integer',
  'JoinExpr',
  'List',
  'LockingClause',
  'MinMaxExpr',
  'NamedArgExpr',
  'NullTest',
  'ParamRef',
  'RangeSubselect',
  'RangeVar',
  'ResTarget',
  'SQLValueFunction',
  'SelectStmt',
  'SortBy',
  'String',
  'SubLink',
  'TypeCast',
  'WindowDef',
])

/** Clauses by which values decide what comes out, and names of what walks a graph of rows. */
const decidingFields: ReadonlySet<string> = new Set([
  'whereClause',
  'havingClause',
  'groupClause',
  'sortClause',
  'distinctClause',
  'limitCount',
  'limitOffset',
  'quals',
  'usingClause',
  'isNatural',
])
const followingFields: ReadonlySet<string> = new Set(['recursive', 'search_clause', 'cycle_clause'])

/** Why a statement is refused that is not. */
export const notPlain =
  'a column whose mask needs the key is shown by plain queries only: without functions over values in FROM, fields of rows or recursion'

/**
 * True where a tree has plain parts only. Where nothing but masked columns comes out (`alone`) and no clause decides over rows,
 * functions in FROM that are given no column are plain too.
 */
export function isPlain(tree: unknown, alone: boolean): boolean {
  return holds(tree, plainTags) || (alone && holds(tree, withFunctions, decidingFields))
}

const withFunctions: ReadonlySet<string> = new Set([...plainTags, 'RangeFunction'])

function holds(node: unknown, tags: ReadonlySet<string>, without?: ReadonlySet<string>): boolean {
  if (Array.isArray(node)) return node.every((part) => holds(part, tags, without))
  if (!isTree(node)) return true
  for (const field in node) {
    const content = node[field]
    if (followingFields.has(field) || without?.has(field) === true) return false
    if (field === 'RangeFunction' && isSeries(content)) continue
    if (isTag(field)) {
      if (!tags.has(field)) return false
      if (field === 'ResTarget' && isStar(content)) continue
      if (field === 'RangeFunction' && !isConstant(content)) return false
    }
    if (!holds(content, tags, without)) return false
  }
  return true
}

/** `*` or `t.*` as an output column. */
function isStar(target: unknown): boolean {
  const reference = isTree(target) ? as(target['val'], 'ColumnRef') : undefined
  if (reference === undefined) return false
  const fields = list(reference, 'fields')
  return tagOf(fields.at(-1)) === 'A_Star' && fields.slice(0, -1).every((one) => tagOf(one) === 'String')
}

/** A function in FROM that no column is given to. */
function isConstant(node: unknown): boolean {
  if (Array.isArray(node)) return node.every(isConstant)
  if (!isTree(node)) return true
  for (const field in node)
    if (field === 'ColumnRef' || field === 'SelectStmt' || !isConstant(node[field])) return false
  return true
}

/** What a row of numbers or texts is made of in FROM, from constants: it has one column, and no fields. */
const seriesTags: ReadonlySet<string> = new Set(['A_ArrayExpr', 'A_Const', 'FuncCall', 'List', 'String'])
const seriesNames: ReadonlySet<string> = new Set(['unnest', 'generate_series'])

function isSeries(node: unknown): boolean {
  if (Array.isArray(node)) return node.every(isSeries)
  if (!isTree(node)) return true
  for (const field in node) {
    const content = node[field]
    if (field === 'alias') continue
    if (field === 'coldeflist' || (isTag(field) && !seriesTags.has(field))) return false
    const names = field === 'FuncCall' && isTree(content) ? namesOf(list(content, 'funcname')) : undefined
    if (field === 'FuncCall' && (names?.length !== 1 || !seriesNames.has(names[0] ?? ''))) return false
    if (!isSeries(content)) return false
  }
  return true
}

/** Nodes are named by their tags, fields begin small. */
function isTag(field: string): boolean {
  const first = field.charCodeAt(0)
  return first >= 0x41 && first <= 0x5a
}
