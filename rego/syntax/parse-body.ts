// Bodies: literals one after the other, separated by a semicolon or a new line.
import type { Body, CallExpr, CallTerm, Expr, Term, VarTerm, With } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Location } from './diagnostic.ts'
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

/** A side of `and` and `or`, with the braces that were written around it. */
interface Side {
  readonly body: Body
  readonly braces?: Location
}

/** One literal, with the experimental `and` and `or` around it where they are imported. */
export function parseLogic(cursor: Cursor): Expr {
  if (cursor.logic.size === 0) return parseLiteral(cursor)
  return cursor.nested(() => {
    const parseAnd = (behind: boolean): Side => {
      let left = parseSide(cursor, behind)
      while (cursor.logic.has('and') && cursor.takeWord('and')) left = joinSides('and', left, parseSide(cursor, true))
      return left
    }
    let left = parseAnd(false)
    while (cursor.logic.has('or') && cursor.takeWord('or')) left = joinSides('or', left, parseAnd(true))
    return single(left.body)
  })
}

/** A literal, a group in parentheses, or a body in braces. In front of an operator, braces are a body only if one follows. */
function parseSide(cursor: Cursor, behind: boolean): Side {
  const start = cursor.token
  if (start.kind === '{') {
    const side = cursor.attempt((): Side => {
      cursor.next()
      const body = parseBody(cursor, '}')
      cursor.expect('}', '')
      if (beginsWithUnion(body)) cursor.unexpected('')
      if (!behind && !cursor.isWord('and') && !cursor.isWord('or')) cursor.unexpected('')
      return { body, braces: cursor.since(start) }
    })
    if (side !== undefined) return side
  }
  const group = parseGroup(cursor)
  return { body: [group ?? parseLiteral(cursor)] }
}

/** `(a or b)`; undefined, with nothing read, when the parentheses hold something else. */
function parseGroup(cursor: Cursor): Expr | undefined {
  if (cursor.logic.size === 0 || !cursor.is('(')) return undefined
  return cursor.attempt(() => {
    const start = cursor.next()
    const expr = parseLogic(cursor)
    if (expr.kind !== 'and' && expr.kind !== 'or') cursor.unexpected('')
    cursor.expect(')', 'expected )')
    return { ...expr, location: cursor.since(start) }
  })
}

function joinSides(kind: 'and' | 'or', left: Side, right: Side): Side {
  const first = left.braces ?? left.body[0]?.location
  const last = right.braces ?? right.body.at(-1)?.location
  if (first === undefined || last === undefined) return left
  const expr: Expr = {
    kind,
    left: left.body,
    right: right.body,
    ...(left.braces === undefined ? {} : { leftBraces: left.braces }),
    ...(right.braces === undefined ? {} : { rightBraces: right.braces }),
    negated: false,
    with: [],
    location: { ...first, end: last.end },
  }
  return { body: [expr] }
}

/** True for bodies whose braces read as a set comprehension: a union without parentheses leads them. */
export function beginsWithUnion(body: Body): boolean {
  const [first] = body
  if (first?.kind !== 'call' || first.negated) return false
  let call: CallExpr | CallTerm = first
  for (;;) {
    const [left]: readonly Term[] = call.args
    if (call.infix === undefined || left === undefined || left.location.offset !== call.location.offset) return false
    if (call.infix === '|') return true
    if (left.kind !== 'call') return false
    call = left
  }
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
      if (beginsWithUnion(inner)) cursor.unexpected('')
      return inner
    })
    if (body !== undefined)
      return {
        kind: 'not_body',
        body,
        braces: true,
        negated: false,
        with: parseWith(cursor),
        location: cursor.since(start),
      }
  }
  const inner = parseGroup(cursor) ?? parseLiteral(cursor)
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
