// The tree of packages and rules below `data`. A rule stands where the constant part of its name ends.
import type { Module, Rule, Term } from '../syntax/index.ts'

/** One node of the tree. */
export interface TreeNode {
  readonly children: ReadonlyMap<string, TreeNode>
  readonly rules: readonly Rule[]
  /** Of rules that are planned together: the steps from here to where a rule stands; absent for those that stand here. */
  readonly below?: ReadonlyMap<Rule, readonly string[]>
  /** Whether these are some of the rules that are planned together. */
  readonly part?: true
}

/** A node while its tree is built. */
interface GrowingNode extends TreeNode {
  children: Map<string, GrowingNode>
  readonly rules: Rule[]
}

/** What most nodes have below them. */
const noChildren: Map<string, GrowingNode> = new Map()

/** Names below `data`, and the rules that stand there. */
export class RuleTree {
  readonly root: TreeNode
  /** Where the rules of all modules stand, one after the other. */
  readonly placed: readonly TreeNode[]

  constructor(root: TreeNode, placed: readonly TreeNode[] = []) {
    this.root = root
    this.placed = placed
  }

  find(path: readonly string[]): TreeNode | undefined {
    let node: TreeNode | undefined = this.root
    for (const name of path) node = node?.children.get(name)
    return node
  }

  /** The number of arguments of the function at a path; undefined when no function stands there. */
  arityAt(path: readonly string[]): number | undefined {
    return this.find(path)?.rules.find((rule) => rule.head.args !== undefined)?.head.args?.length
  }
}

/** Builds the tree of parsed modules: every rule on its own node, by the constant part of its name. */
export function buildTree(modules: readonly Module[]): RuleTree {
  const tree = newNode()
  const placed: TreeNode[] = []
  for (const module of modules) {
    const packageNode = insert(tree, module.package.path)
    for (const rule of module.rules) {
      const node = insert(packageNode, constantName(rule))
      node.rules.push(rule)
      placed.push(node)
    }
  }
  return new RuleTree(tree, placed)
}

/** The tree that plans are made from: rules below a node that has rules are planned together with it. */
export function mergeTree(tree: RuleTree): RuleTree {
  return new RuleTree(merge(tree.root))
}

/** The leading part of a rule's name that is made of constant strings. */
export function constantName(rule: Rule): readonly string[] {
  const { ref } = rule.head
  if (ref.kind === 'var') return [ref.name]
  const name = [ref.head.kind === 'var' ? ref.head.name : '']
  for (const step of ref.path) {
    if (step.kind !== 'string') break
    name.push(step.value)
  }
  return name
}

/** What of a rule's name follows its constant part. */
export function openName(rule: Rule): readonly Term[] {
  return rule.head.ref.kind === 'var' ? [] : rule.head.ref.path.slice(constantName(rule).length - 1)
}

function newNode(): GrowingNode {
  return { children: noChildren, rules: [] }
}

function insert(root: GrowingNode, path: readonly string[]): GrowingNode {
  let node = root
  for (const name of path) {
    let child = node.children.get(name)
    if (child === undefined) {
      child = newNode()
      if (node.children === noChildren) node.children = new Map()
      node.children.set(name, child)
    }
    node = child
  }
  return node
}

function merge(node: TreeNode): TreeNode {
  if (node.rules.length > 0) {
    if (node.children.size === 0) return node
    const below = new Map<Rule, readonly string[]>()
    return { children: noChildren, rules: [...node.rules, ...descendants(node, [], below)], below }
  }
  return { children: new Map([...node.children].map(([name, child]) => [name, merge(child)])), rules: [] }
}

/** The rules below a node, which may be of other packages; adds the steps to them. */
function descendants(node: TreeNode, steps: readonly string[], below: Map<Rule, readonly string[]>): readonly Rule[] {
  const found: Rule[] = []
  for (const [name, child] of node.children) {
    const inner = [...steps, name]
    for (const rule of child.rules) below.set(rule, inner)
    found.push(...child.rules, ...descendants(child, inner, below))
  }
  return found
}
