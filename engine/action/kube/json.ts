// Strict JSON: what a lenient reader could take for something else is told, not guessed. Go merges the fields of a key
// that comes twice where others keep the last one, so a body with such a key has no single meaning.
import type { KubeJson } from './facts.ts'

/** Why a text is not taken: it is no JSON, it nests too deep, or it has several readings. */
export class JsonError extends Error {
  readonly code: 'syntax' | 'depth' | 'duplicate_key' | 'number'
  constructor(code: JsonError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Parses one JSON value and nothing after it. Throws JsonError. */
export function parseJson(text: string, depthMax: number): KubeJson {
  const value = checkedJson(text)
  new Scanner(text, depthMax).whole()
  return value
}

function checkedJson(text: string): KubeJson {
  try {
    const value: KubeJson = JSON.parse(text)
    return value
  } catch {
    throw new JsonError('syntax', 'the body is not JSON')
  }
}

/** Walks a text that is known to be JSON, for what JSON.parse hides: depth, repeated keys, numbers that lose digits. */
class Scanner {
  readonly #text: string
  readonly #depthMax: number
  #at = 0
  constructor(text: string, depthMax: number) {
    this.#text = text
    this.#depthMax = depthMax
  }

  whole(): void {
    /** One set of keys for each object that is open, undefined for arrays. */
    const open: (Set<string> | undefined)[] = []
    let keyExpected = false
    while (this.#at < this.#text.length) {
      const mark = this.#text.charCodeAt(this.#at)
      switch (mark) {
        case 0x7b: // {
        case 0x5b: // [
          if (open.length >= this.#depthMax) throw new JsonError('depth', 'the body nests too deep')
          open.push(mark === 0x7b ? new Set() : undefined)
          keyExpected = mark === 0x7b
          this.#at++
          break
        case 0x7d: // }
        case 0x5d: // ]
          open.pop()
          keyExpected = false
          this.#at++
          break
        case 0x2c: // ,
          keyExpected = open.at(-1) !== undefined
          this.#at++
          break
        case 0x22: {
          const key = this.#string(keyExpected)
          const keys = open.at(-1)
          if (keyExpected && keys !== undefined && key !== undefined) {
            if (keys.has(key)) throw new JsonError('duplicate_key', 'a key of the body comes twice')
            keys.add(key)
            keyExpected = false
          }
          break
        }
        default:
          if (mark === 0x2d || (mark >= 0x30 && mark <= 0x39)) this.#number()
          else this.#at++
      }
    }
  }

  /** Moves past a string; answers its value when it is wanted. */
  #string(wanted: boolean): string | undefined {
    const start = this.#at
    let end = start + 1
    for (;;) {
      const mark = this.#text.charCodeAt(end)
      if (mark === 0x5c) end += 2
      else if (mark === 0x22 || Number.isNaN(mark)) break
      else end++
    }
    this.#at = end + 1
    if (!wanted) return undefined
    const key: unknown = JSON.parse(this.#text.slice(start, end + 1))
    return typeof key === 'string' ? key : undefined
  }

  #number(): void {
    const start = this.#at
    while (this.#at < this.#text.length && numberMarks.includes(this.#text[this.#at] ?? '')) this.#at++
    const value = Number(this.#text.slice(start, this.#at))
    if (!Number.isFinite(value)) throw new JsonError('number', 'a number of the body is out of range')
  }
}

const numberMarks = '+-.eE0123456789'
