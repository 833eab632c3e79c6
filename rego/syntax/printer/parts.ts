// Terms and expressions by themselves, on one line, for messages and traces.
import type { Expr, Term } from '../ast.ts'
import { writeExpr, writeLoneTerm } from './body.ts'
import { Layout, type Style } from './layout.ts'

const style: Style = {
  ifs: true,
  contains: true,
  assign: true,
  refHeads: true,
  keywordsInRefs: true,
  extraKeywords: [],
}

/** A term as text. */
export function printTerm(term: Term): string {
  const page = new Layout('', [], style)
  writeLoneTerm(page, term)
  return page.text().trimEnd()
}

/** An expression as text. */
export function printExpr(expr: Expr): string {
  const page = new Layout('', [], style)
  writeExpr(page, expr)
  return page.text().trimEnd()
}
