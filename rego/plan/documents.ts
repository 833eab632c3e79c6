// References into `data`: through packages, into rules, over what base documents hold besides.
import type { TreeNode } from '../compile/tree.ts'
import { DATA, type Local, type Operand } from '../ir/index.ts'
import type { Term } from '../syntax/index.ts'
import { localOperand } from './builder.ts'
import type { Planner, Then } from './planner.ts'
import { scan, toLocal } from './references.ts'

/**
 * Follows a reference into `data`: through packages while its steps are known, into a rule when one stands there, over
 * all children where a step is open. `taken` are the steps so far.
 */
export function planData(
  planner: Planner,
  path: readonly Term[],
  index: number,
  taken: readonly string[],
  place: Term,
  then: Then,
): void {
  const node = planner.frame.find(taken)
  if (node !== undefined && node.rules.length > 0) {
    const [rule] = node.rules
    if ((rule?.head.args?.length ?? 0) > 0) {
      // A function without its arguments is no value.
      planner.builder.emit({ kind: 'BreakStmt', index: 0 })
      return
    }
    const { func, passed } = planner.ruleFunction(node, taken, path.slice(index))
    const result = planner.builder.local()
    planner.builder.emit({ kind: 'CallStmt', func, args: passed, result })
    planner.steps(localOperand(result), path, index, then)
    return
  }
  if (node === undefined || !planner.frame.hasChildren(taken, node)) {
    if (node === undefined || index < path.length) {
      baseDocument(planner, taken, (value) => planner.steps(value, path, index, then))
      return
    }
  }
  const step = path[index]
  if (step === undefined) {
    extent(planner, taken, node, then)
    return
  }
  if (step.kind === 'number') {
    // Rules and packages have names of text; a base document may have one that is written like a number.
    baseDocument(planner, taken, (value) => planner.steps(value, path, index, then))
    return
  }
  if (step.kind === 'string') {
    planData(planner, path, index + 1, [...taken, step.value], place, then)
    return
  }
  children(planner, path, index, taken, node, step, place, then)
}

/** An open step: each child that rules make, then what the base document has besides. */
function children(
  planner: Planner,
  path: readonly Term[],
  index: number,
  taken: readonly string[],
  node: TreeNode,
  step: Term,
  place: Term,
  then: Then,
): void {
  const { builder } = planner
  const names = planner.frame.children(taken, node).map(([name]) => name)
  const blocks = builder.repeating(() =>
    names.map((name) =>
      builder.block(() =>
        planner.scoped(() =>
          planner.unifyLocal(builder.stringOperand(name), step, () =>
            planData(planner, path, index + 1, [...taken, name], place, then),
          ),
        ),
      ),
    ),
  )
  const base = builder.block(() =>
    baseDocument(planner, taken, (value) => {
      const known = builder.local()
      builder.emit({ kind: 'MakeSetStmt', target: known })
      for (const name of names) builder.emit({ kind: 'SetAddStmt', value: builder.stringOperand(name), set: known })
      scan(planner, value, step, (element, key) => {
        const found = builder.local()
        const isKnown = builder.block(() =>
          builder.emit({ kind: 'DotStmt', source: localOperand(known), key: localOperand(key), target: found }),
        )
        builder.emit({ kind: 'NotStmt', block: isKnown })
        planner.steps(element, path, index + 1, then)
      })
    }),
  )
  builder.emit({ kind: 'BlockStmt', blocks: [...blocks, base] })
}

/** The base document at a path. */
function baseDocument(planner: Planner, path: readonly string[], then: Then): void {
  let value: Operand = localOperand(DATA)
  for (const name of path) {
    const target = planner.builder.local()
    planner.builder.emit({ kind: 'DotStmt', source: value, key: planner.builder.stringOperand(name), target })
    value = localOperand(target)
  }
  then(value)
}

/** All of a package: what its rules make, merged with its base document. */
function extent(planner: Planner, taken: readonly string[], node: TreeNode, then: Then): void {
  const { builder } = planner
  const made = builder.repeating(() => madeBy(planner, taken, node))
  const target = builder.local()
  const merged = builder.block(() =>
    baseDocument(planner, taken, (value) => {
      builder.emit({ kind: 'ObjectMergeStmt', a: toLocal(planner, value), b: made, target })
      builder.emit({ kind: 'BreakStmt', index: 1 })
    }),
  )
  const either = builder.block(() => {
    builder.emit({ kind: 'BlockStmt', blocks: [merged] })
    builder.emit({ kind: 'AssignVarStmt', source: localOperand(made), target })
  })
  builder.emit({ kind: 'BlockStmt', blocks: [either] })
  then(localOperand(target))
}

function madeBy(planner: Planner, taken: readonly string[], node: TreeNode): Local {
  const { builder } = planner
  const object = builder.local()
  builder.emit({ kind: 'MakeObjectStmt', target: object })
  for (const [name, child] of planner.frame.children(taken, node)) {
    if ((child.rules[0]?.head.args?.length ?? 0) > 0) continue
    const key = builder.stringOperand(name)
    if (child.rules.length === 0) {
      const inner = madeBy(planner, [...taken, name], child)
      builder.emit({ kind: 'ObjectInsertStmt', key, value: localOperand(inner), object })
      continue
    }
    const { func, passed } = planner.ruleFunction(child, [...taken, name])
    const block = builder.block(() => {
      const value = builder.local()
      builder.emit({ kind: 'CallStmt', func, args: passed, result: value })
      builder.emit({ kind: 'ObjectInsertStmt', key, value: localOperand(value), object })
    })
    builder.emit({ kind: 'BlockStmt', blocks: [block] })
  }
  return object
}
