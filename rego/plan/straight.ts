// Which expressions go on at most once, in the block that they began in: what follows them can be planned behind them
// instead of inside them.
import type { Expr, Term } from '../syntax/index.ts'
import { unreachable } from '../unreachable.ts'
import { isBound } from './bound.ts'
import type { Planner } from './planner.ts'

/** Whether what follows an expression can be planned behind it. */
export function isStraight(planner: Planner, expr: Expr): boolean {
  if (expr.negated) return true
  // What is replaced is put back around all that follows, unless too much is around it already.
  if (expr.with.length > 0) return goesBehindWith(planner, expr)
  return isStraightAlone(planner, expr)
}

/** Within so many open blocks what follows is planned inside of what is replaced, as OPA plans it, and behind it in more. */
const followsInsideMax = 20

/** Whether what follows an expression is planned behind what its `with` replaces. */
export function goesBehindWith(planner: Planner, expr: Expr): boolean {
  if (planner.builder.open < followsInsideMax) return false
  return expr.with.every((one) => isStraightTerm(planner, one.value)) && isStraightAlone(planner, expr)
}

function isStraightAlone(planner: Planner, expr: Expr): boolean {
  switch (expr.kind) {
    case 'term':
      return isStraightTerm(planner, expr.term)
    case 'call': {
      const callee = planner.compilation.callee(expr.operator)
      const iterates = callee?.kind === 'builtin' && callee.declaration.relation === true
      return !iterates && expr.args.every((arg) => isStraightTerm(planner, arg))
    }
    case 'every':
      return isStraightTerm(planner, expr.domain)
    case 'not_body':
    case 'and':
    case 'or':
    case 'some':
    case 'some_in':
      return true
    default:
      return unreachable(expr)
  }
}

/** Whether what follows a term can be planned behind it. */
export function isStraightTerm(planner: Planner, term: Term): boolean {
  switch (term.kind) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'var':
    case 'comprehension':
      return true
    case 'array':
    case 'set':
      return term.items.every((item) => isStraightTerm(planner, item))
    case 'object':
      return term.entries.every((entry) => entry.every((part) => isStraightTerm(planner, part)))
    case 'ref': {
      const data = term.head.kind === 'var' && term.head.name === 'data'
      if (!data && !isStraightTerm(planner, term.head)) return false
      return term.path.every((step) =>
        data ? step.kind === 'string' : isStraightTerm(planner, step) && isBound(planner, step),
      )
    }
    case 'call':
    case 'template':
      return false
    default:
      return unreachable(term)
  }
}
