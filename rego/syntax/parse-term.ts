// Terms: scalars, references, calls, collections, comprehensions, and infix operators by precedence.
import { isNumberText, numberFromText } from '../value/index.ts'
import {
  type Body,
  type CallTerm,
  type Comment,
  type Expr,
  numberTerm,
  type RefTerm,
  stringTerm,
  type Term,
  type VarTerm,
  varTerm,
} from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Location } from './diagnostic.ts'
import { lex, type Token } from './lexer.ts'
import { unescapeString, unescapeTemplateText } from './strings.ts'

/** Operators by rank, loosest first. `in` is looser than all of them. */
const ranks: readonly ReadonlyMap<string, string>[] = [
  new Map([
    ['==', 'equal'],
    ['!=', 'neq'],
    ['<', 'lt'],
    ['>', 'gt'],
    ['<=', 'lte'],
    ['>=', 'gte'],
  ]),
  new Map([['|', 'or']]),
  new Map([['&', 'and']]),
  new Map([
    ['+', 'plus'],
    ['-', 'minus'],
  ]),
  new Map([
    ['*', 'mul'],
    ['/', 'div'],
    ['%', 'rem'],
  ]),
]

/** A term with infix operators. `pair` lets `k, v in xs` be a membership test with a key. */
export function parseInfix(cursor: Cursor, pair: boolean, first?: Term): Term {
  return cursor.nested(() => {
    let left = parseRank(cursor, 0, first)
    if (pair && cursor.is(',') && cursor.keywords.has('in')) left = parsePair(cursor, left) ?? left
    while (cursor.takeWord('in')) {
      const right = parseRank(cursor, 0, undefined)
      left = call('internal.member_2', [left, right], cursor.from(left.location), 'in')
    }
    return left
  })
}

/** `k, v in xs` after `k`; undefined, with nothing read, when it is something else. */
function parsePair(cursor: Cursor, key: Term): Term | undefined {
  return cursor.attempt(() => {
    cursor.next()
    const value = parseRank(cursor, 0, undefined)
    if (!cursor.takeWord('in')) cursor.unexpected('')
    const domain = parseRank(cursor, 0, undefined)
    return call('internal.member_3', [key, value, domain], cursor.from(key.location), 'in')
  })
}

function parseRank(cursor: Cursor, rank: number, first: Term | undefined): Term {
  const operators = ranks[rank]
  if (operators === undefined) return first ?? parseTerm(cursor)
  let left = parseRank(cursor, rank + 1, first)
  for (let name = operators.get(cursor.token.kind); name !== undefined; name = operators.get(cursor.token.kind)) {
    const symbol = cursor.next().kind
    const right = parseRank(cursor, rank + 1, undefined)
    left = call(name, [left, right], cursor.from(left.location), symbol)
  }
  return left
}

function call(name: string, args: readonly Term[], location: Location, infix: string): CallTerm {
  const [head = '', ...path] = name.split('.')
  const operator: VarTerm | RefTerm =
    path.length === 0
      ? varTerm(head, location)
      : { kind: 'ref', head: varTerm(head, location), path: path.map((part) => stringTerm(part, location)), location }
  return { kind: 'call', operator, args, infix, location }
}

/** A term without infix operators. */
export function parseTerm(cursor: Cursor): Term {
  return cursor.nested(() => finish(cursor, parsePrimary(cursor)))
}

/** The end of a term: steps of a reference and calls, without white space between. */
function finish(cursor: Cursor, head: Term): Term {
  let term = head
  for (;;) {
    const { kind, spaced } = cursor.token
    if (spaced || isScalar(term)) return term
    if (kind === '(' && (term.kind === 'var' || term.kind === 'ref')) {
      if (term.kind === 'ref' && (term.head.kind !== 'var' || !term.path.every((step) => step.kind === 'string')))
        return term
      cursor.next()
      const args = parseList(cursor, ')')
      term = { kind: 'call', operator: term, args, location: cursor.from(term.location) }
    } else if (kind === '.' || kind === '[') {
      const path: Term[] = []
      while (!cursor.token.spaced && (cursor.is('.') || cursor.is('['))) path.push(parseStep(cursor))
      term =
        term.kind === 'ref'
          ? { ...term, path: [...term.path, ...path], location: cursor.from(term.location) }
          : { kind: 'ref', head: term, path, location: cursor.from(term.location) }
    } else return term
  }
}

