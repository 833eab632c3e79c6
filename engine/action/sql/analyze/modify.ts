// INSERT, UPDATE, DELETE and MERGE.
import type { Relation } from '../catalog/types.ts'
import { as, child, contentOf, list, noTree, type Tree, tagOf, text } from '../parser/tree.ts'
import { Collector } from './collector.ts'
import { anyPlace } from './columns.ts'
import type { Context } from './context.ts'
import { policies, relationItem } from './from.ts'
import { pin, schemaGiven } from './pin.ts'
import { targets } from './query.ts'
import { restricts } from './restriction.ts'
import { type Field, type Item, inner, Mix, plain, referenceTo, type Scope, unknown, type Value } from './value.ts'
import { withClause } from './with.ts'
import { defaults, writes } from './writes.ts'

/** A data-modifying statement; gives the columns of RETURNING. */
export function modify(context: Context, tag: string, node: Tree, outer: Scope): readonly Field[] {
  const ctes = withClause(context, child(node, 'withClause'), outer)
  const scope = inner(outer, ctes)
  switch (tag) {
    case 'InsertStmt':
      return insert(context, node, scope)
    case 'UpdateStmt':
      return update(context, node, scope)
    case 'DeleteStmt':
      return remove(context, node, scope)
    default:
      return merge(context, node, scope)
  }
}

/** The written relation, resolved; an unresolved one makes the statement incomplete. */
function target(
  context: Context,
  node: Tree,
  reads: boolean,
): { readonly relation: Relation | undefined; readonly item: Item } {
  const range = child(node, 'relation') ?? noTree
  const schema = schemaGiven(context, range)
  const name = text(range, 'relname')
  const alias = child(range, 'alias')
  const aliasName = alias === undefined ? name : text(alias, 'aliasname')
  if (schema === '' && context.session.doubtful) context.facts.incomplete('search path not known')
  const relation = context.names.relation(schema, name)
  if (relation === undefined) {
    context.facts.touch({ schema, name }, 'write', 'unknown', false, []).columns.add('*')
    context.facts.missing('relation', schema, name)
    return {
      relation: undefined,
      item: { alias: aliasName, fields: [], open: true, rest: unknown, touches: [], visible: true },
    }
  }
  pin(context, range, relation)
  return {
    relation,
    item: { ...(reads ? relationItem(context, relation, range['inh'] !== true) : rowItem(relation)), alias: aliasName },
  }
}

/** The columns of a written relation, for expressions over it; using one is reading it. */
function rowItem(relation: Relation): Item {
  const fields = relation.columns.map(
    (column): Field => ({
      name: column.name,
      sources: [referenceTo(relation, column.name)],
      known: true,
      direct: true,
      type: column.type,
    }),
  )
  return {
    alias: relation.name,
    schema: relation.schema,
    fields,
    open: false,
    rest: plain,
    relation,
    touches: [],
    visible: true,
  }
}

function insert(context: Context, node: Tree, scope: Scope): readonly Field[] {
  const { relation, item } = target(context, node, false)
  const targets = list(node, 'cols')
  const columns = insertedColumns(targets, relation)
  const source = node['selectStmt']
  const values = source === undefined ? [] : context.walk.query(context, source, scope)
  const any = anyPlace(values)
  if (relation !== undefined) {
    writes(context, relation, ['insert'], columns)
    for (const [index, column] of columns.entries())
      assign(context, relation, column, placed(context, targets[index], any ?? values[index] ?? plain, scope))
    defaults(context, relation)
  }
  const conflict = child(node, 'onConflictClause')
  if (conflict !== undefined) onConflict(context, conflict, scope, relation, item)
  return returning(context, node, scope, [item])
}

/** The columns that get values: those that are listed, or all. */
function insertedColumns(targets: readonly unknown[], relation: Relation | undefined): readonly string[] {
  const named = targets.map((column) => text(as(column, 'ResTarget') ?? noTree, 'name'))
  return named.length > 0 ? named : (relation?.columns.map((column) => column.name) ?? ['*'])
}

