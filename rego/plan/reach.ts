// Which rules can come to what `with` replaces: only those are planned anew under it.
import type { TreeNode } from '../compile/tree.ts'
import { type Expr, operatorName, type Rule, type Term } from '../syntax/index.ts'
import { type Visitor, visitBody, visitExpr, visitTerm } from '../syntax/walk.ts'

/** What can be replaced: a path below `data`, or a built-in. */
export type Target =
  | { readonly kind: 'data'; readonly path: readonly string[] }
  | { readonly kind: 'builtin'; readonly name: string }

/** Rules looked at for all targets of one policy at the most; a second or two. */
const looksMax = 20_000_000

/** Rules of one name, which are planned as one function. */
interface Named {
  readonly node: TreeNode
  readonly path: readonly string[]
}

/** A step of the paths that rules read: who reads what is here. */
interface Read {
  readonly steps: Map<string, Read>
  readonly by: Named[]
}

/** Who reads what, directly and through others. */
export class Reach {
  readonly #reads: Read = { steps: new Map(), by: [] }
  readonly #calls = new Map<string, Named[]>()
  readonly #found = new Map<string, ReadonlySet<TreeNode>>()
  #looks = 0

  readonly #limit: (message: string) => Error

  /** From the tree that is planned; `limit` is what is thrown where looking would take too long. */
  constructor(root: TreeNode, limit: (message: string) => Error) {
    this.#limit = limit
    const open: Named[] = [{ node: root, path: [] }]
    for (let named = open.pop(); named !== undefined; named = open.pop()) {
      const { node, path } = named
      if (node.rules.length > 0) this.#add(named)
      else for (const [name, child] of node.children) open.push({ node: child, path: [...path, name] })
    }
  }

  /** The rules that can come to a target. */
  to(target: Target): ReadonlySet<TreeNode> {
    const key = target.kind === 'data' ? JSON.stringify(target.path) : target.name
    let found = this.#found.get(key)
    if (found === undefined) {
      found = this.#search(target)
      this.#found.set(key, found)
    }
    return found
  }

  #add(named: Named): void {
    const uses = new Uses()
    for (const first of named.node.rules) {
      for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) uses.rule(rule)
    }
    for (const path of uses.paths) {
      let read = this.#reads
      for (const step of path) {
        let next = read.steps.get(step)
        if (next === undefined) {
          next = { steps: new Map(), by: [] }
          read.steps.set(step, next)
        }
        read = next
      }
      if (read.by.at(-1) !== named) read.by.push(named)
    }
    for (const name of uses.builtins) {
      const callers = this.#calls.get(name)
      if (callers === undefined) this.#calls.set(name, [named])
      else callers.push(named)
    }
  }

  #search(target: Target): ReadonlySet<TreeNode> {
    const found = new Set<TreeNode>()
    const open: Named[] = []
    /** What was looked at, alone or with all below it. */
    const seen = new Set<Read>()
    const seenWhole = new Set<Read>()
    const enter = (read: Read): void => {
      if (seen.has(read)) return
      seen.add(read)
      this.#looks += 1 + read.by.length
      for (const named of read.by) {
        if (found.has(named.node)) continue
        found.add(named.node)
        open.push(named)
      }
    }
    /** Who reads a path, a part of it, or what it is a part of. */
    const readersOf = (path: readonly string[]): void => {
      let read: Read | undefined = this.#reads
      enter(read)
      for (const step of path) {
        read = read.steps.get(step)
        if (read === undefined) return
        enter(read)
      }
      const below = [read]
      for (let one = below.pop(); one !== undefined; one = below.pop()) {
        if (seenWhole.has(one)) continue
        seenWhole.add(one)
        enter(one)
        for (const next of one.steps.values()) below.push(next)
      }
    }
    if (target.kind === 'data') readersOf(target.path)
    else {
      for (const named of this.#calls.get(target.name) ?? []) {
        found.add(named.node)
        open.push(named)
      }
    }
    for (let named = open.pop(); named !== undefined; named = open.pop()) {
      readersOf(named.path)
      if (this.#looks > looksMax) throw this.#limit('too many rules depend on too much that `with` replaces')
    }
    return found
  }
}

/** The paths that rules read below `data`, as far as they are written out, and the built-ins that they call. */
class Uses implements Visitor {
  readonly paths: (readonly string[])[] = []
  readonly builtins = new Set<string>()

  rule({ body, head: { key, value, ref, args } }: Rule): void {
    visitBody(body, this)
    for (const term of [key, value, ...(ref.kind === 'ref' ? ref.path : []), ...(args ?? [])])
      if (term !== undefined) visitTerm(term, this)
  }

  term(term: Term): boolean {
    if (term.kind === 'ref' && term.head.kind === 'var' && term.head.name === 'data') {
      const open = term.path.findIndex((step) => step.kind !== 'string')
      const known = open === -1 ? term.path : term.path.slice(0, open)
      this.paths.push(known.map((step) => (step.kind === 'string' ? step.value : '')))
      for (const step of term.path) visitTerm(step, this)
      return true
    }
    if (term.kind === 'var' && term.name === 'data') this.paths.push([])
    else if (term.kind === 'call') this.#operator(term.operator)
    return false
  }

  expr(expr: Expr): boolean {
    if (expr.kind === 'call') this.#operator(expr.operator)
    if (expr.with.length === 0) return false
    // What is replaced is not read by that.
    for (const { mock, value } of expr.with) {
      if (mock === 'function' && (value.kind === 'var' || value.kind === 'ref')) this.#operator(value)
      else visitTerm(value, this)
    }
    visitExpr({ ...expr, with: [] }, this)
    return true
  }

  #operator(operator: Extract<Term, { kind: 'var' | 'ref' }>): void {
    if (operator.kind === 'ref' && operator.head.kind === 'var' && operator.head.name === 'data') this.term(operator)
    else this.builtins.add(operatorName(operator) ?? '')
  }
}
