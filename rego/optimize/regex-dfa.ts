// A constant pattern as a table that bytes of UTF-8 run through: linear, without a call of the host. What it does not
// know of RE2's syntax (Unicode classes, word boundaries, lines) it leaves to the host: undefined, never a guess.
import { determinize, NfaBuilder, type Node, type RegexDfa, Unsupported } from './automaton.ts'
import { joinedRanges, otherRanges, RUNE_MAX, type RuneRange } from './utf8-ranges.ts'

const REPEAT_MAX = 32
const DEPTH_MAX = 50

/** The table that finds a pattern anywhere in a text; undefined where the host must. */
export function regexDfa(pattern: string): RegexDfa | undefined {
  try {
    const builder = new NfaBuilder()
    const start = new PatternParser(pattern, builder).whole(builder.node({ kind: 'match' }))
    return determinize(builder.nodes, start)
  } catch (error) {
    if (error instanceof Unsupported) return undefined
    throw error
  }
}

/** What comes before a node: a part of a pattern, built from behind. */
type Part = (next: number) => number

const perl: Readonly<Record<string, readonly RuneRange[]>> = {
  d: [[0x30, 0x39]],
  w: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  s: [
    [0x09, 0x0a],
    [0x0c, 0x0d],
    [0x20, 0x20],
  ],
}
const EVERY: RuneRange = [0, RUNE_MAX]
const NEWLINE: RuneRange = [0x0a, 0x0a]
const controls: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\u0007' }

class PatternParser {
  readonly #runes: readonly string[]
  readonly #builder: NfaBuilder
  #at = 0
  /** Flags: letters of both cases, and a dot for newlines too. */
  #folds = false
  #dotAll = false
  #hasEnd = false
  readonly #names = new Set<string>()

  constructor(pattern: string, builder: NfaBuilder) {
    this.#runes = Array.from(pattern)
    this.#builder = builder
  }

  whole(match: number): number {
    const part = this.#alternatives(0)
    if (this.#at < this.#runes.length) throw new Unsupported()
    return part(match)
  }

  #peek(): string | undefined {
    return this.#runes[this.#at]
  }

  #take(rune: string): boolean {
    if (this.#peek() !== rune) return false
    this.#at++
    return true
  }

  #alternatives(depth: number): Part {
    if (depth > DEPTH_MAX) throw new Unsupported()
    const options = [this.#sequence(depth)]
    while (this.#take('|')) options.push(this.#sequence(depth))
    const [only] = options
    if (only !== undefined && options.length === 1) return only
    return (next) => this.#builder.either(options.map((option) => option(next)))
  }

  #sequence(depth: number): Part {
    const parts: Part[] = []
    for (let rune = this.#peek(); rune !== undefined && rune !== '|' && rune !== ')'; rune = this.#peek()) {
      parts.push(this.#repeated(this.#atom(depth)))
    }
    return (next) => parts.reduceRight((after, part) => part(after), next)
  }

  #repeated(part: Part): Part {
    const times = this.#times()
    if (times === undefined) return part
    this.#take('?') // Lazy or not, the same texts match.
    const after = this.#peek()
    if (after === '*' || after === '+' || after === '?' || after === '{') throw new Unsupported()
    const [least, most] = times
    return (next) => {
      let node = next
      if (most === undefined) node = this.#star(part, next)
      else
        for (let i = least; i < most; i++) node = this.#builder.node({ kind: 'split', next: part(node), other: next })
      for (let i = 0; i < least; i++) node = part(node)
      return node
    }
  }

