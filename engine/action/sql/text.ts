// From bytes to a text that may be judged: strict UTF-8, no NUL, comments blanked.
// The parser library patches comments into tokens where the server treats them as white space (`NOT/**/IN`,
// `'a' --x <newline> 'b'`), so they are blanked first, and the blanked text is what is judged and forwarded.
import { isUtf8 } from 'node:buffer'
import type { SqlRefusal } from './contract.ts'
import { statementBytesMax } from './limits.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function refusal(code: SqlRefusal['code'], message: string): SqlRefusal {
  return { kind: 'refusal', code, message, position: 0 }
}

/** Reads the bytes of a statement (without the protocol's terminating NUL) as strict UTF-8, or refuses them. */
export function decodeStatement(bytes: Uint8Array): string | SqlRefusal {
  if (bytes.length > statementBytesMax) return refusal('too_long', 'the statement is too long')
  if (bytes.includes(0)) return refusal('nul', 'the statement contains a NUL byte')
  if (!isUtf8(bytes)) return refusal('not_utf8', 'the statement is not valid UTF-8')
  return utf8.decode(bytes)
}

/** Checks a text that did not come from `decodeStatement`. */
export function checkText(text: string): SqlRefusal | undefined {
  if (text.length > statementBytesMax) return refusal('too_long', 'the statement is too long')
  if (text.includes('\u0000')) return refusal('nul', 'the statement contains a NUL byte')
  if (/\p{Surrogate}/u.test(text)) return refusal('not_utf8', 'the statement is not valid UTF-8')
  if (text.length * 3 > statementBytesMax && Buffer.byteLength(text) > statementBytesMax) {
    return refusal('too_long', 'the statement is too long')
  }
  return undefined
}

/** A text without comments, and how much there is to parse. */
export interface Blanked {
  readonly text: string
  readonly tokens: number
  /** Operators, brackets and words that can nest an expression. */
  readonly operators: number
  /** The deepest nesting of brackets. */
  readonly depth: number
}

/** Replaces every comment by spaces of the same length, keeping the line end that closes a `--` comment. */
export function blankComments(text: string): Blanked {
  const scanner = new Scanner(text)
  scanner.run()
  const { tokens, operators, depth } = scanner
  if (scanner.comments.length === 0) return { text, tokens, operators, depth }
  let blanked = ''
  let kept = 0
  for (const [start, end] of scanner.comments) {
    blanked += text.slice(kept, start) + ' '.repeat(end - start)
    kept = end
  }
  blanked += text.slice(kept)
  return { text: blanked, tokens, operators, depth }
}

const nestingWords = new Set([
  'not',
  'union',
  'intersect',
  'except',
  'case',
  'when',
  'select',
  'join',
  'is',
  'collate',
  'between',
  'like',
  'ilike',
  'similar',
  'in',
  'at',
  'escape',
  'isnull',
  'notnull',
  'with',
  'and',
  'or',
])
const longestNestingWord = 9

