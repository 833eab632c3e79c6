// Which rules use which: the ground of the recursion check, and of the order in which types are found.
import type { Expr, Rule, Term } from '../syntax/index.ts'
import { type Visitor, visitBody, visitTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'
import { constantName, type RuleTree, type TreeNode } from './tree.ts'

/** Rules that all references together may come to: with open steps, a few references come to very many. */
const usesMax = 2_000_000

/** How many more rules references may come to. */
interface UseBudget {
  left: number
}

/** One rule, or one `else` of a rule, with the names that it reads. */
export class GraphRule {
  readonly rule: Rule
  readonly package: readonly string[]
  readonly uses: readonly TreeNode[]
  /** Where it stands. */
  readonly node: TreeNode | undefined
  /** The rule whose `else` it is, or itself. */
  readonly #first: Rule

  constructor(
    rule: Rule,
    first: Rule,
    packagePath: readonly string[],
    node: TreeNode | undefined,
    compilation: Compilation,
    budget: UseBudget,
  ) {
    this.rule = rule
    this.package = packagePath
    this.uses = usedIn(rule, new Uses(compilation.tree.root, budget))
    this.node = node
    this.#first = first
  }

  get path(): readonly string[] {
    return [...this.package, ...constantName(this.#first)]
  }

  get name(): string {
    return `data.${this.path.join('.')}`
  }
}

/** What the graph is made of: rules, and the names where they stand. */
export type Vertex = GraphRule | TreeNode

/** Rules behind those that they use. */
export interface RuleOrder {
  readonly rules: readonly GraphRule[]
  /** Whether some use themselves, directly or through others: no order has them all behind what they use. */
  readonly circular: boolean
}

/** The rules of a compilation and what they use. */
export class RuleGraph {
  readonly rules: readonly GraphRule[]
  readonly #at = new Map<TreeNode, GraphRule[]>()
  readonly tree: RuleTree
  #order: RuleOrder | undefined

  constructor(compilation: Compilation) {
    this.tree = compilation.tree
    const rules: GraphRule[] = []
    this.rules = rules
    const budget: UseBudget = { left: usesMax }
    let at = 0
    for (const module of compilation.modules) {
      for (const first of module.rules) {
        const node = this.tree.placed[at++]
        for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) {
          const entry = new GraphRule(rule, first, module.package.path, node, compilation, budget)
          rules.push(entry)
          if (budget.left < 0) {
            reportTooMany(entry, compilation)
            return
          }
          const there = node === undefined ? undefined : this.#at.get(node)
          if (there !== undefined) there.push(entry)
          else if (node !== undefined) this.#at.set(node, [entry])
        }
      }
    }
  }

  /** What follows a rule or a name: the names that a rule reads, the rules of a name. */
  next(vertex: Vertex): Iterable<Vertex> {
    return 'uses' in vertex ? vertex.uses : (this.#at.get(vertex) ?? [])
  }

  /** Every rule behind those that it uses. */
  order(): RuleOrder {
    this.#order ??= this.#ordered()
    return this.#order
  }

  #ordered(): RuleOrder {
    /** True while what a vertex leads to is being followed. */
    const open = new Map<Vertex, boolean>()
    const rules: GraphRule[] = []
    let circular = false
    for (const start of this.rules) {
      if (open.has(start)) continue
      // An explicit stack: chains of rules can be longer than the call stack.
      const stack: { readonly vertex: Vertex; readonly rest: Iterator<Vertex> }[] = [
        { vertex: start, rest: this.next(start)[Symbol.iterator]() },
      ]
      open.set(start, true)
      for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
        const { done, value: next } = top.rest.next()
        if (done === true) {
          if ('uses' in top.vertex) rules.push(top.vertex)
          open.set(top.vertex, false)
          stack.pop()
        } else {
          const known = open.get(next)
          if (known === true) circular = true
          if (known !== undefined) continue
          open.set(next, true)
          stack.push({ vertex: next, rest: this.next(next)[Symbol.iterator]() })
        }
      }
    }
    return { rules, circular }
  }
}

const nothing: readonly TreeNode[] = []

function reportTooMany({ rule }: GraphRule, compilation: Compilation): void {
  const message = `references come to more than ${usesMax} rules`
  const help = 'name the package or rule that is meant instead of an open step, or ask once and use the answer'
  compilation.report('rego_compile_error', message, rule.location, help)
}

/** The nodes with rules that a rule reads. */
export function usedIn(rule: Rule, uses: Uses): readonly TreeNode[] {
  const { key, value, ref } = rule.head
  visitBody(rule.body, uses)
  if (key !== undefined) visitTerm(key, uses)
  if (value !== undefined) visitTerm(value, uses)
  if (ref.kind === 'ref') for (const step of ref.path) visitTerm(step, uses)
  return uses.found === undefined ? nothing : [...uses.found]
}

/** Finds the nodes with rules that are referred to. */
export class Uses implements Visitor {
  found: Set<TreeNode> | undefined
  readonly #root: TreeNode

  readonly #budget: UseBudget

  constructor(root: TreeNode, budget: UseBudget = { left: usesMax }) {
    this.#root = root
    this.#budget = budget
  }

  term(term: Term): boolean {
    if (term.kind === 'ref' && term.head.kind === 'var' && term.head.name === 'data') {
      this.#add(term.path)
      for (const step of term.path) visitTerm(step, this)
      return true
    }
    if (term.kind === 'var' && term.name === 'data') this.#add([])
    else if (term.kind === 'call' && term.operator.kind === 'ref') visitTerm(term.operator, this)
    return false
  }

  expr(expr: Expr): boolean {
    if (expr.kind === 'call' && expr.operator.kind === 'ref') visitTerm(expr.operator, this)
    for (const one of expr.with) if (one.mock === 'function') visitTerm(one.value, this)
    return false
  }

  #add(path: readonly Term[]): void {
    this.found ??= new Set()
    addReferenced(this.#root, path, 0, this.found, this.#budget)
  }
}

function addReferenced(
  node: TreeNode,
  path: readonly Term[],
  index: number,
  found: Set<TreeNode>,
  budget: UseBudget,
): void {
  if (budget.left < 0) return
  if (node.rules.length > 0) {
    budget.left--
    found.add(node)
  }
  const step = path[index]
  if (step === undefined) for (const child of node.children.values()) addReferenced(child, path, index, found, budget)
  else if (step.kind === 'string') {
    const child = node.children.get(step.value)
    if (child !== undefined) addReferenced(child, path, index + 1, found, budget)
  } else if (step.kind === 'var' || step.kind === 'ref')
    for (const child of node.children.values()) addReferenced(child, path, index + 1, found, budget)
}
