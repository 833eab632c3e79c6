// Rules to functions: complete rules, functions, partial sets, and objects that rules build key by key.
import { openName, type TreeNode } from '../compile/tree.ts'
import type { Block, Local, Operand } from '../ir/index.ts'
import { type Rule, stringTerm, type Term, termString } from '../syntax/index.ts'
import { localOperand } from './builder.ts'
import { carriedName, type PlannedFrame } from './frame.ts'
import type { Planner } from './planner.ts'

/** Plans the rules of one name as one function. */
export function planRules(
  planner: Planner,
  name: string,
  { generation, valued }: PlannedFrame,
  path: readonly string[],
  node: TreeNode,
): void {
  const { rules } = node
  planner.apart(() => {
    const { builder } = planner
    const arity = rules.find((rule) => rule.head.args !== undefined)?.head.args?.length ?? 0
    const input = builder.local()
    const data = builder.local()
    const result = builder.local()
    const carried = valued.map((mocked) => [carriedName(mocked), builder.local()] as const)
    const args = Array.from({ length: arity }, () => builder.local())
    const vars = new Map<string, Local>([['input', input], ['data', data], ...carried])
    const blocks: Block[] = []
    const [first] = rules
    if (first === undefined) return
    builder.at(first.location)
    const shape = shapeOf(node)
    if (shape === 'set') blocks.push(builder.block(() => builder.emit({ kind: 'MakeSetStmt', target: result })))
    else if (shape === 'object')
      blocks.push(
        builder.block(() => {
          builder.emit({ kind: 'MakeObjectStmt', target: result })
          insertEmpty(planner, rulesByKeys(node), result)
        }),
      )
    const ordered = [...rules].sort((a, b) => depth(b, node) - depth(a, node))
    for (const rule of ordered) {
      if (!rule.default)
        planner.withVars(vars, () => planRule(planner, rule, shape, keysOf(rule, node), result, args, blocks))
    }
    for (const rule of ordered) {
      if (rule.default)
        planner.withVars(vars, () => planDefault(planner, rule, shape, keysOf(rule, node), result, blocks))
    }
    blocks.push(builder.block(() => builder.emit({ kind: 'ReturnLocalStmt', source: result })))
    builder.funcs.push({
      name,
      params: [input, data, ...carried.map(([, local]) => local), ...args],
      return: result,
      blocks,
      ...(node.part === true ? {} : { path: [`g${generation}`, ...path] }),
    })
  })
}

type Shape = 'value' | 'set' | 'object'

function shapeOf(node: TreeNode): Shape {
  const { rules } = node
  if (rules.some((rule) => depth(rule, node) > 0)) return 'object'
  return rules.some((rule) => rule.head.key !== undefined && rule.head.value === undefined) ? 'set' : 'value'
}

/** The part of a node that steps from it can come to. It is planned as a function that no other call finds. */
export function partOf(node: TreeNode, steps: readonly string[]): TreeNode {
  const rules = node.rules.filter((rule) =>
    keysOf(rule, node).every((key, at) => key.kind !== 'string' || steps[at] === undefined || key.value === steps[at]),
  )
  return { ...node, rules, part: true }
}

/** The keys under which a rule stands in the object of a node. */
function keysOf(rule: Rule, { below }: TreeNode): readonly Term[] {
  const steps = below?.get(rule) ?? []
  return [...steps.map((step) => stringTerm(step, rule.head.location)), ...openName(rule)]
}

function depth(rule: Rule, { below }: TreeNode): number {
  return (below?.get(rule)?.length ?? 0) + openName(rule).length
}

function planRule(
  planner: Planner,
  rule: Rule,
  shape: Shape,
  keys: readonly Term[],
  result: Local,
  args: readonly Local[],
  blocks: Block[],
): void {
  const { builder } = planner
  if (rule.head.key !== undefined && rule.head.value === undefined) {
    blocks.push(
      builder.block(() =>
        planner.scoped(() => {
          planner.body(rule.body, 0, () => addToSet(planner, rule, keys, result))
        }),
      ),
    )
    return
  }
  if (shape === 'object' && rule.else === undefined) {
    blocks.push(
      builder.block(() =>
        planner.scoped(() => planner.body(rule.body, 0, () => insertValue(planner, rule, keys, result))),
      ),
    )
    return
  }
  planChain(planner, rule, keys, shape, result, args, blocks)
}

/** A rule and its `else` rules: the first whose body holds gives the value. */
function planChain(
  planner: Planner,
  rule: Rule,
  keys: readonly Term[],
  shape: Shape,
  result: Local,
  args: readonly Local[],
  blocks: Block[],
): void {
  const { builder } = planner
  const value = builder.local()
  let isFirst = true
  for (let one: Rule | undefined = rule; one !== undefined; one = one.else) {
    const current = one
    const opening = isFirst
    isFirst = false
    blocks.push(
      builder.block(() =>
        planner.scoped(() => {
          builder.at(current.location)
          if (opening) builder.emit({ kind: 'ResetLocalStmt', target: value })
          else builder.emit({ kind: 'IsUndefinedStmt', source: value })
          matchArgs(planner, current.head.args ?? [], args, 0, () =>
            planner.body(current.body, 0, () => {
              builder.at(current.head.location)
              planner.term(
                current.head.value ?? { kind: 'boolean', value: true, location: current.location },
                (operand) => builder.emit({ kind: 'AssignVarOnceStmt', source: operand, target: value }),
              )
            }),
          )
        }),
      ),
    )
  }
  blocks.push(
    builder.block(() => {
      builder.at(rule.head.location)
      builder.emit({ kind: 'IsDefinedStmt', source: value })
      if (shape === 'object')
        insertAt(planner, keys, result, (key, object) =>
          builder.emit({ kind: 'ObjectInsertOnceStmt', key, value: localOperand(value), object }),
        )
      else builder.emit({ kind: 'AssignVarOnceStmt', source: localOperand(value), target: result })
    }),
  )
}