/** A value with what says at which place of its column it is put: subscripts are expressions too. */
function placed(context: Context, target: unknown, value: Value, scope: Scope): Value {
  const steps = list(as(target, 'ResTarget') ?? noTree, 'indirection')
  if (steps.length === 0) return value
  const mix = new Mix()
  mix.add(value)
  for (const step of steps) if (tagOf(step) === 'A_Indices') mix.add(context.walk.expression(context, step, scope))
  return mix.value()
}

function onConflict(context: Context, clause: Tree, scope: Scope, relation: Relation | undefined, item: Item): void {
  const inside = inner(scope)
  // A row that stands in the way must be one that may be seen.
  if (relation?.rowSecurity === true) policies(context, relation, 'select')
  // What is used of that row was read.
  const read = new Collector()
  const there =
    relation === undefined
      ? item
      : { ...relationItem({ ...context, facts: read }, relation, true), alias: item.alias, schema: item.schema }
  inside.elements.push(
    { items: [there], columns: there.fields },
    { items: [{ ...item, alias: 'excluded' }], columns: [] },
  )
  conflicting(context, clause, inside, relation)
  if ([...read.relations.values()].some(({ columns }) => columns.size > 0)) context.facts.include(read, [])
}

function conflicting(context: Context, clause: Tree, inside: Scope, relation: Relation | undefined): void {
  for (const part of list(child(clause, 'infer') ?? noTree, 'indexElems')) {
    const expression = (as(part, 'IndexElem') ?? noTree)['expr']
    if (expression !== undefined) context.facts.use(context.walk.expression(context, expression, inside), 'where')
  }
  if (text(clause, 'action') !== 'ONCONFLICT_UPDATE') return
  if (relation !== undefined) writes(context, relation, ['update'], setColumns(list(clause, 'targetList')))
  assignments(context, list(clause, 'targetList'), inside, relation)
  restricted(context, clause['whereClause'], inside)
}

function update(context: Context, node: Tree, scope: Scope): readonly Field[] {
  const { relation, item } = target(context, node, true)
  scope.elements.push({ items: [item], columns: item.fields })
  for (const from of list(node, 'fromClause')) context.walk.from(context, from, scope)
  const set = list(node, 'targetList')
  if (relation !== undefined) writes(context, relation, ['update'], setColumns(set))
  assignments(context, set, scope, relation)
  restricted(context, node['whereClause'], scope, item)
  return returning(context, node, scope, [])
}

function remove(context: Context, node: Tree, scope: Scope): readonly Field[] {
  const { relation, item } = target(context, node, true)
  scope.elements.push({ items: [item], columns: item.fields })
  for (const using of list(node, 'usingClause')) context.walk.from(context, using, scope)
  if (relation !== undefined) writes(context, relation, ['delete'], [])
  restricted(context, node['whereClause'], scope, item)
  return returning(context, node, scope, [])
}

function merge(context: Context, node: Tree, scope: Scope): readonly Field[] {
  const { relation, item } = target(context, node, true)
  scope.elements.push({ items: [item], columns: item.fields })
  context.walk.from(context, node['sourceRelation'], scope)
  context.facts.use(context.walk.expression(context, node['joinCondition'], scope), 'join')
  const isJoined = restricts(node['joinCondition'], item)
  context.facts.where ??= true
  for (const clause of list(node, 'mergeWhenClauses')) {
    const when = as(clause, 'MergeWhenClause') ?? noTree
    if (when['condition'] !== undefined)
      context.facts.use(context.walk.expression(context, when['condition'], scope), 'merge')
    const command = text(when, 'commandType')
    const set = list(when, 'targetList')
    if (command === 'CMD_NOTHING') continue
    const event = command === 'CMD_DELETE' ? 'delete' : command === 'CMD_UPDATE' ? 'update' : 'insert'
    if (event !== 'insert') {
      // Rows that nothing of the source matches are all the others.
      const isOther = text(when, 'matchKind') === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE'
      if (!restricts(when['condition'], item) && (isOther || !isJoined)) context.facts.where = false
      if (relation !== undefined) writes(context, relation, [event], setColumns(set))
      assignments(context, set, scope, relation)
      continue
    }
    const values = list(when, 'values').map((value) => context.walk.expression(context, value, scope))
    if (relation === undefined) continue
    const columns = insertedColumns(set, relation)
    writes(context, relation, ['insert'], columns)
    for (const [index, column] of columns.entries())
      assign(context, relation, column, placed(context, set[index], values[index] ?? plain, scope))
    defaults(context, relation)
  }
  return returning(context, node, scope, [])
}

