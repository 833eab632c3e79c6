// Regular expressions of RE2's syntax that a policy writes, read into positions: sets of bytes and which may follow which.
// What is not read here (anchors inside, look-around, back references, Unicode classes) is refused, never guessed.
import { RE2JS } from 're2js'
import { type ByteSet, bytes, not, word } from './bytes.ts'

/** Sets of bytes, one for each place in an expression, and the places that may come next. */
export interface Positions {
  readonly sets: readonly ByteSet[]
  readonly follow: readonly (readonly number[])[]
  readonly first: readonly number[]
  readonly last: readonly number[]
  /** Words must not go on before it, or behind it. */
  readonly beginsWord: boolean
  readonly endsWord: boolean
}

const expressionCharactersMax = 256
const positionsMax = 400
const repeatMax = 128
const depthMax = 32

type Node =
  | { readonly kind: 'set'; readonly set: ByteSet }
  | { readonly kind: 'sequence' | 'either'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly inner: Node; readonly min: number; readonly max: number }

class Unread extends Error {}

/** Reads an expression; undefined for one that is no RE2, that is not read here, or that matches nothing at all. */
export function positionsOf(expression: string): Positions | undefined {
  if (expression.length === 0 || expression.length > expressionCharactersMax) return undefined
  try {
    RE2JS.compile(expression)
    const ignoresCase = expression.startsWith('(?i)')
    let body = ignoresCase ? expression.slice(4) : expression
    const beginsWord = body.startsWith('\\b')
    if (beginsWord) body = body.slice(2)
    const endsWord = /(?:^|[^\\])(?:\\\\)*\\b$/.test(body)
    if (endsWord) body = body.slice(0, -2)
    const read = new Reader(body, ignoresCase).whole()
    // Either boundary belongs to one alternative only where there are several.
    if ((beginsWord || endsWord) && read.kind === 'either') return undefined
    const builder = new Builder()
    const { nullable, first, last } = builder.build(read)
    if (nullable) return undefined
    return { sets: builder.sets, follow: builder.follow, first, last, beginsWord, endsWord }
  } catch (error) {
    if (error instanceof Unread || (error instanceof Error && error.name.startsWith('RE2JS'))) return undefined
    throw error
  }
}

interface Fragment {
  readonly nullable: boolean
  readonly first: readonly number[]
  readonly last: readonly number[]
}

const empty: Fragment = { nullable: true, first: [], last: [] }

class Builder {
  readonly sets: ByteSet[] = []
  readonly follow: number[][] = []

  build(node: Node): Fragment {
    switch (node.kind) {
      case 'set': {
        if (this.sets.length >= positionsMax) throw new Unread()
        this.sets.push(node.set)
        const at = this.follow.push([]) - 1
        return { nullable: false, first: [at], last: [at] }
      }
      case 'sequence':
        return node.parts.reduce<Fragment>((before, part) => this.#joined(before, this.build(part)), empty)
      case 'either': {
        const parts = node.parts.map((part) => this.build(part))
        return {
          nullable: parts.some(({ nullable }) => nullable),
          first: parts.flatMap(({ first }) => first),
          last: parts.flatMap(({ last }) => last),
        }
      }
      case 'repeat':
        return this.#repeated(node.inner, node.min, node.max)
    }
  }

  #repeated(inner: Node, min: number, max: number): Fragment {
    let all = empty
    const copies = max === Number.POSITIVE_INFINITY ? Math.max(1, min) : max
    for (let copy = 0; copy < copies; copy++) {
      const one = this.build(inner)
      if (max === Number.POSITIVE_INFINITY && copy === copies - 1) this.#link(one.last, one.first)
      all = this.#joined(all, copy < min ? one : { ...one, nullable: true })
    }
    return all
  }

  #joined(before: Fragment, behind: Fragment): Fragment {
    this.#link(before.last, behind.first)
    return {
      nullable: before.nullable && behind.nullable,
      first: before.nullable ? [...before.first, ...behind.first] : before.first,
      last: behind.nullable ? [...before.last, ...behind.last] : behind.last,
    }
  }

  #link(from: readonly number[], to: readonly number[]): void {
    for (const one of from) {
      const follow = this.follow[one]
      for (const next of to) if (follow?.includes(next) === false) follow.push(next)
    }
  }
}

const ascii = bytes('\u0000-\u007f')
const continuation = new Uint8Array(256).fill(1, 0x80, 0xc0)
const leads = [
  { set: new Uint8Array(256).fill(1, 0xc2, 0xe0), more: 1 },
  { set: new Uint8Array(256).fill(1, 0xe0, 0xf0), more: 2 },
  { set: new Uint8Array(256).fill(1, 0xf0, 0xf5), more: 3 },
]
const digit = bytes('0-9')
const space = bytes('\t\n\f\r ')
const named: Readonly<Record<string, ByteSet>> = {
  d: digit,
  w: word,
  s: space,
  D: inAscii(not(digit)),
  W: inAscii(not(word)),
  S: inAscii(not(space)),
}
const controls: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, f: 12, v: 11, a: 7 }

function inAscii(set: ByteSet): ByteSet {
  return set.map((flag, byte) => flag & (ascii[byte] ?? 0))
}

/** A character beyond ASCII. */
const beyond: Node = {
  kind: 'either',
  parts: leads.map(({ set, more }) => ({
    kind: 'sequence',
    parts: [set, ...Array.from({ length: more }, () => continuation)].map((one) => ({ kind: 'set', set: one })),
  })),
}

class Reader {
  readonly #characters: readonly string[]
  readonly #ignoresCase: boolean
  #at = 0
  #depth = 0

  constructor(text: string, ignoresCase: boolean) {
    this.#characters = Array.from(text)
    this.#ignoresCase = ignoresCase
  }

