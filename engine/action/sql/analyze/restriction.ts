// Whether a condition leaves rows of a written relation out: one that looks at none of its columns, or compares one with
// itself, does not.
import { as, contentOf, isTree, list, stringOf, type Tree, tagOf, text } from '../parser/tree.ts'
import type { Item } from './value.ts'

const systemColumns: ReadonlySet<string> = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** True where a condition can hold for some rows of `written` and not for others, as far as its text says. */
export function restricts(condition: unknown, written: Item): boolean {
  const content = contentOf(condition)
  const parts = list(content, 'args')
  switch (tagOf(condition)) {
    case '':
      return false
    case 'CurrentOfExpr':
      return true
    case 'BoolExpr':
      return text(content, 'boolop') === 'OR_EXPR'
        ? parts.every((part) => restricts(part, written))
        : parts.some((part) => restricts(part, written))
    case 'A_Expr':
      return hasColumn(condition, written) && !isOfItself(content, written)
    default:
      return hasColumn(condition, written)
  }
}

/** `id = id` and the like. */
function isOfItself({ lexpr, rexpr }: Tree, written: Item): boolean {
  const [left, right] = [as(lexpr, 'ColumnRef'), as(rexpr, 'ColumnRef')]
  if (left === undefined || right === undefined) return false
  const column = columnOf(left, written)
  return column === undefined
    ? JSON.stringify(left['fields']) === JSON.stringify(right['fields'])
    : column === columnOf(right, written)
}

/** The column of the written relation that a reference names, the empty text for a whole row; undefined for another's. */
function columnOf(reference: Tree, written: Item): string | undefined {
  const names = list(reference, 'fields').map(stringOf)
  const [first, second] = names
  if (names.length === 1) {
    if (first === undefined) return undefined
    if (written.open || systemColumns.has(first) || written.fields.some(({ name }) => name === first)) return first
    return first === written.alias ? '' : undefined
  }
  if (first === written.alias) return second ?? ''
  return second === written.alias ? (names[2] ?? '') : undefined
}

function hasColumn(node: unknown, written: Item): boolean {
  if (Array.isArray(node)) return node.some((part) => hasColumn(part, written))
  if (!isTree(node)) return false
  const reference = as(node, 'ColumnRef')
  if (reference !== undefined) return columnOf(reference, written) !== undefined
  return Object.values(node).some((part) => hasColumn(part, written))
}
