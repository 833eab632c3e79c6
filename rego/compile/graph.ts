// Which rules use which: the ground of the recursion check, and of the order in which types are found.
import type { Rule, Term } from '../syntax/index.ts'
import { type Visitor, visitBody, visitTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'
import { constantName, type RuleTree, type TreeNode } from './tree.ts'

/** One rule, or one `else` of a rule, with the names that it reads. */
export interface GraphRule {
  readonly rule: Rule
  readonly name: string
  readonly package: readonly string[]
  readonly path: readonly string[]
  readonly uses: ReadonlySet<TreeNode>
}

/** What the graph is made of: rules, and the names where they stand. */
export type Vertex = GraphRule | TreeNode

/** The rules of a compilation and what they use. */
export class RuleGraph {
  readonly rules: readonly GraphRule[]
  readonly #at = new Map<TreeNode, GraphRule[]>()
  readonly #places = new Map<GraphRule, TreeNode>()
  readonly #tree: RuleTree
  #users: Map<TreeNode, GraphRule[]> | undefined

  constructor(compilation: Compilation) {
    this.#tree = compilation.tree
    const rules: GraphRule[] = []
    for (const module of compilation.modules) {
      for (const first of module.rules) {
        const path = [...module.package.path, ...constantName(first)]
        const name = `data.${path.join('.')}`
        for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) {
          const uses = usedBy(rule, compilation)
          const node = compilation.tree.nodeOf(first)
          const entry = { rule, name, package: module.package.path, path, uses }
          rules.push(entry)
          if (node !== undefined) this.#places.set(entry, node)
          const there = node === undefined ? undefined : this.#at.get(node)
          if (there !== undefined) there.push(entry)
          else if (node !== undefined) this.#at.set(node, [entry])
        }
      }
    }
    this.rules = rules
  }

  /** What follows a rule or a name: the names that a rule reads, the rules of a name. */
  next(vertex: Vertex): Iterable<Vertex> {
    return 'uses' in vertex ? vertex.uses : (this.#at.get(vertex) ?? [])
  }

  /** The rules that read what stands at a path, directly or through others. */
  dependents(path: readonly string[]): readonly GraphRule[] {
    if (this.#users === undefined) {
      this.#users = new Map()
      for (const rule of this.rules)
        for (const node of rule.uses) {
          const users = this.#users.get(node)
          if (users === undefined) this.#users.set(node, [rule])
          else users.push(rule)
        }
    }
    const found = new Set<GraphRule>()
    const open: TreeNode[] = []
    const start = this.#tree.find(path)
    if (start !== undefined) open.push(start)
    for (const node of open) {
      for (const user of this.#users.get(node) ?? []) {
        if (found.has(user)) continue
        found.add(user)
        const at = this.#places.get(user)
        if (at !== undefined) open.push(at)
      }
    }
    return [...found]
  }

  /** Every rule behind those that it uses. */
  order(): readonly GraphRule[] {
    const seen = new Set<Vertex>()
    const ordered: GraphRule[] = []
    for (const start of this.rules) {
      if (seen.has(start)) continue
      // An explicit stack: chains of rules can be longer than the call stack.
      const stack: { readonly vertex: Vertex; readonly rest: Iterator<Vertex> }[] = [
        { vertex: start, rest: this.next(start)[Symbol.iterator]() },
      ]
      seen.add(start)
      for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
        const { done, value: next } = top.rest.next()
        if (done === true) {
          if ('uses' in top.vertex) ordered.push(top.vertex)
          stack.pop()
        } else if (!seen.has(next)) {
          seen.add(next)
          stack.push({ vertex: next, rest: this.next(next)[Symbol.iterator]() })
        }
      }
    }
    return ordered
  }
}

/** The nodes with rules that a rule reads. */
function usedBy(rule: Rule, compilation: Compilation): ReadonlySet<TreeNode> {
  const found = new Set<TreeNode>()
  const visitor: Visitor = {
    term: (term) => {
      if (term.kind === 'ref' && term.head.kind === 'var' && term.head.name === 'data') {
        addReferenced(compilation.tree.root, term.path, 0, found)
        for (const step of term.path) visitTerm(step, visitor)
        return true
      }
      if (term.kind === 'var' && term.name === 'data') addReferenced(compilation.tree.root, [], 0, found)
      else if (term.kind === 'call' && term.operator.kind === 'ref') visitTerm(term.operator, visitor)
      return false
    },
    expr: (expr) => {
      if (expr.kind === 'call' && expr.operator.kind === 'ref') visitTerm(expr.operator, visitor)
      for (const one of expr.with) if (one.mock === 'function') visitTerm(one.value, visitor)
      return false
    },
  }
  const { key, value, ref } = rule.head
  visitBody(rule.body, visitor)
  for (const part of [key, value, ...(ref.kind === 'ref' ? ref.path : [])])
    if (part !== undefined) visitTerm(part, visitor)
  return found
}

function addReferenced(node: TreeNode, path: readonly Term[], index: number, found: Set<TreeNode>): void {
  if (node.rules.length > 0) found.add(node)
  const step = path[index]
  if (step === undefined) for (const child of node.children.values()) addReferenced(child, path, index, found)
  else if (step.kind === 'string') {
    const child = node.children.get(step.value)
    if (child !== undefined) addReferenced(child, path, index + 1, found)
  } else if (step.kind === 'var' || step.kind === 'ref')
    for (const child of node.children.values()) addReferenced(child, path, index + 1, found)
}
