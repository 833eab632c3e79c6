// JOIN ... USING and NATURAL JOIN: columns that two sides share become one.
import { child, flag, list, stringOf, type Tree, text } from '../parser/tree.ts'
import { used } from './columns.ts'
import type { Context } from './context.ts'
import { callOperator } from './invoke.ts'
import type { Element, Field, Item } from './value.ts'
import { Mix, plain } from './value.ts'

/** Both sides of a join as one element, shared columns first as the server orders them. */
export function joined(context: Context, node: Tree, left: Element, right: Element): Element {
  const open = [...left.items, ...right.items].some((item) => item.open)
  const shared = sharedNames(node, left, right)
  if (flag(node, 'isNatural') && open) context.facts.incomplete('unresolved column')
  if (shared.length === 0)
    return { items: [...left.items, ...right.items], columns: [...left.columns, ...right.columns] }
  const merged: Field[] = []
  for (const name of shared) {
    const sides = [...left.columns, ...right.columns].filter((field) => field.name === name)
    const mix = new Mix()
    const touches = []
    for (const side of sides) {
      used(side)
      context.facts.use(side, 'join')
      mix.add(side)
      touches.push(...(side.touches ?? []))
    }
    // A side whose columns are not all known may have it among them.
    for (const side of [left, right])
      if (!side.columns.some((field) => field.name === name))
        for (const item of side.items) if (item.open) mix.add(item.rest)
    callOperator(context, ['='], plain, plain)
    // a FULL join gives either side's value, so it is neither column itself
    merged.push({ ...mix.value(), name, touches, type: sides[0]?.type })
  }
  const rest = (columns: readonly Field[]): Field[] => columns.filter((field) => !shared.includes(field.name))
  const columns = [...merged, ...rest(left.columns), ...rest(right.columns)]
  const items: Item[] = [...left.items, ...right.items]
  const usingAlias = child(node, 'join_using_alias')
  if (usingAlias !== undefined) {
    items.push({
      alias: text(usingAlias, 'aliasname'),
      fields: merged,
      open: false,
      rest: plain,
      touches: [],
      visible: true,
    })
  }
  return { items, columns }
}

function sharedNames(node: Tree, left: Element, right: Element): readonly string[] {
  const using = list(node, 'usingClause')
  if (using.length > 0) return using.map((name) => stringOf(name) ?? '')
  if (!flag(node, 'isNatural')) return []
  const names = new Set(right.columns.map((field) => field.name))
  return left.columns.map((field) => field.name).filter((name) => names.has(name))
}
