// A constant pattern as a table that bytes of UTF-8 run through: linear, without a call of the host. What it does not
// know of RE2's syntax (flags, Unicode classes, word boundaries) it leaves to the host: undefined, never a guess.

/** A table: classes of bytes, where each state goes by class, and what each state means. State 0 is the first. */
export interface RegexDfa {
  /** The class of each byte. */
  readonly classes: Uint8Array
  readonly classCount: number
  /** `states * classCount` next states. */
  readonly next: Uint8Array
  /** 1: a match whatever follows; 2: a match if the text ends here. */
  readonly marks: Uint8Array
}

/** As many states as a byte names; more would be a table larger than it is worth. */
const STATES_MAX = 256
const REPEAT_MAX = 32
const NODES_MAX = 2_000

/** The table that finds a pattern anywhere in a text; undefined where the host must. */
export function regexDfa(pattern: string): RegexDfa | undefined {
  // An assertion of the beginning behind one of the end can hold only in empty texts: not worth a state for.
  const end = pattern.indexOf('$')
  if (end >= 0 && pattern.lastIndexOf('^') > end) return undefined
  try {
    const builder = new NfaBuilder()
    const start = new PatternParser(pattern, builder).whole(builder.node({ kind: 'match' }))
    return determinize(builder.nodes, start)
  } catch (error) {
    if (error instanceof Unsupported) return undefined
    throw error
  }
}

class Unsupported extends Error {}

type Node =
  | { readonly kind: 'match' }
  | { readonly kind: 'bytes'; readonly from: number; readonly to: number; readonly next: number }
  | { kind: 'split'; next: number; other: number }
  | { readonly kind: 'begin' | 'end'; readonly next: number }

class NfaBuilder {
  readonly nodes: Node[] = []

  node(node: Node): number {
    if (this.nodes.length >= NODES_MAX) throw new Unsupported()
    return this.nodes.push(node) - 1
  }

  bytes(from: number, to: number, next: number): number {
    return this.node({ kind: 'bytes', from, to, next })
  }

  either(options: readonly number[]): number {
    const [first, ...rest] = options
    if (first === undefined) throw new Unsupported()
    return rest.reduce((other, next) => this.node({ kind: 'split', next, other }), first)
  }

  /** A rune from one range, one byte each in ASCII, or any beyond it. */
  runes(ranges: readonly (readonly [number, number])[], beyond: boolean, next: number): number {
    const options = ranges.map(([from, to]) => this.bytes(from, to, next))
    if (beyond) {
      const one = this.bytes(0x80, 0xbf, next)
      const two = this.bytes(0x80, 0xbf, one)
      const three = this.bytes(0x80, 0xbf, two)
      options.push(this.bytes(0xc2, 0xdf, one), this.bytes(0xe0, 0xef, two), this.bytes(0xf0, 0xf4, three))
    }
    return this.either(options)
  }

  literal(rune: string, next: number): number {
    return [...new TextEncoder().encode(rune)].reverse().reduce((after, byte) => this.bytes(byte, byte, after), next)
  }
}

/** What comes before a node: a part of a pattern, built from behind. */
type Part = (next: number) => number

const digit: readonly (readonly [number, number])[] = [[0x30, 0x39]]
const word: readonly (readonly [number, number])[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
const space: readonly (readonly [number, number])[] = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
]
const perl: Readonly<Record<string, readonly (readonly [number, number])[]>> = { d: digit, w: word, s: space }
const controls: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\u0007' }

class PatternParser {
  readonly #runes: readonly string[]
  readonly #builder: NfaBuilder
  #at = 0

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
    if (depth > 50) throw new Unsupported()
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
      case '(': {
        if (this.#take('?') && !this.#take(':')) throw new Unsupported()
        const part = this.#alternatives(depth + 1)
        if (!this.#take(')')) throw new Unsupported()
        return part
      }
      case '[':
        return this.#class()
      case '.':
        return this.#set([[0x0a, 0x0a]], true)
      case '^':
        return (next) => this.#builder.node({ kind: 'begin', next })
      case '$':
        return (next) => this.#builder.node({ kind: 'end', next })
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
        return (next) => this.#builder.literal(rune, next)
    }
  }

