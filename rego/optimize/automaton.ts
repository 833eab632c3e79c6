// Automata over the bytes of UTF-8: built as states that split, made deterministic as a table. One that grows too large is
// given up: the host matches such patterns.
import { type RuneRange, utf8Sequences } from './utf8-ranges.ts'

/** A table: classes of bytes, where each state goes by class, and what each state means. State 0 is the first. */
export interface RegexDfa {
  /** The class of each byte. */
  readonly classes: Uint8Array
  readonly classCount: number
  /** `states * classCount` next states. */
  readonly next: Uint8Array
  /** 1: a match whatever follows; 2: a match if the text ends here; 3: no match whatever follows; 0: not yet known. */
  readonly marks: Uint8Array
}

/** As many states as a byte names; more would be a table larger than it is worth. */
const STATES_MAX = 256
const NODES_MAX = 2_000

/** A pattern that is left to the host. */
export class Unsupported extends Error {}

/** A state of the automaton before it is made deterministic. */
export type Node =
  | { readonly kind: 'match' }
  | { readonly kind: 'bytes'; readonly from: number; readonly to: number; readonly next: number }
  | { kind: 'split'; next: number; other: number }
  | { readonly kind: 'begin' | 'end'; readonly next: number }

/** Collects the states of one pattern. */
export class NfaBuilder {
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

  /** A rune from one of the ranges. */
  runes(ranges: readonly RuneRange[], next: number): number {
    // Runes that end alike share the states of their ends.
    const ends = new Map<string, number>()
    const options = ranges.flatMap(utf8Sequences).map((bytes) => {
      let at = next
      let key = ''
      for (let i = bytes.length - 1; i >= 0; i--) {
        const [from, to] = bytes[i] ?? [0, 0]
        key = `${from}-${to} ${key}`
        const known = ends.get(key)
        at = known ?? this.bytes(from, to, at)
        ends.set(key, at)
      }
      return at
    })
    return this.either(options)
  }

  literal(rune: string, next: number): number {
    return [...new TextEncoder().encode(rune)].reverse().reduce((after, byte) => this.bytes(byte, byte, after), next)
  }
}

/** The table of an automaton: what it reaches from any place of a text, unless an assertion of the beginning forbids. */
export function determinize(nodes: readonly Node[], start: number): RegexDfa {
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
  const marks = sets.map((set) => {
    if (matches(nodes, set, false)) return 1
    if (matches(nodes, set, true)) return 2
    return set.length === 0 && again.length === 0 ? 3 : 0
  })
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
