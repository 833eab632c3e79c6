// The parser's place in the tokens, with what all parts of the parser share: errors, limits, keywords, going back.
import type { Body, Expr, VarTerm } from './ast.ts'
import { varTerm } from './ast.ts'
import type { Diagnostic, Location } from './diagnostic.ts'
import type { Token, TokenKind } from './lexer.ts'

/** Nesting of terms and bodies that the parser follows. */
export const nestingMax = 500
/** Mistakes after which a text is given up. */
export const diagnosticsMax = 100
/** Numbers set aside for the `_` of one template expression. */
const wildcardsATemplateMax = 1000

/** Leaves the construct that is being parsed; caught where parsing can go on. */
export class ParseFault extends Error {
  readonly diagnostic: Diagnostic
  /** Further mistakes of the same construct. */
  readonly more: readonly Diagnostic[]
  constructor(diagnostic: Diagnostic, more: readonly Diagnostic[] = []) {
    super(diagnostic.message)
    this.diagnostic = diagnostic
    this.more = more
  }
}

/** Words that are no names anywhere. */
const baseKeywords: ReadonlySet<string> = new Set([
  'package',
  'import',
  'as',
  'default',
  'else',
  'with',
  'null',
  'true',
  'false',
  'some',
  'not',
])

/** Words that are keywords in v1, and in v0 when imported. */
export const futureKeywords: readonly string[] = ['in', 'every', 'contains', 'if']

/** How to parse bodies: terms contain bodies and bodies terms, and the two files must not import each other. */
export interface BodyParsers {
  body(cursor: Cursor, end: TokenKind): Body
  templateExpr(cursor: Cursor): Expr
}

/** A cursor over the tokens of one text. */
export class Cursor {
  readonly file: string
  readonly source: string
  readonly bodies: BodyParsers
  readonly keywords: Set<string>
  /** True under `import future.keywords.not`. */
  compositeNot = false
  /** Whether `and` and `or` are operators between expressions. */
  logic: ReadonlySet<string> = new Set()
  keywordsInRefs = true
  #tokens: readonly Token[]
  #at = 0
  #depth = 0
  #wildcards = 0
  /** Steps left before a text is given up: going back must not make parsing exponential. */
  #fuel: number

  constructor(
    source: string,
    file: string,
    tokens: readonly Token[],
    keywords: Iterable<string>,
    bodies: BodyParsers,
    wildcards = 0,
  ) {
    this.source = source
    this.file = file
    this.#tokens = tokens
    this.keywords = new Set(keywords)
    this.bodies = bodies
    this.#wildcards = wildcards
    this.#fuel = tokens.length * 200 + 10_000
  }

  get token(): Token {
    return this.#token(this.#at)
  }

  /** The token before the current one. */
  get before(): Token {
    return this.#token(Math.max(0, this.#at - 1))
  }

  peek(ahead = 1): Token {
    return this.#token(this.#at + ahead)
  }

