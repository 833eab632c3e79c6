// Expressions: every node kind the grammar can put where a value stands. An unknown kind makes the facts incomplete.
import { as, child, constantOf, isTree, list, namesOf, noTree, type Tree, tagOf, text } from '../parser/tree.ts'
import { columnReference, indirection, tooDeep } from './columns.ts'
import type { Context } from './context.ts'
import { callFunction, callOperator } from './invoke.ts'
import { type Field, Mix, plain, type Scope, unknown, type Value } from './value.ts'
import { window } from './window.ts'

type Handler = (context: Context, node: Tree, scope: Scope) => Value

/** The value of an expression node. */
export function expression(context: Context, node: unknown, scope: Scope): Value {
  if (node === undefined || node === null) return plain
  const tag = tagOf(node)
  const handler = handlers[tag]
  if (handler === undefined) {
    context.facts.incomplete(tag === '' ? 'expression not understood' : `node ${tag} not understood`)
    return unknown
  }
  if (tooDeep(context)) return unknown
  const value = handler(context, isTree(node) && isTree(node[tag]) ? node[tag] : noTree, scope)
  context.depth.now--
  if (tag !== 'ColumnRef') for (const source of value.sources) context.facts.computed.add(source)
  return value
}

const constant: Handler = () => plain

/** Mixes the named fields, each a node or a list of nodes. */
function mixed(...fields: readonly string[]): Handler {
  return (context, node, scope) => {
    const mix = new Mix()
    for (const field of fields) {
      const value = node[field]
      if (Array.isArray(value)) for (const part of value) mix.add(expression(context, part, scope))
      else if (value !== undefined) mix.add(expression(context, value, scope))
    }
    return mix.value()
  }
}

// Nodes whose parts are all values, types or marks, whatever their fields are called (SQL/JSON and SQL/XML).
function mixedAll(context: Context, node: Tree, scope: Scope): Value {
  const mix = new Mix()
  for (const field in node) mixField(context, field, node[field], scope, mix)
  return mix.value()
}

function mixField(context: Context, field: string, value: unknown, scope: Scope, mix: Mix): void {
  if (Array.isArray(value)) {
    for (const part of value) mixField(context, '', part, scope, mix)
  } else if (isTree(value)) {
    if (field === 'typeName') context.walk.type(context, value, 'cast')
    else if (field === 'over') window(context, value, scope)
    else if (/^[A-Z]/.test(tagOf(value))) mix.add(expression(context, value, scope))
    else for (const inside in value) mixField(context, inside, value[inside], scope, mix)
  }
}

function operator(context: Context, node: Tree, scope: Scope): Value {
  const mix = new Mix()
  const left = node['lexpr'] === undefined ? undefined : expression(context, node['lexpr'], scope)
  const right = node['rexpr'] === undefined ? undefined : expression(context, node['rexpr'], scope)
  if (left !== undefined) mix.add(left)
  if (right !== undefined) mix.add(right)
  for (const names of operatorsOf(node)) callOperator(context, names, left, right)
  return mix.value()
}

/** The operators that an expression is made of: BETWEEN stands for two. */
function operatorsOf(node: Tree): readonly (readonly string[])[] {
  const kind = text(node, 'kind')
  if (kind.startsWith('AEXPR_BETWEEN')) return [['>='], ['<=']]
  if (kind.startsWith('AEXPR_NOT_BETWEEN')) return [['<'], ['>']]
  return [namesOf(list(node, 'name')) ?? []]
}

function cast(context: Context, node: Tree, scope: Scope): Value {
  const value = expression(context, node['arg'], scope)
  const typeName = child(node, 'typeName')
  context.walk.type(context, typeName, 'cast')
  const names = typeName === undefined ? undefined : namesOf(list(typeName, 'names'))
  const name = names?.at(-1)
  if (value.sources.length > 0 && name !== 'text') context.facts.use(value, 'argument')
  if (typeName !== undefined && name === 'regclass') registered(context, node['arg'])
  if (names === undefined || name === undefined || typeName === undefined) return { ...value, direct: false }
  const schema = names.length > 1 ? (names.at(-2) ?? '') : ''
  const relation = context.names.relation(schema, name)
  const array = list(typeName, 'arrayBounds').length > 0
  const type = relation === undefined ? undefined : { schema: relation.schema, name: relation.name, array }
  return { sources: value.sources, known: value.known, direct: false, type }
}

// A constant that names a relation is a use of its name, not a read; it is noted so that policies can see it.
function registered(context: Context, node: unknown): void {
  const name = constantOf(node)
  if (typeof name === 'string') context.facts.object('relation', '', name, 'use')
}