function setColumns(set: readonly unknown[]): readonly string[] {
  return set.map((one) => text(as(one, 'ResTarget') ?? noTree, 'name')).filter((name) => name !== '')
}

function assignments(context: Context, set: readonly unknown[], scope: Scope, relation: Relation | undefined): void {
  for (const one of set) {
    const result = as(one, 'ResTarget') ?? noTree
    if (result['val'] === undefined) continue
    const source = as(result['val'], 'MultiAssignRef')
    const value =
      source === undefined
        ? context.walk.expression(context, result['val'], scope)
        : context.walk.expression(context, source['source'], scope)
    const whole = placed(context, one, value, scope)
    if (relation !== undefined) assign(context, relation, text(result, 'name'), whole)
  }
  if (relation === undefined || !set.some((one) => givesDefault((as(one, 'ResTarget') ?? noTree)['val']))) return
  // Which relation behind a view has the default is not looked at.
  if (relation.kind === 'view') context.facts.incomplete('write through a view')
  else defaults(context, relation)
}

/** `SET column = DEFAULT`, alone or in a row of values. */
function givesDefault(node: unknown): boolean {
  const content = contentOf(node)
  switch (tagOf(node)) {
    case 'SetToDefault':
      return true
    case 'MultiAssignRef':
      return givesDefault(content['source'])
    case 'RowExpr':
      return list(content, 'args').some(givesDefault)
    default:
      return false
  }
}

function assign(context: Context, relation: Relation, column: string, value: Value): void {
  context.facts.assignments.add({ target: referenceTo(relation, column), value })
}

function restricted(context: Context, condition: unknown, scope: Scope, written?: Item): void {
  if (condition !== undefined) context.facts.use(context.walk.expression(context, condition, scope), 'where')
  if (tagOf(condition) === 'CurrentOfExpr') context.facts.use(plain, 'where')
  if (written !== undefined) context.facts.restrict(restricts(condition, written))
}

function returning(context: Context, node: Tree, scope: Scope, items: readonly Item[]): readonly Field[] {
  const clause = child(node, 'returningClause')
  const list_ = clause === undefined ? list(node, 'returningList') : list(clause, 'exprs')
  if (list_.length === 0) return []
  context.facts.returning = true
  const inside = inner(scope)
  // What RETURNING shows was read.
  const read = (item: Item): Item =>
    item.relation === undefined
      ? item
      : { ...relationItem(context, item.relation, true), alias: item.alias, schema: item.schema }
  const shown = items.map(read)
  for (const item of shown) inside.elements.push({ items: [item], columns: item.fields })
  const target = scope.elements[0]?.items[0]
  const own = shown[0] ?? (target === undefined ? undefined : read(target))
  if (own !== undefined)
    for (const alias of rowNames(clause)) inside.elements.push({ items: [{ ...own, alias }], columns: [] })
  if (items.length === 0) inside.elements.unshift(...scope.elements)
  return targets(context, list_, inside)
}

/** What the rows before and after are called: `old` and `new`, where RETURNING WITH says nothing else. */
function rowNames(clause: Tree | undefined): readonly string[] {
  const given = list(clause ?? noTree, 'options').map((option) => as(option, 'ReturningOption') ?? noTree)
  const named = (kind: string): string | undefined => {
    const found = given.find((option) => text(option, 'option') === kind)
    return found === undefined ? undefined : text(found, 'value')
  }
  return [named('RETURNING_OPTION_OLD') ?? 'old', named('RETURNING_OPTION_NEW') ?? 'new']
}

/** True for statements that change rows. */
export function isModifying(node: unknown): boolean {
  return ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'].includes(tagOf(node)) && contentOf(node) !== noTree
}
