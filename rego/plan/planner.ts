// Bodies to statements. What follows an expression is planned inside it, as a continuation: a binding holds for all
// that comes after it, and an iteration runs all of that for each element.

import type { Compilation } from '../compile/context.ts'
import { mergeTree, type TreeNode } from '../compile/tree.ts'
import { DATA, INPUT, type Local, type Operand } from '../ir/index.ts'
import type { Body, Expr, Term } from '../syntax/index.ts'
import { unreachable } from '../unreachable.ts'
import { againFor, Builder, boolOperand, localOperand, replaceLess } from './builder.ts'
import { planCall } from './calls.ts'
import { planAnd, planEvery, planNot, planOr } from './closures.ts'
import { Frame, type PlannedFrame, plannedFrame } from './frame.ts'
import { Reach } from './reach.ts'
import { planSteps } from './references.ts'
import { planWith } from './replacements.ts'
import { partOf, planRules } from './rules.ts'
import { isStraight } from './straight.ts'
import { planTerm } from './terms.ts'
import { planUnify, planUnifyLocal } from './unify.ts'

/** Goes on after a value was planned; the value is in the operand. */
export type Then = (value: Operand) => void

/** Within so many open blocks a function is planned where it is first called; chains of rules can be longer than the stack. */
const plannedInsideMax = 60

/** Functions that are planned again for what `with` replaces: more than any policy has rules. */
const copiesMax = 20_000

/** A function to call, and what it gets first. */
export interface PlannedFunction {
  readonly func: string
  readonly passed: readonly Operand[]
}

/** Plans one policy. */
export class Planner {
  readonly builder: Builder = new Builder()
  readonly compilation: Compilation
  #frame: Frame
  readonly #whole: PlannedFrame
  readonly #frames = new Map<string, PlannedFrame>()
  #reach: Reach | undefined
  /** Parts of rules that are planned together, by where they stand and the steps that follow. */
  readonly #parts = new Map<string, TreeNode>()
  #copies = 0
  #mocks = 0
  #vars: Map<string, Local>[] = []
  readonly #later: (() => void)[] = []

