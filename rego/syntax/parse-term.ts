// Terms: scalars, references, calls, collections, comprehensions, and infix operators by precedence.
import { isNumberText, numberFromText } from '../value/index.ts'
import {
  type Body,
  type CallTerm,
  type Comment,
  compact,
  type Expr,
  numberTerm,
  type RefTerm,
  stringTerm,
  type Term,
  type VarTerm,
  varTerm,
} from './ast.ts'
import { type Cursor, ParseFault } from './cursor.ts'
import type { Location } from './diagnostic.ts'
import { lex, type Token } from './lexer.ts'
import { unescapeString, unescapeTemplateText } from './strings.ts'
import { valueName } from './term-string.ts'

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
    for (let count = 0; cursor.takeWord('in'); count++) {
      cursor.inRow(count)
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
  let count = 0
  for (let name = operators.get(cursor.token.kind); name !== undefined; name = operators.get(cursor.token.kind)) {
    cursor.inRow(count++)
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
    if (spaced || (kind !== '(' && kind !== '.' && kind !== '[')) return term
    if (isScalar(term)) {
      const help = 'only names, collections and the results of calls can be looked into'
      cursor.fail(`illegal ref (head cannot be ${valueName(term)})`, term.location, help)
    }
    if (kind === '(') {
      // The result of a call is not called again.
      if (term.kind === 'call') return term
      const operator: VarTerm | RefTerm =
        term.kind === 'var' || term.kind === 'ref'
          ? term
          : { kind: 'ref', head: term, path: [], location: term.location }
      cursor.next()
      const args = parseList(cursor, ')')
      const location = cursor.from(term.location)
      term =
        operator.kind === 'var' && operator.name === 'set' && args.length === 0
          ? { kind: 'set', items: [], location }
          : { kind: 'call', operator, args, location }
      continue
    }
    const path: Term[] = []
    while (!cursor.token.spaced && (cursor.is('.') || cursor.is('['))) {
      cursor.inRow(path.length)
      path.push(parseStep(cursor))
    }
    term =
      term.kind === 'ref'
        ? { ...term, path: [...term.path, ...path], location: cursor.from(term.location) }
        : { kind: 'ref', head: term, path: compact(path), location: cursor.from(term.location) }
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
  const help = 'write a name behind the point, or put the key in brackets: ["key"]'
  if (cursor.is('.')) {
    const point = cursor.next()
    const { token } = cursor
    if (token.spaced) {
      const line = cursor.source[point.end] === '\n' ? 1 : 0
      const gap = {
        ...cursor.at(point),
        row: point.row + line,
        col: line === 1 ? 1 : point.col + 1,
        offset: point.end,
        end: point.end + 1,
      }
      cursor.fail('unexpected whitespace token: expected identifier', gap, help)
    }
    if (token.kind !== 'name' || (!cursor.keywordsInRefs && cursor.isKeyword(token.text)))
      cursor.unexpected('expected identifier', help)
    cursor.next()
    return stringTerm(token.text, cursor.at(token))
  }
  cursor.next()
  const step = parseInfix(cursor, true)
  if (!cursor.take(']')) cursor.unexpected('expected [', 'close the bracket behind the key')
  return step
}

function parsePrimary(cursor: Cursor): Term {
  const { token } = cursor
  switch (token.kind) {
    case 'number':
      return number(cursor, token, token.text)
    case '-':
      return parseMinus(cursor, token)
    case '.':
      return parseFraction(cursor, token, '.')
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
      if (!cursor.take(')')) cursor.fail('non-terminated expression', cursor.token, 'close the parenthesis')
      // Its own parentheses are part of where it stands.
      return { ...inner, location: cursor.since(token) }
    }
    case 'name':
      return parseNamed(cursor, token)
    default:
  }
  cursor.unexpected('', 'a value, a name, or an opening bracket is missing here')
}