function isScalar(term: Term): boolean {
  return (
    term.kind === 'number' ||
    term.kind === 'boolean' ||
    term.kind === 'null' ||
    term.kind === 'string' ||
    term.kind === 'template'
  )
}

/** One step of a reference: `.name` or `[term]`. */
export function parseStep(cursor: Cursor): Term {
  if (cursor.take('.')) {
    const { token } = cursor
    if (token.kind !== 'name' || (!cursor.keywordsInRefs && cursor.isKeyword(token.text)))
      cursor.unexpected('expected var', 'write a name behind the point, or put the key in brackets: ["key"]')
    cursor.next()
    return stringTerm(token.text, cursor.at(token))
  }
  cursor.expect('[', '')
  const step = parseInfix(cursor, true)
  cursor.expect(']', 'expected ]')
  return step
}

function parsePrimary(cursor: Cursor): Term {
  const { token } = cursor
  switch (token.kind) {
    case 'number':
      cursor.next()
      return number(cursor, token, token.text)
    case '-': {
      const digits = cursor.peek()
      if (digits.kind !== 'number') break
      cursor.next()
      cursor.next()
      return number(cursor, token, `-${digits.text}`)
    }
    case 'string':
      cursor.next()
      return stringTerm(unescapeString(cursor, token), cursor.at(token))
    case 'raw':
      cursor.next()
      return {
        kind: 'string',
        value: token.text.slice(1, -1),
        raw: true,
        location: cursor.at(token),
      }
    case 'template':
    case 'raw_template':
      return parseTemplate(cursor)
    case '[':
      return parseArray(cursor)
    case '{':
      return parseBraces(cursor)
    case '(': {
      cursor.next()
      const inner = parseInfix(cursor, true)
      cursor.expect(')', 'expected )')
      // Its own parentheses are part of where it stands.
      return { ...inner, location: cursor.since(token) }
    }
    case 'name':
      return parseNamed(cursor, token)
    case 'illegal':
      cursor.fail('illegal token', token)
      break
    default:
  }
  cursor.unexpected('expected term', 'a value, a name, or an opening bracket is missing here')
}

function parseNamed(cursor: Cursor, token: Token): Term {
  if (!cursor.isName() && !(token.text === 'contains' && cursor.peek().kind === '(')) {
    cursor.next()
    const location = cursor.at(token)
    if (token.text === 'null') return { kind: 'null', location }
    if (token.text === 'true' || token.text === 'false')
      return { kind: 'boolean', value: token.text === 'true', location }
    cursor.reset(cursor.position - 1)
    cursor.unexpected('expected term', `\`${token.text}\` is a keyword and cannot stand here`)
  }
  cursor.next()
  if (token.text === 'set' && cursor.is('(') && !cursor.token.spaced && cursor.peek().kind === ')') {
    cursor.next()
    cursor.next()
    return { kind: 'set', items: [], location: cursor.since(token) }
  }
  return cursor.variable(token)
}

function number(cursor: Cursor, token: Token, text: string): Term {
  if (isNumberText(text) && numberFromText(text) === undefined)
    cursor.fail('number too big', token, 'write a smaller number')
  return numberTerm(text, cursor.since(token))
}

function parseArray(cursor: Cursor): Term {
  const start = cursor.next()
  if (cursor.take(']')) return { kind: 'array', items: [], location: cursor.since(start) }
  const leadingComma = cursor.take(',')
  const comprehension = leadingComma ? undefined : parseComprehension(cursor, start, ']')
  if (comprehension !== undefined) return comprehension
  return { kind: 'array', items: parseList(cursor, ']'), location: cursor.since(start) }
}

/** `term | body` up to the closing bracket; undefined, with nothing read, when it is something else. */
function parseComprehension(cursor: Cursor, start: Token, end: ']' | '}'): Term | undefined {
  return cursor.attempt(() => {
    const value = parseTerm(cursor)
    const body = parseComprehensionBody(cursor, end)
    return { kind: 'comprehension', of: end === ']' ? 'array' : 'set', value, body, location: cursor.since(start) }
  })
}

