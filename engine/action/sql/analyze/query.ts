// SELECT in all its forms: set operations, VALUES, DISTINCT, GROUP BY, windows, LIMIT, locking.

import type { PredicateUse } from '../facts.ts'
import { targetsMax } from '../limits.ts'
import {
  as,
  child,
  constantOf,
  contentOf,
  flag,
  list,
  namesOf,
  noTree,
  stringOf,
  type Tree,
  tagOf,
  text,
} from '../parser/tree.ts'
import { anyPlace, both, expandStar } from './columns.ts'
import type { Context } from './context.ts'
import { locking } from './locking.ts'
import { type Field, inner, Mix, type Scope, type Value } from './value.ts'
import { window } from './window.ts'
import { withClause } from './with.ts'

/** A SELECT below `outer`; gives its columns. */
export function select(context: Context, node: Tree, outer: Scope): readonly Field[] {
  const ctes = withClause(context, child(node, 'withClause'), outer)
  const scope = inner(outer, ctes)
  const operation = text(node, 'op')
  if (operation !== '' && operation !== 'SETOP_NONE') return setOperation(context, node, scope, outer.seeded)
  const values = list(node, 'valuesLists')
  if (values.length > 0) return valuesRows(context, node, values, scope)
  for (const from of list(node, 'fromClause')) context.walk.from(context, from, scope)
  const fields = targets(context, list(node, 'targetList'), scope)
  uses(context, node['whereClause'], scope, 'where')
  uses(context, node['havingClause'], scope, 'having')
  for (const group of list(node, 'groupClause')) grouping(context, group, scope, fields)
  for (const definition of list(node, 'windowClause')) window(context, as(definition, 'WindowDef') ?? noTree, scope)
  distinct(context, list(node, 'distinctClause'), scope, fields)
  sorting(context, list(node, 'sortClause'), scope, fields)
  limits(context, node, scope)
  locking(context, node, scope)
  return fields
}

function uses(context: Context, node: unknown, scope: Scope, use: PredicateUse): void {
  if (node !== undefined) context.facts.use(context.walk.expression(context, node, scope), use)
}

/** The columns of a target list. */
export function targets(context: Context, list_: readonly unknown[], scope: Scope): readonly Field[] {
  const fields: Field[] = []
  for (const node of list_) {
    const target = as(node, 'ResTarget') ?? noTree
    const value = target['val']
    const star = expandStar(context, value, scope)
    if (star !== undefined) {
      for (const field of star) if (fields.length < targetsMax) fields.push(field)
    }
    if (fields.length >= targetsMax) {
      context.facts.incomplete('too many columns')
      break
    }
    if (star !== undefined) continue
    const name = text(target, 'name')
    const result = context.walk.expression(context, value, scope)
    fields.push(field(result, name === '' ? outputName(value) : name))
  }
  return fields
}

function field(value: Value, name: string): Field {
  const { sources, known, direct, type, item, fields } = value
  return { name, sources, known, direct, type, item, fields }
}

/** The name the server gives an output column that has none of its own. */
export function outputName(node: unknown): string {
  const content = contentOf(node)
  switch (tagOf(node)) {
    case 'ColumnRef':
      return stringOf(list(content, 'fields').at(-1)) ?? '?column?'
    case 'A_Indirection': {
      const name = list(content, 'indirection')
        .map(stringOf)
        .findLast((part) => part !== undefined)
      return name ?? outputName(content['arg'])
    }
    case 'FuncCall':
      return namesOf(list(content, 'funcname'))?.at(-1) ?? '?column?'
    case 'TypeCast': {
      const inside = outputName(content['arg'])
      if (inside !== '?column?') return inside
      return namesOf(list(child(content, 'typeName') ?? noTree, 'names'))?.at(-1) ?? '?column?'
    }
    case 'CollateClause':
      return outputName(content['arg'])
    case 'CaseExpr': {
      const inside = content['defresult'] === undefined ? '?column?' : outputName(content['defresult'])
      return inside === '?column?' ? 'case' : inside
    }
    case 'SubLink': {
      const type = text(content, 'subLinkType')
      if (type === 'EXISTS_SUBLINK') return 'exists'
      if (type === 'ARRAY_SUBLINK') return 'array'
      if (type !== 'EXPR_SUBLINK') return '?column?'
      const [target] = list(as(content['subselect'], 'SelectStmt') ?? noTree, 'targetList')
      const result = as(target, 'ResTarget')
      if (result === undefined) return '?column?'
      return text(result, 'name') || outputName(result['val'])
    }
    case 'CoalesceExpr':
      return 'coalesce'
    case 'MinMaxExpr':
      return text(content, 'op') === 'IS_LEAST' ? 'least' : 'greatest'
    case 'A_ArrayExpr':
      return 'array'
    case 'RowExpr':
      return 'row'
    case 'GroupingFunc':
      return 'grouping'
    case 'MergeSupportFunc':
      return 'merge_action'
    case 'SQLValueFunction':
      return text(content, 'op')
        .replace(/^SVFOP_/, '')
        .replace(/_N$/, '')
        .toLowerCase()
    case 'A_Expr':
      return text(content, 'kind') === 'AEXPR_NULLIF' ? 'nullif' : '?column?'
    case 'XmlExpr':
      return text(content, 'op').replace(/^IS_/, '').toLowerCase()
    case 'XmlSerialize':
      return 'xmlserialize'
    default:
      return '?column?'
  }
}

