// Calls inside terms become expressions of their own, in evaluation order, each with its result in a variable; so do
// values of `with` that are not constant. A negated expression keeps only its outermost call inside the negation.
import { type Body, callExpr, type Expr, type Rule, type Term, type With } from '../syntax/index.ts'
import { isConstant, mapTerm, visitTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'

/** The rule with its calls unnested; what the head computes is computed at the end of the body. */
export function expandRule(rule: Rule, compilation: Compilation): Rule {
  const { head } = rule
  const extras: Expr[] = []
  const expandHead = (term: Term): Term => expandTerm(term, extras, compilation)
  const body = expandBody(rule.body, compilation)
  // Values of defaults have no body to compute in, and hold at most comprehensions.
  const evaluated = (term: Term): Term =>
    rule.default ? expandHead(term) : hoist(expandHead(term), extras, compilation)
  const key = head.key === undefined ? undefined : evaluated(head.key)
  const value = head.value === undefined ? undefined : evaluated(head.value)
  const ref = head.ref.kind === 'var' ? head.ref : { ...head.ref, path: head.ref.path.map(evaluated) }
  const early: Expr[] = []
  const args = head.args?.map((arg) => (arg.kind === 'call' ? expandTerm(arg, early, compilation) : arg))
  return {
    ...rule,
    head: {
      ...head,
      ref,
      ...(args === undefined ? {} : { args }),
      ...(key === undefined ? {} : { key }),
      ...(value === undefined ? {} : { value }),
    },
    body: [...early, ...body, ...extras],
    ...(rule.else === undefined ? {} : { else: expandRule(rule.else, compilation) }),
  }
}

/** What a head looks up or collects is computed in the body, where it can iterate. */
function hoist(term: Term, extras: Expr[], compilation: Compilation): Term {
  if (!needsEvaluation(term)) return term
  const local = compilation.generate(term.location)
  extras.push({ ...callExpr('eq', [local, term], term.location), generated: true })
  return local
}

function needsEvaluation(term: Term): boolean {
  let found = false
  visitTerm(term, {
    term: (inner) => {
      if (inner.kind === 'ref' || inner.kind === 'comprehension') found = true
      return found
    },
  })
  return found
}

/** The body with its calls unnested. */
export function expandBody(body: Body, compilation: Compilation): Body {
  return body.flatMap((expr) => expandExpr(expr, compilation))
}

function expandExpr(expr: Expr, compilation: Compilation): readonly Expr[] {
  const before: Expr[] = []
  const withs = expr.with.map((one) => expandWith(one, before, compilation))
  const extras: Expr[] = []
  const term = (inner: Term): Term => expandTerm(inner, extras, compilation)
  const done = ((): Expr => {
    switch (expr.kind) {
      case 'term':
        return { ...expr, term: term(expr.term), with: withs }
      case 'call':
        return { ...expr, args: expr.args.map(term), with: withs }
      case 'every':
        return { ...expr, domain: term(expr.domain), body: expandBody(expr.body, compilation), with: withs }
      case 'not_body':
        return { ...expr, body: expandBody(expr.body, compilation), with: withs }
      case 'and':
      case 'or':
        return {
          ...expr,
          left: expandBody(expr.left, compilation),
          right: expandBody(expr.right, compilation),
          with: withs,
        }
      case 'some':
      case 'some_in':
        return expr
    }
  })()
  return [...before, ...extras.map((extra) => ({ ...extra, with: withs })), done]
}

function expandWith(one: With, before: Expr[], compilation: Compilation): With {
  // What replaces a function is planned where the function is called.
  if (isConstant(one.value) || one.mock === 'function') return one
  const value = expandTerm(one.value, before, compilation)
  if (value.kind === 'var' || one.mock === 'value') return { ...one, value }
  const local = compilation.generate(one.location)
  before.push({ ...callExpr('eq', [local, value], one.location), generated: true })
  return { ...one, value: local }
}

/** The term without calls; the calls go to `extras`. */
export function expandTerm(term: Term, extras: Expr[], compilation: Compilation): Term {
  switch (term.kind) {
    case 'call': {
      const args = term.args.map((arg) => expandTerm(arg, extras, compilation))
      const callee = compilation.callee(term.operator)
      if (callee?.kind === 'builtin' && callee.void) {
        compilation.report(
          'rego_type_error',
          `${callee.declaration.name}(${args.length}) used as value`,
          term.location,
          'call it in an expression of its own',
        )
      }
      const local = compilation.generate(term.location, { ...term, args })
      extras.push({
        kind: 'call',
        operator: term.operator,
        args: [...args, local],
        negated: false,
        with: [],
        location: term.location,
        generated: true,
      })
      return local
    }
    case 'comprehension': {
      const inner: Expr[] = []
      const body = expandBody(term.body, compilation)
      // What a head looks up can iterate, and does so behind the body.
      const part = (one: Term): Term => hoist(expandTerm(one, inner, compilation), inner, compilation)
      const key = term.key === undefined ? undefined : part(term.key)
      const value = part(term.value)
      return { ...term, ...(key === undefined ? {} : { key }), value, body: [...body, ...inner] }
    }
    case 'ref': {
      const head = expandTerm(term.head, extras, compilation)
      const path = term.path.map((step) => expandTerm(step, extras, compilation))
      if (head.kind === 'var') return { ...term, head, path }
      // What is written out is looked into by a name.
      const local = compilation.generate(head.location, head)
      extras.push({ ...callExpr('eq', [local, head], head.location), generated: true })
      return { ...term, head: local, path }
    }
    default:
      return mapTerm(term, {
        term: (inner) => expandTerm(inner, extras, compilation),
        body: (body) => expandBody(body, compilation),
      })
  }
}
