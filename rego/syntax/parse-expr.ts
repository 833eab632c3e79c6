// Expressions without negation: calls, assignments, unifications, terms; and the modifiers behind them.
import { type Expr, noWiths, type Term, type VarTerm, type With } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseInfix, parseTerm } from './parse-term.ts'

/** A call, an assignment, a unification or a term, without modifiers. */
export function parseExpr(cursor: Cursor): Expr {
  const start = cursor.token
  const left = parseInfix(cursor, true)
  if (cursor.is(':=') || cursor.is('=')) {
    const infix = cursor.next().kind
    const right = parseInfix(cursor, true)
    const location = cursor.since(start)
    const operator: VarTerm = { kind: 'var', name: infix === ':=' ? 'assign' : 'eq', location }
    return { kind: 'call', operator, args: [left, right], infix, negated: false, with: noWiths, location }
  }
  return exprOf(left)
}

/** The expression that a term in expression position is. */
export function exprOf(term: Term): Expr {
  if (term.kind !== 'call') return { kind: 'term', term, negated: false, with: noWiths, location: term.location }
  const { operator, args, infix, location } = term
  return {
    kind: 'call',
    operator,
    args,
    ...(infix === undefined ? {} : { infix }),
    negated: false,
    with: noWiths,
    location,
  }
}

/** The modifiers behind an expression. */
export function parseWith(cursor: Cursor): readonly With[] {
  if (!cursor.isWord('with')) return noWiths
  const list: With[] = []
  const help = 'write `with input.x as value`'
  while (cursor.isWord('with')) {
    const start = cursor.next()
    if (!cursor.isName()) cursor.unexpected('expected ident', help)
    const target = parseTerm(cursor)
    if (target.kind !== 'var' && target.kind !== 'ref') cursor.unexpected('expected with target path', help)
    if (!cursor.takeWord('as')) cursor.unexpected('expected as keyword', help)
    const value = parseInfix(cursor, true)
    list.push({ target, value, location: cursor.since(start) })
  }
  return list
}