  /** A cursor over tokens that stand inside a token of this one, for template strings. */
  inside(tokens: readonly Token[]): Cursor {
    this.#wildcards += wildcardsATemplateMax
    const inner = new Cursor(this.source, this.file, tokens, this.keywords, this.bodies, this.#wildcards)
    this.#wildcards += wildcardsATemplateMax
    inner.compositeNot = this.compositeNot
    inner.keywordsInRefs = this.keywordsInRefs
    inner.#depth = this.#depth
    return inner
  }

  get position(): number {
    return this.#at
  }

  reset(position: number): void {
    this.#at = position
  }

  next(): Token {
    const token = this.token
    if (--this.#fuel < 0) this.fail('the text is too involved to parse', token, 'split it into smaller rules')
    if (token.kind !== 'eof') this.#at++
    return token
  }

  is(kind: TokenKind): boolean {
    return this.token.kind === kind
  }

  /** True when the current token is this word used as a keyword. */
  isWord(word: string): boolean {
    const { kind, text } = this.token
    return kind === 'name' && text === word && this.isKeyword(word) && !this.beginsRef()
  }

  /** True for `if.foo`: a keyword right before a point is the name of a reference. */
  beginsRef(): boolean {
    const point = this.peek()
    return this.keywordsInRefs && point.kind === '.' && !point.spaced && this.peek(2).kind === 'name'
  }

  take(kind: TokenKind): boolean {
    if (this.token.kind !== kind) return false
    this.next()
    return true
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false
    this.next()
    return true
  }

  expect(kind: TokenKind, hint: string): Token {
    if (this.token.kind !== kind) this.unexpected(hint)
    return this.next()
  }

  /** True when the current token is a name that is not a keyword. */
  isName(): boolean {
    const { kind, text } = this.token
    return kind === 'name' && (!this.isKeyword(text) || this.beginsRef())
  }

  isKeyword(text: string): boolean {
    return baseKeywords.has(text) || this.keywords.has(text)
  }

  variable(token: Token): VarTerm {
    return varTerm(token.text === '_' ? `$${this.#wildcards++}` : token.text, this.at(token))
  }

  at(token: Token): Location {
    return { file: this.file, row: token.row, col: token.col, offset: token.offset, end: token.end }
  }

  /** From the start of a token to the end of the last one that was read. */
  since(token: Token): Location {
    return {
      file: this.file,
      row: token.row,
      col: token.col,
      offset: token.offset,
      end: Math.max(this.before.end, token.end),
    }
  }

  /** From the start of a node to the end of the last token that was read. */
  from(location: Location): Location {
    return { ...location, end: Math.max(this.before.end, location.end) }
  }

  nested<T>(parse: () => T): T {
    if (++this.#depth > nestingMax)
      this.fail(`nested deeper than ${nestingMax}`, this.token, 'split it into smaller rules')
    try {
      return parse()
    } finally {
      this.#depth--
    }
  }

  /** Parses or, when that fails, goes back and answers undefined. */
  attempt<T>(parse: () => T): T | undefined {
    const position = this.#at
    const depth = this.#depth
    const wildcards = this.#wildcards
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof ParseFault) || this.#fuel < 0) throw error
      this.#at = position
      this.#depth = depth
      this.#wildcards = wildcards
      return undefined
    }
  }

  unexpected(hint: string, help?: string): never {
    const { token } = this
    const what =
      token.kind === 'eof'
        ? 'eof'
        : token.kind === 'name'
          ? this.isKeyword(token.text)
            ? `${token.text} keyword`
            : 'identifier token'
          : `${tokenName(token)} token`
    this.fail(`unexpected ${what}${hint === '' ? '' : `: ${hint}`}`, token, help)
  }

  fail(message: string, token: Token | Location, help?: string): never {
    const location = 'file' in token ? token : this.at(token)
    throw new ParseFault({ code: 'rego_parse_error', message, location, ...(help === undefined ? {} : { help }) })
  }

  #token(index: number): Token {
    const token = this.#tokens[Math.min(index, this.#tokens.length - 1)]
    if (token === undefined) throw new TypeError('a text always has its end token')
    return token
  }
}

const markNames: ReadonlyMap<string, string> = new Map([
  ['{', '{'],
  ['}', '}'],
  ['[', '['],
  [']', ']'],
  ['(', '('],
  [')', ')'],
  [',', ','],
  [';', ';'],
  [':', ':'],
  ['.', '.'],
  ['=', 'eq'],
  [':=', 'assign'],
  ['==', 'equal'],
  ['!=', 'neq'],
  ['<', 'lt'],
  ['>', 'gt'],
  ['<=', 'lte'],
  ['>=', 'gte'],
  ['+', 'plus'],
  ['-', 'minus'],
  ['*', 'mul'],
  ['/', 'div'],
  ['%', 'rem'],
  ['&', 'and'],
  ['|', 'or'],
])

function tokenName(token: Token): string {
  return markNames.get(token.kind) ?? token.kind.replace('_', ' ')
}
