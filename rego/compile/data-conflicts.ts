// Rules where base documents are: one of the two would never be seen, so neither is taken.
import type { Diagnostic, Location } from '../syntax/index.ts'
import { isObject, type RegoObject, type Value } from '../value/index.ts'
import type { Compilation } from './context.ts'
import type { TreeNode } from './tree.ts'

/** Where below `data` rules stand, and the first of them. */
export interface RulePlace {
  readonly path: readonly string[]
  readonly location: Location
}

/** The places of rules below which no others are told. */
export function rulePlaces({ tree }: Compilation): readonly RulePlace[] {
  const places: RulePlace[] = []
  const visit = (node: TreeNode, path: readonly string[]): void => {
    const [rule] = node.rules
    if (rule !== undefined) places.push({ path, location: rule.location })
    else for (const [name, child] of node.children) visit(child, [...path, name])
  }
  visit(tree.root, [])
  return places
}

/** The mistakes of rules that stand where data is, or below data that is no object. */
export function dataConflicts(places: readonly RulePlace[], data: RegoObject): readonly Diagnostic[] {
  return places
    .filter(({ path }) => isTaken(path, data))
    .map(({ path, location }) => ({
      code: 'rego_compile_error',
      message: `conflicting rule for data path ${path.join('/')} found`,
      location,
      help: 'rename the rule, or take the data away',
    }))
}

function isTaken(path: readonly string[], data: RegoObject): boolean {
  let value: Value | undefined = data
  for (const name of path) {
    if (value === undefined || !isObject(value)) break
    value = value.get(name)
  }
  return value !== undefined
}
