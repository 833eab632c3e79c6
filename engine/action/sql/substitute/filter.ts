// A row filter that a policy wrote, as SQL text over one relation. `pgsql-ast-parser` reads it, the server's grammar
// reads it again, and only what both read alike and what is known to be harmless is printed, with qualified operators.
import { parse, toSql } from 'pgsql-ast-parser'
import { quoted } from '../analyze/identifiers.ts'
import type { Relation } from '../catalog/types.ts'
import type { Grammar } from '../parser/grammar.ts'
import { as, child, contentOf, flag, list, namesOf, stringOf, type Tree, tagOf, text } from '../parser/tree.ts'
import { literal } from './mask-expression.ts'
import { sameTree } from './tree-edit.ts'

/** Bytes of one filter. */
export const filterBytesMax: number = 16 * 1024
/** Depth of one filter. */
export const filterDepthMax = 64

/** The filter as a condition over `alias`, or why it cannot be used. */
export function printFilter(
  where: string,
  relation: Relation,
  alias: string,
  grammar: Grammar,
):
  | { readonly ok: true; readonly text: string; readonly columns: ReadonlySet<string> }
  | { readonly ok: false; readonly why: string } {
  if (where.length > filterBytesMax) return { ok: false, why: 'a row filter of the policy is too long' }
  const own = conditionOf(where, grammar)
  if (own === undefined) return { ok: false, why: 'a row filter of the policy is not a condition' }
  let again: unknown
  try {
    again = conditionOf(toSql.expr(parse(where, 'expr')), grammar)
  } catch {
    return { ok: false, why: 'a row filter of the policy cannot be read' }
  }
  if (!sameTree(own, again)) return { ok: false, why: 'a row filter of the policy is read in two ways' }
  const columns = new Set<string>()
  const printed = print(own, { relation, alias, columns, depth: 0 })
  if (printed === undefined) return { ok: false, why: 'a row filter of the policy uses what filters may not' }
  return { ok: true, text: printed, columns }
}

/** The tree of a condition, when the text is one and nothing more. */
function conditionOf(where: string, grammar: Grammar): unknown {
  const parsed = grammar.parse(`SELECT 1 WHERE ${where}\n`)
  if (!parsed.ok) return undefined
  const statements = list(parsed.tree, 'stmts')
  const select = as(contentOf({ raw: statements[0] })['stmt'], 'SelectStmt')
  if (statements.length !== 1 || select === undefined) return undefined
  const fields = Object.keys(select).filter((field) => select[field] !== undefined)
  const known = new Set(['targetList', 'whereClause', 'limitOption', 'op', 'groupDistinct', 'all'])
  return fields.every((field) => known.has(field)) ? select['whereClause'] : undefined
}

interface Surroundings {
  readonly relation: Relation
  readonly alias: string
  readonly columns: Set<string>
  readonly depth: number
}

const operators: ReadonlySet<string> = new Set(['=', '<>', '<', '>', '<=', '>=', '~~', '!~~', '~~*', '!~~*'])
const functions: ReadonlySet<string> = new Set(['lower', 'upper', 'length', 'now', 'current_setting', 'date_trunc'])
const castTypes: ReadonlySet<string> = new Set(
  'text varchar int2 int4 int8 bool numeric float8 uuid date timestamp timestamptz'.split(' '),
)

