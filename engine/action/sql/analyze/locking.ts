// FOR UPDATE and its kin: what they lock is looked for as the server does it, through joins, subqueries in FROM and views.
// Common table expressions are left out, and so are subqueries anywhere else.
import type { Relation } from '../catalog/types.ts'
import { as, child, contentOf, flag, list, noTree, type Tree, tagOf, text } from '../parser/tree.ts'
import { itemNamed } from './columns.ts'
import type { Context } from './context.ts'
import { descendants, policies } from './from.ts'
import { temporary } from './names.ts'
import { type Ctes, plain, type Scope } from './value.ts'

/** The locking clauses of a SELECT whose FROM clause has been read. */
export function locking(context: Context, node: Tree, scope: Scope): void {
  for (const clause of list(node, 'lockingClause')) {
    const lock = as(clause, 'LockingClause') ?? noTree
    const strength = text(lock, 'strength').replace(/^LCS_/, '').toLowerCase()
    context.facts.options.add(
      { forkeyshare: 'for key share', forshare: 'for share', fornokeyupdate: 'for no key update' }[strength] ??
        'for update',
    )
    const names = list(lock, 'lockedRels').map((relation) => text(contentOf(relation), 'relname'))
    for (const from of list(node, 'fromClause')) lockItem(context, from, scope.ctes, names)
    for (const name of names)
      if (itemNamed(scope, undefined, name) === undefined) context.facts.missing('relation', name)
  }
}

/** Locks what one FROM entry reads; `names` are the entries that are meant, none for all of them. */
function lockItem(context: Context, node: unknown, ctes: Ctes | undefined, names: readonly string[]): void {
  const content = contentOf(node)
  const alias = child(content, 'alias')
  const isMeant = (name: string): boolean => names.length === 0 || names.includes(name)
  switch (tagOf(node)) {
    case 'JoinExpr':
      lockItem(context, content['larg'], ctes, names)
      lockItem(context, content['rarg'], ctes, names)
      return
    case 'RangeTableSample':
      lockItem(context, content['relation'], ctes, names)
      return
    case 'RangeSubselect': {
      const query = as(content['subquery'], 'SelectStmt') ?? noTree
      const inside = list(child(query, 'withClause') ?? noTree, 'ctes').reduce<Ctes | undefined>(
        (parent, cte) => ({ name: text(contentOf(cte), 'ctename'), fields: [{ ...plain, name: '*' }], parent }),
        ctes,
      )
      if (isMeant(alias === undefined ? '' : text(alias, 'aliasname')))
        for (const from of list(query, 'fromClause')) lockItem(context, from, inside, [])
      return
    }
    case 'RangeVar': {
      const schema = temporary(text(content, 'schemaname'))
      const name = text(content, 'relname')
      if (!isMeant(alias === undefined ? name : text(alias, 'aliasname'))) return
      if (schema === '' && isCte(ctes, name)) return
      const relation = context.names.relation(schema, name)
      if (relation !== undefined) lockRows(context, relation, !flag(content, 'inh'))
    }
  }
}

function isCte(ctes: Ctes | undefined, name: string): boolean {
  for (let at = ctes; at !== undefined; at = at.parent) if (at.name === name) return true
  return false
}

function lockRows(context: Context, relation: Relation, only: boolean): void {
  context.facts.touch(relation, 'lock', kindOf(relation), true, [])
  // Rows that may not be updated are not locked either.
  if (relation.rowSecurity === true) policies(context, relation, 'update')
  const via = `${relation.schema}.${relation.name}`
  if (relation.kind === 'view') {
    for (const touch of [...context.walk.view(context, relation).facts.relations.values()])
      if (touch.access === 'read') context.facts.touch(touch, 'lock', touch.kind, touch.resolved, [via, ...touch.via])
  } else if (!only)
    for (const child of descendants(context, relation)) context.facts.touch(child, 'lock', kindOf(child), true, [via])
}

function kindOf(relation: Relation): Relation['kind'] | 'temporary' {
  return relation.temporary === true ? 'temporary' : relation.kind
}
