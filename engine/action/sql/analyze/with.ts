// WITH clauses. Under RECURSIVE an expression may stand on itself, and on those that come after it.
import { againMax } from '../limits.ts'
import { child, contentOf, flag, list, type Tree, tagOf, text } from '../parser/tree.ts'
import { renamed } from './columns.ts'
import type { Context } from './context.ts'
import { type Ctes, type Field, Mix, type Scope, unknown, type Value } from './value.ts'

/** The common table expressions of a WITH clause, on top of those in reach. */
export function withClause(context: Context, clause: Tree | undefined, outer: Scope): Ctes | undefined {
  if (clause === undefined) return outer.ctes
  const expressions = list(clause, 'ctes').map(contentOf)
  if (expressions.some((cte) => tagOf(cte['ctequery']) !== 'SelectStmt')) context.facts.changesBeside = true
  if (flag(clause, 'recursive')) return recursive(context, expressions, outer)
  let { ctes } = outer
  for (const cte of expressions) {
    const fields = aliased(context.walk.query(context, cte['ctequery'], scopeOf(outer, ctes)), cte)
    ctes = { name: text(cte, 'ctename'), fields, parent: ctes }
  }
  return ctes
}

function scopeOf(outer: Scope, ctes: Ctes | undefined): Scope {
  return { elements: [], parent: outer, ctes, variables: outer.variables }
}

/** Every expression sees all the others: one that comes later is walked where it is met. */
function recursive(context: Context, expressions: readonly Tree[], outer: Scope): Ctes | undefined {
  let ctes = outer.ctes
  const all = (): Scope => scopeOf(outer, ctes)
  const walks: (() => readonly Field[])[] = []
  for (const cte of expressions) {
    const fields = recursiveFields(context, cte, all)
    walks.push(fields)
    ctes = {
      name: text(cte, 'ctename'),
      get fields() {
        return fields()
      },
      parent: ctes,
    }
  }
  for (const walk of walks) walk()
  return ctes
}

/** What gives the columns of one expression: within itself, those that it has so far. */
function recursiveFields(context: Context, cte: Tree, all: () => Scope): () => readonly Field[] {
  let at: 'new' | 'within' | 'done' = 'new'
  let known: readonly Field[] | undefined
  let isMet = false
  const walk = (): readonly Field[] => {
    for (;;) {
      isMet = false
      const seeded = (left: readonly Field[]): void => {
        known ??= aliased(left, cte).map((field) => ({ ...field, direct: false }))
      }
      const fields = aliased(context.walk.query(context, cte['ctequery'], { ...all(), seeded }), cte)
      const before = known
      known = fields
      if (!isMet || isAlike(before, fields)) return [...fields, ...generated(context, cte, fields)]
      // What flows round comes one column further each time.
      if (context.depth.walked > againMax) {
        context.facts.incomplete('recursion too large to follow')
        return fields
      }
    }
  }
  return () => {
    if (at === 'within') {
      isMet = true
      if (known !== undefined) return known
      context.facts.incomplete('recursion not understood')
      return [{ ...unknown, name: '*' }]
    }
    if (at === 'new') {
      at = 'within'
      known = walk()
      at = 'done'
    }
    return known ?? []
  }
}

/** Whether walking once more would find the same: columns only gain sources. */
function isAlike(before: readonly Field[] | undefined, fields: readonly Field[]): boolean {
  return fields.every((field, index) => {
    const was = before?.[index]
    return was !== undefined && was.known === field.known && was.sources.length === field.sources.length
  })
}

function aliased(fields: readonly Field[], cte: Tree): readonly Field[] {
  return renamed(fields, list(cte, 'aliascolnames')).map((at) => ({ ...at, touches: undefined }))
}

// SEARCH and CYCLE add columns.
function generated(context: Context, cte: Tree, fields: readonly Field[]): readonly Field[] {
  const mix = new Mix()
  for (const field of fields) mix.add(field)
  const all: Value = mix.value()
  const search = child(cte, 'search_clause')
  const cycle = child(cte, 'cycle_clause')
  if (cycle !== undefined) context.facts.use(all, 'distinct')
  return [
    ...(search === undefined ? [] : [text(search, 'search_seq_column')]),
    ...(cycle === undefined ? [] : [text(cycle, 'cycle_mark_column'), text(cycle, 'cycle_path_column')]),
  ].map((name) => ({ ...all, name }))
}