function print(node: unknown, around: Surroundings): string | undefined {
  if (around.depth >= filterDepthMax) return undefined
  const inner = { ...around, depth: around.depth + 1 }
  const content = contentOf(node)
  switch (tagOf(node)) {
    case 'A_Const':
      return constant(content)
    case 'ColumnRef':
      return column(content, around)
    case 'BoolExpr': {
      const parts = list(content, 'args').map((part) => print(part, inner))
      if (parts.some((part) => part === undefined)) return undefined
      const how = text(content, 'boolop')
      if (how === 'NOT_EXPR') return `(NOT ${parts[0]})`
      return `(${parts.join(how === 'AND_EXPR' ? ' AND ' : ' OR ')})`
    }
    case 'NullTest': {
      const value = print(content['arg'], inner)
      if (value === undefined) return undefined
      return `(${value} IS ${text(content, 'nulltesttype') === 'IS_NULL' ? '' : 'NOT '}NULL)`
    }
    case 'A_Expr':
      return operation(content, inner)
    case 'TypeCast': {
      const value = print(content['arg'], inner)
      const type = child(content, 'typeName')
      const names = type === undefined ? undefined : namesOf(list(type, 'names'))
      const name = names?.at(-1) ?? ''
      const bare = type !== undefined && list(type, 'typmods').length === 0 && list(type, 'arrayBounds').length === 0
      const builtin = names?.length === 1 || names?.[0] === 'pg_catalog'
      return value === undefined || !bare || !builtin || !castTypes.has(name)
        ? undefined
        : `(${value}::pg_catalog.${quoted(name)})`
    }
    case 'FuncCall': {
      const names = namesOf(list(content, 'funcname')) ?? []
      const name = names.at(-1) ?? ''
      const bare = Object.keys(content).every((field) => ['funcname', 'args', 'funcformat', 'location'].includes(field))
      const args = list(content, 'args').map((part) => print(part, inner))
      if (!bare || !functions.has(name) || (names.length > 1 && names[0] !== 'pg_catalog')) return undefined
      return args.some((part) => part === undefined) ? undefined : `pg_catalog.${name}(${args.join(', ')})`
    }
    default:
      return undefined
  }
}

function operation(content: Tree, around: Surroundings): string | undefined {
  const name = namesOf(list(content, 'name'))
  const operator = name?.at(-1) ?? ''
  const left = print(content['lexpr'], around)
  if (left === undefined || name?.length !== 1) return undefined
  const compared = (right: string, with_: string): string => `(${left} OPERATOR(pg_catalog.${with_}) ${right})`
  const right = content['rexpr']
  const items = tagOf(right) === 'List' ? list(contentOf(right), 'items').map((item) => print(item, around)) : []
  if (items.some((item) => item === undefined)) return undefined
  const [low = '', high = ''] = items
  switch (text(content, 'kind')) {
    case 'AEXPR_OP':
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE': {
      const value = print(right, around)
      return value === undefined || !operators.has(operator) ? undefined : compared(value, operator)
    }
    case 'AEXPR_IN':
      if (items.length === 0) return undefined
      return `(${items.map((item) => compared(item ?? '', operator)).join(operator === '=' ? ' OR ' : ' AND ')})`
    case 'AEXPR_BETWEEN':
      return `(${compared(low, '>=')} AND ${compared(high, '<=')})`
    case 'AEXPR_NOT_BETWEEN':
      return `(${compared(low, '<')} OR ${compared(high, '>')})`
    default:
      return undefined
  }
}

function column(content: Tree, around: Surroundings): string | undefined {
  const parts = list(content, 'fields').map(stringOf)
  const name = parts.at(-1)
  const qualified = parts.length === 1 || (parts.length === 2 && parts[0] === around.relation.name)
  if (name === undefined || !qualified || !around.relation.columns.some((at) => at.name === name)) return undefined
  around.columns.add(name)
  return `${around.alias}.${quoted(name)}`
}

function constant(content: Tree): string | undefined {
  if (flag(content, 'isnull')) return 'NULL'
  const integer = child(content, 'ival')
  if (integer !== undefined) return String(Number(integer['ival'] ?? 0))
  const float = child(content, 'fval')
  if (float !== undefined) return /^[0-9.eE+-]+$/.test(text(float, 'fval')) ? text(float, 'fval') : undefined
  const truth = child(content, 'boolval')
  if (truth !== undefined) return flag(truth, 'boolval') ? 'true' : 'false'
  const string = child(content, 'sval')
  return string === undefined ? undefined : literal(text(string, 'sval'))
}
