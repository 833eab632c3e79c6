// References that stand as operands of calls, or inside other references and collections, become expressions of their
// own. `==` is unification of bound values, so it becomes `eq` first, whose operands may stay references.
import { type Body, callExpr, compact, type Expr, type Rule, type Term, varTerm } from '../syntax/index.ts'
import { mapAll, mapEntries } from '../syntax/walk.ts'
import { unreachable } from '../unreachable.ts'
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
  const hoisted: Expr[] = []
  for (const expr of body) {
    const hoister = new Hoister(expr.with, hoisted, compilation)
    hoisted.push(hoister.expr(expr))
  }
  return compact(hoisted)
}

/** Takes the references out of one expression; they become expressions before it. */
class Hoister {
  readonly #with: Expr['with']
  readonly #extras: Expr[]
  readonly #compilation: Compilation

  constructor(withs: Expr['with'], extras: Expr[], compilation: Compilation) {
    this.#with = withs
    this.#extras = extras
    this.#compilation = compilation
  }

  expr(expr: Expr): Expr {
    switch (expr.kind) {
      case 'term': {
        const term = this.#inside(expr.term)
        return term === expr.term ? expr : { ...expr, term }
      }
      case 'call':
        return this.#call(expr)
      case 'every':
        return { ...expr, domain: this.#whole(expr.domain), body: hoistBody(expr.body, this.#compilation) }
      case 'not_body':
        return { ...expr, body: hoistBody(expr.body, this.#compilation) }
      case 'and':
      case 'or':
        return {
          ...expr,
          left: hoistBody(expr.left, this.#compilation),
          right: hoistBody(expr.right, this.#compilation),
        }
      case 'some':
      case 'some_in':
        return expr
      default:
        return unreachable(expr)
    }
  }

  #call(expr: Extract<Expr, { kind: 'call' }>): Expr {
    const name = expr.operator.kind === 'var' ? expr.operator.name : undefined
    // `equal` with a third operand asks for the boolean and stays a call.
    if (name !== 'eq' && !(name === 'equal' && expr.args.length === 2)) {
      const args = mapAll(expr.args, (arg) => this.#whole(arg))
      return args === expr.args ? expr : { ...expr, args }
    }
    const args = mapAll(expr.args, (arg) => this.#inside(arg))
    if (args === expr.args && name === 'eq') return expr
    return { ...expr, operator: varTerm('eq', expr.location), args }
  }

  /** The term itself stays; what stands in it is hoisted. */
  #inside(term: Term): Term {
    if (term.kind !== 'ref') return this.#whole(term)
    const head = this.#inside(term.head)
    const path = mapAll(term.path, (step) => this.#whole(step))
    return head === term.head && path === term.path ? term : { ...term, head, path }
  }

  /** A reference is hoisted whole. */
  #whole(term: Term): Term {
    switch (term.kind) {
      case 'ref': {
        const inside = this.#inside(term)
        const local = this.#compilation.generate(inside.location, inside)
        const equation = callExpr('eq', [local, inside], inside.location)
        this.#extras.push({ ...equation, with: this.#with, generated: true })
        return local
      }
      case 'array':
      case 'set': {
        const items = mapAll(term.items, (item) => this.#whole(item))
        return items === term.items ? term : { ...term, items }
      }
      case 'object': {
        const entries = mapEntries(term.entries, (part) => this.#whole(part))
        return entries === term.entries ? term : { ...term, entries }
      }
      case 'comprehension':
        return { ...term, body: hoistBody(term.body, this.#compilation) }
      default:
        return term
    }
  }
}
