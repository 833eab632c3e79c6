// The canonical stream of a structured file (data.json, data.yaml, .manifest) over which OPA hashes: keys sorted by
// bytes, no white space, number text kept as it stands, strings in Go's JSON escaping without HTML escapes.
import { compareStrings, writeJson } from '../../rego/value/index.ts'
import { readYaml } from '../../rego/yaml/index.ts'
import { BundleError } from '../format/error.ts'
import { baseName } from '../format/paths.ts'

const depthMax = 512
const structured = new Set(['data.json', 'data.yaml', '.manifest', 'signatures.json'])

/** True when OPA hashes the file by content and not byte by byte. */
export function isStructured(path: string): boolean {
  return structured.has(baseName(path))
}

/** The bytes that are hashed for a file. Throws BundleError when a structured file cannot be read. */
export function bytesToHash(path: string, bytes: Uint8Array): Uint8Array {
  if (!isStructured(path)) return bytes
  const text = new TextDecoder('utf-8').decode(bytes)
  const json = baseName(path) === 'data.yaml' ? yamlToJson(path, text) : text
  return Buffer.from(canonicalStream(path, json))
}

/** The canonical stream of JSON text. */
export function canonicalStream(path: string, json: string): string {
  const cursor = new JsonCursor(path, json)
  const stream = cursor.value(0)
  cursor.end()
  return stream
}

function yamlToJson(path: string, text: string): string {
  try {
    return writeJson(readYaml(text))
  } catch (cause) {
    throw new BundleError('bad_data', `${JSON.stringify(path)} is not YAML`, { cause })
  }
}

/** Reads JSON and writes the canonical stream in one pass; an object's members are sorted when it closes. */
class JsonCursor {
  readonly #path: string
  readonly #text: string
  #at = 0

  constructor(path: string, text: string) {
    this.#path = path
    this.#text = text
  }

  value(depth: number): string {
    if (depth > depthMax) throw this.#error(`nests deeper than ${depthMax}`)
    this.#space()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#array(depth)
      case '"':
        return goString(this.#string())
      case 't':
        return this.#word('true')
      case 'f':
        return this.#word('false')
      case 'n':
        return this.#word('null')
      default:
        return this.#number()
    }
  }

  end(): void {
    this.#space()
    if (this.#at < this.#text.length) throw this.#error('has text after its value')
  }

  #object(depth: number): string {
    this.#at++
    // A key that stands twice counts with its last value, as Go's decoder has it.
    const members = new Map<string, string>()
    this.#space()
    if (this.#take('}')) return '{}'
    do {
      this.#space()
      if (this.#text[this.#at] !== '"') throw this.#error('has an object key that is no string')
      const key = this.#string()
      this.#space()
      if (!this.#take(':')) throw this.#error('lacks a colon')
      members.set(key, this.value(depth + 1))
      this.#space()
    } while (this.#take(','))
    if (!this.#take('}')) throw this.#error('has an object that does not end')
    // The order of code points is that of their bytes.
    const sorted = [...members].sort(([a], [b]) => compareStrings(a, b))
    return `{${sorted.map(([key, value]) => `${goString(key)}:${value}`).join(',')}}`
  }

  #array(depth: number): string {
    this.#at++
    this.#space()
    if (this.#take(']')) return '[]'
    const items: string[] = []
    do {
      items.push(this.value(depth + 1))
      this.#space()
    } while (this.#take(','))
    if (!this.#take(']')) throw this.#error('has an array that does not end')
    return `[${items.join(',')}]`
  }

  #string(): string {
    const start = this.#at++
    const end = plainEnd(this.#text, this.#at)
    if (this.#text[end] === '"') {
      this.#at = end + 1
      return this.#text.slice(start + 1, end)
    }
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"')
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1
    if (this.#at >= this.#text.length) throw this.#error('has a string that does not end')
    this.#at++
    try {
      // Half of a character is none to Go.
      return String(JSON.parse(this.#text.slice(start, this.#at))).replace(/\p{Surrogate}/gu, '\uFFFD')
    } catch (cause) {
      throw new BundleError('bad_data', `${JSON.stringify(this.#path)} has a malformed string`, { cause })
    }
  }

  #number(): string {
    const start = this.#at
    while (this.#at < this.#text.length && '+-.0123456789eE'.includes(this.#text[this.#at] ?? ' ')) this.#at++
    const text = this.#text.slice(start, this.#at)
    if (!/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text)) throw this.#error('is not JSON')
    return text
  }

  #word(word: string): string {
    if (!this.#text.startsWith(word, this.#at)) throw this.#error('is not JSON')
    this.#at += word.length
    return word
  }

  #space(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit === 0xfeff && this.#at > 0) throw this.#error('is not JSON')
      if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9 && unit !== 0xfeff) return
      this.#at++
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #error(why: string): BundleError {
    return new BundleError('bad_data', `${JSON.stringify(this.#path)} ${why}`)
  }
}

const shortEscapes: ReadonlyMap<number, string> = new Map([
  [34, '\\"'],
  [92, '\\\\'],
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [12, '\\f'],
  [13, '\\r'],
])

/** Where the signs end that are written as they are, in JSON and by Go's encoder. */
function plainEnd(text: string, start: number): number {
  let at = start
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 32 || unit === 34 || unit === 92 || unit === 0x2028 || unit === 0x2029) break
    if (unit >= 0xd800 && unit <= 0xdfff) break
  }
  return at
}

/** A string as Go's encoder writes it with HTML escaping off. */
function goString(text: string): string {
  if (plainEnd(text, 0) === text.length) return `"${text}"`
  let out = '"'
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const short = shortEscapes.get(code)
    if (short !== undefined) out += short
    else if (code < 32 || code === 0x2028 || code === 0x2029) out += `\\u${code.toString(16).padStart(4, '0')}`
    else if (code >= 0xd800 && code <= 0xdfff) out += '\uFFFD'
    else out += character
  }
  return `${out}"`
}
