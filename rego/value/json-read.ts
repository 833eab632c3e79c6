// JSON text to values, with exact numbers.
import { numberFromText } from './decimal.ts'
import { RegoObject } from './object.ts'
import type { Value } from './value.ts'

/** How deep JSON may nest: recursion over values is bounded by it. */
export const JSON_DEPTH_MAX = 1_000

/** Why a text is no JSON. */
export type JsonFault = 'syntax' | 'depth' | 'number' | 'trailing'

/** A text that is no JSON, with the offset (in UTF-16 units) where that shows. */
export class JsonError extends Error {
  readonly fault: JsonFault
  readonly offset: number

  constructor(fault: JsonFault, message: string, offset: number) {
    super(`${message} at offset ${offset}`)
    this.name = 'JsonError'
    this.fault = fault
    this.offset = offset
  }
}

/** Reads one JSON document. Of two entries with one key the last counts. Throws JsonError. */
export function readJson(text: string, depthMax: number = JSON_DEPTH_MAX): Value {
  const reader = new JsonReader(text, depthMax)
  const value = reader.value(0)
  reader.end()
  return value
}

/** Called between parts of a long piece of work: a promise where others wait for their turn, which is to be awaited. */
export type Turn = () => Promise<void> | undefined

/** How deep a document is read in turns; what lies deeper is read at once. */
const turnsDepth = 3

/** The same as `readJson`, a part of the document in each turn. */
export async function readJsonInTurns(text: string, turn: Turn, depthMax: number = JSON_DEPTH_MAX): Promise<Value> {
  const reader = new JsonReader(text, depthMax)
  const value = await reader.valueInTurns(0, turn)
  reader.end()
  return value
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

class JsonReader {
  readonly #text: string
  readonly #depthMax: number
  #at = 0

  constructor(text: string, depthMax: number) {
    this.#text = text
    this.#depthMax = depthMax
  }

  value(depth: number): Value {
    if (depth > this.#depthMax) throw this.#fail('depth', 'JSON nests too deeply')
    this.#space()
    const code = this.#text.charCodeAt(this.#at)
    switch (code) {
      case 0x7b:
        return this.#object(depth)
      case 0x5b:
        return this.#array(depth)
      case QUOTE:
        return this.#string()
      case 0x74:
        return this.#word('true', true)
      case 0x66:
        return this.#word('false', false)
      case 0x6e:
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  end(): void {
    this.#space()
    if (this.#at < this.#text.length) throw this.#fail('trailing', 'text after the JSON value')
  }

  async valueInTurns(depth: number, turn: Turn): Promise<Value> {
    this.#space()
    const code = this.#text.charCodeAt(this.#at)
    if (depth >= turnsDepth || (code !== 0x7b && code !== 0x5b)) return this.value(depth)
    const whole: RegoObject | Value[] = code === 0x7b ? new RegoObject() : []
    this.#at++
    this.#space()
    if (this.#take(code + 2)) return whole
    for (;;) {
      const key = code === 0x7b ? this.#key() : ''
      const value = await this.valueInTurns(depth + 1, turn)
      if (whole instanceof RegoObject) whole.insert(key, value)
      else whole.push(value)
      if (this.#isOver(code)) return whole
      const others = turn()
      if (others !== undefined) await others
    }
  }

  #object(depth: number): RegoObject {
    const object = new RegoObject()
    this.#at++
    this.#space()
    if (this.#take(0x7d)) return object
    do object.insert(this.#key(), this.value(depth + 1))
    while (!this.#isOver(0x7b))
    return object
  }

  #array(depth: number): Value[] {
    const array: Value[] = []
    this.#at++
    this.#space()
    if (this.#take(0x5d)) return array
    do array.push(this.value(depth + 1))
    while (!this.#isOver(0x5b))
    return array
  }

  /** A key, and the colon behind it. */
  #key(): string {
    this.#space()
    if (this.#text.charCodeAt(this.#at) !== QUOTE) throw this.#fail('syntax', 'expected an object key')
    const key = this.#string()
    this.#space()
    if (!this.#take(0x3a)) throw this.#fail('syntax', 'expected a colon')
    return key
  }

  /** Whether the sign that closes what `opening` began stands here, and not a comma. */
  #isOver(opening: number): boolean {
    this.#space()
    if (this.#take(opening + 2)) return true
    if (this.#take(0x2c)) return false
    throw this.#fail('syntax', `expected a comma or a closing ${opening === 0x7b ? 'brace' : 'bracket'}`)
  }

  #string(): string {
    const text = this.#text
    let from = ++this.#at
    let read = ''
    for (;;) {
      const code = text.charCodeAt(this.#at)
      if (code === QUOTE) {
        const whole = read + text.slice(from, this.#at++)
        // Only an escape can bring in half a surrogate pair; it becomes U+FFFD, as in Go.
        return read === '' ? whole : whole.replace(/\p{Surrogate}/gu, '\ufffd')
      }
      if (code === BACKSLASH) {
        read += text.slice(from, this.#at) + this.#escape()
        from = this.#at
      } else if (code < 0x20 || Number.isNaN(code)) {
        throw this.#fail('syntax', 'a string that does not end, or holds a control character')
      } else {
        this.#at++
      }
    }
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at + 1)
    if (letter === 'u') {
      const hex = this.#text.slice(this.#at + 2, this.#at + 6)
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#fail('syntax', 'expected four hexadecimal digits')
      this.#at += 6
      return String.fromCharCode(Number.parseInt(hex, 16))
    }
    const plain = ESCAPES[letter]
    if (plain === undefined) throw this.#fail('syntax', 'an escape that JSON does not have')
    this.#at += 2
    return plain
  }

  #number(): Value {
    const from = this.#at
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at)
      const numeric = (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2b || code === 0x2e
      if (!numeric && code !== 0x65 && code !== 0x45) break
    }
    const number = numberFromText(this.#text.slice(from, this.#at))
    if (number === undefined) {
      this.#at = from
      throw this.#fail(
        'number',
        this.#text.charCodeAt(from) >= 0x2d ? 'a number JSON does not allow' : 'expected a value',
      )
    }
    return number
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#fail('syntax', 'expected a value')
    this.#at += word.length
    return value
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at++
    }
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false
    this.#at++
    return true
  }

  #fail(fault: JsonFault, message: string): JsonError {
    return new JsonError(fault, message, this.#at)
  }
}
