// Which variables an expression needs, and which it can bind: the ground that safety and planning stand on.
import type { Body, Expr, Term } from '../syntax/index.ts'
import { type Visitor, visitBody, visitExpr, visitTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'

/** Names of variables. `input` and `data` are never among them. */
export type VarSet = Set<string>

/** What can be asked for a name. Bodies can be long, so what is bound is asked and not copied for each expression. */
export interface Names {
  has(name: string): boolean
}

/** The names of two together. */
export class Either implements Names {
  readonly #a: Names
  readonly #b: Names

  constructor(a: Names, b: Names) {
    this.#a = a
    this.#b = b
  }

  has(name: string): boolean {
    return this.#a.has(name) || this.#b.has(name)
  }
}

const none: ReadonlySet<string> = new Set()

/** What to pass over when collecting variables. */
export interface Skip {
  readonly closures?: boolean
  readonly refHeads?: boolean
  readonly sets?: boolean
  readonly objectKeys?: boolean
}

/** Variables of a term. */
export function termVars(term: Term, skip: Skip = {}): VarSet {
  const found: VarSet = new Set()
  visitTerm(term, new Collector(found, skip))
  return found
}

/** Variables of an expression. */
export function exprVars(expr: Expr, skip: Skip = {}): VarSet {
  const found: VarSet = new Set()
  visitExpr(expr, new Collector(found, skip))
  return found
}

/** Variables of a body. */
export function bodyVars(body: Body, skip: Skip = {}): VarSet {
  const found: VarSet = new Set()
  visitBody(body, new Collector(found, skip))
  return found
}

/** Variables that stand in comprehensions, `every` bodies and composite negations of an expression. */
export function closureVars(expr: Expr): VarSet {
  const closures = new ClosureCollector()
  visitExpr(expr, closures)
  const { found } = closures
  if (expr.kind === 'every') {
    if (expr.key !== undefined) found.delete(expr.key.name)
    found.delete(expr.value.name)
  }
  return found
}

class ClosureCollector implements Visitor {
  readonly found: VarSet = new Set()
  readonly #inner = new Collector(this.found, {})

  term(term: Term): boolean {
    if (term.kind !== 'comprehension') return false
    visitTerm(term, this.#inner)
    return true
  }

  closure(body: Body): boolean {
    visitBody(body, this.#inner)
    return true
  }
}

/** Whether comprehensions, `every` bodies or composite negations stand in an expression. */
export function holdsClosures(expr: Expr): boolean {
  if (expr.kind !== 'term' && expr.kind !== 'call') return true
  const seeker = new ClosureSeeker()
  visitExpr(expr, seeker)
  return seeker.found
}

class ClosureSeeker implements Visitor {
  found = false

  term(term: Term): boolean {
    if (term.kind === 'comprehension') this.found = true
    return this.found
  }
}

/** Variables that operands without braces (`not x`, `a and b`) take from the body around them. */
export function operandVars(expr: Expr, compilation: Compilation): ReadonlySet<string> {
  switch (expr.kind) {
    case 'not_body':
      return expr.braces === true ? none : takenFromOutside(expr.body, compilation)
    case 'and':
    case 'or':
      return new Set([
        ...(expr.leftBraces === undefined ? takenFromOutside(expr.left, compilation) : []),
        ...(expr.rightBraces === undefined ? takenFromOutside(expr.right, compilation) : []),
      ])
    default:
      return none
  }
}

/** What one expression names is from outside; of several, what none binds or only one of them names. */
function takenFromOutside(body: Body, compilation: Compilation): VarSet {
  const times = new Map<string, number>()
  const bound: VarSet = new Set()
  for (const expr of body) {
    const names = exprVars(expr, { closures: true })
    for (const name of operandVars(expr, compilation)) names.add(name)
    for (const name of names) times.set(name, (times.get(name) ?? 0) + 1)
    if (expr.kind === 'call') for (const name of boundByCall(expr, compilation)) bound.add(name)
  }
  const taken = [...times].filter(([name, count]) => body.length === 1 || !bound.has(name) || count === 1)
  return new Set(taken.map(([name]) => name))
}

function boundByCall(expr: Extract<Expr, { kind: 'call' }>, compilation: Compilation): VarSet {
  const [a, b] = expr.args
  if (expr.operator.kind === 'var' && expr.operator.name === 'eq' && a !== undefined && b !== undefined)
    return unify(new Set(), a, b)
  const arity = compilation.callee(expr.operator)?.arity ?? expr.args.length
  const found: VarSet = new Set()
  for (const output of expr.args.slice(arity))
    for (const name of termVars(output, { closures: true, refHeads: true, sets: true, objectKeys: true }))
      found.add(name)
  return found
}

class Collector implements Visitor {
  readonly #found: VarSet
  readonly #skip: Skip

  constructor(found: VarSet, skip: Skip) {
    this.#found = found
    this.#skip = skip
  }

  term(term: Term): boolean {
    switch (term.kind) {
      case 'var':
        if (term.name !== 'input' && term.name !== 'data') this.#found.add(term.name)
        return true
      case 'ref':
        if (this.#skip.refHeads !== true) return false
        for (const step of term.path) visitTerm(step, this)
        return true
      case 'set':
        return this.#skip.sets === true
      case 'object':
        if (this.#skip.objectKeys !== true) return false
        for (const [, value] of term.entries) visitTerm(value, this)
        return true
      case 'comprehension':
        return this.#skip.closures === true
      default:
        return false
    }
  }

  closure(): boolean {
    return this.#skip.closures === true
  }
}

/** Variables that an expression binds when those in `safe` are bound. */
export function outputVars(expr: Expr, safe: Names, compilation: Compilation): VarSet {
  if (expr.negated) return new Set()
  for (const one of expr.with)
    if (one.mock !== 'function') for (const name of termVars(one.value)) if (!safe.has(name)) return new Set()
  switch (expr.kind) {
    case 'term':
      return refOutputs([expr.term], safe)
    case 'call':
      return callOutputs(expr, safe, compilation)
    case 'every':
      return refOutputs([expr.domain], safe)
    default:
      return new Set()
  }
}

/** Variables that stand as steps of references in the arguments of a call, which these bind once their heads are bound. */
export function bindableSteps(expr: Expr): VarSet {
  return expr.kind === 'call' ? refOutputs(expr.args, anything) : new Set()
}

const anything: Names = { has: () => true }

/** Steps of references are bound by iterating what their heads hold. */
function refOutputs(terms: readonly Term[], safe: Names): VarSet {
  const outputs = new RefOutputs(safe)
  for (const term of terms) if (term.kind !== 'var') visitTerm(term, outputs)
  return outputs.found
}

class RefOutputs implements Visitor {
  readonly found: VarSet = new Set()
  readonly #safe: Names
  readonly #steps = new StepOutputs(this)

  constructor(safe: Names) {
    this.#safe = safe
  }

  term(term: Term): boolean {
    if (term.kind === 'comprehension' || term.kind === 'template') return true
    if (term.kind !== 'ref') return false
    if (!isSafeHead(term.head, this.#safe)) return true
    for (const step of term.path) if (step.kind !== 'string') visitTerm(step, this.#steps)
    return true
  }

  closure(): boolean {
    return true
  }
}

class StepOutputs implements Visitor {
  readonly #outer: RefOutputs

  constructor(outer: RefOutputs) {
    this.#outer = outer
  }

  term(term: Term): boolean {
    if (term.kind === 'comprehension' || term.kind === 'set') return true
    if (term.kind === 'ref') {
      visitTerm(term, this.#outer)
      return true
    }
    if (term.kind === 'var' && term.name !== 'input' && term.name !== 'data') this.#outer.found.add(term.name)
    return false
  }
}

function isSafeHead(head: Term, safe: Names): boolean {
  if (head.kind === 'var') return head.name === 'input' || head.name === 'data' || safe.has(head.name)
  for (const name of termVars(head, { closures: true })) if (!safe.has(name)) return false
  return true
}

function callOutputs(expr: Extract<Expr, { kind: 'call' }>, safe: Names, compilation: Compilation): VarSet {
  const { args } = expr
  const found = refOutputs(args, safe)
  if (expr.operator.kind === 'var' && expr.operator.name === 'eq') {
    const [a, b] = args
    if (a === undefined || b === undefined || args.length !== 2) return found
    const known = new Either(new Set(found), safe)
    // What is assigned must be bound: it is not bound by what it is assigned to.
    if (expr.infix === ':=') {
      const read = termVars(b, { closures: true })
      if ([...read].some((name) => !known.has(name))) return found
    }
    for (const name of unify(known, a, b)) found.add(name)
    for (const name of found) if (safe.has(name)) found.delete(name)
    return found
  }
  const callee = compilation.callee(expr.operator)
  if (callee === undefined || args.length <= callee.arity) return found
  for (const input of args.slice(0, callee.arity)) {
    for (const name of termVars(input, { closures: true })) if (!found.has(name) && !safe.has(name)) return new Set()
  }
  for (const output of args.slice(callee.arity)) {
    for (const name of termVars(output, { closures: true, refHeads: true, sets: true, objectKeys: true }))
      found.add(name)
  }
  return found
}

/** Variables that unifying two terms binds, given those that are bound. */
export function unify(safe: Names, a: Term, b: Term): VarSet {
  return new Unifier(safe).run(a, b)
}

class Unifier {
  readonly #unified: VarSet = new Set()
  readonly #bound: Names
  /** What becomes bound once a variable is. */
  readonly #waiting = new Map<string, Set<string>>()
  /** For a variable against a composite: all of these bind it. */
  readonly #needs = new Map<string, Set<string>>()

  constructor(safe: Names) {
    this.#bound = new Either(safe, this.#unified)
  }

  run(a: Term, b: Term): VarSet {
    this.#unify(a, b)
    return this.#unified
  }

  #unify(a: Term, b: Term): void {
    if (a.kind === 'var' && !isRoot(a)) this.#withVar(a.name, b)
    else if (b.kind === 'var' && !isRoot(b)) this.#withVar(b.name, a)
    else if (a.kind === 'array' && b.kind === 'array') {
      if (a.items.length !== b.items.length) return
      for (const [index, item] of a.items.entries()) {
        const other = b.items[index]
        if (other !== undefined) this.#unify(item, other)
      }
    } else if (a.kind === 'object' && b.kind === 'object') {
      if (a.entries.length !== b.entries.length) return
      const others = new Map<string, Term>()
      for (const [key, value] of b.entries.toReversed()) others.set(constantText(key), value)
      for (const [key, value] of a.entries) {
        const text = constantText(key)
        const other = others.get(text)
        if (text !== '' && other !== undefined) this.#unify(value, other)
      }
    } else if (a.kind === 'array' || a.kind === 'object') this.#withValue(a, b)
    else if (b.kind === 'array' || b.kind === 'object') this.#withValue(b, a)
  }

  #withVar(name: string, other: Term): void {
    switch (other.kind) {
      case 'var':
        if (isRoot(other)) this.#mark(name)
        else if (this.#isSafe(other.name)) this.#mark(name)
        else if (this.#isSafe(name)) this.#mark(other.name)
        else {
          this.#wait(name, other.name)
          this.#wait(other.name, name)
        }
        return
      case 'array':
      case 'object': {
        const inner = termVars(other, { closures: true, refHeads: true, sets: true, objectKeys: true })
        if (this.#isSafe(name)) for (const one of inner) this.#mark(one)
        else {
          const unsafe = [...inner].filter((one) => !this.#isSafe(one))
          if (unsafe.length === 0) this.#mark(name)
          else {
            this.#needs.set(name, new Set(unsafe))
            for (const one of unsafe) this.#wait(name, one)
          }
        }
        return
      }
      case 'ref':
        if (isSafeHead(other.head, this.#bound)) this.#mark(name)
        return
      default:
        this.#mark(name)
    }
  }

  #withValue(composite: Term, other: Term): void {
    if (other.kind === 'ref' && !isSafeHead(other.head, this.#bound)) return
    const known = other.kind === 'ref' || other.kind === 'comprehension' || other.kind === 'call'
    if (!known && !(other.kind === 'var' && isRoot(other))) return
    for (const name of termVars(composite, { closures: true, refHeads: true, sets: true, objectKeys: true }))
      this.#mark(name)
  }

  #isSafe(name: string): boolean {
    return this.#bound.has(name)
  }

  #wait(on: string, name: string): void {
    const list = this.#waiting.get(on) ?? new Set()
    list.add(name)
    this.#waiting.set(on, list)
  }

  #mark(name: string): void {
    if (this.#unified.has(name)) return
    this.#unified.add(name)
    for (const other of this.#waiting.get(name) ?? []) this.#mark(other)
    for (const [target, needs] of this.#needs) {
      needs.delete(name)
      if (needs.size === 0) this.#mark(target)
    }
  }
}

/** Whether a variable is `input` or `data`. */
export function isRoot(term: Term): boolean {
  return term.kind === 'var' && (term.name === 'input' || term.name === 'data')
}

/** What two constants or variables have in common when they are written alike; empty for other terms. */
/** What a constant key of an object is known by; empty for any other term. */
export function constantText(term: Term): string {
  switch (term.kind) {
    case 'string':
    case 'boolean':
      return `${term.kind} ${term.value}`
    case 'number':
      return `number ${term.text}`
    case 'var':
      return `var ${term.name}`
    case 'null':
      return 'null'
    default:
      return ''
  }
}
