// Operands of `not`, `and` and `or`: an expression, a body in braces, or a group in parentheses. Braces are always a body
// here; a value that begins with a brace needs parentheses around it, and says so.
import { type Body, type CallExpr, type CallTerm, type Expr, noWiths, type Term } from './ast.ts'
import { type Cursor, ParseFault } from './cursor.ts'
import type { Location } from './diagnostic.ts'
import type { Token } from './lexer.ts'
import { parseExpr, parseWith } from './parse-expr.ts'
import { parseTerm } from './parse-term.ts'
import { valueName } from './term-string.ts'

/** A side of `and` and `or`, with the braces that were written around it. */
interface Side {
  readonly body: Body
  readonly braces?: Location
}

/** One literal, with the experimental `and` and `or` around it where they are imported. */
export function parseLogic(cursor: Cursor): Expr {
  if (cursor.logic.size === 0) return cursor.bodies.literal(cursor)
  return cursor.nested(() => {
    const parseAnd = (behind: string | undefined): Side => {
      let left = parseSide(cursor, behind)
      if (declares(left)) return left
      while (cursor.logic.has('and') && cursor.isWord('and')) {
        refuseModifier(left, 'and', cursor)
        cursor.next()
        left = joinSides('and', left, parseSide(cursor, 'and'))
      }
      return left
    }
    let left = parseAnd(undefined)
    if (declares(left)) return single(left.body)
    while (cursor.logic.has('or') && cursor.isWord('or')) {
      refuseModifier(left, 'or', cursor)
      cursor.next()
      left = joinSides('or', left, parseAnd('or'))
    }
    const expr = single(left.body)
    return expr.kind === 'and' || expr.kind === 'or' ? { ...expr, with: [...expr.with, ...parseWith(cursor)] } : expr
  })
}

/** `some` and `every` are no operands. */
function declares({ body, braces }: Side): boolean {
  const [only] = body
  return braces === undefined && (only?.kind === 'some' || only?.kind === 'some_in' || only?.kind === 'every')
}

/** `a with x as y and b` does not say what the modifier is for. */
function refuseModifier({ body, braces }: Side, word: string, cursor: Cursor): void {
  const [only] = body
  const [modifier] = only?.with ?? []
  if (braces !== undefined || modifier === undefined || cursor.source[only?.location.offset ?? 0] === '(') return
  cursor.hint(
    `Wrap the operand in \`(...)\` or \`{...}\` to scope, or move \`with\` after the \`${word}\` expression to apply it to the whole expression`,
  )
  cursor.failCertainly(`\`with\` modifier is not allowed on operand of \`${word}\``, modifier.location)
}

/** One side. In front of an operator, braces are a body only if one follows. */
function parseSide(cursor: Cursor, behind: string | undefined): Side {
  const start = cursor.token
  if (start.kind === '{') {
    const position = cursor.position
    let fault: ParseFault | undefined
    try {
      cursor.next()
      const body = cursor.bodies.body(cursor, '}')
      cursor.expect('}', '')
      if (behind !== undefined || atOperator(cursor)) {
        const braces = cursor.since(start)
        if (beginsWithUnion(body)) failUnion(cursor, start, body, '')
        return { body, braces }
      }
    } catch (error) {
      if (!(error instanceof ParseFault) || cursor.exhausted || error.certain) throw error
      fault = error
    }
    cursor.reset(position)
    const value = cursor.attempt(() => parseExpr(cursor))
    const word = behind ?? (atOperator(cursor) ? cursor.token.text : undefined)
    if (
      fault?.diagnostic.message === 'found empty body' &&
      value?.kind === 'term' &&
      value.term.kind === 'object' &&
      word !== undefined
    )
      throw fault
    if (value !== undefined && word !== undefined) {
      const text = cursor.source.slice(start.offset, cursor.before.end)
      cursor.hint(`wrap the operand to keep the value: \`(${text}) ${word} ...\``)
      cursor.failCertainly(
        `operand of \`${word}\` cannot begin with \`{\` unless the braces hold a body`,
        cursor.at(start),
      )
    }
    if (behind !== undefined && fault !== undefined) throw fault
    cursor.reset(position)
  }
  if (behind !== undefined && cursor.is('(') && cursor.peek().kind === ')')
    cursor.failCertainly(
      'empty parenthesized group',
      cursor.at(cursor.token),
      'write an expression between the parentheses',
    )
  const group = parseGroup(cursor, behind !== undefined)
  if (group !== undefined) return { body: [group] }
  return { body: [behind === undefined ? cursor.bodies.literal(cursor) : parseOperand(cursor)] }
}

function atOperator(cursor: Cursor): boolean {
  return (cursor.logic.has('and') && cursor.isWord('and')) || (cursor.logic.has('or') && cursor.isWord('or'))
}

/** What follows an operator: an expression or its negation; a modifier behind it belongs to the whole. */
function parseOperand(cursor: Cursor): Expr {
  const start = cursor.token
  if (!cursor.takeWord('not')) return parseExpr(cursor)
  return cursor.compositeNot ? parseNotBody(cursor, start, false) : { ...parseExpr(cursor), negated: true }
}