  whole(): Node {
    const read = this.#alternatives()
    if (this.#at < this.#characters.length) throw new Unread()
    return read
  }

  #take(character: string): boolean {
    if (this.#characters[this.#at] !== character) return false
    this.#at++
    return true
  }

  #next(): string {
    const character = this.#characters[this.#at++]
    if (character === undefined) throw new Unread()
    return character
  }

  #alternatives(): Node {
    if (++this.#depth > depthMax) throw new Unread()
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    this.#depth--
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : { kind: 'either', parts }
  }

  #sequence(): Node {
    const parts: Node[] = []
    for (;;) {
      const character = this.#characters[this.#at]
      if (character === undefined || character === '|' || character === ')') break
      parts.push(this.#quantified(this.#atom()))
    }
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : { kind: 'sequence', parts }
  }

  #quantified(inner: Node): Node {
    let [min, max] = [1, 1]
    if (this.#take('*')) [min, max] = [0, Number.POSITIVE_INFINITY]
    else if (this.#take('+')) [min, max] = [1, Number.POSITIVE_INFINITY]
    else if (this.#take('?')) [min, max] = [0, 1]
    else if (this.#characters[this.#at] === '{') [min, max] = this.#counts()
    else return inner
    // The longest match hides the most: lazy or not does not matter.
    this.#take('?')
    return { kind: 'repeat', inner, min, max }
  }

  #counts(): [number, number] {
    const end = this.#characters.indexOf('}', this.#at)
    const [low = '', high, ...more] = this.#characters
      .slice(this.#at + 1, end)
      .join('')
      .split(',')
    const isNumber = (text: string): boolean => text !== '' && [...text].every((one) => one >= '0' && one <= '9')
    if (end < 0 || more.length > 0 || !isNumber(low) || (high !== undefined && high !== '' && !isNumber(high)))
      throw new Unread()
    this.#at = end + 1
    const min = Number(low)
    const max = high === undefined ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high)
    if (min > repeatMax || (max !== Number.POSITIVE_INFINITY && (max > repeatMax || max < min))) throw new Unread()
    return [min, max]
  }

  #atom(): Node {
    const character = this.#next()
    switch (character) {
      case '(': {
        if (this.#take('?') && !this.#take(':')) throw new Unread()
        const inner = this.#alternatives()
        if (!this.#take(')')) throw new Unread()
        return inner
      }
      case '[':
        return this.#class()
      case '.':
        return { kind: 'either', parts: [{ kind: 'set', set: inAscii(not(bytes('\n'))) }, beyond] }
      case '\\':
        return this.#escape()
      case '^':
      case '$':
      case '*':
      case '+':
      case '?':
      case '{':
        throw new Unread()
      default:
        return this.#literal(character)
    }
  }

  #escape(): Node {
    const character = this.#next()
    const set = named[character]
    if (set === undefined) return this.#literal(String.fromCharCode(this.#escaped(character)))
    const isNegated = character >= 'A' && character <= 'Z'
    return isNegated ? { kind: 'either', parts: [{ kind: 'set', set }, beyond] } : { kind: 'set', set }
  }

  /** The byte of an escape that stands for one character. */
  #escaped(character: string): number {
    const control = controls[character]
    if (control !== undefined) return control
    if (character === 'x') {
      const code = Number.parseInt(this.#next() + this.#next(), 16)
      if (!(code < 0x80)) throw new Unread()
      return code
    }
    if (word[character.charCodeAt(0)] === 1 || character > '\u007e') throw new Unread()
    return character.charCodeAt(0)
  }

  #literal(character: string): Node {
    const encoded = [...Buffer.from(character)]
    const parts: Node[] = encoded.map((byte) => {
      const set = new Uint8Array(256)
      set[byte] = 1
      return { kind: 'set', set: this.#folded(set) }
    })
    return { kind: 'sequence', parts }
  }

  #folded(set: ByteSet): ByteSet {
    if (!this.#ignoresCase) return set
    const folded = Uint8Array.from(set)
    for (let letter = 0x41; letter <= 0x5a; letter++) {
      const either = (set[letter] ?? 0) | (set[letter | 0x20] ?? 0)
      folded[letter] = either
      folded[letter | 0x20] = either
    }
    return folded
  }

  #class(): Node {
    const isNegated = this.#take('^')
    const set = new Uint8Array(256)
    for (let isFirst = true; isFirst || this.#characters[this.#at] !== ']'; isFirst = false) {
      const from = this.#member()
      if (typeof from !== 'number') {
        for (const [byte, flag] of from.entries()) if (flag === 1) set[byte] = 1
        continue
      }
      const isRange = this.#characters[this.#at] === '-' && this.#characters[this.#at + 1] !== ']'
      if (isRange) this.#at++
      const to = isRange ? this.#member() : from
      if (typeof to !== 'number' || to < from) throw new Unread()
      for (let byte = from; byte <= to; byte++) set[byte] = 1
    }
    this.#at++
    const folded = this.#folded(set)
    if (!isNegated) return { kind: 'set', set: folded }
    return { kind: 'either', parts: [{ kind: 'set', set: inAscii(not(folded)) }, beyond] }
  }

  #member(): number | ByteSet {
    const character = this.#next()
    if (character === '[' && this.#characters[this.#at] === ':') throw new Unread()
    if (character > '\u007e') throw new Unread()
    if (character !== '\\') return character.charCodeAt(0)
    const escaped = this.#next()
    // What a negated class within a class holds beyond ASCII would be lost.
    if (escaped === 'D' || escaped === 'W' || escaped === 'S') throw new Unread()
    return named[escaped] ?? this.#escaped(escaped)
  }
}
