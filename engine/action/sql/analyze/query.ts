// SELECT in all its forms: WITH, set operations, VALUES, DISTINCT, GROUP BY, windows, LIMIT, locking.

import type { PredicateUse } from '../facts.ts'
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
import { expandStar } from './columns.ts'
import type { Context } from './context.ts'
import { locking } from './locking.ts'
import { type Ctes, type Field, inner, Mix, plain, type Scope, type Value } from './value.ts'
import { window } from './window.ts'

/** A SELECT below `outer`; gives its columns. */
export function select(context: Context, node: Tree, outer: Scope): readonly Field[] {
  const ctes = withClause(context, child(node, 'withClause'), outer)
  const scope = inner(outer, ctes)
  const operation = text(node, 'op')
  if (operation !== '' && operation !== 'SETOP_NONE') return setOperation(context, node, scope)
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
      for (const field of star) fields.push(field)
      continue
    }
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

function setOperation(context: Context, node: Tree, scope: Scope): readonly Field[] {
  const arms = [child(node, 'larg') ?? noTree, child(node, 'rarg') ?? noTree].map((arm) => select(context, arm, scope))
  const [left = [], right = []] = arms
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
  for (const row of rows) {
    for (const [at, value] of list(contentOf(row), 'items').entries()) {
      let mix = mixes[at]
      if (mix === undefined) {
        mix = new Mix()
        mixes[at] = mix
      }
      mix.add(context.walk.expression(context, value, scope))
    }
  }
  const fields = mixes.map((mix, at) => field(mix.value(), `column${at + 1}`))
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
  if (typeof position === 'number') return fields[position - 1] ?? allOf(fields)
  const reference = as(node, 'ColumnRef')
  const parts = reference === undefined ? [] : list(reference, 'fields')
  const name = parts.length === 1 ? stringOf(parts[0]) : undefined
  if (name !== undefined) {
    const named = fields.find((at) => at.name === name)
    const column = scope.elements.some((element) => element.columns.some((at) => at.name === name))
    if (named !== undefined && (outputsFirst || !column)) return named
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

/** The common table expressions of a WITH clause, on top of those in reach. */
export function withClause(context: Context, clause: Tree | undefined, outer: Scope): Ctes | undefined {
  let ctes = outer.ctes
  if (clause === undefined) return ctes
  const recursive = flag(clause, 'recursive')
  const expressions = list(clause, 'ctes').map((node) => as(node, 'CommonTableExpr') ?? noTree)
  // under RECURSIVE every expression sees all the others; forward ones are walked first when they can be
  if (recursive)
    for (const cte of expressions)
      ctes = { name: text(cte, 'ctename'), fields: seed(context, cte, outer, ctes), parent: ctes }
  for (const cte of expressions) {
    const name = text(cte, 'ctename')
    const scope: Scope = { elements: [], parent: outer, ctes, variables: outer.variables }
    let fields = context.walk.query(context, cte['ctequery'], scope)
    fields = aliased(fields, cte)
    if (recursive) {
      // a second pass lets what the recursive arm adds flow round
      const again: Scope = { ...scope, ctes: { name, fields, parent: ctes } }
      fields = aliased(context.walk.query(context, cte['ctequery'], again), cte)
    }
    ctes = { name, fields: [...fields, ...generated(context, cte, fields)], parent: ctes }
  }
  return ctes
}

function aliased(fields: readonly Field[], cte: Tree): readonly Field[] {
  const names = list(cte, 'aliascolnames')
  return fields.map((at, index) => ({ ...at, touches: undefined, name: stringOf(names[index]) ?? at.name }))
}

// What the recursive reference sees at first: the columns of the non-recursive arm.
function seed(context: Context, cte: Tree, outer: Scope, ctes: Ctes | undefined): readonly Field[] {
  const query = as(cte['ctequery'], 'SelectStmt')
  if (query === undefined) return []
  let arm = query
  for (let left = child(arm, 'larg'); left !== undefined; left = child(arm, 'larg')) arm = left
  const name = text(cte, 'ctename')
  const scope: Scope = {
    elements: [],
    parent: outer,
    ctes: { name, fields: [{ ...plain, name: '*' }], parent: ctes },
    variables: outer.variables,
  }
  return aliased(context.walk.query(context, { SelectStmt: arm }, scope), cte)
}

// SEARCH and CYCLE add columns.
function generated(context: Context, cte: Tree, fields: readonly Field[]): readonly Field[] {
  const added: Field[] = []
  const all = allOf(fields)
  const search = child(cte, 'search_clause')
  if (search !== undefined) added.push({ ...field(all, text(search, 'search_seq_column')), direct: false })
  const cycle = child(cte, 'cycle_clause')
  if (cycle !== undefined) {
    context.facts.use(all, 'distinct')
    added.push({ ...field(all, text(cycle, 'cycle_mark_column')), direct: false })
    added.push({ ...field(all, text(cycle, 'cycle_path_column')), direct: false })
  }
  return added
}