function subquery(context: Context, node: Tree, scope: Scope): Value {
  const mix = new Mix()
  if (node['testexpr'] !== undefined) mix.add(expression(context, node['testexpr'], scope))
  const fields = context.walk.query(context, node['subselect'], scope)
  // EXISTS shows only whether there are rows, which its predicates decide
  if (text(node, 'subLinkType') !== 'EXISTS_SUBLINK') for (const field of fields) mix.add(field)
  const names = namesOf(list(node, 'operName')) ?? []
  if (names.length > 0) callOperator(context, names, undefined, fields[0])
  else if (node['testexpr'] !== undefined) callOperator(context, ['='], undefined, fields[0])
  const only = fields.length === 1 && text(node, 'subLinkType') === 'EXPR_SUBLINK' ? fields[0] : undefined
  return only === undefined ? mix.value() : { ...mix.value(), type: only.type, item: only.item, fields: only.fields }
}

function conditional(context: Context, node: Tree, scope: Scope): Value {
  const mix = new Mix()
  if (node['arg'] !== undefined) {
    const subject = expression(context, node['arg'], scope)
    context.facts.use(subject, 'case')
    mix.add(subject)
  }
  for (const arm of list(node, 'args')) {
    const when = as(arm, 'CaseWhen') ?? noTree
    const condition = expression(context, when['expr'], scope)
    context.facts.use(condition, 'case')
    if (node['arg'] !== undefined) callOperator(context, ['='], condition, condition)
    mix.add(condition)
    mix.add(expression(context, when['result'], scope))
  }
  mix.add(expression(context, node['defresult'], scope))
  return mix.value()
}

function collate(context: Context, node: Tree, scope: Scope): Value {
  const value = expression(context, node['arg'], scope)
  return { sources: value.sources, known: value.known, direct: false, type: value.type }
}

function row(context: Context, node: Tree, scope: Scope): Value {
  const mix = new Mix()
  for (const part of list(node, 'args')) mix.add(expression(context, part, scope))
  return mix.value()
}

function scalarQuery(context: Context, node: Tree, scope: Scope): Value {
  const mix = new Mix()
  for (const field of context.walk.query(context, { SelectStmt: node }, scope)) mix.add(field)
  return mix.value()
}

const handlers: { readonly [tag: string]: Handler } = {
  ColumnRef: columnReference,
  ParamRef: (_context, node, scope) => scope.variables?.get(`$${String(node['number'] ?? 0)}`) ?? plain,
  A_Const: constant,
  String: constant,
  Integer: constant,
  Float: constant,
  Boolean: constant,
  BitString: constant,
  A_Star: constant,
  SQLValueFunction: constant,
  SetToDefault: constant,
  CurrentOfExpr: (context, node) => {
    context.facts.object('cursor', '', text(node, 'cursor_name'), 'use')
    return plain
  },
  MergeSupportFunc: constant,
  CaseTestExpr: constant,
  JsonFormat: constant,
  A_Expr: operator,
  TypeCast: cast,
  CollateClause: collate,
  BoolExpr: mixed('args'),
  SubLink: subquery,
  SelectStmt: scalarQuery,
  NullTest: mixed('arg'),
  BooleanTest: mixed('arg'),
  CaseExpr: conditional,
  CoalesceExpr: mixed('args'),
  MinMaxExpr: mixed('args'),
  RowExpr: row,
  A_ArrayExpr: (context, node, scope) => {
    const mix = new Mix()
    for (const part of list(node, 'elements')) mix.add(expression(context, part, scope))
    return mix.value()
  },
  A_Indirection: indirection,
  A_Indices: mixed('lidx', 'uidx'),
  NamedArgExpr: (context, node, scope) => expression(context, node['arg'], scope),
  MultiAssignRef: (context, node, scope) => expression(context, node['source'], scope),
  FuncCall: callFunction,
  GroupingFunc: mixed('args'),
  List: mixed('items'),
  XmlExpr: mixed('named_args', 'args'),
  XmlSerialize: (context, node, scope) => {
    context.walk.type(context, child(node, 'typeName'), 'cast')
    return mixed('expr')(context, node, scope)
  },
  ResTarget: (context, node, scope) => expression(context, node['val'], scope),
  JsonObjectConstructor: mixedAll,
  JsonArrayConstructor: mixedAll,
  JsonArrayQueryConstructor: mixedAll,
  JsonObjectAgg: mixedAll,
  JsonArrayAgg: mixedAll,
  JsonParseExpr: mixedAll,
  JsonScalarExpr: mixedAll,
  JsonSerializeExpr: mixedAll,
  JsonFuncExpr: mixedAll,
  JsonIsPredicate: mixedAll,
  JsonValueExpr: mixedAll,
  JsonKeyValue: mixedAll,
  JsonArgument: mixedAll,
  JsonBehavior: mixedAll,
  JsonOutput: mixedAll,
  JsonReturning: mixedAll,
  SortBy: (context, node, scope) => {
    const useOp = namesOf(list(node, 'useOp')) ?? []
    const value = expression(context, node['node'], scope)
    if (useOp.length > 0) callOperator(context, useOp, value, value)
    return value
  },
}

/** A value under a name, as a query gives it. */
export function named(value: Value, name: string): Field {
  return { ...value, name }
}