/** A minus in front of a number is part of it; in front of a name it is taken from zero. */
function parseMinus(cursor: Cursor, minus: Token): Term {
  cursor.next()
  const { token } = cursor
  if (token.kind === 'name' && (cursor.isName() || token.text === 'contains')) {
    cursor.next()
    const term = finish(cursor, cursor.variable(token))
    const zero = numberTerm('0', cursor.at(minus))
    return call('minus', [zero, term], cursor.since(minus), '-')
  }
  if (token.kind === '.') return parseFraction(cursor, minus, '-.')
  if (token.kind !== 'number') cursor.unexpected('expected number', 'a number or a name follows a minus')
  return number(cursor, minus, `-${token.text}`)
}

/** `.5` */
function parseFraction(cursor: Cursor, start: Token, prefix: string): Term {
  cursor.next()
  const { token } = cursor
  if (token.kind !== 'number') cursor.unexpected('expected number', 'write a digit behind the point')
  cursor.next()
  const text = `${prefix}${token.text}`
  if (numberFromText(text.replace('.', '0.')) === undefined) cursor.fail('invalid float', token)
  return numberTerm(text.replace('.', '0.'), cursor.since(start))
}

function parseNamed(cursor: Cursor, token: Token): Term {
  if (!cursor.isName() && token.text !== 'contains') {
    const location = cursor.at(token)
    if (token.text === 'null' || token.text === 'true' || token.text === 'false') {
      cursor.next()
      return token.text === 'null'
        ? { kind: 'null', location }
        : { kind: 'boolean', value: token.text === 'true', location }
    }
    cursor.unexpected('', `\`${token.text}\` is a keyword and cannot stand here`)
  }
  cursor.next()
  return cursor.variable(token)
}

/** Exponents beyond this are no numbers at all. */
const exponentTextMax = 2_147_483_647

/** The number whose digits are the current token; a sign may stand in front. */
function number(cursor: Cursor, start: Token, text: string): Term {
  const { text: bare } = cursor.token
  const exponent = bare.length > 2 && (bare[1] === 'e' || bare[1] === 'E')
  if (bare.length > 1 && bare[0] === '0' && bare[1] !== '.' && !exponent)
    cursor.unexpected('expected number without leading zero', 'remove the zero in front')
  if (Math.abs(Number(text.split(/[eE]/)[1] ?? 0)) > exponentTextMax)
    cursor.unexpected('invalid float', 'write a smaller exponent')
  if (isNumberText(text) && numberFromText(text) === undefined)
    cursor.fail('number too big', cursor.token, 'write a smaller number')
  cursor.next()
  return numberTerm(text, cursor.since(start))
}

function parseArray(cursor: Cursor): Term {
  const start = cursor.next()
  if (cursor.take(']')) return { kind: 'array', items: [], location: cursor.since(start) }
  const comprehensible = !cursor.take(',')
  const head = parseTerm(cursor)
  if (cursor.is('|') && comprehensible) {
    const position = cursor.position
    const body = parseComprehensionBody(cursor, ']')
    if (body !== undefined)
      return { kind: 'comprehension', of: 'array', value: head, body, location: cursor.since(start) }
    cursor.reset(position)
  }
  const items = parseListFrom(cursor, parseInfix(cursor, false, head), ']')
  return { kind: 'array', items, location: cursor.since(start) }
}

/** `| body` through the closing bracket. Undefined when a comma shows that it is a union in a list. */
function parseComprehensionBody(cursor: Cursor, end: ']' | '}'): Body | undefined {
  cursor.next()
  let body: Body
  try {
    body = cursor.bodies.body(cursor, end)
  } catch (error) {
    if (!(error instanceof ParseFault) || !cursor.is(',') || cursor.exhausted) throw error
    return undefined
  }
  cursor.expect(end, `expected ${end}`)
  return body
}

