// Bodies: literals one after the other, separated by a semicolon or a new line.
import type { Body, CallTerm, Expr, Term, VarTerm } from './ast.ts'
import { compact, noWiths, operatorName } from './ast.ts'
import { type BodyParsers, type Cursor, ParseFault } from './cursor.ts'
import type { TokenKind } from './lexer.ts'
import { parseExpr, parseWith } from './parse-expr.ts'
import { parseLogic, parseNotBody } from './parse-operand.ts'
import { parseInfix } from './parse-term.ts'

/** Literals up to, not including, the token that ends the body. A body has at least one. */
export function parseBody(cursor: Cursor, end: TokenKind): Body {
  return cursor.nested(() => {
    if (cursor.is(end)) cursor.fail('found empty body', cursor.token, 'write at least one expression, such as `true`')
    const body: Expr[] = []
    for (;;) {
      body.push(parseLogic(cursor))
      // What follows a semicolon is an expression, also in front of a closing brace.
      if (cursor.take(';')) continue
      if (cursor.is(end)) return compact(body)
      // The expressions of a query need nothing between them.
      if (end !== 'eof' && cursor.token.row === cursor.before.row) {
        cursor.unexpected(
          `expected \\n or ; or ${end}`,
          'put each expression on a line of its own, or a semicolon between them',
        )
      }
    }
  })
}

/** A statement that is an expression: expressions up to one that no semicolon follows. */
export function parseStatementBody(cursor: Cursor): Body {
  const body: Expr[] = [parseLogic(cursor)]
  while (cursor.take(';')) body.push(parseLogic(cursor))
  return compact(body)
}

/** One literal: `some`, `every`, a negation, a call, an assignment or a term, with its modifiers. */
export function parseLiteral(cursor: Cursor): Expr {
  const start = cursor.token
  // A keyword in front of a step begins a reference here, and nowhere within an expression.
  if (start.kind === 'name' && cursor.isKeyword(start.text) && cursor.beginsRef())
    return cursor.asName(() => parsePositive(cursor, start, false))
  const negated = cursor.takeWord('not')
  if (negated && cursor.compositeNot && cursor.is('{')) return parseNotBody(cursor, start, true)
  if (cursor.isWord('some')) {
    if (negated) cursor.unexpected("illegal negation of 'some'", 'negate a helper rule instead')
    return parseSome(cursor)
  }
  if (cursor.isWord('every')) {
    if (negated) cursor.unexpected("illegal negation of 'every'", 'negate a helper rule instead')
    return parseEvery(cursor)
  }
  if (negated && cursor.compositeNot) return parseNotBody(cursor, start, true)
  return parsePositive(cursor, start, negated)
}

/** An expression with its modifiers; whether it is negated is known. */
function parsePositive(cursor: Cursor, start: Cursor['token'], negated: boolean): Expr {
  const expr = { ...parseExpr(cursor), negated }
  const modifiers = parseWith(cursor)
  if (expr.kind === 'term' && expr.term.kind === 'var' && expr.term.name === 'every') hintEvery(cursor, start)
  return { ...expr, with: modifiers, location: cursor.since(start) }
}

/** The start of what would be `every` in a text that knows it. */
function hintEvery(cursor: Cursor, start: Cursor['token']): void {
  if (cursor.version === 1 || cursor.keywords.has('every')) return
  const position = cursor.position
  const found = cursor.withFuture(() => {
    while (cursor.token !== start) cursor.reset(cursor.position - 1)
    return cursor.attempt(() => parseEvery(cursor))
  })
  cursor.reset(position)
  if (found !== undefined) cursor.hint('`import future.keywords.every` for `every x in xs { ... }` expressions')
}

function parseSome(cursor: Cursor): Expr {
  const start = cursor.next()
  const position = cursor.position
  const term = cursor.attempt(() => parseInfix(cursor, true))
  if (term?.kind === 'call') {
    if (isIllDomain(term)) cursor.unexpected('illegal domain', 'write `some x in xs`')
    if (!isMembership(term))
      cursor.unexpected('expected `x in xs` or `x, y in xs` expression', 'write `some x in xs`, or `some x, y`')
    const [first, second, third] = term.args
    if (first === undefined || second === undefined) throw new TypeError('a membership test has two or three operands')
    const common = { kind: 'some_in', negated: false, with: parseWith(cursor), location: cursor.since(start) } as const
    return third === undefined
      ? { ...common, value: first, domain: second }
      : { ...common, key: first, value: second, domain: third }
  }
  cursor.reset(position)
  hintMembership(cursor)
  const names: VarTerm[] = []
  do {
    if (!cursor.isName()) cursor.unexpected('expected var', 'name the variables after `some`, with commas between')
    names.push(cursor.variable(cursor.next()))
  } while (cursor.take(','))
  return { kind: 'some', names, negated: false, with: noWiths, location: cursor.since(start) }
}