function setOperation(context: Context, node: Tree, scope: Scope, seeded: Scope['seeded']): readonly Field[] {
  const left = select(context, child(node, 'larg') ?? noTree, scope)
  seeded?.(left)
  const right = select(context, child(node, 'rarg') ?? noTree, scope)
  const open = [...left, ...right].some((at) => at.name === '*')
  const fields: Field[] = []
  for (const [at, first] of left.entries()) {
    const second = right[at]
    const mix = new Mix()
    mix.add(first)
    if (second !== undefined) mix.add(second)
    if (open) for (const any of right) mix.add(any)
    fields.push(field(mix.value(first.type), first.name))
  }
  if (!flag(node, 'all') || text(node, 'op') !== 'SETOP_UNION') {
    for (const result of fields) context.facts.use(result, 'distinct')
  }
  const result: Scope = { ...scope, elements: [{ items: [], columns: fields }] }
  sorting(context, list(node, 'sortClause'), result, fields)
  limits(context, node, scope)
  locking(context, node, scope)
  return fields
}

function valuesRows(context: Context, node: Tree, rows: readonly unknown[], scope: Scope): readonly Field[] {
  const mixes: Mix[] = []
  const rest: Field[] = []
  for (const row of rows) {
    let at = 0
    for (const item of list(contentOf(row), 'items')) {
      const star = expandStar(context, item, scope)
      for (const value of star ?? [context.walk.expression(context, item, scope)]) {
        if (at >= targetsMax) {
          context.facts.incomplete('too many columns')
          break
        }
        let mix = mixes[at]
        if (mix === undefined) {
          mix = new Mix()
          mixes[at] = mix
        }
        mix.add(value)
        at++
      }
      for (const value of star ?? []) if (value.name === '*') rest.push(value)
    }
  }
  const placed = mixes.map((mix, at) => field(mix.value(), `column${at + 1}`))
  const any = anyPlace([...placed, ...rest])
  const fields = any === undefined ? placed : [...placed, { name: '*' }].map(({ name }) => field(any, name))
  sorting(context, list(node, 'sortClause'), { ...scope, elements: [{ items: [], columns: fields }] }, fields)
  limits(context, node, scope)
  return fields
}

function grouping(context: Context, node: unknown, scope: Scope, fields: readonly Field[]): void {
  const set = as(node, 'GroupingSet')
  if (set !== undefined) {
    for (const part of list(set, 'content')) grouping(context, part, scope, fields)
    return
  }
  context.facts.use(referred(context, node, scope, fields, false), 'group')
}

// ORDER BY 1, GROUP BY alias: a position or the name of an output column.
function referred(
  context: Context,
  node: unknown,
  scope: Scope,
  fields: readonly Field[],
  outputsFirst: boolean,
): Value {
  const position = constantOf(node)
  if (typeof position === 'number') return anyPlace(fields) ?? fields[position - 1] ?? allOf(fields)
  const reference = as(node, 'ColumnRef')
  const parts = reference === undefined ? [] : list(reference, 'fields')
  const name = parts.length === 1 ? stringOf(parts[0]) : undefined
  if (name !== undefined) {
    const named = fields.find((at) => at.name === name)
    const columns = scope.elements.flatMap((element) => element.columns.filter((at) => at.name === name))
    if (named !== undefined && (outputsFirst || columns.length === 0)) return named
    if (named !== undefined && columns.every(({ doubtful }) => doubtful === true))
      return both(named, context.walk.expression(context, node, scope))
    // Among columns without number there may be one of that name.
    const any = named === undefined ? anyPlace(fields) : undefined
    if (any !== undefined) return both(any, context.walk.expression(context, node, scope))
  }
  return context.walk.expression(context, node, scope)
}

function allOf(fields: readonly Field[]): Value {
  const mix = new Mix()
  for (const at of fields) mix.add(at)
  return mix.value()
}

function distinct(context: Context, clause: readonly unknown[], scope: Scope, fields: readonly Field[]): void {
  if (clause.length === 0) return
  const named = clause.filter((node) => node !== null && tagOf(node) !== '')
  if (named.length === 0) for (const at of fields) context.facts.use(at, 'distinct')
  for (const node of named) context.facts.use(referred(context, node, scope, fields, true), 'distinct')
}

function sorting(context: Context, clause: readonly unknown[], scope: Scope, fields: readonly Field[]): void {
  for (const node of clause) {
    const sort = as(node, 'SortBy') ?? noTree
    context.facts.use(referred(context, sort['node'], scope, fields, true), 'sort')
    if (list(sort, 'useOp').length > 0) {
      context.walk.expression(context, { SortBy: { ...sort, node: { A_Const: { isnull: true } } } }, scope)
    }
  }
}

function limits(context: Context, node: Tree, scope: Scope): void {
  uses(context, node['limitCount'], scope, 'limit')
  uses(context, node['limitOffset'], scope, 'limit')
}