/** `(a or b)`, and as an operand `(a with x as y)` and `(not a)`; undefined, with nothing read, for anything else. */
function parseGroup(cursor: Cursor, operand: boolean): Expr | undefined {
  if (cursor.logic.size === 0 || !cursor.is('(')) return undefined
  const start = cursor.token
  const position = cursor.position
  if (operand) refuseBody(cursor, start, '')
  let expr: Expr
  try {
    cursor.next()
    expr = parseLogic(cursor)
  } catch (error) {
    if (!(error instanceof ParseFault) || cursor.exhausted || error.certain) throw error
    cursor.reset(position)
    return undefined
  }
  const logical = expr.kind === 'and' || expr.kind === 'or'
  const grouped = logical || expr.negated || expr.kind === 'not_body' || expr.with.length > 0
  if (!grouped) {
    cursor.reset(position)
    return undefined
  }
  if (!cursor.take(')')) cursor.fail('expected ) to close parenthesized group', cursor.token, 'close the parenthesis')
  const negation = expr.negated || expr.kind === 'not_body'
  if (!logical && !negation && !operand && !atOperator(cursor)) {
    cursor.reset(position)
    return undefined
  }
  return { ...expr, location: cursor.since(start) }
}

/** `({x; y})`: parentheses around a body. */
function refuseBody(cursor: Cursor, start: Token, prefix: string): void {
  if (cursor.peek().kind !== '{') return
  const position = cursor.position
  const value = cursor.attempt(() => parseTerm(cursor))
  cursor.reset(position)
  if (value !== undefined) return
  const text = cursor.attempt(() => {
    cursor.next()
    const brace = cursor.next()
    cursor.bodies.body(cursor, '}')
    cursor.expect('}', '')
    const braced = cursor.source.slice(brace.offset, cursor.before.end)
    cursor.expect(')', '')
    return braced
  })
  cursor.reset(position)
  if (text === undefined) return
  cursor.hint(`drop the parens to keep the body: \`${prefix}${text}\``)
  cursor.failCertainly('`(...)` in an operand position cannot contain a body', cursor.at(start))
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
    with: noWiths,
    location: { ...first, end: last.end },
  }
  return { body: [expr] }
}

/** Bodies whose braces read as a set comprehension: a union without parentheses leads them. */
export function beginsWithUnion(body: Body): boolean {
  return leadingUnion(body) !== undefined
}

function leadingUnion(body: Body): CallExpr | CallTerm | undefined {
  const [first] = body
  if (first?.kind !== 'call' || first.negated) return undefined
  let call: CallExpr | CallTerm = first
  for (;;) {
    const [left]: readonly Term[] = call.args
    if (call.infix === undefined || left === undefined || left.location.offset !== call.location.offset)
      return undefined
    if (call.infix === '|') return call
    if (left.kind !== 'call') return undefined
    call = left
  }
}

function single(body: Body): Expr {
  const [only] = body
  if (only === undefined) throw new TypeError('a body has at least one expression')
  return only
}

/** What stands behind `not` where it negates whole bodies. `modified` lets a modifier follow. */
export function parseNotBody(cursor: Cursor, start: Token, modified: boolean): Expr {
  const modifiers = () => (modified ? parseWith(cursor) : [])
  if (cursor.is('{')) {
    const body = parseNegatedBraces(cursor)
    const common = { kind: 'not_body', body, braces: true, negated: false } as const
    return { ...common, with: modifiers(), location: cursor.since(start) }
  }
  if (cursor.is('(') && cursor.peek().kind === ')')
    cursor.failCertainly(
      'empty parenthesized group',
      cursor.at(cursor.token),
      'write an expression between the parentheses',
    )
  if (cursor.is('(')) refuseBody(cursor, cursor.token, 'not ')
  const inner = parseGroup(cursor, true) ?? parseExpr(cursor)
  // What is negated without braces is where its negation is.
  const body = [{ ...inner, location: cursor.since(start) }]
  return { kind: 'not_body', body, negated: false, with: modifiers(), location: cursor.since(start) }
}

function parseNegatedBraces(cursor: Cursor): Body {
  const brace = cursor.token
  const position = cursor.position
  try {
    cursor.next()
    const body = cursor.bodies.body(cursor, '}')
    cursor.expect('}', 'expected }')
    if (beginsWithUnion(body)) failUnion(cursor, brace, body, 'not ')
    return body
  } catch (error) {
    if (!(error instanceof ParseFault) || cursor.exhausted || error.certain) throw error
    if (error.diagnostic.message === 'found empty body') throw new ParseFault(error.diagnostic, error.more, true)
    cursor.reset(position)
    const first = cursor.attempt(() => parseTerm(cursor))
    cursor.reset(position)
    const whole = cursor.attempt(() => parseExpr(cursor))
    if (first === undefined || whole === undefined) throw error
    const text = cursor.source.slice(brace.offset, cursor.before.end)
    cursor.hint(`write \`not (${text})\` to negate the value, or \`not {${text}}\` for a body holding it`)
    return cursor.failCertainly(
      `\`{...}\` in an operand position must contain expression(s), got: ${valueName(first)}`,
      cursor.at(brace),
    )
  }
}

const ambiguous =
  'ambiguous `{ ... | ... }` operand: read as a body holding a set-union expression, not as a comprehension'

function failUnion(cursor: Cursor, brace: Token, body: Body, prefix: string): never {
  const text = cursor.source.slice(brace.offset, cursor.before.end)
  const union = leadingUnion(body)?.location ?? cursor.at(brace)
  const around = [
    cursor.source.slice(brace.offset, union.offset),
    `(${cursor.source.slice(union.offset, union.end)})`,
    cursor.source.slice(union.end, cursor.before.end),
  ].join('')
  cursor.hint(`write \`${prefix}(${text})\` for the comprehension, or \`${prefix}${around}\` for the set union`)
  cursor.failCertainly(ambiguous, cursor.at(brace), 'put parentheses where the hint has them')
}
