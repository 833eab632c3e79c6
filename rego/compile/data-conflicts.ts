// Rules where base documents are: one of the two would never be seen, so neither is taken.
import type { Diagnostic } from '../syntax/index.ts'
import { isObject, type RegoObject, type Value } from '../value/index.ts'
import type { Compilation } from './context.ts'
import type { TreeNode } from './tree.ts'

/** The mistakes of rules that stand where data is, or below data that is no object. */
export function dataConflicts({ tree }: Compilation, data: RegoObject): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  const visit = (node: TreeNode, value: Value, path: readonly string[]): void => {
    const [rule] = node.rules
    if (rule !== undefined) {
      found.push({
        code: 'rego_compile_error',
        message: `conflicting rule for data path ${path.join('/')} found`,
        location: rule.location,
        help: 'rename the rule, or take the data away',
      })
      return
    }
    for (const [name, child] of node.children) {
      const below = isObject(value) ? value.get(name) : value
      if (below !== undefined) visit(child, below, [...path, name])
    }
  }
  visit(tree.root, data, [])
  return found
}