function matchArgs(
  planner: Planner,
  patterns: readonly Term[],
  args: readonly Local[],
  index: number,
  then: () => void,
): void {
  const pattern = patterns[index]
  const arg = args[index]
  if (pattern === undefined || arg === undefined) {
    then()
    return
  }
  planner.unifyLocal(localOperand(arg), pattern, () => matchArgs(planner, patterns, args, index + 1, then))
}

function addToSet(planner: Planner, rule: Rule, keys: readonly Term[], result: Local): void {
  const { builder } = planner
  builder.at(rule.head.location)
  const { key } = rule.head
  if (key === undefined) return
  if (keys.length === 0) {
    planner.term(key, (value) => builder.emit({ kind: 'SetAddStmt', value, set: result }))
    return
  }
  insertAt(planner, keys, result, (last, object) => {
    const set = dotOrMake(planner, object, last, 'MakeSetStmt')
    planner.term(key, (value) => builder.emit({ kind: 'SetAddStmt', value, set }))
  })
}

function insertValue(planner: Planner, rule: Rule, keys: readonly Term[], result: Local): void {
  const { builder } = planner
  builder.at(rule.head.location)
  const { value } = rule.head
  if (value === undefined) return
  insertAt(planner, keys, result, (key, object) =>
    planner.term(value, (operand) => builder.emit({ kind: 'ObjectInsertOnceStmt', key, value: operand, object })),
  )
}

/** Goes down the objects of all keys but the last, making those that are not there, and ends with the last key. */
function insertAt(
  planner: Planner,
  keys: readonly Term[],
  object: Local,
  end: (key: Operand, object: Local) => void,
): void {
  const [first, ...rest] = keys
  if (first === undefined) return
  planner.term(first, (key) => {
    if (rest.length === 0) end(key, object)
    else insertAt(planner, rest, dotOrMake(planner, object, key, 'MakeObjectStmt'), end)
  })
}

/** A rule and what is left of the keys under which it stands. */
type KeyedRule = readonly [keys: readonly Term[], rule: Rule]

function rulesByKeys(node: TreeNode): readonly KeyedRule[] {
  return node.rules.map((rule) => [keysOf(rule, node), rule])
}

/** Inserts what rules make below constant keys before any of them holds: sets and objects of nothing. */
function insertEmpty(planner: Planner, rules: readonly KeyedRule[], object: Local): void {
  const byKey = new Map<string, KeyedRule[]>()
  for (const [keys, rule] of rules) {
    const [first, ...rest] = keys
    // Where a key is open, what is below exists when a rule makes it.
    if (first === undefined || !isScalar(first)) return
    const name = termString(first)
    byKey.set(name, [...(byKey.get(name) ?? []), [[first, ...rest], rule]])
  }
  const { builder } = planner
  for (const group of byKey.values()) {
    const [[[key]] = [[]]] = group
    if (key === undefined) continue
    const below = group.map(([keys, rule]): KeyedRule => [keys.slice(1), rule])
    const isSet = below.every(
      ([keys, { head }]) => keys.length === 0 && head.key !== undefined && head.value === undefined,
    )
    if (!isSet && below.some(([keys]) => keys.length === 0)) continue
    const value = builder.local()
    builder.emit({ kind: isSet ? 'MakeSetStmt' : 'MakeObjectStmt', target: value })
    if (!isSet) insertEmpty(planner, below, value)
    planner.term(key, (operand) =>
      builder.emit({ kind: 'ObjectInsertStmt', key: operand, value: localOperand(value), object }),
    )
  }
}

function isScalar({ kind }: Term): boolean {
  return kind === 'string' || kind === 'number' || kind === 'boolean' || kind === 'null'
}

function dotOrMake(planner: Planner, object: Local, key: Operand, make: 'MakeObjectStmt' | 'MakeSetStmt'): Local {
  const { builder } = planner
  const found = builder.local()
  const target = builder.local()
  builder.emit({ kind: 'ResetLocalStmt', target })
  const dot = builder.block(() => {
    builder.emit({ kind: 'DotStmt', source: localOperand(object), key, target: found })
    builder.emit({ kind: 'AssignVarStmt', source: localOperand(found), target })
  })
  const fresh = builder.block(() => {
    builder.emit({ kind: 'IsUndefinedStmt', source: target })
    builder.emit({ kind: make, target })
    builder.emit({ kind: 'ObjectInsertStmt', key, value: localOperand(target), object })
  })
  builder.emit({ kind: 'BlockStmt', blocks: [dot, fresh] })
  return target
}

function planDefault(
  planner: Planner,
  rule: Rule,
  shape: Shape,
  keys: readonly Term[],
  result: Local,
  blocks: Block[],
): void {
  const { builder } = planner
  const { value } = rule.head
  if (value === undefined) return
  blocks.push(
    builder.block(() => {
      builder.at(rule.location)
      if (shape !== 'object' || keys.length === 0) {
        builder.emit({ kind: 'IsUndefinedStmt', source: result })
        planner.term(value, (operand) => builder.emit({ kind: 'AssignVarOnceStmt', source: operand, target: result }))
        return
      }
      insertAt(planner, keys, result, (key, object) => {
        const found = builder.local()
        const isThere = builder.block(() =>
          builder.emit({ kind: 'DotStmt', source: localOperand(object), key, target: found }),
        )
        builder.emit({ kind: 'NotStmt', block: isThere })
        planner.term(value, (operand) => builder.emit({ kind: 'ObjectInsertStmt', key, value: operand, object }))
      })
    }),
  )
}
