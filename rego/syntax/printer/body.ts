// Expressions and bodies, as they are written.
import type { Body, CallExpr, Expr, LogicExpr, NotBodyExpr, Term } from '../ast.ts'
import { operatorName } from '../ast.ts'
import type { Location } from '../diagnostic.ts'
import type { Layout } from './layout.ts'
import { operators, rankOf } from './names.ts'
import { infixOf, writeMembership, writePlainCall, writeTerm } from './term.ts'
import type { Writers } from './writers.ts'

const writers: Writers = { expr: (page, expr) => writeExpr(page, expr), innerBody: writeInnerBody }

/** Prints a term that stands by itself. */
export function writeLoneTerm(page: Layout, term: Term): void {
  writeTerm(page, term, writers)
}

/** What terms need of this file. */
export const bodyWriters: Writers = writers

/** Prints a body, one line an expression; blank lines between them are kept, one each. */
export function writeBody(page: Layout, body: Body, braces: 'rule' | 'other' = 'other'): void {
  let lastRow = body[0]?.location.row ?? 0
  body.forEach((expr, index) => {
    if (index === 0) page.commentsTo(expr.location.row)
    else if (expr.location.row > lastRow + 1) page.blankLine()
    // A minus at the begin of a line would go on with the line above.
    if (index > 0) page.afterExpression = true
    writeExpr(page, expr, index === 0 && braces === 'rule')
    page.endLine()
    lastRow = page.endRow(expr.location)
  })
}

/** Prints one expression. `leading` is true where a union at its begin would read as a comprehension. */
export function writeExpr(page: Layout, expr: Expr, leading = false): void {
  page.commentsTo(expr.location.row)
  if (expr.negated) page.write('not ')
  const grouped = leading && !expr.negated
  switch (expr.kind) {
    case 'term':
      writeOperand(page, expr.term, grouped)
      break
    case 'call':
      writeCallExpr(page, expr, grouped)
      break
    case 'some':
      writeSome(page, expr.names, expr.location)
      break
    case 'some_in':
      page.write('some ')
      writeMembership(page, [...(expr.key === undefined ? [] : [expr.key]), expr.value, expr.domain], writers)
      break
    case 'every':
      page.write('every ')
      if (expr.key !== undefined) {
        writeTerm(page, expr.key, writers)
        page.write(', ')
      }
      writeTerm(page, expr.value, writers)
      page.write(' in ')
      writeTerm(page, expr.domain, writers, true)
      page.write(' {')
      writeInnerBody(page, expr.body, expr.location.row, bodyEnd(expr))
      page.write(expr.body.length === 1 && expr.body[0]?.location.row === expr.location.row ? ' }' : '}')
      break
    case 'not_body':
      writeNotBody(page, expr)
      break
    case 'and':
    case 'or':
      writeLogic(page, expr)
      break
  }
  writeWith(page, expr)
}

function writeWith(page: Layout, expr: Expr): void {
  let indented = false
  let before = expr.with[0] === undefined ? 0 : lastRowBefore(page, expr, expr.with[0].location)
  for (const modifier of expr.with) {
    if (modifier.location.row > before) {
      page.endLine()
      if (!indented) page.up()
      indented = true
    } else page.write(' ')
    page.commentsTo(modifier.location.row)
    page.write('with ')
    writeTerm(page, modifier.target, writers)
    page.write(' as ')
    writeTerm(page, modifier.value, writers)
    before = page.endRow(modifier.location)
  }
  if (indented) page.down()
}

/** The row of what was written before the first `with`. */
function lastRowBefore(page: Layout, expr: Expr, location: Location): number {
  const text = page.source.slice(expr.location.offset, location.offset).trimEnd()
  return text === '' ? location.row : page.rowAt(expr.location.offset + text.length - 1)
}

function bodyEnd(expr: Expr): Location {
  const [first] = expr.with
  return first === undefined ? expr.location : { ...expr.location, end: first.location.offset }
}

function writeSome(page: Layout, names: readonly Term[], location: Location): void {
  page.write('some ')
  let row = location.row
  let indented = false
  names.forEach((name, index) => {
    if (index > 0) page.write(',')
    if (name.location.row > row) {
      page.endLine()
      if (!indented) page.up()
      indented = true
      row = name.location.row
    } else if (index > 0) page.write(' ')
    writeTerm(page, name, writers)
  })
  if (indented) page.down()
}

function writeCallExpr(page: Layout, expr: CallExpr, leading: boolean): void {
  const { operator, args } = expr
  const infix = infixOf(operator, args)
  const name = operatorName(operator)
  const output = args.length === 3 && name !== undefined ? operators.get(name) : undefined
  const [left, right, result] = args
  if (infix === 'in') writeMembership(page, args, writers)
  else if (infix !== undefined && left !== undefined && right !== undefined) {
    if (infix === '|' && leading) page.write('(')
    writeSide(page, left, infix, 'left', leading && infix !== '|')
    page.write(` ${infix} `)
    writeSide(page, right, infix, 'right', false)
    if (infix === '|' && leading) page.write(')')
  } else if (output !== undefined && left !== undefined && right !== undefined && result !== undefined) {
    // A built-in called with its result as the last argument.
    writeTerm(page, result, writers, true)
    page.write(' = ')
    writeTerm(page, left, writers, true)
    page.write(` ${output} `)
    writeTerm(page, right, writers, true)
  } else writePlainCall(page, expr, writers)
}

