// Tokens of GraphQL documents, with the place of each.
import { runeCount } from '../../value/index.ts'

/** Kinds of tokens, by the words that messages use. */
export type TokenKind =
  | '<Invalid>'
  | '<EOF>'
  | '!'
  | '$'
  | '&'
  | '('
  | ')'
  | '...'
  | ':'
  | '='
  | '@'
  | '['
  | ']'
  | '{'
  | '}'
  | '|'
  | 'Name'
  | 'Int'
  | 'Float'
  | 'String'
  | 'BlockString'

/** One token. */
export interface Token {
  readonly kind: TokenKind
  readonly value: string
  readonly line: number
  readonly column: number
}

/** Why a document cannot be read, and where. */
export class GraphqlError extends Error {
  readonly line: number
  readonly column: number
  constructor(message: string, at: { readonly line: number; readonly column: number }) {
    super(message)
    this.name = 'GraphqlError'
    this.line = at.line
    this.column = at.column
  }
}

const PUNCTUATION: ReadonlySet<string> = new Set(['!', '$', '&', '(', ')', ':', '=', '@', '[', ']', '{', '}', '|'])

/** How a token is named in a message. */
export function wordsOf({ kind, value }: Token): string {
  return value === '' ? kind : `${kind} ${JSON.stringify(value)}`
}

/** Characters that make no token. */
class InvalidToken extends Error {}

/** Reads tokens one after another. */
export class Lexer {
  readonly #text: string
  #at = 0
  #line = 1
  #lineStart = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The next token; after the last one `<EOF>` again and again. What is no token is `<Invalid>`, where it went wrong. */
  next(): Token {
    try {
      return this.#next()
    } catch (error) {
      if (error instanceof InvalidToken) return { kind: '<Invalid>', value: '', ...this.#place() }
      throw error
    }
  }

  #next(): Token {
    this.#skip()
    const text = this.#text
    const place = this.#place()
    const token = (kind: TokenKind, value = ''): Token => ({ kind, value, ...place })
    const char = text[this.#at]
    if (char === undefined) return token('<EOF>')
    if (PUNCTUATION.has(char)) {
      this.#at++
      return token(char as TokenKind)
    }
    if (text.startsWith('...', this.#at)) {
      this.#at += 3
      return token('...')
    }
    if (/[A-Za-z_]/.test(char)) return token('Name', this.#while(/[A-Za-z0-9_]/))
    if (/[-0-9]/.test(char)) return this.#number(token)
    if (text.startsWith('"""', this.#at)) return this.#block(token)
    // The place of a string is what it says, behind its quote.
    if (char === '"') return this.#string((kind, value = '') => ({ ...token(kind, value), column: place.column + 1 }))
    throw new InvalidToken()
  }

  #place(): { readonly line: number; readonly column: number } {
    return { line: this.#line, column: runeCount(this.#text.slice(this.#lineStart, this.#at)) + 1 }
  }

  #newline(): void {
    if (this.#text[this.#at] === '\r' && this.#text[this.#at + 1] === '\n') this.#at++
    this.#at++
    this.#line++
    this.#lineStart = this.#at
  }

  /** White space, commas, comments and a byte order mark mean nothing. */
  #skip(): void {
    for (;;) {
      const char = this.#text[this.#at]
      if (char === ' ' || char === '\t' || char === ',' || char === '\ufeff') this.#at++
      else if (char === '\n' || char === '\r') this.#newline()
      else if (char === '#') {
        while (this.#at < this.#text.length && this.#text[this.#at] !== '\n' && this.#text[this.#at] !== '\r')
          this.#at++
      } else return
    }
  }

  #while(allowed: RegExp): string {
    const start = this.#at
    while (this.#at < this.#text.length && allowed.test(this.#text[this.#at] ?? '')) this.#at++
    return this.#text.slice(start, this.#at)
  }

  #number(token: (kind: TokenKind, value: string) => Token): Token {
    const start = this.#at
    if (this.#text[this.#at] === '-') this.#at++
    // No digit follows a first zero.
    if (this.#text[this.#at] === '0') {
      this.#at++
      if (/[0-9]/.test(this.#text[this.#at] ?? '')) throw new InvalidToken()
    } else if (this.#while(/[0-9]/) === '') throw new InvalidToken()
    let isFloat = false
    if (this.#text[this.#at] === '.') {
      isFloat = true
      this.#at++
      if (this.#while(/[0-9]/) === '') throw new InvalidToken()
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      isFloat = true
      this.#at++
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++
      if (this.#while(/[0-9]/) === '') throw new InvalidToken()
    }
    return token(isFloat ? 'Float' : 'Int', this.#text.slice(start, this.#at))
  }

  #string(token: (kind: TokenKind, value: string) => Token): Token {
    this.#at++
    let value = ''
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined || char === '\n' || char === '\r') throw new InvalidToken()
      this.#at++
      if (char === '"') return token('String', value)
      if (char < ' ' && char !== '\t') throw new InvalidToken()
      value += char === '\\' ? this.#escape() : char
    }
  }

  #escape(): string {
    const char = this.#text[this.#at] ?? ''
    if (char === 'u') {
      this.#at++
      const code = this.#text.slice(this.#at, this.#at + 4)
      if (!/^[0-9A-Fa-f]{4}$/.test(code)) throw new InvalidToken()
      this.#at += 4
      return String.fromCharCode(Number.parseInt(code, 16))
    }
    const meant = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[char]
    if (meant === undefined) throw new InvalidToken()
    this.#at++
    return meant
  }

  #block(token: (kind: TokenKind, value: string) => Token): Token {
    this.#at += 3
    let raw = ''
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined) throw new InvalidToken()
      if (this.#text.startsWith('"""', this.#at)) {
        this.#at += 3
        return token('BlockString', dedent(raw))
      }
      if (this.#text.startsWith('\\"""', this.#at)) {
        raw += '"""'
        this.#at += 4
      } else if (char === '\n' || char === '\r') {
        raw += '\n'
        this.#newline()
      } else if (char < ' ' && char !== '\t') throw new InvalidToken()
      else {
        raw += char
        this.#at++
      }
    }
  }
}

/** The value of a block string: the indentation that its lines share is cut, and blank lines around it. */
function dedent(raw: string): string {
  const lines = raw.split('\n')
  const indents = lines.slice(1).flatMap((line) => {
    const indent = line.length - line.trimStart().length
    return indent === line.length ? [] : [indent]
  })
  const shared = indents.length === 0 ? 0 : Math.min(...indents)
  const cut = lines.map((line, index) => (index === 0 ? line : line.slice(shared)))
  while (cut.length > 0 && cut[0]?.trim() === '') cut.shift()
  while (cut.length > 0 && cut.at(-1)?.trim() === '') cut.pop()
  return cut.join('\n')
}
