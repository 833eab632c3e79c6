// Which rules read what `with` replaces, directly or through others. Asked for a rule and a name at a time, this would
// follow the whole graph for each; it is found for 32 names at once, in one pass over the rules.
import { type Expr, type Location, nowhere, stringTerm, varTerm } from '../syntax/index.ts'
import { visitExpr, visitTerm } from '../syntax/walk.ts'
import type { Path } from '../types/index.ts'
import type { Compilation } from './context.ts'
import { type RuleGraph, Uses, usedIn } from './graph.ts'
import type { RuleTree, TreeNode } from './tree.ts'

/** Names that are followed in one pass: the bits of a word. */
const together = 32

/** Words that are kept: 64 MB. What is asked for again after that is found again. */
const wordsMax = 2 ** 24

/** Rules that are looked at for all expressions that replace something: with open references, a few expressions look at very many. */
const looksMax = 2_000_000

/** What each rule reads, in the order of their dependencies. */
interface Reader {
  readonly at: number
  readonly reads: readonly number[]
}

/** Which rules depend on which names that are replaced somewhere. */
export class Dependents {
  readonly #graph: RuleGraph
  readonly #readers: Reader[] = []
  readonly #numbers = new Map<TreeNode, number>()
  /** All that is replaced somewhere, in the order in which it will be asked for. */
  readonly #replaced = new Map<TreeNode, number>()
  /** Of each group of names, which of them the rules come to. */
  readonly #groups = new Map<number, Int32Array>()
  readonly #compilation: Compilation
  #isRead = false
  #looks = 0

  constructor(graph: RuleGraph, compilation: Compilation) {
    this.#graph = graph
    this.#compilation = compilation
  }

  /** The rules at references, or below those that are open, that depend on what stands at a path. */
  among(replaced: Path, read: readonly Path[]): readonly Path[] {
    const names = replaced.slice(1).map((step) => (step.kind === 'string' ? step.value : ''))
    const target = this.#graph.tree.find(names)
    if (target === undefined || target.rules.length === 0) return []
    const found: Path[] = []
    for (const path of read) {
      if (this.#looks > looksMax) break
      this.#follow(this.#graph.tree.root, [], path, target, found)
      if (this.#looks > looksMax) this.#reportTooMany(path[0]?.location ?? nowhere)
    }
    return found
  }

  #follow(node: TreeNode, taken: readonly string[], path: Path, target: TreeNode, found: Path[]): void {
    if (++this.#looks > looksMax) return
    if (node.rules.length > 0 && this.#depends(node, target))
      found.push([varTerm('data', nowhere), ...taken.map((name) => stringTerm(name, nowhere))])
    if (node.children.size === 0) return
    const step = path[taken.length + 1]
    if (step?.kind === 'string') {
      const child = node.children.get(step.value)
      if (child !== undefined) this.#follow(child, [...taken, step.value], path, target, found)
    } else for (const [name, child] of node.children) this.#follow(child, [...taken, name], path, target, found)
  }

  #reportTooMany(location: Location): void {
    const message = `references come to more than ${looksMax} rules around which others are replaced`
    this.#compilation.report(
      'rego_compile_error',
      message,
      location,
      'name the rule that is asked instead of its package',
    )
  }

  #depends(node: TreeNode, target: TreeNode): boolean {
    if (!this.#isRead) this.#read()
    const number = this.#replaced.get(target)
    const at = this.#numbers.get(node)
    if (number === undefined || at === undefined) return false
    const words = this.#group(Math.floor(number / together))
    return ((words[at] ?? 0) & (1 << (number % together))) !== 0
  }

  #read(): void {
    this.#isRead = true
    for (const { rule, node, uses } of this.#graph.order().rules) {
      if (node === undefined) continue
      const finder = new Reads(this.#graph.tree, this.#replaced)
      // What a rule reads is among what it uses.
      const reads = uses.length === 0 ? [] : usedIn(rule, finder)
      this.#readers.push({ at: this.#number(node), reads: reads.map((one) => this.#number(one)) })
    }
  }

  #number(node: TreeNode): number {
    const known = this.#numbers.get(node)
    if (known !== undefined) return known
    this.#numbers.set(node, this.#numbers.size)
    return this.#numbers.size - 1
  }

  #group(group: number): Int32Array {
    const known = this.#groups.get(group)
    if (known !== undefined) return known
    const words = new Int32Array(this.#numbers.size)
    const own = new Int32Array(this.#numbers.size)
    for (const [node, number] of this.#replaced) {
      const at = this.#numbers.get(node)
      if (at !== undefined && Math.floor(number / together) === group) own[at] = 1 << (number % together)
    }
    for (const { at, reads } of this.#readers) {
      let bits = 0
      for (const one of reads) bits |= (words[one] ?? 0) | (own[one] ?? 0)
      words[at] = (words[at] ?? 0) | bits
    }
    const [oldest] = this.#groups.keys()
    if (oldest !== undefined && (this.#groups.size + 1) * words.length > wordsMax) this.#groups.delete(oldest)
    this.#groups.set(group, words)
    return words
  }
}

/** What is read apart from what is only replaced: to replace that around a rule changes nothing in it. */
class Reads extends Uses {
  readonly #tree: RuleTree
  readonly #replaced: Map<TreeNode, number>

  constructor(tree: RuleTree, replaced: Map<TreeNode, number>) {
    super(tree.root)
    this.#tree = tree
    this.#replaced = replaced
  }

  override expr(expr: Expr): boolean {
    if (expr.with.length === 0) return super.expr(expr)
    visitExpr({ ...expr, with: [] }, this)
    for (const { target, value } of expr.with) {
      visitTerm(value, this)
      if (target.kind !== 'ref') continue
      const node = this.#tree.find(target.path.map((step) => (step.kind === 'string' ? step.value : '')))
      if (node !== undefined && node.rules.length > 0 && !this.#replaced.has(node))
        this.#replaced.set(node, this.#replaced.size)
    }
    return true
  }
}
