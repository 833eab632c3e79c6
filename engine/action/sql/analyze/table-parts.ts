// What CREATE TABLE says beside its name: relations that it points at, is like or inherits from, and the code in its
// defaults, checks, generated columns, keys and bounds. The server runs some of it at once, to see what is constant.
import type { Relation } from '../catalog/types.ts'
import { as, child, contentOf, list, namesOf, noTree, number, type Tree, tagOf, text } from '../parser/tree.ts'
import type { Context } from './context.ts'
import { touched } from './define.ts'
import { temporary } from './names.ts'
import { pin } from './pin.ts'
import { inner, noScope, plain, type Scope } from './value.ts'

/** Notes the parts of a table that is made. */
export function tableParts(context: Context, tree: Tree): void {
  const scope = newRow(text(child(tree, 'relation') ?? noTree, 'relname'))
  const code = (node: unknown): void => {
    if (node !== undefined) context.walk.expression(context, node, scope)
  }
  for (const element of list(tree, 'tableElts')) {
    const part = contentOf(element)
    if (tagOf(element) === 'TableLikeClause') like(context, part)
    else if (tagOf(element) === 'Constraint') constraint(context, part, code)
    else for (const one of list(part, 'constraints')) constraint(context, contentOf(one), code)
  }
  for (const part of list(child(tree, 'partspec') ?? noTree, 'partParams')) code(contentOf(part)['expr'])
  const type = namesOf(list(child(tree, 'ofTypename') ?? noTree, 'names')) ?? []
  if (type.length > 0) {
    const [schema = '', name = ''] = type.length > 1 ? type.slice(-2) : ['', type[0]]
    context.facts.object('type', context.names.type(schema, name)?.schema ?? schema, name, 'use')
  }
  // Rows of a child are rows of what it inherits from.
  for (const parent of list(tree, 'inhRelations')) touched(context, contentOf(parent), 'define')
  const bounds = child(tree, 'partbound')
  if (bounds === undefined) return
  for (const parent of list(tree, 'inhRelations')) defaultPartition(context, contentOf(parent))
  // MINVALUE and MAXVALUE are written as columns.
  for (const field of ['listdatums', 'lowerdatums', 'upperdatums'])
    for (const bound of list(bounds, field))
      if (tagOf(bound) !== 'ColumnRef') context.walk.expression(context, bound, noScope)
}

/** The columns of a table that is not there yet; they have no values. */
function newRow(alias: string): Scope {
  const scope = inner(noScope)
  scope.elements.push({
    items: [{ alias, fields: [], open: true, rest: plain, touches: [], visible: true }],
    columns: [],
  })
  return scope
}

function constraint(context: Context, tree: Tree, code: (node: unknown) => void): void {
  const target = child(tree, 'pktable')
  // A foreign key gives triggers to the table it points at, and binds what may be deleted there.
  if (target !== undefined) touched(context, target, 'define')
  code(tree['raw_expr'])
  code(tree['where_clause'])
  for (const exclusion of list(tree, 'exclusions')) {
    const [element] = list(contentOf(exclusion), 'items')
    code((as(element, 'IndexElem') ?? noTree)['expr'])
  }
}

/** LIKE shows the form of a relation, and takes over the code that belongs to it where it is told to. */
function like(context: Context, tree: Tree): void {
  const range = child(tree, 'relation') ?? noTree
  const schema = temporary(text(range, 'schemaname'))
  const name = text(range, 'relname')
  const relation = context.names.relation(schema, name)
  if (relation === undefined) {
    context.facts.touch({ schema, name }, 'read', 'unknown', false, [])
    context.facts.missing('relation', schema, name)
    return
  }
  pin(context, range, relation)
  context.facts.touch(relation, 'read', relation.temporary === true ? 'temporary' : relation.kind, true, [])
  if (relation.changed === true) context.facts.incomplete('changed in this session')
  if (number(tree, 'options') !== 0) ownCode(context, relation)
}

function ownCode(context: Context, relation: Relation): void {
  const texts = [...relation.columns.map((column) => column.default), ...(relation.checks ?? [])]
  for (const code of texts)
    if (code !== undefined)
      context.facts.include(context.walk.text(context, code, relation, relation.path).facts, [
        `${relation.schema}.${relation.name} like`,
      ])
}

/** The rows of a default partition are looked at when another one is made. */
function defaultPartition(context: Context, range: Tree): void {
  const parent = context.names.relation(temporary(text(range, 'schemaname')), text(range, 'relname'))
  const name = parent?.defaultPartition
  const found = name === undefined ? undefined : context.names.catalog.relation(name.schema, name.name)
  if (parent !== undefined && found !== undefined)
    context.facts.touch(found, 'lock', found.kind, true, [`${parent.schema}.${parent.name}`])
}
