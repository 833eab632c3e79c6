// Bodies to statements. What follows an expression is planned inside it, as a continuation: a binding holds for all
// that comes after it, and an iteration runs all of that for each element.

import type { Callee, Compilation } from '../compile/context.ts'
import { mergeTree, type RuleTree, type TreeNode } from '../compile/tree.ts'
import { type Block, DATA, INPUT, type Local, type Operand } from '../ir/index.ts'
import {
  type Body,
  type Expr,
  operatorName,
  type RefTerm,
  type Rule,
  type Term,
  type VarTerm,
  type With,
} from '../syntax/index.ts'
import { visitTerm } from '../syntax/walk.ts'
import { unreachable } from '../unreachable.ts'
import { Builder, boolOperand, localOperand } from './builder.ts'
import { planRules } from './rules.ts'

/** Goes on after a value was planned; the value is in the operand. */
export type Then = (value: Operand) => void

/** What replaces a function under `with`. */
type Mock =
  | { readonly kind: 'function'; readonly target: VarTerm | RefTerm }
  | { readonly kind: 'value'; readonly carried: string }

/** What rules see: the tree without what `with` replaced, the mocks, and a number that tells generations apart. */
export interface Frame {
  readonly tree: RuleTree
  readonly mocks: ReadonlyMap<string, Mock>
  readonly generation: number
  /** Hidden variables that hold what replaces functions; every function of the frame takes and passes them. */
  readonly carried: readonly string[]
  readonly planned: Map<TreeNode, string>
}

/** Plans one policy. */
export class Planner {
  readonly builder: Builder = new Builder()
  readonly compilation: Compilation
  #frame: Frame
  #generations = 0
  #mocks = 0
  #vars: Map<string, Local>[] = []