/** One side of an operator; parentheses only where the text would be read otherwise. */
function writeSide(page: Layout, term: Term, infix: string, side: 'left' | 'right', leading: boolean): void {
  const inner = term.kind === 'call' ? infixOf(term.operator, term.args) : undefined
  const rank = rankOf(infix)
  const group = inner !== undefined && (side === 'left' ? rankOf(inner) < rank : rankOf(inner) <= rank)
  if (leading && !group) writeOperand(page, term, true)
  else writeTerm(page, term, writers, group)
}

/** Prints a term; when it leads the braces of a rule, a union at its left edge gets parentheses. */
function writeOperand(page: Layout, term: Term, leading: boolean): void {
  const infix = term.kind === 'call' ? infixOf(term.operator, term.args) : undefined
  writeTerm(page, term, writers, leading && infix === '|')
}

function writeInnerBody(page: Layout, body: Body, row: number, outer: Location): void {
  const [first] = body
  const oneLine =
    first === undefined || (first.location.row <= row && body.every((expr, index) => sameRow(body, index, expr)))
  if (oneLine) {
    page.write(' ')
    writeOnLine(page, body)
    page.commentsTo(page.endRow(outer))
    return
  }
  page.endLine()
  page.up()
  writeBody(page, body)
  page.commentsTo(page.endRow(outer))
  page.down()
}

function writeOnLine(page: Layout, body: Body, leading = false): void {
  body.forEach((expr, index) => {
    if (index > 0) page.write('; ')
    writeExpr(page, expr, leading && index === 0)
  })
}

function sameRow(body: Body, index: number, expr: Expr): boolean {
  const before = body[index - 1]
  return before === undefined || expr.location.row <= before.location.row
}

/** A body between braces, the opening one printed: on the line where the author had it on one, else on its own lines. */
export function writeBraced(page: Layout, body: Body, row: number, outer: Location, leading = false): void {
  const [first] = body
  if (first !== undefined && first.location.row <= row && body.every((expr, index) => sameRow(body, index, expr))) {
    page.write(' ')
    writeOnLine(page, body, leading)
    page.write(' }')
    return
  }
  page.endLine()
  page.up()
  writeBody(page, body, leading ? 'rule' : 'other')
  page.commentsTo(page.endRow(outer))
  page.down()
  page.write('}')
}

function writeNotBody(page: Layout, expr: NotBodyExpr): void {
  page.write('not ')
  const [only] = expr.body
  if (only === undefined) return
  if (expr.braces === true || expr.body.length > 1) {
    page.write('{')
    writeBraced(page, expr.body, expr.location.row, bodyEnd(expr), true)
    return
  }
  const logic = only.kind === 'and' || only.kind === 'or'
  const group = logic || beginsWithBrace(only)
  if (!group) {
    writeExpr(page, only)
    return
  }
  page.write('(')
  writeExpr(page, { ...only, with: [] })
  page.write(')')
  writeWith(page, only)
}

/** True for expressions whose text begins with a brace, which `not` would read as a body. */
export function beginsWithBrace(expr: Expr): boolean {
  if (expr.negated) return false
  if (expr.kind === 'term') return termBeginsWithBrace(expr.term)
  if (expr.kind !== 'call') return false
  const [first] = expr.args
  return first !== undefined && infixOf(expr.operator, expr.args) !== undefined && termBeginsWithBrace(first)
}

function termBeginsWithBrace(term: Term): boolean {
  switch (term.kind) {
    case 'object':
      return true
    case 'set':
      return term.items.length > 0
    case 'comprehension':
      return term.of !== 'array'
    case 'ref':
      return termBeginsWithBrace(term.head)
    case 'call': {
      const [first] = term.args
      return first !== undefined && infixOf(term.operator, term.args) !== undefined && termBeginsWithBrace(first)
    }
    default:
      return false
  }
}

/** `a and b`, `a or b`: line breaks behind an operator are kept, and what follows is indented once. */
function writeLogic(page: Layout, expr: LogicExpr): void {
  const state = { indented: false }
  writeLogicSides(page, expr, state)
  if (state.indented) page.down()
}

function writeLogicSides(page: Layout, expr: LogicExpr, state: { indented: boolean }): void {
  const { leftBraces, rightBraces } = expr
  writeLogicSide(page, expr, 'left', state)
  page.write(` ${expr.kind}`)
  const [last] = expr.left.slice(-1)
  const end = leftBraces ?? last?.location
  const start = rightBraces?.row ?? expr.right[0]?.location.row ?? 0
  if (end !== undefined && start > page.endRow(end)) {
    page.endLine()
    if (!state.indented) page.up()
    state.indented = true
  } else page.write(' ')
  writeLogicSide(page, expr, 'right', state)
}

function writeLogicSide(page: Layout, expr: LogicExpr, side: 'left' | 'right', state: { indented: boolean }): void {
  const body = side === 'left' ? expr.left : expr.right
  const braces = side === 'left' ? expr.leftBraces : expr.rightBraces
  const [only] = body
  if (only === undefined) return
  if (braces !== undefined || body.length > 1) {
    if (braces !== undefined) page.commentsTo(braces.row)
    page.write('{')
    writeBraced(page, body, (braces ?? only.location).row, braces ?? only.location)
    return
  }
  if (only.kind !== 'and' && only.kind !== 'or') {
    const group = beginsWithBrace(only)
    if (!group) {
      writeExpr(page, only)
      return
    }
    page.write('(')
    writeExpr(page, { ...only, with: [] })
    page.write(')')
    writeWith(page, only)
    return
  }
  const group = expr.kind === 'and' ? only.kind === 'or' || side === 'right' : side === 'right' && only.kind === 'or'
  if (group) page.write('(')
  page.commentsTo(only.location.row)
  writeLogicSides(page, only, state)
  if (group) page.write(')')
}
