// FROM clauses: tables, views, subqueries, functions, joins, XMLTABLE, JSON_TABLE, TABLESAMPLE.
import type { Column, Relation, TypeRef } from '../catalog/types.ts'
import { typeDepthMax } from '../limits.ts'
import {
  as,
  child,
  contentOf,
  flag,
  isTree,
  list,
  namesOf,
  noTree,
  number,
  type Tree,
  tagOf,
  text,
} from '../parser/tree.ts'
import type { Touch } from './collector.ts'
import { renamed } from './columns.ts'
import type { Context } from './context.ts'
import { callFunction } from './invoke.ts'
import { joined } from './join.ts'
import { pin, schemaGiven } from './pin.ts'
import { castsWithin } from './type.ts'
import {
  type Ctes,
  type Element,
  type Field,
  type Item,
  Mix,
  plain,
  referenceTo,
  type Scope,
  unknown,
  type Value,
} from './value.ts'

/** Adds one FROM entry to the scope. */
export function fromItem(context: Context, node: unknown, scope: Scope): void {
  scope.elements.push(element(context, node, scope))
}

function element(context: Context, node: unknown, scope: Scope): Element {
  const tag = tagOf(node)
  const content = contentOf(node)
  switch (tag) {
    case 'RangeVar':
      return single(rangeVariable(context, content, scope))
    case 'RangeSubselect':
      return single(subselect(context, content, scope))
    case 'RangeFunction':
      return single(rangeFunction(context, content, scope))
    case 'JoinExpr':
      return join(context, content, scope)
    case 'RangeTableSample': {
      const sampled = element(context, content['relation'], scope)
      for (const argument of [...list(content, 'args'), content['repeatable']]) {
        if (argument !== undefined) context.facts.use(context.walk.expression(context, argument, scope), 'limit')
      }
      const method = namesOf(list(content, 'method')) ?? []
      const schema = method.length > 1 ? (method.at(-2) ?? '') : ''
      context.walk.call(
        context,
        { schema, name: method.at(-1) ?? '', values: [plain], nodes: [], kind: 'function', variadic: false },
        scope,
      )
      return sampled
    }
    case 'RangeTableFunc':
      return single(tableFunction(context, content, scope, 'columns'))
    case 'JsonTable':
      return single(tableFunction(context, content, scope, 'columns'))
    default:
      context.facts.incomplete(`node ${tag} not understood`)
      return single({ alias: '', fields: [], open: true, rest: unknown, touches: [], visible: true })
  }
}

function single(item: Item): Element {
  return { items: [item], columns: item.fields }
}

function namesGiven(alias: Tree | undefined): readonly unknown[] {
  return alias === undefined ? [] : list(alias, 'colnames')
}

/** A table, view or CTE in FROM. */
export function rangeVariable(context: Context, node: Tree, scope: Scope): Item {
  const schema = schemaGiven(context, node)
  const name = text(node, 'relname')
  const alias = child(node, 'alias')
  const aliasName = alias === undefined ? name : text(alias, 'aliasname')
  if (schema === '') {
    const cte = cteNamed(scope.ctes, name)
    if (cte !== undefined) {
      return derived(aliasName, renamed(cte.fields, namesGiven(alias)))
    }
    if (scope.variables?.has(`table ${name}`) === true) {
      return { alias: aliasName, fields: [], open: true, rest: plain, touches: [], visible: true }
    }
    if (context.session.doubtful) context.facts.incomplete('search path not known')
  }
  const relation = context.names.relation(schema, name)
  if (relation === undefined || relation.kind === 'index') {
    context.facts.touch({ schema, name }, 'read', 'unknown', false, []).columns.add('*')
    context.facts.missing('relation', schema, name)
    return { alias: aliasName, fields: [], open: true, rest: unknown, touches: [], visible: true }
  }
  pin(context, node, relation)
  const only = node['inh'] !== true
  if (context.bodies.length === 0)
    context.facts.site({
      location: number(node, 'location'),
      schema: relation.schema,
      name: relation.name,
      only,
      aliased: alias !== undefined,
    })
  const item = relationItem(context, relation, only)
  return {
    ...item,
    alias: aliasName,
    schema: alias === undefined ? relation.schema : undefined,
    fields: renamed(item.fields, namesGiven(alias)),
    renamed: namesGiven(alias).length > 0,
  }
}