  constructor(compilation: Compilation) {
    this.compilation = compilation
    this.#whole = plannedFrame(new Frame(mergeTree(compilation.tree)), 0)
    this.#frame = this.#whole.frame
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

  /** Expressions one after the other; those that hold at most once go by in a loop, since bodies can be long. */
  body(body: Body, from: number, then: () => void): void {
    for (let index = from; index < body.length; index++) {
      const expr = body[index]
      if (expr === undefined) break
      if (!isStraight(this, expr)) {
        this.expr(expr, () => this.body(body, index + 1, then))
        return
      }
      let goesOn = false
      this.expr(expr, () => {
        goesOn = true
      })
      // What can never hold ends the body.
      if (!goesOn) return
    }
    then()
  }

  expr(expr: Expr, then: () => void): void {
    this.builder.at(expr.location)
    if (expr.negated) {
      planNot(this, [{ ...expr, negated: false }])
      then()
      return
    }
    if (expr.with.length > 0) {
      planWith(this, expr, then)
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
        planCall(this, expr, then)
        return
      case 'every':
        planEvery(this, expr, then)
        return
      case 'not_body':
        planNot(this, expr.body)
        then()
        return
      case 'and':
        planAnd(this, expr.left, expr.right, then)
        return
      case 'or':
        planOr(this, expr.left, expr.right, then)
        return
      case 'some':
      case 'some_in':
        then()
        return
      default:
        unreachable(expr)
    }
  }

  /** A hidden variable for what replaces a function. */
  nextMock(): string {
    return `%mock${this.#mocks++}`
  }

  /** The value of a term. */
  term(term: Term, then: Then): void {
    planTerm(this, term, then)
  }

  /** Follows the steps of a reference from a value. A variable that is not bound yet iterates. */
  steps(value: Operand, path: readonly Term[], index: number, then: Then): void {
    planSteps(this, value, path, index, then)
  }

  /** Makes two terms the same. */
  unify(a: Term, b: Term, then: () => void): void {
    planUnify(this, a, b, then)
  }

  /** Unifies a value with a term; variables of the term that are not bound yet are bound by it. */
  unifyLocal(value: Operand, term: Term, then: () => void): void {
    planUnifyLocal(this, value, term, then)
  }

  /**
   * The function of the rules at a place, planned when it is first asked for. `steps` are those that follow: where rules
   * that are planned together read each other, only those that the steps can come to are called.
   */
  ruleFunction(node: TreeNode, path: readonly string[], steps: readonly Term[] = []): PlannedFunction {
    const seen = this.#planning(node)
    const part = this.#partFor(node, path, steps)
    let name = seen.planned.get(part)
    if (name === undefined) {
      name = `g${seen.generation}.data.${path.join('.')}`
      if (part !== node) name += JSON.stringify(constantSteps(steps))
      seen.planned.set(part, name)
      const isCopy = seen !== this.#whole
      if (isCopy && ++this.#copies > copiesMax)
        throw this.builder.limit(`more than ${copiesMax} rules ${againFor}`, replaceLess)
      const called = name
      const plan = (): void =>
        this.builder.copying(isCopy, () => this.inFrame(seen.frame, () => planRules(this, called, seen, path, part)))
      if (this.builder.open < plannedInsideMax) plan()
      else this.#later.push(plan)
    }
    return { func: name, passed: this.#passed(seen) }
  }

  #partFor(node: TreeNode, path: readonly string[], steps: readonly Term[]): TreeNode {
    const names = constantSteps(steps)
    if (node.below === undefined || names.length === 0) return node
    const key = JSON.stringify([path, names])
    let part = this.#parts.get(key)
    if (part === undefined) {
      const readsItself = this.#reaching(this.#frame).to({ kind: 'data', path }).has(node)
      part = readsItself ? partOf(node, names) : node
      this.#parts.set(key, part)
    }
    return part
  }

  #reaching({ tree }: Frame): Reach {
    this.#reach ??= new Reach(tree.root, (message) => this.builder.limit(message, replaceLess))
    return this.#reach
  }

  /** The frame that the rules of a node are planned in when they are called from here. */
  #planning(node: TreeNode): PlannedFrame {
    const frame = this.#frame
    if (frame.isWhole) return this.#whole
    let seen = frame.narrowed.get(node)
    if (seen === undefined) {
      const part = frame.partFor(node, this.#reaching(frame))
      const key = part.key()
      seen = part.isWhole ? this.#whole : this.#frames.get(key)
      if (seen === undefined) {
        seen = plannedFrame(part, this.#frames.size + 1)
        this.#frames.set(key, seen)
      }
      frame.narrowed.set(node, seen)
    }
    return seen
  }

  /** Plans the functions that were left for later. */
  finish(): void {
    for (let plan = this.#later.shift(); plan !== undefined; plan = this.#later.shift()) plan()
  }

  /** What a function gets first that is planned in a frame. */
  #passed({ valued }: PlannedFrame): readonly Operand[] {
    const carried = valued.map((name) => {
      const by = this.#frame.mocks.get(name)?.by
      return by?.kind === 'value' ? this.bound(by.carried) : undefined
    })
    return [INPUT, DATA, ...carried].map((local) => {
      if (local === undefined) throw new TypeError('a frame passes on what its mocks need')
      return localOperand(local)
    })
  }

  /** Runs with what rules see changed. */
  inFrame(frame: Frame, work: () => void): void {
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
}

function constantSteps(steps: readonly Term[]): readonly string[] {
  const names: string[] = []
  for (const step of steps) {
    if (step.kind !== 'string') break
    names.push(step.value)
  }
  return names
}

function canBeFalse(term: Term): boolean {
  return term.kind === 'var' || term.kind === 'ref'
}