  #star(part: Part, next: number): number {
    const split: Node = { kind: 'split', next, other: next }
    const at = this.#builder.node(split)
    split.other = part(at)
    return at
  }

  #times(): readonly [number, number | undefined] | undefined {
    if (this.#take('*')) return [0, undefined]
    if (this.#take('+')) return [1, undefined]
    if (this.#take('?')) return [0, 1]
    if (this.#peek() !== '{') return undefined
    const close = this.#runes.indexOf('}', this.#at)
    const bounds = /^([0-9]{1,3})(?:(,)([0-9]{0,3}))?$/.exec(this.#runes.slice(this.#at + 1, close).join(''))
    if (close < 0 || bounds === null) throw new Unsupported()
    this.#at = close + 1
    const [, low = '', comma, high] = bounds
    const least = Number(low)
    const most = comma === undefined ? least : high === '' || high === undefined ? undefined : Number(high)
    if (least > REPEAT_MAX || (most ?? 0) > REPEAT_MAX || (most !== undefined && most < least)) throw new Unsupported()
    return [least, most]
  }

  #atom(depth: number): Part {
    const rune = this.#peek()
    this.#at++
    switch (rune) {
      case '(':
        return this.#group(depth)
      case '[':
        return this.#class()
      case '.':
        return this.#set(this.#dotAll ? [EVERY] : otherRanges([NEWLINE]))
      case '^':
        return this.#begin()
      case '$':
        return this.#end()
      case '\\':
        return this.#escape()
      case '*':
      case '+':
      case '?':
      case '{':
      case '}':
      case ']':
      case undefined:
        throw new Unsupported()
      default:
        return this.#literal(rune)
    }
  }

  /** A group, or flags for the rest of the one they stand in. */
  #group(depth: number): Part {
    const [folds, dotAll] = [this.#folds, this.#dotAll]
    if (this.#take('?')) {
      if (this.#take('P')) this.#name()
      else {
        if (this.#take('i')) this.#folds = true
        if (this.#take('s')) this.#dotAll = true
        // Flags alone hold until the group around them ends, which is what puts them back.
        if (this.#runes[this.#at - 1] !== '?' && this.#take(')')) {
          if (this.#times() !== undefined) throw new Unsupported()
          return (next) => next
        }
        if (!this.#take(':')) throw new Unsupported()
      }
    }
    const part = this.#alternatives(depth + 1)
    if (!this.#take(')')) throw new Unsupported()
    this.#folds = folds
    this.#dotAll = dotAll
    return part
  }

  #name(): void {
    if (!this.#take('<')) throw new Unsupported()
    const from = this.#at
    while (/^[A-Za-z0-9_]$/.test(this.#peek() ?? '')) this.#at++
    const name = this.#runes.slice(from, this.#at).join('')
    if (name === '' || this.#names.has(name) || !this.#take('>')) throw new Unsupported()
    this.#names.add(name)
  }

  #begin(): Part {
    // Behind an assertion of the end it can hold only in empty texts: not worth a state for.
    if (this.#hasEnd) throw new Unsupported()
    return (next) => this.#builder.node({ kind: 'begin', next })
  }

  #end(): Part {
    this.#hasEnd = true
    return (next) => this.#builder.node({ kind: 'end', next })
  }

  #literal(rune: string): Part {
    const code = rune.codePointAt(0) ?? 0
    if (!this.#folds && code !== REPLACEMENT) return (next) => this.#builder.literal(rune, next)
    return this.#set(this.#folded([[code, code]]))
  }

  /** The ranges with the other case of their letters, where flags ask for it. */
  #folded(ranges: readonly RuneRange[]): readonly RuneRange[] {
    if (!this.#folds) return ranges
    const folded: RuneRange[] = [...ranges]
    for (const [from, to] of ranges) {
      if (to > 0x7f) throw new Unsupported()
      for (let code = from; code <= to; code++) {
        const other = code ^ 0x20
        if (!/^[A-Za-z]$/.test(String.fromCharCode(code))) continue
        folded.push([other, other])
        // The Kelvin sign and the long s are letters of the same case.
        if ((code | 0x20) === 0x6b) folded.push([0x212a, 0x212a])
        if ((code | 0x20) === 0x73) folded.push([0x17f, 0x17f])
      }
    }
    return folded
  }

  #escape(): Part {
    const letter = this.#peek()
    this.#at++
    if (letter === undefined) throw new Unsupported()
    if (letter === 'A') return this.#begin()
    if (letter === 'z') return this.#end()
    const ranges = perl[letter.toLowerCase()]
    if (ranges !== undefined)
      return this.#set(letter === letter.toLowerCase() ? this.#perl(ranges) : otherRanges(this.#perl(ranges)))
    return this.#literal(letter === 'x' ? this.#hex() : escaped(letter))
  }

  /** A class of letters is not folded here. */
  #perl(ranges: readonly RuneRange[]): readonly RuneRange[] {
    if (this.#folds && ranges === perl['w']) throw new Unsupported()
    return ranges
  }

  /** A rune by its number: two digits, or any within braces. */
  #hex(): string {
    const isBraced = this.#take('{')
    const from = this.#at
    while (/^[0-9A-Fa-f]$/.test(this.#peek() ?? '') && (isBraced || this.#at < from + 2)) this.#at++
    const digits = this.#runes.slice(from, this.#at).join('')
    const isWhole = isBraced ? digits !== '' && digits.length <= 6 && this.#take('}') : digits.length === 2
    const code = Number.parseInt(digits, 16)
    if (!isWhole || code > RUNE_MAX || (code >= 0xd800 && code <= 0xdfff)) throw new Unsupported()
    return String.fromCodePoint(code)
  }

  #class(): Part {
    const negated = this.#take('^')
    const ranges: RuneRange[] = []
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      const from = this.#member(ranges)
      if (from === undefined) continue
      let to = from
      if (this.#peek() === '-' && this.#runes[this.#at + 1] !== ']') {
        this.#at++
        const end = this.#member([])
        if (end === undefined || end < from) throw new Unsupported()
        to = end
      }
      ranges.push([from, to])
    }
    this.#at++
    const folded = this.#folded(ranges)
    return this.#set(negated ? otherRanges(folded) : folded)
  }

  /** One rune of a class; undefined where a Perl class was taken into `ranges`. */
  #member(ranges: RuneRange[]): number | undefined {
    let rune = this.#peek()
    this.#at++
    if (rune === undefined || rune === '[') throw new Unsupported()
    if (rune === '\\') {
      const letter = this.#peek()
      this.#at++
      if (letter === undefined) throw new Unsupported()
      const more = perl[letter]
      if (more !== undefined) {
        if (this.#peek() === '-' && this.#runes[this.#at + 1] !== ']') throw new Unsupported()
        ranges.push(...this.#perl(more))
        return undefined
      }
      rune = letter === 'x' ? this.#hex() : escaped(letter)
    }
    return rune.codePointAt(0) ?? 0
  }

  #set(ranges: readonly RuneRange[]): Part {
    const joined = withBytes(joinedRanges(ranges))
    return (next) => this.#builder.runes(joined, next)
  }
}

/** Bytes that are no text, as they lie in a module's memory. */
const BYTES: RuneRange = [0xdc80, 0xdcff]

/** What a pattern reads for each of them. */
const REPLACEMENT = 0xfffd

/** The ranges with such bytes in them where U+FFFD is, and in no others. */
function withBytes(ranges: readonly RuneRange[]): readonly RuneRange[] {
  const holds = (rune: number): boolean => ranges.some(([from, to]) => from <= rune && rune <= to)
  if (holds(REPLACEMENT)) return joinedRanges([...ranges, BYTES])
  return holds(BYTES[0]) ? otherRanges([...otherRanges(ranges), BYTES]) : ranges
}

/** The rune of an escape that is no class: punctuation is itself. */
function escaped(letter: string): string {
  const control = controls[letter]
  if (control !== undefined) return control
  if (!/^[!-/:-@[-`{-~]$/.test(letter)) throw new Unsupported()
  return letter
}
