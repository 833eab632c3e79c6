// Whether a condition leaves rows out: one that looks at no column, or compares one with itself, does not.
import { as, contentOf, isTree, list, noTree, type Tree, tagOf, text } from '../parser/tree.ts'

/** True where a condition can hold for some rows and not for others, as far as its text says. */
export function restricts(condition: unknown): boolean {
  const content = contentOf(condition)
  switch (tagOf(condition)) {
    case '':
      return false
    case 'CurrentOfExpr':
      return true
    case 'BoolExpr': {
      const parts = list(content, 'args')
      return text(content, 'boolop') === 'OR_EXPR' ? parts.every(restricts) : parts.some(restricts)
    }
    case 'A_Expr':
      return hasColumn(condition) && !isOfItself(content)
    default:
      return hasColumn(condition)
  }
}

/** `id = id` and the like. */
function isOfItself({ lexpr, rexpr }: Tree): boolean {
  const [left, right] = [as(lexpr, 'ColumnRef'), as(rexpr, 'ColumnRef')]
  if (left === undefined || right === undefined) return false
  return JSON.stringify(left['fields']) === JSON.stringify(right['fields'])
}

function hasColumn(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasColumn)
  if (!isTree(node)) return false
  const { ColumnRef: reference = noTree } = node
  return reference !== noTree || Object.values(node).some(hasColumn)
}
