// Which expressions go on at most once, in the block that they began in: what follows them can be planned behind them
// instead of inside them.
import type { Expr, Term } from '../syntax/index.ts'
import { unreachable } from '../unreachable.ts'
import type { Planner } from './planner.ts'
import { isBound } from './unify.ts'

/** Whether what follows an expression can be planned behind it. */
export function isStraight(planner: Planner, expr: Expr): boolean {
  if (expr.negated) return true
  // What is replaced is put back around all that follows.
  if (expr.with.length > 0) return false
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

function isStraightTerm(planner: Planner, term: Term): boolean {
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
