// Reads the input terms of cases: JSON, and the sets and trailing commas that Rego terms have beyond it. It is not our
// parser, so that a mistake there does not show twice.
import { numberFromText, RegoObject, RegoSet, readJson, type Value } from '../../rego/value/index.ts'

/** Reads a term without variables. Throws SyntaxError. */
export function readTerm(text: string): Value {
  const tokens = [...text.matchAll(/\s*("(?:[^"\\]|\\.)*"|set\(\)|[[\]{}:,]|[^\s[\]{}:,]+)/g)].map(
    ([, token]) => token ?? '',
  )
  const reader = new TermReader(tokens)
  const value = reader.term()
  if (reader.peek() !== undefined) throw new SyntaxError(`text after the term in ${text}`)
  return value
}

class TermReader {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  peek(): string | undefined {
    return this.#tokens[this.#at]
  }

  term(): Value {
    const token = this.#tokens[this.#at++]
    if (token === '[') return this.#list(']')
    if (token === '{') return this.#braces()
    if (token === 'set()') return new RegoSet()
    if (token === undefined) throw new SyntaxError('the term ends early')
    return token.startsWith('"') ? readJson(token) : (numberFromText(token) ?? readJson(token))
  }

  #list(end: string): Value[] {
    const items: Value[] = []
    while (!this.#take(end)) {
      items.push(this.term())
      if (!this.#take(',') && this.peek() !== end) throw new SyntaxError(`expected ${end}`)
    }
    return items
  }

  #braces(): Value {
    if (this.#take('}')) return new RegoObject()
    const first = this.term()
    if (!this.#take(':')) {
      this.#take(',')
      return new RegoSet([first, ...this.#list('}')])
    }
    const object = new RegoObject([[first, this.term()]])
    while (!this.#take('}')) {
      if (!this.#take(',')) throw new SyntaxError('expected a comma')
      if (this.#take('}')) break
      const key = this.term()
      if (!this.#take(':')) throw new SyntaxError('expected a colon')
      object.insert(key, this.term())
    }
    return object
  }

  #take(token: string): boolean {
    if (this.peek() !== token) return false
    this.#at++
    return true
  }
}