function openRest(fields: readonly Field[]): Value {
  const mix = new Mix()
  for (const field of fields) if (field.name === '*') mix.add(field)
  return mix.value()
}

function cteNamed(ctes: Ctes | undefined, name: string): Ctes | undefined {
  for (let at = ctes; at !== undefined; at = at.parent) if (at.name === name) return at
  return undefined
}

/** A relation that is read: its columns, what a view reads behind it, its children and row policies. */
export function relationItem(context: Context, relation: Relation, only: boolean): Item {
  const kind = relation.temporary === true ? 'temporary' : relation.kind
  const touch = context.facts.touch(relation, 'read', kind, true, [])
  if (relation.partial === true) context.facts.incomplete('relation not fully known')
  if (relation.changed === true) context.facts.incomplete('changed in this session')
  if (relation.rowSecurity === true) policies(context, relation, 'select')
  const seen = new Set<string>()
  if (context.names.catalog.casts.length > 0)
    for (const { type } of relation.columns) castsWithin(context, type, 0, seen)
  const touches: Touch[] = [touch]
  if (relation.query !== undefined && relation.kind === 'view') {
    return { ...base(relation, touch, viewFields(context, relation, touch)), touches }
  }
  if (!only) {
    const via = [`${relation.schema}.${relation.name}`]
    for (const inherited of descendants(context, relation)) {
      touches.push(
        context.facts.touch(inherited, 'read', inherited.temporary === true ? 'temporary' : inherited.kind, true, via),
      )
    }
  }
  const fields = relation.columns.map((column) => ({
    name: column.name,
    sources: [referenceTo(relation, column.name)],
    known: true,
    direct: true,
    type: column.type,
    touches: touches.map((at) => [at, column.name] as const),
  }))
  return { ...base(relation, touch, fields), touches }
}

function base(relation: Relation, touch: Touch, fields: readonly Field[]): Item {
  return { alias: relation.name, fields, open: false, rest: plain, relation, touches: [touch], visible: true }
}

/** Every child by inheritance or partitioning, at any depth. */
export function descendants(context: Context, relation: Relation): readonly Relation[] {
  const { catalog } = context.names
  const found: Relation[] = []
  const waiting = [...catalog.children(relation)]
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const next = catalog.relation(name.schema, name.name)
    if (next === undefined || found.includes(next) || next === relation) continue
    found.push(next)
    waiting.push(...catalog.children(next))
  }
  return found
}

/** Runs the row security policies of a relation. */
export function policies(
  context: Context,
  relation: Relation,
  command: 'select' | 'insert' | 'update' | 'delete',
): void {
  for (const policy of relation.policies ?? []) {
    if (policy.command !== 'all' && policy.command !== command) continue
    for (const expression of [policy.using, policy.check]) {
      if (expression === undefined) continue
      const body = context.walk.text(context, expression, relation, relation.path)
      context.facts.include(body.facts, [`${relation.schema}.${relation.name} policy ${policy.name}`])
    }
  }
}