function parseComprehensionBody(cursor: Cursor, end: ']' | '}'): Body {
  cursor.expect('|', '')
  const body = cursor.bodies.body(cursor, end)
  cursor.expect(end, `expected ${end}`)
  return body
}

function parseBraces(cursor: Cursor): Term {
  const start = cursor.next()
  if (cursor.take('}')) return { kind: 'object', entries: [], location: cursor.since(start) }
  const leadingComma = cursor.take(',')
  if (!leadingComma) {
    const comprehension = parseComprehension(cursor, start, '}')
    if (comprehension !== undefined) return comprehension
  }
  const first = parseInfix(cursor, false)
  if (cursor.is(':')) return parseObject(cursor, start, first, leadingComma)
  const items = [first]
  while (cursor.take(',')) {
    if (cursor.is('}')) break
    items.push(parseInfix(cursor, false))
  }
  cursor.expect('}', 'non-terminated set')
  return { kind: 'set', items, location: cursor.since(start) }
}

function parseObject(cursor: Cursor, start: Token, firstKey: Term, leadingComma: boolean): Term {
  cursor.expect(':', '')
  if (!leadingComma) {
    const comprehension = cursor.attempt((): Term => {
      const value = parseTerm(cursor)
      const body = parseComprehensionBody(cursor, '}')
      return { kind: 'comprehension', of: 'object', key: firstKey, value, body, location: cursor.since(start) }
    })
    if (comprehension !== undefined) return comprehension
  }
  const entries: (readonly [Term, Term])[] = [[firstKey, parseInfix(cursor, false)]]
  while (cursor.take(',')) {
    if (cursor.is('}')) break
    const key = parseInfix(cursor, false)
    cursor.expect(':', 'expected :')
    entries.push([key, parseInfix(cursor, false)])
  }
  cursor.expect('}', 'non-terminated object')
  return { kind: 'object', entries, location: cursor.since(start) }
}

/** Terms with commas between, and one allowed behind the last, through the closing bracket. */
export function parseList(cursor: Cursor, end: ']' | ')'): readonly Term[] {
  const items: Term[] = []
  cursor.take(',')
  while (!cursor.is(end)) {
    items.push(parseInfix(cursor, false))
    if (!cursor.take(',')) break
  }
  cursor.expect(end, `expected "," or "${end}"`)
  return items
}

function parseTemplate(cursor: Cursor): Term {
  const token = cursor.next()
  const raw = token.kind === 'raw_template'
  const parts: (string | Expr)[] = []
  const comments: Comment[] = []
  let from = token.offset + 2
  const end = token.end - 1
  let at = from
  let { row } = token
  let lineStart = token.offset - token.col + 1
  const textUpTo = (stop: number): void => {
    if (stop > from) parts.push(unescapeTemplateText(cursor, cursor.source.slice(from, stop), raw, token))
  }
  while (at < end) {
    const character = cursor.source[at]
    if (character === '\\') {
      at += 2
      continue
    }
    if (character === '\n') {
      row++
      lineStart = at + 1
    }
    if (character !== '{') {
      at++
      continue
    }
    textUpTo(at)
    const close = closingBrace(cursor.source, at + 1, end)
    const inner = lex(cursor.source, cursor.file, { offset: at + 1, end: close, row, col: at + 2 - lineStart })
    const [fault] = inner.diagnostics
    if (fault !== undefined) cursor.fail(fault.message, fault.location, fault.help)
    comments.push(...inner.comments)
    parts.push(cursor.bodies.templateExpr(cursor.inside(inner.tokens)))
    for (let index = at; index < close; index++) {
      if (cursor.source[index] === '\n') {
        row++
        lineStart = index + 1
      }
    }
    at = close + 1
    from = at
  }
  textUpTo(end)
  const common = { kind: 'template', parts, raw, location: cursor.at(token) } as const
  return comments.length === 0 ? common : { ...common, comments }
}

/** The offset of the brace that closes a template expression; strings inside are passed over. */
function closingBrace(source: string, start: number, end: number): number {
  let depth = 0
  for (let at = start; at < end; at++) {
    const character = source[at]
    if (character === '"' || character === '`') {
      at++
      while (at < end && source[at] !== character) at += character === '"' && source[at] === '\\' ? 2 : 1
    } else if (character === '{') depth++
    else if (character === '}' && depth-- === 0) return at
  }
  return end
}