// Reads what scan.l of the server reads, as far as it decides where comments begin and end.
class Scanner {
  readonly comments: [number, number][] = []
  tokens = 0
  operators = 0
  depth = 0
  #open = 0
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  run(): void {
    const text = this.#text
    const end = text.length
    while (this.#at < end) {
      const code = text.charCodeAt(this.#at)
      if (isSpace(code)) this.#at++
      else if (this.#comment()) continue
      else if (isIdentifierStart(code)) this.#word(code)
      else if (code >= 48 && code <= 57) this.#number()
      else if (code === 39) this.#quoted(1, false)
      else if (code === 34) this.#identifier(1)
      else if (code === 36) this.#dollar()
      else {
        this.tokens++
        if (code === 40 || code === 91) {
          this.#open++
          if (this.#open > this.depth) this.depth = this.#open
        } else if ((code === 41 || code === 93) && this.#open > 0) this.#open--
        // , ; ) ] and . separate; everything else can nest
        if (code !== 44 && code !== 59 && code !== 41 && code !== 93 && code !== 46) this.operators++
        this.#at++
      }
    }
  }

  /** Skips a comment that starts here, and notes it. */
  #comment(): boolean {
    const text = this.#text
    const start = this.#at
    const code = text.charCodeAt(start)
    const next = text.charCodeAt(start + 1)
    if (code === 45 && next === 45) {
      let at = start + 2
      // only LF and CR end it: U+2028 and the like do not
      while (at < text.length && text.charCodeAt(at) !== 10 && text.charCodeAt(at) !== 13) at++
      this.#at = at
    } else if (code === 47 && next === 42) {
      let depth = 1
      let at = start + 2
      while (at < text.length && depth > 0) {
        const here = text.charCodeAt(at)
        const after = text.charCodeAt(at + 1)
        if (here === 47 && after === 42) {
          depth++
          at += 2
        } else if (here === 42 && after === 47) {
          depth--
          at += 2
        } else at++
      }
      if (depth > 0) {
        // the server refuses an unterminated comment: leave the text as it is, so that the parser refuses it too
        this.#at = text.length
        return true
      }
      this.#at = at
    } else return false
    this.comments.push([start, this.#at])
    return true
  }

  #word(code: number): void {
    const text = this.#text
    const next = text.charCodeAt(this.#at + 1)
    const lower = code | 32
    if (next === 39 && (lower === 101 || lower === 98 || lower === 120 || lower === 110)) {
      this.#quoted(2, lower === 101)
      return
    }
    if (lower === 117 && next === 38) {
      const quote = text.charCodeAt(this.#at + 2)
      if (quote === 39) {
        this.#quoted(3, false)
        return
      }
      if (quote === 34) {
        this.#identifier(3)
        return
      }
    }
    const start = this.#at
    let at = start + 1
    while (at < text.length && isIdentifierPart(text.charCodeAt(at))) at++
    this.#at = at
    this.tokens++
    if (at - start <= longestNestingWord && nestingWords.has(text.slice(start, at).toLowerCase())) this.operators++
  }

  #number(): void {
    const text = this.#text
    while (this.#at < text.length && text.charCodeAt(this.#at) >= 48 && text.charCodeAt(this.#at) <= 57) this.#at++
    this.tokens++
  }

  /** A string constant with all its continuation lines; the opening is `skip` characters long. */
  #quoted(skip: number, escapes: boolean): void {
    const text = this.#text
    this.tokens++
    let at = this.#at + skip
    for (;;) {
      while (at < text.length) {
        const code = text.charCodeAt(at)
        if (code === 92 && escapes) at += 2
        else if (code !== 39) at++
        else if (text.charCodeAt(at + 1) === 39) at += 2
        else break
      }
      this.#at = Math.min(at + 1, text.length)
      if (at >= text.length || !this.#continues()) return
      at = this.#at + 1
    }
  }

  /** Moves to the quote that continues a string constant on a later line, if one does. */
  #continues(): boolean {
    const text = this.#text
    const start = this.#at
    const noted = this.comments.length
    let newline = false
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at)
      if (isSpace(code)) {
        if (code === 10 || code === 13) newline = true
        this.#at++
      } else if (!this.#comment()) break
    }
    if (newline && text.charCodeAt(this.#at) === 39) return true
    this.comments.length = noted
    this.#at = start
    return false
  }

  #identifier(skip: number): void {
    const text = this.#text
    this.tokens++
    let at = this.#at + skip
    while (at < text.length) {
      if (text.charCodeAt(at) !== 34) at++
      else if (text.charCodeAt(at + 1) === 34) at += 2
      else break
    }
    this.#at = Math.min(at + 1, text.length)
  }

  #dollar(): void {
    const text = this.#text
    this.tokens++
    let at = this.#at + 1
    if (isIdentifierStart(text.charCodeAt(at))) {
      at++
      while (at < text.length && text.charCodeAt(at) !== 36 && isIdentifierPart(text.charCodeAt(at))) at++
    }
    if (text.charCodeAt(at) !== 36) {
      this.#at++
      return
    }
    const tag = text.slice(this.#at, at + 1)
    const close = text.indexOf(tag, at + 1)
    this.#at = close < 0 ? text.length : close + tag.length
  }
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

function isIdentifierStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128
}

function isIdentifierPart(code: number): boolean {
  return isIdentifierStart(code) || (code >= 48 && code <= 57) || code === 36
}
