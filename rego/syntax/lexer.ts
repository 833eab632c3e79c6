// Text to tokens, as far as the parser has read. What it will not go back to is let go, so that the tokens of a long text
// are never held all at once.
import type { Comment } from './ast.ts'
import type { Diagnostic, Location } from './diagnostic.ts'

/** What a token is; punctuation is its own text. */
export type TokenKind = 'eof' | 'name' | 'number' | 'string' | 'raw' | 'template' | 'raw_template' | 'illegal' | Mark

/** Punctuation. */
export type Mark =
  | '{'
  | '}'
  | '['
  | ']'
  | '('
  | ')'
  | ','
  | ';'
  | ':'
  | '.'
  | '='
  | ':='
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '&'
  | '|'

/** One token. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly offset: number
  readonly end: number
  readonly row: number
  readonly col: number
  /** True when white space or a comment stands before it. */
  readonly spaced: boolean
  /** What is wrong with an illegal token. */
  readonly faults?: readonly Diagnostic[]
  /** Where it stands, once somebody asked: one location for all nodes that end with it. */
  place: Location | undefined
}

/** Bytes of source text at the most. */
export const sourceLengthMax: number = 8 * 1024 * 1024

/** What a parser reads. */
export interface Tokens {
  /** The token at an index, which must not have been let go; behind the end, the end. */
  at(index: number): Token
  /** Lets go of the tokens before an index. */
  release(index: number): void
  /** How many tokens were found so far. */
  readonly count: number
  /** The comments before the last token that was found. */
  readonly comments: readonly Comment[]
}

/** Tokens that are let go together. */
const releaseMin = 256

/** Where lexing begins inside a larger text, for the expressions of template strings. */
export interface LexStart {
  readonly offset: number
  readonly end: number
  readonly row: number
  readonly col: number
}

const doubleMarks: ReadonlySet<string> = new Set([':=', '==', '!=', '<=', '>='])
const singleMarks = '{}[](),;:.=<>+-*/%&|'

/** Splits a text, or a part of it, into tokens. Never throws. */
export function lex(source: string, file: string, start?: LexStart): Tokens {
  return new Lexer(source, file, start ?? { offset: 0, end: source.length, row: 1, col: 1 })
}

class Lexer implements Tokens {
  readonly #source: string
  readonly #file: string
  readonly #end: number
  readonly #tokens: Token[] = []
  /** Each name once, however often it is written. */
  readonly #names = new Map<string, string>()
  readonly comments: Comment[] = []
  /** The tokens that were let go. */
  #released = 0
  #ended = false
  #faults: Diagnostic[] = []
  #at: number
  #row: number
  #lineStart: number
  #colBase: number

  constructor(source: string, file: string, start: LexStart) {
    this.#source = source
    this.#file = file
    // A byte order mark at the begin of a file says nothing.
    this.#at = start.offset === 0 && source.charCodeAt(0) === 0xfeff ? 1 : start.offset
    this.#end = start.end
    this.#row = start.row
    this.#lineStart = start.offset
    this.#colBase = start.col
  }

  get count(): number {
    return this.#released + this.#tokens.length
  }

  at(index: number): Token {
    while (!this.#ended && index >= this.count) this.#read()
    const token = this.#tokens[Math.min(index - this.#released, this.#tokens.length - 1)]
    if (token === undefined) throw new TypeError('a token that was let go is not read again')
    return token
  }

  release(index: number): void {
    const many = Math.min(index - this.#released, this.#tokens.length - 1)
    if (many < releaseMin) return
    this.#tokens.splice(0, many)
    this.#released += many
  }

  /** Reads one more token. */
  #read(): void {
    let spaced = false
    while (this.#at < this.#end) {
      const code = this.#source.charCodeAt(this.#at)
      if (code === 10) {
        this.#at++
        this.#newline()
      } else if (code === 35) this.#comment()
      else if (code === 32 || code === 9 || code === 13) this.#at++
      else {
        this.#token(code, spaced)
        return
      }
      spaced = true
    }
    // The end of a text is told where its last character is.
    this.#push('eof', '', this.#end, this.#end, this.#row, Math.max(1, this.#col(this.#end) - 1), spaced)
    this.#ended = true
  }

  #token(code: number, spaced: boolean): void {
    const start = this.#at
    const row = this.#row
    const col = this.#col(start)
    if (isLetter(code)) {
      while (this.#at < this.#end && isNamePart(this.#source.charCodeAt(this.#at))) this.#at++
      this.#push('name', this.#name(this.#source.slice(start, this.#at)), start, this.#at, row, col, spaced)
    } else if (isDigit(code)) {
      this.#number(start)
      this.#push('number', this.#source.slice(start, this.#at), start, this.#at, row, col, spaced)
    } else if (code === 34 || code === 96) {
      this.#quoted(code, false)
      this.#push(code === 34 ? 'string' : 'raw', this.#source.slice(start, this.#at), start, this.#at, row, col, spaced)
    } else if (code === 36 && (this.#source[start + 1] === '"' || this.#source[start + 1] === '`')) {
      this.#at++
      const quote = this.#source.charCodeAt(this.#at)
      this.#quoted(quote, true)
      this.#push(
        quote === 34 ? 'template' : 'raw_template',
        this.#source.slice(start, this.#at),
        start,
        this.#at,
        row,
        col,
        spaced,
      )
    } else this.#mark(start, row, col, spaced)
  }

  #name(text: string): string {
    const known = this.#names.get(text)
    if (known !== undefined) return known
    this.#names.set(text, text)
    return text
  }

