// References that stand as operands of calls, or inside other references and collections, become expressions of their
// own. `==` is unification of bound values, so it becomes `eq` first, whose operands may stay references.
import { type Body, callExpr, type Expr, type Rule, type Term, varTerm } from '../syntax/index.ts'
import type { Compilation } from './context.ts'

/** The rule with its references hoisted. */
export function hoistRule(rule: Rule, compilation: Compilation): Rule {
  return {
    ...rule,
    body: hoistBody(rule.body, compilation),
    ...(rule.else === undefined ? {} : { else: hoistRule(rule.else, compilation) }),
  }
}

/** The body with its references hoisted. */
export function hoistBody(body: Body, compilation: Compilation): Body {
  return body.flatMap((expr) => hoistExpr(expr, compilation))
}

function hoistExpr(expr: Expr, compilation: Compilation): readonly Expr[] {
  const extras: Expr[] = []
  const push = (term: Term): Term => {
    const local = compilation.generate(term.location, term)
    extras.push({ ...callExpr('eq', [local, term], term.location), with: expr.with, generated: true })
    return local
  }
  const inner = (term: Term): Term => hoistInside(term, push, compilation)
  const whole = (term: Term): Term => hoistWhole(term, push, compilation)
  switch (expr.kind) {
    case 'term':
      return finish(extras, { ...expr, term: inner(expr.term) })
    case 'call': {
      const equal = expr.operator.kind === 'var' && (expr.operator.name === 'eq' || expr.operator.name === 'equal')
      if (!equal) return finish(extras, { ...expr, args: expr.args.map(whole) })
      // `equal` with a third operand asks for the boolean and stays a call.
      if (expr.operator.kind === 'var' && expr.operator.name === 'equal' && expr.args.length !== 2)
        return finish(extras, { ...expr, args: expr.args.map(whole) })
      return finish(extras, { ...expr, operator: varTerm('eq', expr.location), args: expr.args.map(inner) })
    }
    case 'every':
      return finish(extras, { ...expr, domain: whole(expr.domain), body: hoistBody(expr.body, compilation) })
    case 'not_body':
      return [{ ...expr, body: hoistBody(expr.body, compilation) }]
    case 'and':
    case 'or':
      return [{ ...expr, left: hoistBody(expr.left, compilation), right: hoistBody(expr.right, compilation) }]
    case 'some':
    case 'some_in':
      return [expr]
  }
}

function finish(extras: readonly Expr[], expr: Expr): readonly Expr[] {
  return [...extras, expr]
}

/** The term itself stays; what stands in it is hoisted. */
function hoistInside(term: Term, push: (term: Term) => Term, compilation: Compilation): Term {
  switch (term.kind) {
    case 'ref':
      return {
        ...term,
        head: hoistInside(term.head, push, compilation),
        path: term.path.map((step) => hoistWhole(step, push, compilation)),
      }
    case 'comprehension':
      return { ...term, body: hoistBody(term.body, compilation) }
    default:
      return hoistWhole(term, push, compilation)
  }
}

/** A reference is hoisted whole. */
function hoistWhole(term: Term, push: (term: Term) => Term, compilation: Compilation): Term {
  switch (term.kind) {
    case 'ref':
      return push(hoistInside(term, push, compilation))
    case 'array':
    case 'set':
      return { ...term, items: term.items.map((item) => hoistWhole(item, push, compilation)) }
    case 'object':
      return {
        ...term,
        entries: term.entries.map(
          ([key, value]) => [hoistWhole(key, push, compilation), hoistWhole(value, push, compilation)] as const,
        ),
      }
    case 'comprehension':
      return { ...term, body: hoistBody(term.body, compilation) }
    default:
      return term
  }
}
