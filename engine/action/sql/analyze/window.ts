// WINDOW clauses and OVER.
import { list, type Tree } from '../parser/tree.ts'
import type { Context } from './context.ts'
import type { Scope } from './value.ts'

/** Walks a window definition; its columns decide order and groups. */
export function window(context: Context, definition: Tree, scope: Scope): void {
  for (const field of ['partitionClause', 'orderClause']) {
    for (const part of list(definition, field)) {
      context.facts.use(context.walk.expression(context, part, scope), 'window')
    }
  }
  for (const field of ['startOffset', 'endOffset']) {
    if (definition[field] !== undefined) {
      context.facts.use(context.walk.expression(context, definition[field], scope), 'window')
    }
  }
}
