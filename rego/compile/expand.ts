// Calls inside terms become expressions of their own, in evaluation order, each with its result in a variable; so do
// values of `with` that are not constant. A negated expression keeps only its outermost call inside the negation.
import { type Body, callExpr, compact, type Expr, noWiths, type Rule, type Term, type With } from '../syntax/index.ts'
import { isConstant, type Mapping, mapAll, mapTerm, type Visitor, visitTerm } from '../syntax/walk.ts'
import { unreachable } from '../unreachable.ts'
import type { Compilation } from './context.ts'

/** The rule with its calls unnested; what the head computes is computed at the end of the body. */
export function expandRule(rule: Rule, compilation: Compilation): Rule {
  const { head } = rule
  const body = expandBody(rule.body, compilation)
  const inHead = new Expander(compilation)
  const key = head.key === undefined ? undefined : inHead.headPart(head.key, rule.default)
  const value = head.value === undefined ? undefined : inHead.headPart(head.value, rule.default)
  const ref =
    head.ref.kind === 'var'
      ? head.ref
      : { ...head.ref, path: mapAll(head.ref.path, (step) => inHead.headPart(step, rule.default)) }
  const early = new Expander(compilation)
  const args = head.args === undefined ? undefined : mapAll(head.args, (arg) => early.argument(arg))
  return {
    ...rule,
    head: {
      ...head,
      ref,
      ...(args === undefined ? {} : { args }),
      ...(key === undefined ? {} : { key }),
      ...(value === undefined ? {} : { value }),
    },
    body: joined(early.extras, body, inHead.extras),
    ...(rule.else === undefined ? {} : { else: expandRule(rule.else, compilation) }),
  }
}

function joined(early: Body, body: Body, extras: Body): Body {
  return early.length === 0 && extras.length === 0 ? body : [...early, ...body, ...extras]
}

/** The body with its calls unnested. */
export function expandBody(body: Body, compilation: Compilation): Body {
  const all: Expr[] = []
  for (const expr of body) expandExpr(expr, compilation, all)
  return compact(all)
}

/** Adds an expression to a list, behind what its calls and replacements became. */
function expandExpr(expr: Expr, compilation: Compilation, to: Expr[]): void {
  const before = new Expander(compilation)
  const withs = mapAll(expr.with, (one) => before.with(one))
  const inside = new Expander(compilation)
  const done = expanded(expr, inside, compilation)
  to.push(...before.extras)
  for (const extra of inside.extras) to.push(withs.length === 0 ? extra : { ...extra, with: withs })
  to.push(withs === done.with || done.kind === 'some' || done.kind === 'some_in' ? done : { ...done, with: withs })
}

/** The expression without calls in it, but for its own. */
function expanded(expr: Expr, inside: Expander, compilation: Compilation): Expr {
  switch (expr.kind) {
    case 'term': {
      const term = inside.term(expr.term)
      return term === expr.term ? expr : { ...expr, term }
    }
    case 'call': {
      const args = mapAll(expr.args, (arg) => inside.term(arg))
      return args === expr.args ? expr : { ...expr, args }
    }
    case 'every':
      return { ...expr, domain: inside.domain(expr.domain), body: expandBody(expr.body, compilation) }
    case 'not_body':
      return { ...expr, body: expandBody(expr.body, compilation) }
    case 'and':
    case 'or':
      return { ...expr, left: expandBody(expr.left, compilation), right: expandBody(expr.right, compilation) }
    case 'some':
    case 'some_in':
      return expr
    default:
      return unreachable(expr)
  }
}

/** Takes the calls out of terms; they become expressions in `extras`. */
class Expander implements Mapping {
  readonly extras: Expr[] = []
  readonly #compilation: Compilation

  constructor(compilation: Compilation) {
    this.#compilation = compilation
  }

  /** The term without calls. */
  term(term: Term): Term {
    switch (term.kind) {
      case 'call':
        return this.#call(term)
      case 'comprehension':
        return this.#comprehension(term)
      case 'ref': {
        const head = this.term(term.head)
        const path = mapAll(term.path, (step) => this.term(step))
        if (head.kind === 'var') return head === term.head && path === term.path ? term : { ...term, head, path }
        // What is written out is looked into by a name.
        return { ...term, head: this.#named(head), path }
      }
      default:
        return mapTerm(term, this)
    }
  }

  body(body: Body): Body {
    return expandBody(body, this.#compilation)
  }

  /** What a head looks up or collects is computed in the body, where it can iterate. */
  headPart(part: Term, ofDefault: boolean): Term {
    const term = this.term(part)
    // Values of defaults have no body to compute in, and hold at most comprehensions.
    return ofDefault || !needsEvaluation(term) ? term : this.#named(term, false)
  }

  argument(arg: Term): Term {
    return arg.kind === 'call' ? this.term(arg) : arg
  }

  /** What `every` goes through is found before it, where open steps of references bind. */
  domain(term: Term): Term {
    const domain = this.term(term)
    return domain.kind === 'var' || isConstant(domain) ? domain : this.#named(domain)
  }

  with(one: With): With {
    // A function or rule that replaces a function is planned where the function is called.
    if (isConstant(one.value) || one.mock === 'function' || one.mock === 'rule') return one
    const value = this.term(one.value)
    if (value.kind === 'var') return { ...one, value }
    const local = this.#compilation.generate(one.location)
    this.extras.push({ ...callExpr('eq', [local, value], one.location), generated: true })
    return { ...one, value: local }
  }

  #call(term: Extract<Term, { kind: 'call' }>): Term {
    const args = mapAll(term.args, (arg) => this.term(arg))
    const callee = this.#compilation.callee(term.operator)
    if (callee?.kind === 'builtin' && callee.void) {
      this.#compilation.report(
        'rego_type_error',
        `${callee.declaration.name}(${args.length}) used as value`,
        term.location,
        'call it in an expression of its own',
      )
    }
    const local = this.#compilation.generate(term.location, { ...term, args })
    this.extras.push({
      kind: 'call',
      operator: term.operator,
      args: [...args, local],
      negated: false,
      with: noWiths,
      location: term.location,
      generated: true,
    })
    return local
  }

  #comprehension(term: Extract<Term, { kind: 'comprehension' }>): Term {
    const body = this.body(term.body)
    // What a head looks up can iterate, and does so behind the body.
    const inner = new Expander(this.#compilation)
    const key = term.key === undefined ? undefined : inner.headPart(term.key, false)
    const value = inner.headPart(term.value, false)
    return { ...term, ...(key === undefined ? {} : { key }), value, body: joined([], body, inner.extras) }
  }

  /** A variable that equals the term; it stands for the term in messages unless that has no name of its own. */
  #named(term: Term, shown = true): Term {
    const local = shown ? this.#compilation.generate(term.location, term) : this.#compilation.generate(term.location)
    this.extras.push({ ...callExpr('eq', [local, term], term.location), generated: true })
    return local
  }
}

function needsEvaluation(term: Term): boolean {
  switch (term.kind) {
    case 'boolean':
    case 'string':
    case 'number':
    case 'null':
    case 'var':
      return false
    default: {
      const seeker = new EvaluationSeeker()
      visitTerm(term, seeker)
      return seeker.found
    }
  }
}

class EvaluationSeeker implements Visitor {
  found = false

  term(term: Term): boolean {
    if (term.kind === 'ref' || term.kind === 'comprehension') this.found = true
    return this.found
  }
}