  #mark(start: number, row: number, col: number, spaced: boolean): void {
    const two = this.#source.slice(start, start + 2)
    if (doubleMarks.has(two)) {
      this.#at += 2
      this.#push(two as Mark, two, start, this.#at, row, col, spaced)
      return
    }
    const one = this.#source[start] ?? ''
    const character = String.fromCodePoint(this.#source.codePointAt(start) ?? 0)
    this.#at += character.length
    if (singleMarks.includes(one)) this.#push(one as Mark, one, start, this.#at, row, col, spaced)
    else {
      if (one === '!' || one === '$')
        this.#error(`illegal ${one} character`, start, this.#at, row, col, `remove \`${one}\``)
      this.#push('illegal', character, start, this.#at, row, col, spaced)
    }
  }

  #number(start: number): void {
    const row = this.#row
    this.#digits()
    if (this.#source[this.#at] === '.') {
      this.#at++
      const before = this.#at
      this.#digits()
      if (this.#at === before)
        this.#error('expected fraction', start, this.#at, row, this.#col(start), 'write a digit behind the point')
    }
    const exponent = this.#source[this.#at]
    if (exponent === 'e' || exponent === 'E') {
      this.#at++
      if (this.#source[this.#at] === '+' || this.#source[this.#at] === '-') this.#at++
      const before = this.#at
      this.#digits()
      if (this.#at === before)
        this.#error(
          'expected exponent',
          start,
          this.#at,
          row,
          this.#col(start),
          'write a digit behind the exponent sign',
        )
    }
    if (this.#at < this.#end && isLetter(this.#source.charCodeAt(this.#at))) {
      this.#error(
        'illegal number format',
        start,
        this.#at + 1,
        row,
        this.#col(start),
        'put a space or an operator between the number and the name',
      )
      while (this.#at < this.#end && isNamePart(this.#source.charCodeAt(this.#at))) this.#at++
    }
  }

  #digits(): void {
    while (this.#at < this.#end && isDigit(this.#source.charCodeAt(this.#at))) this.#at++
  }

  /** Moves behind the closing quote. In a template, quotes inside `{...}` belong to the expression. */
  #quoted(quote: number, template: boolean): void {
    const start = this.#at
    const row = this.#row
    const col = this.#col(start)
    let depth = 0
    this.#at++
    while (this.#at < this.#end) {
      const code = this.#source.charCodeAt(this.#at)
      if (code === 10) {
        if (quote === 34 && depth === 0) break
        this.#at++
        this.#newline()
        continue
      }
      if (code === 92 && (quote === 34 || template)) {
        if (quote === 34 && depth === 0) this.#escape(start, row, col, template)
        this.#at += 2
        continue
      }
      if (template && code === 123) depth++
      else if (template && code === 125 && depth > 0) depth--
      else if (template && depth > 0 && (code === 34 || code === 96)) {
        this.#quoted(code, false)
        continue
      } else if (code === quote && depth === 0) {
        this.#at++
        return
      }
      this.#at++
    }
    this.#at = Math.min(this.#at, this.#end)
    this.#error(
      'non-terminated string',
      start,
      this.#at,
      row,
      col,
      quote === 34 ? 'close the string with a quote on the same line' : 'close the string with a backtick',
    )
  }

  /** Only JSON's escapes may stand in a string, and `\\{` in a template. */
  #escape(start: number, row: number, col: number, template: boolean): void {
    const escaped = this.#source[this.#at + 1] ?? ''
    if ('\\"/bfnrtu'.includes(escaped) && escaped !== '') return
    if (template && escaped === '{') return
    this.#error(
      'illegal escape sequence',
      start,
      this.#at + 2,
      row,
      col,
      'the escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits; or use a raw string between backticks',
    )
  }

  #comment(): void {
    const start = this.#at
    let end = this.#source.indexOf('\n', start)
    if (end < 0 || end > this.#end) end = this.#end
    const textEnd = this.#source[end - 1] === '\r' ? end - 1 : end
    this.comments.push({
      text: this.#source.slice(start + 1, textEnd),
      location: this.#location(start, textEnd, this.#row, this.#col(start)),
    })
    this.#at = end
  }

  #newline(): void {
    this.#row++
    this.#lineStart = this.#at
    this.#colBase = 1
  }

  #col(offset: number): number {
    return offset - this.#lineStart + this.#colBase
  }

  #push(kind: TokenKind, text: string, offset: number, end: number, row: number, col: number, spaced: boolean): void {
    if (this.#faults.length === 0 && kind !== 'illegal') {
      this.#tokens.push({ kind, text, offset, end, row, col, spaced, place: undefined })
      return
    }
    const faults = this.#faults
    this.#tokens.push({ kind: 'illegal', text, offset, end, row, col, spaced, faults, place: undefined })
    this.#faults = []
  }

  #location(offset: number, end: number, row: number, col: number): Location {
    return { file: this.#file, row, col, offset, end }
  }

  #error(message: string, offset: number, end: number, row: number, col: number, help: string): void {
    this.#faults.push({ code: 'rego_parse_error', message, location: this.#location(offset, end, row, col), help })
  }
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
}
function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
function isNamePart(code: number): boolean {
  return isLetter(code) || isDigit(code)
}
