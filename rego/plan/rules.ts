// Rules to functions: complete rules, functions, partial sets, and objects that rules build key by key.
import { constantName, restOfName } from '../compile/tree.ts'
import type { Block, Local, Operand } from '../ir/index.ts'
import type { Rule, Term } from '../syntax/index.ts'
import { localOperand } from './builder.ts'
import { carriedName, type PlannedFrame } from './frame.ts'
import type { Planner } from './planner.ts'

/** Plans the rules of one name as one function. */
export function planRules(
  planner: Planner,
  name: string,
  { generation, valued }: PlannedFrame,
  path: readonly string[],
  rules: readonly Rule[],
): void {
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
    const shape = shapeOf(rules, path)
    if (shape === 'set') blocks.push(builder.block(() => builder.emit({ kind: 'MakeSetStmt', target: result })))
    else if (shape === 'object')
      blocks.push(builder.block(() => builder.emit({ kind: 'MakeObjectStmt', target: result })))
    const ordered = [...rules].sort((a, b) => depth(b) - depth(a))
    for (const rule of ordered) {
      if (!rule.default) planner.withVars(vars, () => planRule(planner, rule, shape, path, result, args, blocks))
    }
    for (const rule of ordered) {
      if (rule.default) planner.withVars(vars, () => planDefault(planner, rule, shape, path, result, blocks))
    }
    blocks.push(builder.block(() => builder.emit({ kind: 'ReturnLocalStmt', source: result })))
    builder.funcs.push({
      name,
      params: [input, data, ...carried.map(([, local]) => local), ...args],
      return: result,
      blocks,
      path: [`g${generation}`, ...path],
    })
  })
}

type Shape = 'value' | 'set' | 'object'

/** How many steps of a rule's full name the path of its node covers. */
function covered(rule: Rule, path: readonly string[], packageLength: number): number {
  return Math.min(constantName(rule).length, path.length - packageLength)
}

function shapeOf(rules: readonly Rule[], path: readonly string[]): Shape {
  const nested = rules.some((rule) => keysOf(rule, path).length > 0)
  if (nested) return 'object'
  return rules.some((rule) => rule.head.key !== undefined && rule.head.value === undefined) ? 'set' : 'value'
}

/** The steps of a rule's name behind the path of its node: the keys under which it stands in the node's object. */
function keysOf(rule: Rule, path: readonly string[]): readonly Term[] {
  const { ref } = rule.head
  if (ref.kind === 'var') return []
  // The node's path ends inside the rule's constant name, counted from its last step that the path has.
  const constants = constantName(rule)
  for (let length = Math.min(constants.length, path.length); length > 0; length--) {
    const tail = path.slice(path.length - length)
    if (constants.slice(0, length).every((part, index) => part === tail[index])) return restOfName(rule, length)
  }
  return restOfName(rule, covered(rule, path, 0))
}

function depth(rule: Rule): number {
  return rule.head.ref.kind === 'var' ? 1 : rule.head.ref.path.length + 1
}

function planRule(
  planner: Planner,
  rule: Rule,
  shape: Shape,
  path: readonly string[],
  result: Local,
  args: readonly Local[],
  blocks: Block[],
): void {
  const { builder } = planner
  const keys = keysOf(rule, path)
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
  path: readonly string[],
  result: Local,
  blocks: Block[],
): void {
  const { builder } = planner
  const { value } = rule.head
  if (value === undefined) return
  const keys = keysOf(rule, path)
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
