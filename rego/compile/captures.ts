// The values of a query's expressions, each in a variable of its own, so that an answer can show them.
import { type Body, callExpr, type Expr, type Location, operatorName, type Term } from '../syntax/index.ts'
import type { Compilation } from './context.ts'

/** An expression of a query, with the variable of its value; those without one are shown as true. */
export interface CapturedExpr {
  readonly location: Location
  readonly variable: string | undefined
}

/** Rewrites the expressions that have values: `f(x)` becomes `v = f(x)`. Equations, negations and `some` have none. */
export function captureValues(
  body: Body,
  compilation: Compilation,
): { readonly body: Body; readonly captured: readonly CapturedExpr[] } {
  const captured: CapturedExpr[] = []
  const rewritten = body.map((expr): Expr => {
    const { location } = expr
    const value = expr.negated ? undefined : valueOfExpr(expr, compilation)
    if (value === undefined) {
      captured.push({ location, variable: undefined })
      return expr
    }
    const variable = compilation.generate(location)
    captured.push({ location, variable: variable.name })
    return { ...callExpr('eq', [variable, value], location), with: expr.with }
  })
  return { body: rewritten, captured }
}

function valueOfExpr(expr: Expr, compilation: Compilation): Term | undefined {
  if (expr.kind === 'term') return expr.term
  if (expr.kind !== 'call') return undefined
  const name = operatorName(expr.operator)
  const callee = compilation.callee(expr.operator)
  if (name === 'eq' || name === 'assign' || callee === undefined) return undefined
  if ((callee.kind === 'builtin' && callee.void) || expr.args.length !== callee.arity) return undefined
  const { operator, args, infix, location } = expr
  return { kind: 'call', operator, args, location, ...(infix === undefined ? {} : { infix }) }
}

/** The expressions in the order in which they are evaluated. */
export function inOrderOf(captured: readonly CapturedExpr[], body: Body): readonly CapturedExpr[] {
  const place = ({ location }: CapturedExpr): number => {
    const at = body.findIndex((expr) => expr.location.offset === location.offset)
    return at < 0 ? location.offset : at
  }
  return [...captured].sort((a, b) => place(a) - place(b))
}
