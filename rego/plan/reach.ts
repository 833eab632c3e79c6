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
  readonly number: number
  readonly path: readonly string[]
  /** What reads these rules: those who read their path, a part of it, or what it is a part of. Found when it is asked for. */
  readers: readonly Read[] | undefined
}

/** A step of the paths that rules read: who reads what is here. */
interface Read {
  readonly steps: Map<string, Read>
  readonly by: Named[]
  /** The last search that came by. */
  seen: number
}

/** The rules that can come to a target. */
export interface Reaching {
  has(node: TreeNode): boolean
}

/** Who reads what, directly and through others. A search of many targets looks at few things, often: nothing is made for each. */
export class Reach {
  readonly #reads: Read = newRead()
  readonly #calls = new Map<string, Named[]>()
  readonly #numbers = new Map<TreeNode, number>()
  readonly #found = new Map<string, Reaching>()
  #searches = 0
  #looks = 0

  readonly #limit: (message: string) => Error

  /** From the tree that is planned; `limit` is what is thrown where looking would take too long. */
  constructor(root: TreeNode, limit: (message: string) => Error) {
    this.#limit = limit
    const open: { readonly node: TreeNode; readonly path: readonly string[] }[] = [{ node: root, path: [] }]
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      const { node, path } = one
      if (node.rules.length > 0) this.#add(node, path)
      else for (const [name, child] of node.children) open.push({ node: child, path: [...path, name] })
    }
  }

  /** The rules that can come to a target. */
  to(target: Target): Reaching {
    const key = target.kind === 'data' ? JSON.stringify(target.path) : target.name
    let found = this.#found.get(key)
    if (found === undefined) {
      const marks = this.#search(target)
      found = {
        has: (node) => {
          const number = this.#numbers.get(node)
          return number !== undefined && isMarked(marks, number)
        },
      }
      this.#found.set(key, found)
    }
    return found
  }

  #add(node: TreeNode, path: readonly string[]): void {
    const named: Named = { number: this.#numbers.size, path, readers: undefined }
    this.#numbers.set(node, named.number)
    const uses = new Uses()
    for (const first of node.rules) {
      for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) uses.rule(rule)
    }
    for (const path of uses.paths) {
      let read = this.#reads
      for (const step of path) {
        let next = read.steps.get(step)
        if (next === undefined) {
          next = newRead()
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

  /** Who reads a path, a part of it, or what it is a part of. */
  #readersOf(path: readonly string[]): readonly Read[] {
    let read: Read | undefined = this.#reads
    const readers = [read]
    for (const step of path) {
      read = read.steps.get(step)
      if (read === undefined) return readers
      readers.push(read)
    }
    const below = [...read.steps.values()]
    for (let one = below.pop(); one !== undefined; one = below.pop()) {
      readers.push(one)
      for (const next of one.steps.values()) below.push(next)
    }
    return readers
  }

  /** A bit for each rule that can come to a target. */
  #search(target: Target): Uint32Array {
    const search = ++this.#searches
    const found = new Uint32Array((this.#numbers.size >>> 5) + 1)
    const open: Named[] = []
    const find = (named: Named): void => {
      const { number } = named
      if (isMarked(found, number)) return
      found[number >>> 5] = (found[number >>> 5] ?? 0) | (1 << (number & 31))
      open.push(named)
    }
    const enter = (readers: readonly Read[]): void => {
      for (const read of readers) {
        if (read.seen === search) continue
        read.seen = search
        this.#looks += 1 + read.by.length
        for (const named of read.by) find(named)
      }
    }
    if (target.kind === 'data') enter(this.#readersOf(target.path))
    else for (const named of this.#calls.get(target.name) ?? []) find(named)
    for (let named = open.pop(); named !== undefined; named = open.pop()) {
      named.readers ??= this.#readersOf(named.path)
      enter(named.readers)
      if (this.#looks > looksMax) throw this.#limit('too many rules depend on too much that `with` replaces')
    }
    return found
  }
}

function newRead(): Read {
  return { steps: new Map(), by: [], seen: 0 }
}

function isMarked(marks: Uint32Array, number: number): boolean {
  return ((marks[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0
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