/** `some x in xs` in a text that does not know `in`. */
function hintMembership(cursor: Cursor): void {
  if (cursor.version === 1 || cursor.keywords.has('in')) return
  const position = cursor.position
  const term = cursor.withFuture(() => cursor.attempt(() => parseInfix(cursor, true)))
  cursor.reset(position)
  if (term !== undefined && isMembership(term))
    cursor.hint('`import future.keywords.in` for `some x in xs` expressions')
}

/** A call of the membership test by its inner name, with the wrong number of operands. */
function isIllDomain(term: CallTerm): boolean {
  const name = operatorName(term.operator)
  return (
    (name === 'internal.member_2' && term.args.length !== 2) || (name === 'internal.member_3' && term.args.length !== 3)
  )
}

function isMembership(term: Term): term is CallTerm {
  return term.kind === 'call' && term.infix === 'in'
}

/** `input` and `data` are documents and cannot be declared. */
function isVariable(term: Term | undefined): term is VarTerm {
  return term?.kind === 'var' && term.name !== 'input' && term.name !== 'data'
}

function parseEvery(cursor: Cursor): Expr {
  const start = cursor.next()
  const term = parseInfix(cursor, true)
  if (term.kind === 'call' && isIllDomain(term)) cursor.unexpected('illegal domain', 'write `every x in xs { ... }`')
  if (!isMembership(term))
    cursor.unexpected('expected `x[, y] in xs { ... }` expression', 'write `every x in xs { ... }`')
  const [first, second, third] = term.args
  const key = third === undefined ? undefined : first
  const value = third === undefined ? first : second
  const domain = third ?? second
  const help = 'name a variable between `every` and `in`'
  if (key !== undefined && !isVariable(key)) cursor.unexpected('expected key to be a variable', help)
  if (!isVariable(value)) cursor.unexpected('expected value to be a variable', help)
  if (domain === undefined) throw new TypeError('a membership test has two or three operands')
  if (!cursor.take('{')) cursor.unexpected('missing body', 'write `every x in xs { ... }`')
  const body = parseBody(cursor, '}')
  cursor.expect('}', 'expected }')
  const common = {
    kind: 'every',
    value,
    domain,
    body,
    negated: false,
    with: parseWith(cursor),
    location: cursor.since(start),
  } as const
  return key === undefined ? common : { ...common, key }
}

/** How templates and comprehensions parse what stands in them. */
export const bodies: BodyParsers = {
  body: parseBody,
  literal: parseLiteral,
  templateExpr: parseTemplateExpr,
}

function parseTemplateExpr(cursor: Cursor): Expr {
  const { token } = cursor
  const help = 'only a value can stand between the braces'
  let expr: Expr
  try {
    expr = parseLiteral(cursor)
  } catch (error) {
    if (!(error instanceof ParseFault) || cursor.exhausted) throw error
    const unfinished = cursor.fault('invalid template-string expression', cursor.at(cursor.token), help)
    throw new ParseFault(error.diagnostic, [...error.more, unfinished])
  }
  const refuse = (what: string): never => cursor.fail(`unexpected ${what} in template-string expression`, token, help)
  if (expr.negated) refuse("negation ('not')")
  if (expr.kind === 'call' && operatorName(expr.operator) === 'eq') refuse("unification ('=')")
  if (expr.kind === 'call' && operatorName(expr.operator) === 'assign') refuse("assignment (':=')")
  if (expr.kind === 'every') refuse("'every'")
  if (expr.kind === 'some' || expr.kind === 'some_in') refuse("'some'")
  if (expr.kind !== 'term' && expr.kind !== 'call') refuse("negation ('not')")
  if (!cursor.is('eof')) cursor.fail('expected } to end template string expression', cursor.token, help)
  return expr
}