  #escape(): Part {
    const letter = this.#peek()
    this.#at++
    if (letter === undefined) throw new Unsupported()
    const ranges = perl[letter.toLowerCase()]
    if (ranges !== undefined) return this.#set(ranges, letter !== letter.toLowerCase())
    const literal = escaped(letter)
    return (next) => this.#builder.literal(literal, next)
  }

  #class(): Part {
    const negated = this.#take('^')
    const ranges: (readonly [number, number])[] = []
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
    return this.#set(ranges, negated)
  }

  /** One ASCII rune of a class; undefined where a Perl class was taken into `ranges`. */
  #member(ranges: (readonly [number, number])[]): number | undefined {
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
        ranges.push(...more)
        return undefined
      }
      rune = escaped(letter)
    }
    const code = rune.codePointAt(0) ?? 0
    if (code > 0x7f) throw new Unsupported()
    return code
  }

  #set(ranges: readonly (readonly [number, number])[], negated: boolean): Part {
    const members = new Set<number>()
    for (const [from, to] of ranges) for (let code = from; code <= to; code++) members.add(code)
    const wanted: (readonly [number, number])[] = []
    for (let code = 0; code < 0x80; code++) {
      if (members.has(code) === negated) continue
      const last = wanted.at(-1)
      if (last !== undefined && last[1] === code - 1) wanted[wanted.length - 1] = [last[0], code]
      else wanted.push([code, code])
    }
    return (next) => this.#builder.runes(wanted, negated, next)
  }
}

/** The rune of an escape that is no class: punctuation is itself. */
function escaped(letter: string): string {
  const control = controls[letter]
  if (control !== undefined) return control
  if (!/^[!-/:-@[-`{-~]$/.test(letter)) throw new Unsupported()
  return letter
}

function determinize(nodes: readonly Node[], start: number): RegexDfa {
  const bounds = new Set([0, 0x100])
  for (const node of nodes) {
    if (node.kind !== 'bytes') continue
    bounds.add(node.from)
    bounds.add(node.to + 1)
  }
  const edges = [...bounds].sort((a, b) => a - b)
  const classCount = edges.length - 1
  const classes = new Uint8Array(256)
  for (let i = 0; i < classCount; i++) classes.fill(i, edges[i], edges[i + 1])
  const states = new Map<string, number>()
  const sets: (readonly number[])[] = []
  const stateOf = (set: readonly number[]): number => {
    const key = set.join()
    const known = states.get(key)
    if (known !== undefined) return known
    if (sets.length >= STATES_MAX) throw new Unsupported()
    states.set(key, sets.length)
    return sets.push(set) - 1
  }
  stateOf(closure(nodes, [start], true))
  const again = closure(nodes, [start], false)
  const next: number[] = []
  for (let state = 0; state < sets.length; state++) {
    const set = sets[state] ?? []
    for (let i = 0; i < classCount; i++) {
      const byte = edges[i] ?? 0
      const reached = [...again]
      for (const at of set) {
        const node = nodes[at]
        if (node?.kind === 'bytes' && node.from <= byte && byte <= node.to) reached.push(node.next)
      }
      next.push(stateOf(closure(nodes, reached, false)))
    }
  }
  const marks = sets.map((set) => (matches(nodes, set, false) ? 1 : matches(nodes, set, true) ? 2 : 0))
  return { classes, classCount, next: Uint8Array.from(next), marks: Uint8Array.from(marks) }
}

/** What is reached without a byte; assertions of the end stay, those of the beginning hold where it is the beginning. */
function closure(nodes: readonly Node[], from: readonly number[], atBegin: boolean): readonly number[] {
  const seen = new Set<number>()
  const waiting = [...from]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    const node = nodes[at]
    if (node?.kind === 'split') waiting.push(node.next, node.other)
    else if (node?.kind === 'begin' && atBegin) waiting.push(node.next)
  }
  return [...seen]
    .filter((at) => {
      const kind = nodes[at]?.kind
      return kind === 'bytes' || kind === 'match' || kind === 'end'
    })
    .sort((a, b) => a - b)
}

function matches(nodes: readonly Node[], set: readonly number[], atEnd: boolean): boolean {
  const seen = new Set<number>()
  const waiting = [...set]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    const node = nodes[at]
    if (node?.kind === 'match') return true
    if (node?.kind === 'end' && atEnd) waiting.push(node.next)
    else if (node?.kind === 'split' && atEnd) waiting.push(node.next, node.other)
  }
  return false
}