// A view's columns derive from what its query's columns derive from; those are read when the view's column is used.
// What decides its rows is read in any case.
function viewFields(context: Context, relation: Relation, own: Touch): readonly Field[] {
  const body = context.walk.view(context, relation)
  const name = `${relation.schema}.${relation.name}`
  const flowing = new Set<string>()
  for (const output of body.outputs)
    for (const source of output.sources) flowing.add(`${source.schema}.${source.relation}.${source.column}`)
  const deciding = new Set([...body.facts.predicates.keys()].map((at) => `${at.schema}.${at.relation}.${at.column}`))
  const reached = new Map<string, Touch[]>()
  for (const touch of body.facts.relations.values()) {
    const mine = context.facts.touch(touch, touch.access, touch.kind, touch.resolved, [name, ...touch.via])
    const key = `${touch.schema}.${touch.name}`
    const list = reached.get(key)
    if (list === undefined) reached.set(key, [mine])
    else list.push(mine)
    for (const column of touch.columns) {
      const full = `${key}.${column}`
      if (!flowing.has(full) || deciding.has(full) || touch.access !== 'read') mine.columns.add(column)
    }
  }
  for (const called of body.facts.functions.values()) context.facts.call({ ...called, via: [name, ...called.via] })
  for (const [source, uses] of body.facts.predicates) {
    for (const use of uses) context.facts.use({ sources: [source], known: true, direct: true }, use)
  }
  for (const reason of body.facts.reasons) context.facts.incomplete(reason)
  if (body.facts.dynamic) context.facts.dynamic = true
  return relation.columns.map((column: Column, at) => {
    const output = body.outputs[at]
    const touches: [Touch, string][] = [[own, column.name]]
    if (output === undefined || output.name === '*') {
      context.facts.incomplete('view not understood')
      return { ...unknown, name: column.name, type: column.type, touches }
    }
    for (const source of output.sources) {
      for (const touch of reached.get(`${source.schema}.${source.relation}`) ?? []) touches.push([touch, source.column])
    }
    const { sources, known, direct } = output
    return { name: column.name, sources, known, direct, type: column.type, touches }
  })
}

function subselect(context: Context, node: Tree, scope: Scope): Item {
  const outer = flag(node, 'lateral') ? scope : { ...scope, elements: [] }
  const alias = child(node, 'alias')
  const fields = context.walk.query(context, node['subquery'], outer)
  return derived(alias === undefined ? '' : text(alias, 'aliasname'), renamed(fields, namesGiven(alias)))
}

/** An item over the columns of a query. */
export function derived(alias: string, fields: readonly Field[]): Item {
  const open = fields.some((field) => field.name === '*')
  return {
    alias,
    fields: open ? fields.filter((field) => field.name !== '*') : fields,
    open,
    rest: open ? openRest(fields) : plain,
    touches: [],
    visible: true,
  }
}

function rangeFunction(context: Context, node: Tree, scope: Scope): Item {
  const alias = child(node, 'alias')
  const aliasName = alias === undefined ? '' : text(alias, 'aliasname')
  const fields: Field[] = []
  let open = false
  const rest = new Mix()
  let name = ''
  const several = list(node, 'functions').length > 1
  for (const entry of list(node, 'functions')) {
    const [called, definitions] = list(contentOf(entry), 'items')
    const functionNode = as(called, 'FuncCall')
    const value =
      functionNode === undefined
        ? context.walk.expression(context, called, scope)
        : callFunction(context, functionNode, scope)
    for (const source of value.sources) context.facts.computed.add(source)
    const own =
      functionNode === undefined ? tagOf(called).toLowerCase() : (namesOf(list(functionNode, 'funcname'))?.at(-1) ?? '')
    if (name === '') name = own
    const defined = [...definitionList(definitions), ...(several ? [] : list(node, 'coldeflist'))]
    for (const definition of defined) {
      const column = as(definition, 'ColumnDef') ?? noTree
      context.walk.type(context, child(column, 'typeName'), 'cast')
      fields.push({ sources: value.sources, known: value.known, direct: false, name: text(column, 'colname') })
    }
    if (defined.length > 0) continue
    const columns = composite(context, value)
    if (columns !== undefined) for (const column of columns) fields.push(column)
    else {
      // one column named as the item, unless the function turns out to return a row
      const single = list(node, 'functions').length === 1 && aliasName !== '' ? aliasName : own
      const doubtful = !isScalar(context, value.type)
      fields.push({ ...value, direct: false, name: single, doubtful })
      if (doubtful) {
        open = true
        rest.add(value)
      }
    }
  }
  if (flag(node, 'ordinality')) fields.push({ ...plain, name: 'ordinality' })
  const shown = open ? [...fields, { ...rest.value(), name: '*' }] : fields
  return derived(aliasName === '' ? name : aliasName, renamed(shown, namesGiven(alias)))
}