  constructor(compilation: Compilation) {
    this.compilation = compilation
    this.#frame = {
      tree: mergeTree(compilation.tree),
      mocks: new Map(),
      generation: 0,
      carried: [],
      planned: new Map(),
    }
  }

  get frame(): Frame {
    return this.#frame
  }

  /** Runs with variables of its own, beginning with these. */
  withVars<T>(vars: ReadonlyMap<string, Local>, work: () => T): T {
    const before = this.#vars
    this.#vars = [new Map(vars)]
    try {
      return work()
    } finally {
      this.#vars = before
    }
  }

  bind(name: string, local: Local): void {
    this.#vars.at(-1)?.set(name, local)
  }

  bound(name: string): Local | undefined {
    for (let index = this.#vars.length - 1; index >= 0; index--) {
      const local = this.#vars[index]?.get(name)
      if (local !== undefined) return local
    }
    return undefined
  }

  /** Variables that the work binds are forgotten afterwards. */
  scoped<T>(work: () => T): T {
    this.#vars.push(new Map())
    try {
      return work()
    } finally {
      this.#vars.pop()
    }
  }

  body(body: Body, index: number, then: () => void): void {
    const expr = body[index]
    if (expr === undefined) {
      then()
      return
    }
    this.expr(expr, () => this.body(body, index + 1, then))
  }

  expr(expr: Expr, then: () => void): void {
    this.builder.at(expr.location)
    if (expr.negated) {
      this.#not([{ ...expr, negated: false }])
      then()
      return
    }
    if (expr.with.length > 0) {
      this.#with(expr, then)
      return
    }
    switch (expr.kind) {
      case 'term':
        if (expr.term.kind === 'boolean') {
          if (!expr.term.value) this.builder.emit({ kind: 'BreakStmt', index: 0 })
          then()
          return
        }
        this.term(expr.term, (value) => {
          if (canBeFalse(expr.term)) this.builder.emit({ kind: 'NotEqualStmt', a: value, b: boolOperand(false) })
          then()
        })
        return
      case 'call':
        this.#call(expr, then)
        return
      case 'every':
        this.#every(expr, then)
        return
      case 'not_body':
        this.#not(expr.body)
        then()
        return
      case 'and':
        this.#logic(expr.left, expr.right, then)
        return
      case 'or':
        this.#or(expr.left, expr.right, then)
        return
      case 'some':
      case 'some_in':
        then()
        return
      default:
        unreachable(expr)
    }
  }

  #not(body: Body): void {
    const block = this.builder.block(() => this.scoped(() => this.body(body, 0, () => undefined)))
    // A body that iterates is defined as soon as one of its turns is, which a mark outside the loops tells.
    if (!hasScan(block)) {
      this.builder.emit({ kind: 'NotStmt', block })
      return
    }
    const mark = this.builder.local()
    this.builder.emit({ kind: 'ResetLocalStmt', target: mark })
    const marked = this.builder.block(() =>
      this.scoped(() =>
        this.body(body, 0, () => this.builder.emit({ kind: 'AssignVarStmt', source: boolOperand(true), target: mark })),
      ),
    )
    this.builder.emit({ kind: 'BlockStmt', blocks: [marked] })
    this.builder.emit({ kind: 'IsUndefinedStmt', source: mark })
  }

  #logic(left: Body, right: Body, then: () => void): void {
    for (const side of [left, right]) {
      const mark = this.#holds([side])
      this.builder.emit({ kind: 'IsDefinedStmt', source: mark })
    }
    then()
  }

  #or(left: Body, right: Body, then: () => void): void {
    const mark = this.#holds([left, right])
    this.builder.emit({ kind: 'IsDefinedStmt', source: mark })
    then()
  }

  /** A local that is defined when one of the bodies holds. */
  #holds(bodies: readonly Body[]): Local {
    const mark = this.builder.local()
    this.builder.emit({ kind: 'ResetLocalStmt', target: mark })
    for (const body of bodies) {
      const block = this.builder.block(() => {
        this.builder.emit({ kind: 'IsUndefinedStmt', source: mark })
        this.scoped(() =>
          this.body(body, 0, () =>
            this.builder.emit({ kind: 'AssignVarStmt', source: boolOperand(true), target: mark }),
          ),
        )
      })
      this.builder.emit({ kind: 'BlockStmt', blocks: [block] })
    }
    return mark
  }

  #every(expr: Extract<Expr, { kind: 'every' }>, then: () => void): void {
    const { builder } = this
    this.term(expr.domain, (domain) => {
      const source = this.#toLocal(domain)
      const failed = builder.local()
      const kinds = (['IsArrayStmt', 'IsSetStmt', 'IsObjectStmt'] as const).map((kind) =>
        builder.block(() => {
          builder.emit({ kind, source: localOperand(source) })
          builder.emit({ kind: 'BreakStmt', index: 1 })
        }),
      )
      // One of the three blocks leaves; when none does, the domain is no collection and `every` is undefined.
      const check = builder.block(() => {
        for (const block of kinds) builder.emit({ kind: 'BlockStmt', blocks: [block] })
        builder.emit({ kind: 'BreakStmt', index: 1 })
      })
      builder.emit({ kind: 'BlockStmt', blocks: [check] })
      builder.emit({ kind: 'ResetLocalStmt', target: failed })
      const key = builder.local()
      const value = builder.local()
      const block = builder.block(() =>
        this.scoped(() => {
          const holds = builder.local()
          builder.emit({ kind: 'ResetLocalStmt', target: holds })
          const inner = builder.block(() => {
            if (expr.key !== undefined && !expr.key.name.startsWith('$')) this.bind(expr.key.name, key)
            if (!expr.value.name.startsWith('$')) this.bind(expr.value.name, value)
            this.body(expr.body, 0, () =>
              builder.emit({ kind: 'AssignVarStmt', source: boolOperand(true), target: holds }),
            )
          })
          builder.emit({ kind: 'BlockStmt', blocks: [inner] })
          builder.emit({ kind: 'IsUndefinedStmt', source: holds })
          builder.emit({ kind: 'AssignVarStmt', source: boolOperand(true), target: failed })
        }),
      )
      builder.emit({ kind: 'ScanStmt', source, key, value, block })
      builder.emit({ kind: 'IsUndefinedStmt', source: failed })
      then()
    })
  }

  #call(expr: Extract<Expr, { kind: 'call' }>, then: () => void): void {
    const { operator, args } = expr
    if (operator.kind === 'var' && operator.name === 'eq') {
      const [a, b] = args
      if (a !== undefined && b !== undefined) {
        this.unify(a, b, then)
        return
      }
    }
    const name = operatorName(operator) ?? ''
    const callee = this.compilation.callee(operator)
    if (callee === undefined) throw new TypeError(`checked calls have a callee: ${name}`)
    const inputs = args.slice(
      0,
      callee.arity === 0 && callee.kind === 'builtin' && callee.declaration.decl.variadic !== undefined
        ? args.length
        : callee.arity,
    )
    const output = args[inputs.length]
    this.#operands(inputs, 0, [], (operands) => {
      this.#invoke(callee, name, operands, (result, relation, isVoid) => {
        if (relation) this.#eachOf(result, output, then)
        else if (isVoid) then()
        else if (output === undefined) {
          this.builder.emit({ kind: 'NotEqualStmt', a: result, b: boolOperand(false) })
          then()
        } else this.unifyLocal(result, output, then)
      })
    })
  }

  /** Calls a function, or what replaces it. */
  #invoke(
    callee: Callee,
    name: string,
    operands: readonly Operand[],
    then: (result: Operand, relation: boolean, isVoid: boolean) => void,
  ): void {
    const mock = this.#frame.mocks.get(name)
    if (mock?.kind === 'value') {
      const local = this.bound(mock.carried)
      if (local === undefined) throw new TypeError('a frame passes on what its mocks need')
      then(localOperand(local), false, false)
      return
    }
    if (mock !== undefined) {
      const target = this.compilation.callee(mock.target)
      if (target === undefined) throw new TypeError('a mock is checked before it is planned')
      // What replaces a function sees no mocks: it may call what it replaces, and calls no other mock.
      const mocks = new Map<string, Mock>()
      this.#inFrame({ ...this.#frame, mocks, generation: ++this.#generations, planned: new Map() }, () =>
        this.#plainCall(target, operands, then),
      )
      return
    }
    this.#plainCall(callee, operands, then)
  }

  #plainCall(
    callee: Callee,
    operands: readonly Operand[],
    then: (result: Operand, relation: boolean, isVoid: boolean) => void,
  ): void {
    const result = this.builder.local()
    if (callee.kind === 'builtin') {
      const func = this.builder.builtin(callee.declaration)
      this.builder.emit({ kind: 'CallStmt', func, args: operands, result })
      then(localOperand(result), callee.declaration.relation === true, callee.void)
      return
    }
    const node = this.#frame.tree.find(callee.path)
    const func = node === undefined || node.rules.length === 0 ? undefined : this.#ruleFunction(node, callee.path)
    if (func === undefined) {
      // The function was replaced away with its package: a call of nothing is undefined.
      this.builder.emit({ kind: 'BreakStmt', index: 0 })
      return
    }
    this.builder.emit({ kind: 'CallStmt', func, args: [...this.#passed(), ...operands], result })
    then(localOperand(result), false, false)
  }

  /** A relation's result is a list of results; each of them counts. */
  #eachOf(result: Operand, output: Term | undefined, then: () => void): void {
    const { builder } = this
    if (output === undefined) {
      const length = builder.local()
      const zero = builder.local()
      builder.emit({ kind: 'LenStmt', source: result, target: length })
      builder.emit({ kind: 'MakeNumberIntStmt', value: 0n, target: zero })
      builder.emit({ kind: 'NotEqualStmt', a: localOperand(length), b: localOperand(zero) })
      then()
      return
    }
    const key = builder.local()
    const value = builder.local()
    const block = builder.block(() => this.unifyLocal(localOperand(value), output, then))
    builder.emit({ kind: 'ScanStmt', source: this.#toLocal(result), key, value, block })
  }

  #operands(
    terms: readonly Term[],
    index: number,
    done: readonly Operand[],
    then: (operands: readonly Operand[]) => void,
  ): void {
    const term = terms[index]
    if (term === undefined) then(done)
    else this.term(term, (value) => this.#operands(terms, index + 1, [...done, value], then))
  }

  #ruleFunction(node: TreeNode, path: readonly string[]): string {
    const { planned, generation } = this.#frame
    let name = planned.get(node)
    if (name === undefined) {
      name = `g${generation}.data.${path.join('.')}`
      planned.set(node, name)
      planRules(this, name, generation, path, node.rules)
    }
    return name
  }

  // Unification

  unify(a: Term, b: Term, then: () => void): void {
    if (isVariable(a)) {
      this.#unifyVar(a, b, then)
      return
    }
    if (isVariable(b)) {
      this.#unifyVar(b, a, then)
      return
    }
    if (a.kind === 'array' && b.kind === 'array') {
      if (a.items.length !== b.items.length) this.builder.emit({ kind: 'BreakStmt', index: 0 })
      else
        this.#unifyPairs(
          a.items.map((item, index) => [item, b.items[index] ?? item] as const),
          0,
          then,
        )
      return
    }
    if (a.kind === 'object' && b.kind === 'object' && !this.#isBound(a) && !this.#isBound(b)) {
      this.#unifyObjects(a, b, then)
      return
    }
    const fromB = (a.kind === 'array' || a.kind === 'object') && !this.#isBound(a)
    if (fromB) this.term(b, (value) => this.unifyLocal(value, a, then))
    else this.term(a, (value) => this.unifyLocal(value, b, then))
  }

  #unifyPairs(pairs: readonly (readonly [Term, Term])[], index: number, then: () => void): void {
    const pair = pairs[index]
    if (pair === undefined) then()
    else this.unify(pair[0], pair[1], () => this.#unifyPairs(pairs, index + 1, then))
  }

  #unifyObjects(a: Extract<Term, { kind: 'object' }>, b: Extract<Term, { kind: 'object' }>, then: () => void): void {
    const keyOf = (term: Term): string =>
      JSON.stringify(
        term.kind === 'string'
          ? ['s', term.value]
          : term.kind === 'number'
            ? ['n', term.text]
            : term.kind === 'boolean'
              ? ['b', term.value]
              : term.kind === 'var'
                ? ['v', term.name]
                : [term.kind],
      )
    const others = new Map(b.entries.map(([key, value]) => [keyOf(key), value]))
    const pairs = a.entries.map(([key, value]) => [value, others.get(keyOf(key))] as const)
    if (a.entries.length !== b.entries.length || pairs.some(([, other]) => other === undefined))
      this.builder.emit({ kind: 'BreakStmt', index: 0 })
    else
      this.#unifyPairs(
        pairs.map(([value, other]) => [value, other ?? value] as const),
        0,
        then,
      )
  }

  #unifyVar(a: VarTerm, b: Term, then: () => void): void {
    const local = this.bound(a.name)
    if (local !== undefined) {
      this.unifyLocal(localOperand(local), b, then)
      return
    }
    this.term(b, (value) => {
      const target = this.builder.local()
      this.bind(a.name, target)
      this.builder.emit({ kind: 'AssignVarStmt', source: value, target })
      then()
    })
  }

  /** Unifies a value with a term; variables of the term that are not bound yet are bound by it. */
  unifyLocal(value: Operand, term: Term, then: () => void): void {
    switch (term.kind) {
      case 'var': {
        if (!isVariable(term)) break
        const local = this.bound(term.name)
        if (local !== undefined) {
          this.builder.emit({ kind: 'EqualStmt', a: value, b: localOperand(local) })
          then()
          return
        }
        const target = this.builder.local()
        this.bind(term.name, target)
        this.builder.emit({ kind: 'AssignVarStmt', source: value, target })
        then()
        return
      }
      case 'array':
        if (this.#isBound(term)) break
        this.#unifyArray(value, term.items, then)
        return
      case 'object':
        if (this.#isBound(term)) break
        this.#unifyObject(value, term.entries, then)
        return
      default:
    }
    this.term(term, (other) => {
      this.builder.emit({ kind: 'EqualStmt', a: value, b: other })
      then()
    })
  }

  #unifyArray(value: Operand, items: readonly Term[], then: () => void): void {
    const { builder } = this
    builder.emit({ kind: 'IsArrayStmt', source: value })
    this.#sameLength(value, items.length)
    const next = (index: number): void => {
      const item = items[index]
      if (item === undefined) {
        then()
        return
      }
      const key = builder.local()
      const element = builder.local()
      builder.emit({ kind: 'MakeNumberIntStmt', value: BigInt(index), target: key })
      builder.emit({ kind: 'DotStmt', source: value, key: localOperand(key), target: element })
      this.unifyLocal(localOperand(element), item, () => next(index + 1))
    }
    next(0)
  }

  #unifyObject(value: Operand, entries: readonly (readonly [Term, Term])[], then: () => void): void {
    const { builder } = this
    builder.emit({ kind: 'IsObjectStmt', source: value })
    this.#sameLength(value, entries.length)
    const next = (index: number): void => {
      const entry = entries[index]
      if (entry === undefined) {
        then()
        return
      }
      this.term(entry[0], (key) => {
        const element = builder.local()
        builder.emit({ kind: 'DotStmt', source: value, key, target: element })
        this.unifyLocal(localOperand(element), entry[1], () => next(index + 1))
      })
    }
    next(0)
  }

  #sameLength(value: Operand, length: number): void {
    const { builder } = this
    const wanted = builder.local()
    const found = builder.local()
    builder.emit({ kind: 'MakeNumberIntStmt', value: BigInt(length), target: wanted })
    builder.emit({ kind: 'LenStmt', source: value, target: found })
    builder.emit({ kind: 'EqualStmt', a: localOperand(found), b: localOperand(wanted) })
  }

  /** True when every variable of a term is bound, so that it can be built and compared whole. */
  #isBound(term: Term): boolean {
    let all = true
    visitTerm(term, {
      term: (inner) => {
        if (isVariable(inner) && this.bound(inner.name) === undefined) all = false
        return inner.kind === 'comprehension' || !all
      },
    })
    return all
  }

  // Terms

  term(term: Term, then: Then): void {
    const { builder } = this
    switch (term.kind) {
      case 'null': {
        const target = builder.local()
        builder.emit({ kind: 'MakeNullStmt', target })
        then(localOperand(target))
        return
      }
      case 'boolean':
        then(boolOperand(term.value))
        return
      case 'number': {
        const target = builder.local()
        builder.emit({ kind: 'MakeNumberRefStmt', index: builder.string(term.text), target })
        then(localOperand(target))
        return
      }
      case 'string':
        then(builder.stringOperand(term.value))
        return
      case 'var':
        if (term.name === 'data') this.#data([], 0, [], term, then)
        else if (term.name === 'input') {
          builder.emit({ kind: 'IsDefinedStmt', source: INPUT })
          then(localOperand(INPUT))
        } else then(localOperand(this.bound(term.name) ?? builder.local()))
        return
      case 'ref':
        this.#ref(term, then)
        return
      case 'array': {
        const target = builder.local()
        builder.emit({ kind: 'MakeArrayStmt', capacity: term.items.length, target })
        this.#collect(
          term.items,
          0,
          (value) => builder.emit({ kind: 'ArrayAppendStmt', value, array: target }),
          () => then(localOperand(target)),
        )
        return
      }
      case 'set': {
        const target = builder.local()
        builder.emit({ kind: 'MakeSetStmt', target })
        this.#collect(
          term.items,
          0,
          (value) => builder.emit({ kind: 'SetAddStmt', value, set: target }),
          () => then(localOperand(target)),
        )
        return
      }
      case 'object': {
        const target = builder.local()
        builder.emit({ kind: 'MakeObjectStmt', target })
        this.#entries(term.entries, 0, target, () => then(localOperand(target)))
        return
      }
      case 'comprehension':
        this.#comprehension(term, then)
        return
      case 'call':
      case 'template':
        throw new TypeError(`a ${term.kind} is rewritten before planning`)
      default:
        unreachable(term)
    }
  }

  #collect(terms: readonly Term[], index: number, add: (value: Operand) => void, then: () => void): void {
    const term = terms[index]
    if (term === undefined) then()
    else
      this.term(term, (value) => {
        add(value)
        this.#collect(terms, index + 1, add, then)
      })
  }

  #entries(entries: readonly (readonly [Term, Term])[], index: number, object: Local, then: () => void): void {
    const entry = entries[index]
    if (entry === undefined) {
      then()
      return
    }
    this.term(entry[0], (key) =>
      this.term(entry[1], (value) => {
        this.builder.emit({ kind: 'ObjectInsertStmt', key, value, object })
        this.#entries(entries, index + 1, object, then)
      }),
    )
  }

  #comprehension(term: Extract<Term, { kind: 'comprehension' }>, then: Then): void {
    const { builder } = this
    const target = builder.local()
    if (term.of === 'array') builder.emit({ kind: 'MakeArrayStmt', capacity: 0, target })
    else if (term.of === 'set') builder.emit({ kind: 'MakeSetStmt', target })
    else builder.emit({ kind: 'MakeObjectStmt', target })
    const block = builder.block(() =>
      this.scoped(() =>
        this.body(term.body, 0, () => {
          const { key } = term
          if (key !== undefined)
            this.term(key, (k) =>
              this.term(term.value, (value) =>
                builder.emit({ kind: 'ObjectInsertOnceStmt', key: k, value, object: target }),
              ),
            )
          else if (term.of === 'array')
            this.term(term.value, (value) => builder.emit({ kind: 'ArrayAppendStmt', value, array: target }))
          else this.term(term.value, (value) => builder.emit({ kind: 'SetAddStmt', value, set: target }))
        }),
      ),
    )
    builder.emit({ kind: 'BlockStmt', blocks: [block] })
    then(localOperand(target))
  }

  // References

  #ref(term: RefTerm, then: Then): void {
    const { head } = term
    if (head.kind === 'var' && head.name === 'data') {
      this.#data(term.path, 0, [], term, then)
      return
    }
    this.term(head, (value) => this.steps(value, term.path, 0, then))
  }

  /** Follows the steps of a reference from a value. A variable that is not bound yet iterates. */
  steps(value: Operand, path: readonly Term[], index: number, then: Then): void {
    const step = path[index]
    if (step === undefined) {
      then(value)
      return
    }
    if (this.#isBound(step)) {
      this.term(step, (key) => {
        const target = this.builder.local()
        this.builder.emit({ kind: 'DotStmt', source: value, key, target })
        this.steps(localOperand(target), path, index + 1, then)
      })
      return
    }
    this.#scan(value, step, (element) => this.steps(element, path, index + 1, then))
  }

  #scan(value: Operand, step: Term, then: (element: Operand, key: Local) => void): void {
    const { builder } = this
    const source = this.#toLocal(value)
    const key = builder.local()
    const element = builder.local()
    const block = builder.block(() =>
      this.scoped(() => this.unifyLocal(localOperand(key), step, () => then(localOperand(element), key))),
    )
    builder.emit({ kind: 'ScanStmt', source, key, value: element, block })
  }

  #toLocal(value: Operand): Local {
    if (value.kind === 'local') return value.value
    const target = this.builder.local()
    this.builder.emit({ kind: 'AssignVarStmt', source: value, target })
    return target
  }

  /**
   * Follows a reference into `data`: through packages while its steps are known, into a rule when one stands there, over
   * all children where a step is open. `taken` are the steps so far.
   */
  #data(path: readonly Term[], index: number, taken: readonly string[], place: Term, then: Then): void {
    const node = this.#frame.tree.find(taken)
    if (node !== undefined && node.rules.length > 0) {
      const [rule] = node.rules
      if ((rule?.head.args?.length ?? 0) > 0) {
        // A function without its arguments is no value.
        this.builder.emit({ kind: 'BreakStmt', index: 0 })
        return
      }
      const func = this.#ruleFunction(node, taken)
      const result = this.builder.local()
      this.builder.emit({ kind: 'CallStmt', func, args: this.#passed(), result })
      this.steps(localOperand(result), path, index, then)
      return
    }
    if (node === undefined || node.children.size === 0) {
      if (node === undefined || index < path.length) {
        this.#base(taken, (value) => this.steps(value, path, index, then))
        return
      }
    }
    const step = path[index]
    if (step === undefined) {
      this.#extent(taken, node, then)
      return
    }
    if (step.kind === 'string') {
      this.#data(path, index + 1, [...taken, step.value], place, then)
      return
    }
    this.#children(path, index, taken, node, step, place, then)
  }

  /** An open step: each child that rules make, then what the base document has besides. */
  #children(
    path: readonly Term[],
    index: number,
    taken: readonly string[],
    node: TreeNode,
    step: Term,
    place: Term,
    then: Then,
  ): void {
    const { builder } = this
    const names = [...node.children.keys()].sort()
    const blocks = names.map((name) =>
      builder.block(() =>
        this.scoped(() =>
          this.unifyLocal(builder.stringOperand(name), step, () =>
            this.#data(path, index + 1, [...taken, name], place, then),
          ),
        ),
      ),
    )
    const base = builder.block(() =>
      this.#base(taken, (value) => {
        const known = builder.local()
        builder.emit({ kind: 'MakeSetStmt', target: known })
        for (const name of names) builder.emit({ kind: 'SetAddStmt', value: builder.stringOperand(name), set: known })
        this.#scan(value, step, (element, key) => {
          const found = builder.local()
          const isKnown = builder.block(() =>
            builder.emit({ kind: 'DotStmt', source: localOperand(known), key: localOperand(key), target: found }),
          )
          builder.emit({ kind: 'NotStmt', block: isKnown })
          this.steps(element, path, index + 1, then)
        })
      }),
    )
    builder.emit({ kind: 'BlockStmt', blocks: [...blocks, base] })
  }

  /** The base document at a path. */
  #base(path: readonly string[], then: Then): void {
    let value: Operand = localOperand(DATA)
    for (const name of path) {
      const target = this.builder.local()
      this.builder.emit({ kind: 'DotStmt', source: value, key: this.builder.stringOperand(name), target })
      value = localOperand(target)
    }
    then(value)
  }

  /** All of a package: what its rules make, merged with its base document. */
  #extent(taken: readonly string[], node: TreeNode, then: Then): void {
    const { builder } = this
    const made = this.#madeBy(taken, node)
    const target = builder.local()
    const merged = builder.block(() =>
      this.#base(taken, (value) => {
        builder.emit({ kind: 'ObjectMergeStmt', a: this.#toLocal(value), b: made, target })
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

  #madeBy(taken: readonly string[], node: TreeNode): Local {
    const { builder } = this
    const object = builder.local()
    builder.emit({ kind: 'MakeObjectStmt', target: object })
    for (const name of [...node.children.keys()].sort()) {
      const child = node.children.get(name)
      if (child === undefined || (child.rules[0]?.head.args?.length ?? 0) > 0) continue
      const key = builder.stringOperand(name)
      if (child.rules.length === 0) {
        const inner = this.#madeBy([...taken, name], child)
        builder.emit({ kind: 'ObjectInsertStmt', key, value: localOperand(inner), object })
        continue
      }
      const func = this.#ruleFunction(child, [...taken, name])
      const block = builder.block(() => {
        const value = builder.local()
        builder.emit({ kind: 'CallStmt', func, args: this.#passed(), result: value })
        builder.emit({ kind: 'ObjectInsertStmt', key, value: localOperand(value), object })
      })
      builder.emit({ kind: 'BlockStmt', blocks: [block] })
    }
    return object
  }

  // With

  #with(expr: Expr, then: () => void): void {
    const before = this.#frame
    const documents: { readonly local: Local; readonly path: readonly string[]; readonly value: Term }[] = []
    const replacements: { readonly name: string; readonly value: Term }[] = []
    let { tree } = before
    const mocks = new Map(before.mocks)
    let changed = false
    for (const one of expr.with) {
      const document = one.mock === undefined ? documentOf(one) : undefined
      if (document === undefined) {
        const replacement = addMock(one, mocks, () => `%mock${this.#mocks++}`)
        if (replacement !== undefined) replacements.push(replacement)
        changed = true
        continue
      }
      documents.push(document)
      if (document.local === DATA && (tree.find(document.path) !== undefined || document.path.length === 0)) {
        tree = tree.without(document.path)
        changed = true
      }
    }
    const carried = [...before.carried, ...replacements.map((one) => one.name)]
    const frame = changed
      ? { tree, mocks, generation: ++this.#generations, carried, planned: new Map<TreeNode, string>() }
      : before
    this.#operands(
      [...documents, ...replacements].map((one) => one.value),
      0,
      [],
      (values) => {
        for (const [index, one] of replacements.entries()) {
          const value = values[documents.length + index]
          if (value !== undefined) this.bind(one.name, this.#toLocal(value))
        }
        const saved = [...new Set(documents.map((one) => one.local))].map((local) => {
          const copy = this.builder.local()
          this.builder.emit({ kind: 'AssignVarStmt', source: localOperand(local), target: copy })
          return { local, copy }
        })
        const restore = (index: number): void => {
          const one = saved[index]
          if (one === undefined) {
            this.#inFrame(before, then)
            return
          }
          const block = this.builder.block(() => restore(index + 1))
          this.builder.emit({ kind: 'WithStmt', local: one.local, path: [], value: localOperand(one.copy), block })
        }
        const replace = (index: number): void => {
          const one = documents[index]
          const value = values[index]
          if (one === undefined || value === undefined) {
            this.#inFrame(frame, () => this.expr({ ...expr, with: [] }, () => restore(0)))
            return
          }
          const block = this.builder.block(() => replace(index + 1))
          this.builder.emit({
            kind: 'WithStmt',
            local: one.local,
            path: one.path.map((name) => this.builder.string(name)),
            value,
            block,
          })
        }
        replace(0)
      },
    )
  }

  /** What every function gets first. */
  #passed(): readonly Operand[] {
    const carried = this.#frame.carried.map((name) => this.bound(name))
    return [INPUT, DATA, ...carried].map((local) => {
      if (local === undefined) throw new TypeError('a frame passes on what its mocks need')
      return localOperand(local)
    })
  }

  #inFrame(frame: Frame, work: () => void): void {
    const before = this.#frame
    this.#frame = frame
    try {
      work()
    } finally {
      this.#frame = before
    }
  }

  /** Plans a rule's function apart from what is being planned now. */
  apart<T>(work: () => T): T {
    return this.builder.func(work)
  }

  /** Rules as they are seen from here. */
  rulesAt(path: readonly string[]): readonly Rule[] {
    return this.#frame.tree.find(path)?.rules ?? []
  }
}

function documentOf(
  one: With,
): { readonly local: Local; readonly path: readonly string[]; readonly value: Term } | undefined {
  const { target, value } = one
  const head = target.kind === 'ref' ? target.head : target
  if (head.kind !== 'var' || (head.name !== 'input' && head.name !== 'data')) return undefined
  const steps = target.kind === 'ref' ? target.path : []
  if (!steps.every((step) => step.kind === 'string')) return undefined
  return {
    local: head.name === 'input' ? INPUT : DATA,
    path: steps.map((step) => (step.kind === 'string' ? step.value : '')),
    value,
  }
}

/** Notes what replaces a function; a value that replaces it must be planned and carried. */
function addMock(
  one: With,
  mocks: Map<string, Mock>,
  fresh: () => string,
): { readonly name: string; readonly value: Term } | undefined {
  const { target, value } = one
  if (target.kind !== 'var' && target.kind !== 'ref') return undefined
  const name = operatorName(target) ?? ''
  if (one.mock === 'function' && (value.kind === 'var' || value.kind === 'ref')) {
    mocks.set(name, { kind: 'function', target: value })
    return undefined
  }
  const carried = fresh()
  mocks.set(name, { kind: 'value', carried })
  return { name: carried, value }
}

function isVariable(term: Term): term is VarTerm {
  return term.kind === 'var' && term.name !== 'input' && term.name !== 'data'
}

function canBeFalse(term: Term): boolean {
  return term.kind === 'var' || term.kind === 'ref'
}

function hasScan(block: Block): boolean {
  return block.stmts.some(
    (stmt) =>
      stmt.kind === 'ScanStmt' ||
      (stmt.kind === 'WithStmt' && hasScan(stmt.block)) ||
      (stmt.kind === 'BlockStmt' && stmt.blocks.some(hasScan)),
  )
}
