// Bodies: literals one after the other, separated by a semicolon or a new line.
import type { Body, CallTerm, Expr, Term, VarTerm, With } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { TokenKind } from './lexer.ts'
import { parseInfix, parseTerm } from './parse-term.ts'

/** Literals up to, not including, the token that ends the body. A body has at least one. */
export function parseBody(cursor: Cursor, end: TokenKind): Body {
  return cursor.nested(() => {
    if (cursor.is(end)) cursor.fail('found empty body', cursor.token, 'write at least one expression, such as `true`')
    const body: Expr[] = []
    for (;;) {
      cursor.take(';')
      if (cursor.is(end)) return body
      body.push(parseLogic(cursor))
      if (cursor.is(end)) return body
      if (!cursor.is(';') && cursor.token.row === cursor.before.row) {
        cursor.unexpected(
          `expected \\n or ${end === 'eof' ? '; or end of input' : `${end}`}`,
          'put each expression on a line of its own, or a semicolon between them',
        )
      }
    }
  })
}

/** One literal, with the experimental `and` and `or` around it where they are imported. */
export function parseLogic(cursor: Cursor): Expr {
  const parseAnd = (): Expr => {
    let left = operand(cursor, parseLiteral)
    while (cursor.logic.has('and') && cursor.takeWord('and'))
      left = logicExpr('and', left, operand(cursor, parseLiteral))
    return single(left)
  }
  let left: Body = [parseAnd()]
  while (cursor.logic.has('or') && cursor.takeWord('or')) left = logicExpr('or', left, [parseAnd()])
  return single(left)
}

function operand(cursor: Cursor, parse: (cursor: Cursor) => Expr): Body {
  if (cursor.logic.size > 0 && cursor.is('{')) {
    const body = cursor.attempt(() => {
      cursor.next()
      const inner = parseBody(cursor, '}')
      cursor.expect('}', '')
      if (!cursor.isWord('and') && !cursor.isWord('or')) cursor.unexpected('')
      return inner
    })
    if (body !== undefined) return body
  }
  return [parse(cursor)]
}

function logicExpr(kind: 'and' | 'or', left: Body, right: Body): Body {
  const [first] = left
  const last = right.at(-1)
  if (first === undefined || last === undefined) return left
  return [{ kind, left, right, negated: false, with: [], location: { ...first.location, end: last.location.end } }]
}

function single(body: Body): Expr {
  const [only] = body
  if (only === undefined) throw new TypeError('a body has at least one expression')
  return only
}

/** One literal: `some`, `every`, a negation, a call, an assignment or a term, with its modifiers. */
export function parseLiteral(cursor: Cursor): Expr {
  const start = cursor.token
  const negated = cursor.takeWord('not')
  if (cursor.isWord('some')) {
    if (negated) cursor.fail("illegal negation of 'some'", start, 'negate a helper rule instead')
    return parseSome(cursor)
  }
  if (cursor.isWord('every')) {
    if (negated) cursor.fail("illegal negation of 'every'", start, 'negate a helper rule instead')
    return parseEvery(cursor)
  }
  if (negated && cursor.compositeNot) return parseNotBody(cursor, start)
  const expr = { ...parseExpr(cursor), negated }
  return { ...expr, with: parseWith(cursor), location: cursor.since(start) }
}

function parseNotBody(cursor: Cursor, start: Cursor['token']): Expr {
  if (cursor.is('{')) {
    const body = cursor.attempt(() => {
      cursor.next()
      const inner = parseBody(cursor, '}')
      cursor.expect('}', '')
      return inner
    })
    if (body !== undefined)
      return { kind: 'not_body', body, negated: false, with: parseWith(cursor), location: cursor.since(start) }
  }
  const inner = parseLiteral(cursor)
  return { kind: 'not_body', body: [inner], negated: false, with: [], location: cursor.since(start) }
}

/** A call, an assignment, a unification or a term, without modifiers. */
export function parseExpr(cursor: Cursor): Expr {
  const start = cursor.token
  const left = parseInfix(cursor, true)
  if (cursor.is(':=') || cursor.is('=')) {
    const infix = cursor.next().kind
    const right = parseInfix(cursor, true)
    const location = cursor.since(start)
    const operator: VarTerm = { kind: 'var', name: infix === ':=' ? 'assign' : 'eq', location }
    return { kind: 'call', operator, args: [left, right], infix, negated: false, with: [], location }
  }
  return exprOf(left)
}

/** The expression that a term in expression position is. */
export function exprOf(term: Term): Expr {
  if (term.kind !== 'call') return { kind: 'term', term, negated: false, with: [], location: term.location }
  const { operator, args, infix, location } = term
  return { kind: 'call', operator, args, ...(infix === undefined ? {} : { infix }), negated: false, with: [], location }
}

function parseWith(cursor: Cursor): readonly With[] {
  const list: With[] = []
  while (cursor.isWord('with')) {
    const start = cursor.next()
    const target = parseTerm(cursor)
    if (target.kind !== 'var' && target.kind !== 'ref')
      cursor.fail('with keyword target must reference existing input, data, or a function', target.location)
    if (!cursor.takeWord('as')) cursor.unexpected('expected as keyword', 'write `with input.x as value`')
    const value = parseInfix(cursor, true)
    list.push({ target, value, location: cursor.since(start) })
  }
  return list
}

function parseSome(cursor: Cursor): Expr {
  const start = cursor.next()
  const membership = cursor.keywords.has('in')
    ? cursor.attempt(() => {
        const term = parseInfix(cursor, true)
        if (!isMembership(term)) cursor.unexpected('')
        return term
      })
    : undefined
  if (membership !== undefined) {
    const { args } = membership
    const [first, second, third] = args
    if (first === undefined || second === undefined) throw new TypeError('a membership test has two or three operands')
    const common = { kind: 'some_in', negated: false, with: parseWith(cursor), location: cursor.since(start) } as const
    return third === undefined
      ? { ...common, value: first, domain: second }
      : { ...common, key: first, value: second, domain: third }
  }
  const names: VarTerm[] = []
  do {
    if (!cursor.isName()) cursor.unexpected('expected var', 'name the variables after `some`, with commas between')
    names.push(cursor.variable(cursor.next()))
  } while (cursor.take(','))
  return { kind: 'some', names, negated: false, with: [], location: cursor.since(start) }
}

function isMembership(term: Term): term is CallTerm {
  return term.kind === 'call' && term.infix === 'in'
}

function parseEvery(cursor: Cursor): Expr {
  const start = cursor.next()
  const term = parseInfix(cursor, true)
  if (!isMembership(term))
    cursor.fail('expected `x[, y] in xs { ... }` expression', start, 'write `every x in xs { ... }`')
  const [first, second, third] = term.args
  const key = third === undefined ? undefined : first
  const value = third === undefined ? first : second
  const domain = third ?? second
  if (value?.kind !== 'var')
    cursor.fail('expected value to be a variable', value?.location ?? start, 'name a variable between `every` and `in`')
  if (key !== undefined && key.kind !== 'var')
    cursor.fail('expected key to be a variable', key.location, 'name a variable between `every` and `in`')
  if (domain === undefined) throw new TypeError('a membership test has two or three operands')
  cursor.expect('{', 'missing body')
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