function parseBraces(cursor: Cursor): Term {
  const start = cursor.next()
  if (cursor.take('}')) return { kind: 'object', entries: [], location: cursor.since(start) }
  const comprehensible = !cursor.take(',')
  const head = parseTerm(cursor)
  if (cursor.is('|') && comprehensible) {
    const position = cursor.position
    const body = parseComprehensionBody(cursor, '}')
    if (body !== undefined)
      return { kind: 'comprehension', of: 'set', value: head, body, location: cursor.since(start) }
    cursor.reset(position)
    const items = parseListFrom(cursor, parseInfix(cursor, false, head), '}')
    return { kind: 'set', items, location: cursor.since(start) }
  }
  const first = parseInfix(cursor, false, head)
  if (cursor.is(':')) return parseObject(cursor, start, first, comprehensible)
  if (!cursor.is('}') && !cursor.is(','))
    cursor.unexpected('non-terminated set', 'close the brace, or put a comma between the elements')
  return { kind: 'set', items: parseListFrom(cursor, first, '}'), location: cursor.since(start) }
}

function parseObject(cursor: Cursor, start: Token, key: Term, comprehensible: boolean): Term {
  cursor.next()
  const position = cursor.position
  const help = 'close the brace, or put a comma between the entries'
  const head = parseTerm(cursor)
  if (comprehensible && cursor.is('|')) {
    const body = cursor.attempt(() => parseComprehensionBody(cursor, '}'))
    if (body !== undefined)
      return { kind: 'comprehension', of: 'object', key, value: head, body, location: cursor.since(start) }
  }
  const ended = (): boolean => cursor.is('}') || cursor.is(',')
  if (comprehensible && ended()) {
    const entries = cursor.attempt(() => parseEntries(cursor, key, head))
    if (entries !== undefined) return { kind: 'object', entries, location: cursor.since(start) }
    cursor.reset(position)
    cursor.unexpected('non-terminated object', help)
  }
  const value = parseInfix(cursor, false, head)
  if (!ended()) cursor.unexpected('non-terminated object', help)
  return { kind: 'object', entries: parseEntries(cursor, key, value), location: cursor.since(start) }
}

/** What follows the first entry of an object, through its brace. */
function parseEntries(cursor: Cursor, firstKey: Term, firstValue: Term): readonly (readonly [Term, Term])[] {
  const entries: (readonly [Term, Term])[] = [[firstKey, firstValue]]
  while (cursor.take(',')) {
    if (cursor.is('}')) break
    const key = parseInfix(cursor, false)
    if (!cursor.take(':')) cursor.unexpected('expected ":"', 'put a colon between the key and the value')
    entries.push([key, parseInfix(cursor, false)])
  }
  if (!cursor.take('}')) cursor.unexpected('expected "," or "}"', 'close the brace, or put a comma between the entries')
  return compact(entries)
}

/** The rest of a list after its first term, through the closing bracket. */
function parseListFrom(cursor: Cursor, first: Term, end: ']' | '}'): readonly Term[] {
  const items = [first]
  while (cursor.take(',')) {
    if (cursor.is(end)) break
    items.push(parseInfix(cursor, false))
  }
  if (!cursor.take(end)) cursor.unexpected(`expected "," or "${end}"`, 'close the bracket, or put a comma between')
  return compact(items)
}

/** Terms with commas between, and one allowed behind the last, through the closing bracket. */
export function parseList(cursor: Cursor, end: ']' | ')' | '}'): readonly Term[] {
  const items: Term[] = []
  while (!cursor.is(end)) {
    items.push(parseInfix(cursor, false))
    if (!cursor.take(',')) break
  }
  if (!cursor.take(end)) cursor.unexpected(`expected "," or "${end}"`, 'close the bracket, or put a comma between')
  return compact(items)
}

function parseTemplate(cursor: Cursor): Term {
  const { token } = cursor
  if (!cursor.templates) {
    const help = 'write it with `sprintf`, or in Rego v1'
    cursor.fail('template strings are not supported by current capabilities', token, help)
  }
  cursor.next()
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
    parts.push(cursor.bodies.templateExpr(cursor.inside(inner)))
    comments.push(...inner.comments)
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
