// The parser's place in the tokens, with what all parts of the parser share: errors, limits, keywords, going back.
import type { Body, Expr, VarTerm } from './ast.ts'
import { varTerm } from './ast.ts'
import type { Diagnostic, Location } from './diagnostic.ts'
import type { Token, TokenKind, Tokens } from './lexer.ts'

/** Nesting of terms and bodies that the parser follows. */
export const nestingMax = 500
/** Operators in one term, and steps in one reference: what stands in a row is nested in the tree. */
export const rowMax = 1000
/** Mistakes after which a text is given up. */
export const diagnosticsMax = 100
/** Steps before a text is given up, and for each token that was read. */
const stepsMin = 10_000
const stepsATokenMax = 200
/** Numbers set aside for the `_` of one template expression. */
const wildcardsATemplateMax = 1000

/** Leaves the construct that is being parsed; caught where parsing can go on. */
export class ParseFault extends Error {
  readonly diagnostic: Diagnostic
  /** Further mistakes of the same construct. */
  readonly more: readonly Diagnostic[]
  /** True when no other reading of the text can be meant. */
  readonly certain: boolean
  constructor(diagnostic: Diagnostic, more: readonly Diagnostic[] = [], certain = false) {
    super(diagnostic.message)
    this.certain = certain
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
  literal(cursor: Cursor): Expr
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
  /** The keywords that the text may import, sorted; all that are known unless the target has fewer. */
  importable: readonly string[] | undefined
  /** Whether `import rego.v1` is understood. */
  importsV1 = true
  /** The version that the text is in; `import rego.v1` makes it 1. */
  version: 0 | 1 = 1
  /** Whether template strings can be written; texts that begin as v0 have none. */
  templates = true
  #forcedName = -1
  readonly #tokens: Tokens
  #at = 0
  #depth = 0
  #wildcards = 0
  #hints: string[] = []
  /** Steps taken: going back must not make parsing exponential. */
  #steps = 0
  #exhausted = false
  #current: Token

  constructor(
    source: string,
    file: string,
    tokens: Tokens,
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
    this.#current = tokens.at(0)
  }

  get token(): Token {
    return this.#current
  }

  /** The token before the current one. */
  get before(): Token {
    return this.#tokens.at(Math.max(0, this.#at - 1))
  }

  peek(ahead = 1): Token {
    return this.#tokens.at(this.#at + ahead)
  }

  /** A cursor over tokens that stand inside a token of this one, for template strings. */
  inside(tokens: Tokens): Cursor {
    this.#wildcards += wildcardsATemplateMax
    const inner = new Cursor(this.source, this.file, tokens, this.keywords, this.bodies, this.#wildcards)
    this.#wildcards += wildcardsATemplateMax
    inner.compositeNot = this.compositeNot
    inner.keywordsInRefs = this.keywordsInRefs
    inner.version = this.version
    inner.templates = this.templates
    inner.logic = this.logic
    inner.#depth = this.#depth
    return inner
  }

  /** True once the steps for this text are spent. */
  get exhausted(): boolean {
    return this.#exhausted
  }

  get position(): number {
    return this.#at
  }

  reset(position: number): void {
    this.#at = position
    this.#current = this.#tokens.at(position)
  }

  /** Promises not to go back behind the token before the current one. */
  settle(): void {
    this.#tokens.release(this.#at - 1)
  }

  next(): Token {
    const token = this.#current
    if (++this.#steps > this.#tokens.count * stepsATokenMax + stepsMin) {
      this.#exhausted = true
      this.fail('the text is too involved to parse', token, 'split it into smaller rules')
    }
    if (token.kind !== 'eof') this.reset(this.#at + 1)
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

  /** True for `if.foo` and `if["foo"]`: a keyword right before a step is the name of a reference. */
  beginsRef(): boolean {
    const step = this.peek()
    return this.keywordsInRefs && (step.kind === '.' || step.kind === '[') && !step.spaced
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
    return kind === 'name' && (!this.isKeyword(text) || this.#forcedName === this.#at || this.#callsOperator(text))
  }

  /** True for `or(` and `and(`, the built-ins that are called like the keywords. */
  #callsOperator(text: string): boolean {
    if (text !== 'or' && text !== 'and') return false
    const { kind, spaced } = this.peek()
    return kind === '(' && !spaced
  }

  /** True for names, and for keywords that begin a reference: what rules and expressions can begin with. */
  isStart(): boolean {
    return this.isName() || (this.token.kind === 'name' && this.beginsRef())
  }

  isKeyword(text: string): boolean {
    return baseKeywords.has(text) || this.keywords.has(text)
  }

  variable(token: Token): VarTerm {
    return varTerm(token.text === '_' ? `$${this.#wildcards++}` : token.text, this.at(token))
  }

  at(token: Token): Location {
    const { row, col, offset, end } = token
    token.place ??= { file: this.file, row, col, offset, end }
    return token.place
  }

  /** From the start of a token to the end of the last one that was read. */
  since(token: Token): Location {
    const { end } = this.before
    if (end <= token.end) return this.at(token)
    const { row, col, offset } = token
    return { file: this.file, row, col, offset, end }
  }

  /** From the start of a node to the end of the last token that was read. */
  from(location: Location): Location {
    const { end } = this.before
    if (end <= location.end) return location
    const { file, row, col, offset } = location
    return { file, row, col, offset, end }
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

  /** Fails where so many operators or steps were read in a row that there cannot be one more. */
  inRow(count: number): void {
    if (count >= rowMax)
      this.fail(`more than ${rowMax} operators or steps in a row`, this.token, 'split it into smaller rules')
  }

  /** Parses with the current token as a name, whether it is a keyword or not. */
  asName<T>(parse: () => T): T {
    this.#forcedName = this.#at
    return parse()
  }

  /** Parses while what is no keyword in the oldest texts is a name. */
  withoutFuture<T>(parse: () => T): T {
    const kept = [...this.keywords]
    this.keywords.clear()
    try {
      return parse()
    } finally {
      for (const word of kept) this.keywords.add(word)
    }
  }

  /** Parses as a text would be read that has the keywords of v1. */
  withFuture<T>(parse: () => T): T {
    const added = futureKeywords.filter((word) => !this.keywords.has(word))
    for (const word of added) this.keywords.add(word)
    try {
      return parse()
    } finally {
      for (const word of added) this.keywords.delete(word)
    }
  }

  /** True for keywords of the version of the text, whatever it imports. */
  isLanguageKeyword(name: string): boolean {
    return baseKeywords.has(name) || (this.version === 1 && futureKeywords.includes(name))
  }

  /** Parses or, when that fails, goes back and answers undefined. */
  attempt<T>(parse: () => T): T | undefined {
    const position = this.#at
    const depth = this.#depth
    const wildcards = this.#wildcards
    const hints = [...this.#hints]
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof ParseFault) || this.#exhausted) throw error
      this.#hints = hints
      this.reset(position)
      this.#depth = depth
      this.#wildcards = wildcards
      return undefined
    }
  }

  /** Goes on the message of the next mistake. */
  hint(text: string): void {
    this.#hints.push(text)
  }

  /** Leaves with a mistake at the current token, which is not what `hint` says. */
  unexpected(hint: string, help?: string): never {
    const { token } = this
    const location = this.at(token)
    if (token.kind === 'illegal') {
      const fault = this.fault('illegal token', location, help)
      const [first = fault, ...more] = [...(token.faults ?? []), fault]
      throw new ParseFault(first, more)
    }
    this.fail(`unexpected ${this.#describe(token)}${hint === '' ? '' : `: ${hint}`}`, location, help)
  }

  /** What the current token is called in messages. */
  #describe(token: Token): string {
    if (token.kind !== 'name') return `${tokenName(token)} token`
    return this.isKeyword(token.text) && !(token.text === 'in' && this.beginsRef())
      ? `${token.text} keyword`
      : 'identifier token'
  }

  /** Leaves with a mistake. */
  fail(message: string, token: Token | Location, help?: string): never {
    const fault = this.fault(message, 'file' in token ? token : this.at(token), help)
    const { faults = [] } = this.token
    const [first = fault, ...more] = [...faults, fault]
    throw new ParseFault(first, more)
  }

  /** Leaves with a mistake that no other reading of the text repairs. */
  failCertainly(message: string, location: Location, help?: string): never {
    throw new ParseFault(this.fault(message, location, help), [], true)
  }

  /** A mistake, with the hints that were waiting for one. */
  fault(message: string, location: Location, help?: string): Diagnostic {
    const hints = this.#hints
    this.#hints = []
    const hinted =
      hints.length === 0 ? message : `${message} (${hints.length === 1 ? 'hint' : 'hints'}: ${hints.join(', ')})`
    return { code: 'rego_parse_error', message: hinted, location, ...(help === undefined ? {} : { help }) }
  }

  /** Parses; a mistake is followed by what it left unfinished, at the token where it happened. */
  finishing<T>(parse: () => T, message: () => string): T {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof ParseFault) || this.#exhausted) throw error
      const { token } = this
      const text = token.kind === 'illegal' ? 'illegal token' : `unexpected ${this.#describe(token)}: ${message()}`
      throw new ParseFault(error.diagnostic, [...error.more, this.fault(text, this.at(token))])
    }
  }
}

const markNames: ReadonlyMap<string, string> = new Map([
  ['template', 'template-string-end'],
  ['raw_template', 'raw-template-string-end'],
  ['raw', 'string'],
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
  return markNames.get(token.kind) ?? token.kind
}