function definitionList(node: unknown): readonly unknown[] {
  return tagOf(node) === 'List' ? list(contentOf(node), 'items') : []
}

function composite(context: Context, value: Value): readonly Field[] | undefined {
  const { sources, known, type } = value
  // What one parameter alone gives is spread where it is a row.
  if (value.fields !== undefined && (value.fields.length !== 1 || isScalar(context, type))) {
    const own = value.fields.length === 1 ? type : undefined
    return value.fields.map((name) => ({ sources, known, direct: false, name, type: own }))
  }
  if (type === undefined || type.array) return undefined
  const { schema, name } = underlying(context, type)
  const relation = context.names.catalog.relation(schema, name)
  return relation?.columns.map((column) => ({ sources, known, direct: false, name: column.name, type: column.type }))
}

/** What a domain is made of; another type is that itself. */
function underlying(context: Context, type: TypeRef): TypeRef {
  let at = type
  for (let depth = 0; depth < typeDepthMax; depth++) {
    const base = at.array ? undefined : context.names.catalog.type(at.schema, at.name)?.base
    if (base === undefined) break
    at = base
  }
  return at
}

/** Whether a type is certainly none of rows. */
function isScalar(context: Context, type: TypeRef | undefined): boolean {
  if (type === undefined) return false
  const { schema, name, array } = underlying(context, type)
  if (array) return true
  const kind = context.names.catalog.type(schema, name)?.kind
  return kind === 'base' || kind === 'enum' || kind === 'range' || kind === 'multirange' || name === 'void'
}

// XMLTABLE and JSON_TABLE: every column derives from the document and all the paths.
function tableFunction(context: Context, node: Tree, scope: Scope, columnsField: string): Item {
  const mix = new Mix()
  const names: string[] = []
  const walk = (tree: unknown, field: string): void => {
    if (Array.isArray(tree)) for (const part of tree) walk(part, field)
    else if (isTree(tree)) {
      const tag = tagOf(tree)
      if (field === 'alias') return
      if (field === 'typeName') context.walk.type(context, tree, 'cast')
      else if (tag === 'RangeTableFuncCol' || tag === 'JsonTableColumn') {
        const column = contentOf(tree)
        const name = text(column, tag === 'JsonTableColumn' ? 'name' : 'colname')
        if (text(column, 'coltype') !== 'JTC_NESTED') names.push(name)
        for (const inside in column) walk(column[inside], inside)
      } else if (tag === 'JsonTablePathSpec' || (/^[a-z]/.test(tag) && tag !== '')) {
        const inside = tag === 'JsonTablePathSpec' ? contentOf(tree) : tree
        for (const part in inside) walk(inside[part], part)
      } else if (tag !== '') mix.add(context.walk.expression(context, tree, scope))
    }
  }
  for (const field in node) if (field !== columnsField) walk(node[field], field)
  walk(node[columnsField], columnsField)
  const alias = child(node, 'alias')
  const value = mix.value()
  context.facts.use(value, 'argument')
  const fields = names.map((name) => ({ ...value, direct: false, name }))
  return { ...derived(alias === undefined ? 'xmltable' : text(alias, 'aliasname'), renamed(fields, namesGiven(alias))) }
}

function join(context: Context, node: Tree, scope: Scope): Element {
  const left = element(context, node['larg'], scope)
  // LATERAL on the right sees the left side
  const seen: Scope = { ...scope, elements: [...scope.elements, left] }
  const right = element(context, node['rarg'], seen)
  const merged = joined(context, node, left, right)
  if (node['quals'] !== undefined) {
    // What stands beside the join is out of its reach: a name that neither side has is one of a query around.
    const inside: Scope = {
      ...scope,
      elements: [{ items: [...left.items, ...right.items], columns: merged.columns }],
    }
    context.facts.use(context.walk.expression(context, node['quals'], inside), 'join')
  }
  const alias = child(node, 'alias')
  if (alias === undefined) return merged
  const open = merged.items.filter((item) => item.open).map((item) => ({ ...item.rest, name: '*' }))
  return single(derived(text(alias, 'aliasname'), renamed([...merged.columns, ...open], namesGiven(alias))))
}
