// Found values that have not gone out, in order and apart from one another: numbers in arrays, because input made of
// values makes thousands of them for each piece.

import { stricterStrategy } from '../../decision/index.ts'
import { constantText } from '../text.ts'
import { longValueText } from './detector.ts'

/** What is done with values that were found in one way. */
export interface MarkKind {
  readonly strategy: string
  /** The strategies that it came of, each once and in order: the one that is stricter than all others, or `redact`. */
  readonly strategies: readonly string[]
  /** The rules that count them, by their places. */
  readonly rules: readonly number[]
  /** What stands for every such value; undefined where that depends on the value. */
  readonly constant: Uint8Array | undefined
}

/** What stands for the value went out already. */
export const shownMark: number = 1 << 30

/** Of a value longer than `valueBytesMax` nothing is shown, whatever its strategy was. */
export const tooLong = 'too long'

/** Kinds that are kept beside the first ones while nothing is marked. */
const mergedKindsMax = 256

/** Where values stand, and of which kind each is. */
export class Marks {
  starts: Int32Array = none
  ends: Int32Array = none
  /** The kind of each, with `shownMark`. */
  kinds: Int32Array = none
  size = 0
  /** The mark of the value whose end has not been seen; -1 without one. */
  open = -1
  /** All kinds. Those that are known from the beginning are shared as long as there are no others. */
  all: readonly MarkKind[]
  /** Values that went out, by kind. */
  #went: Int32Array = none
  /** Kinds that came of others, by what they are. */
  readonly #merged = new Map<string, number>()
  /** What comes of two kinds: the first by 65536 and the second. */
  readonly #pairs = new Map<number, number>()
  readonly #known: readonly MarkKind[]
  readonly #counts: number[] = []

  constructor(known: readonly MarkKind[]) {
    this.all = known
    this.#known = known
  }

  /** The number of a kind that came of others. */
  merged(strategies: readonly string[], rules: readonly number[]): number {
    const key = JSON.stringify([strategies, rules])
    const known = this.#merged.get(key)
    if (known !== undefined) return known
    this.all = [...this.all, markKind(strategies, rules)]
    this.#merged.set(key, this.all.length - 1)
    return this.all.length - 1
  }

  /** Adds a value, one with all that it overlaps; answers its place. */
  insert(from: number, to: number, of: number): number {
    const size = this.size
    if (size === this.starts.length) this.#grow()
    const at = size === 0 || (this.ends[size - 1] ?? 0) <= from ? size : -1
    if (at < 0) return this.#insertBefore(from, to, of)
    this.starts[at] = from
    this.ends[at] = to
    this.kinds[at] = of
    this.size = size + 1
    return at
  }

  /** Where the last one ends; 0 without one. */
  get last(): number {
    return this.size === 0 ? 0 : (this.ends[this.size - 1] ?? 0)
  }

  /** How many of the first ones end at a place or before. */
  countUntil(place: number, among: number): number {
    let low = 0
    let high = among
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.ends[middle] ?? 0) <= place) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Makes room behind the last one for others, which are in order and overlap nothing. */
  room(count: number): number {
    const at = this.size
    this.size += count
    if (this.size > this.starts.length) this.#grow(Math.max(firstMarks, this.starts.length * 2, this.size))
    return at
  }

  /** Adds others, whose starts and ends are in order, as `insert` does one after the other, in linear time. */
  insertInOrder(others: Marks): void {
    const first = this.countUntil(others.starts[0] ?? 0, this.size)
    const behind = this.#cut(first)
    const open = this.open - first
    if (open >= 0) this.open = -1
    let own = 0
    for (let at = 0; at < others.size; at++) {
      const start = others.starts[at] ?? 0
      const end = others.ends[at] ?? 0
      while (own < behind && (cutStarts[own] ?? 0) < end) this.#putBack(own++, open)
      this.#insertLast(start, end, others.kinds[at] ?? 0)
    }
    while (own < behind) this.#putBack(own++, open)
  }

  /** Takes the marks from `first` on away, and remembers them; answers how many that were. */
  #cut(first: number): number {
    const count = this.size - first
    if (count > cutStarts.length) {
      cutStarts = new Int32Array(this.starts.length)
      cutEnds = new Int32Array(this.starts.length)
      cutKinds = new Int32Array(this.starts.length)
    }
    for (let at = 0; at < count; at++) {
      cutStarts[at] = this.starts[first + at] ?? 0
      cutEnds[at] = this.ends[first + at] ?? 0
      cutKinds[at] = this.kinds[first + at] ?? 0
    }
    this.size = first
    return count
  }

  #putBack(which: number, open: number): void {
    if (which === open) this.open = this.size
    this.#add(cutStarts[which] ?? 0, cutEnds[which] ?? 0, cutKinds[which] ?? 0)
  }

  #add(start: number, end: number, kind: number): void {
    const { size } = this
    if (size === this.starts.length) this.#grow()
    this.starts[size] = start
    this.ends[size] = end
    this.kinds[size] = kind
    this.size = size + 1
  }

  /** Adds a value behind which none begins: one with those at the end that it overlaps. */
  #insertLast(from: number, to: number, of: number): void {
    let start = from
    let end = to
    let kind = of
    let shown = 0
    let isOpen = false
    const last = this.size - 1
    if (last >= 0 && this.starts[last] === from && this.ends[last] === to && this.open !== last) {
      const other = this.kinds[last] ?? 0
      this.kinds[last] = (other & shownMark) | this.#combined(other & ~shownMark, of)
      return
    }
    while (this.size > 0 && (this.ends[this.size - 1] ?? 0) > start) {
      const at = --this.size
      start = Math.min(start, this.starts[at] ?? 0)
      end = Math.max(end, this.ends[at] ?? 0)
      const other = this.kinds[at] ?? 0
      shown |= other & shownMark
      kind = this.#combined(other & ~shownMark, kind)
      if (this.open === at) isOpen = true
    }
    if (isOpen) this.open = this.size
    this.#add(start, end, kind | shown)
  }

  /** The kind that comes of two. */
  #combined(one: number, own: number): number {
    if (one === own) return own
    const key = one * 65_536 + own
    const known = this.#pairs.get(key)
    if (known !== undefined) return known
    const first = this.all[one]
    const second = this.all[own]
    if (first === undefined || second === undefined) return own
    const strategies = [...new Set([...first.strategies, ...second.strategies])].sort()
    const rules = [...new Set([...first.rules, ...second.rules])].sort((a, b) => a - b)
    const kind = this.merged(strategies, rules)
    this.#pairs.set(key, kind)
    return kind
  }

  /** Forgets all of them. */
  clear(): void {
    this.size = 0
    if (this.starts.length > keptMarksMax) this.#grow(firstMarks)
  }

  /**
   * Adds what a kernel found, four numbers each (start, end, look, tail), up to one that goes on, that overlaps another or
   * begins before `floor`; answers where it stopped. `kindOf` is the kind of each look.
   */
  insertAll(
    found: Int32Array,
    from: number,
    until: number,
    shift: number,
    floor: number,
    kindOf: readonly number[],
  ): number {
    let { size, starts, ends, kinds } = this
    let last = size === 0 ? floor : Math.max(floor, ends[size - 1] ?? 0)
    let at = from
    for (; at < until; at += 4) {
      const start = (found[at] ?? 0) - shift
      if (start < last || found[at + 3] !== 0) break
      last = (found[at + 1] ?? 0) - shift
      if (size === starts.length) {
        this.#grow()
        ;({ starts, ends, kinds } = this)
      }
      starts[size] = start
      ends[size] = last
      kinds[size] = kindOf[found[at + 2] ?? 0] ?? 0
      size++
    }
    this.size = size
    return at
  }

  /** Takes away the first marks; `counted` of them have gone out. */
  remove(count: number): void {
    const { kinds, all } = this
    if (this.#went.length < all.length) this.#went = resized(this.#went, all.length)
    const went = this.#went
    // Mostly many of one kind follow each other.
    for (let at = 0, first = 0; at < count; first = at) {
      const coded = kinds[at] ?? 0
      while (at + 4 <= count && areAll(kinds, at, coded)) at += 4
      while (at < count && kinds[at] === coded) at++
      const kind = coded & ~shownMark
      went[kind] = (went[kind] ?? 0) + at - first
    }
    if (count < this.size) this.#close(0, count)
    else this.size = 0
    if (this.open >= 0) this.open -= count
    if (this.size > 0) return
    if (all.length > this.#known.length + mergedKindsMax) this.#forgetKinds()
    if (this.starts.length > keptMarksMax) this.#grow(firstMarks)
  }

  /** Values that went out, by rule. */
  counts(): readonly number[] {
    const counts = this.#counts
    for (const [kind, count] of this.#went.entries())
      for (const rule of this.all[kind]?.rules ?? []) counts[rule] = (counts[rule] ?? 0) + count
    this.#went.fill(0)
    return counts
  }

  /** The bytes moved. */
  rebase(drop: number): void {
    for (let at = 0; at < this.size; at++) {
      this.starts[at] = (this.starts[at] ?? 0) - drop
      this.ends[at] = (this.ends[at] ?? 0) - drop
    }
  }

  #insertBefore(from: number, to: number, of: number): number {
    let [start, end, kind, shown, isOpen] = [from, to, of, 0, false]
    let at = this.size
    while (at > 0 && (this.ends[at - 1] ?? 0) > start) {
      at--
      const otherStart = this.starts[at] ?? 0
      if (otherStart >= end) continue
      start = Math.min(start, otherStart)
      end = Math.max(end, this.ends[at] ?? 0)
      const other = this.kinds[at] ?? 0
      shown |= other & shownMark
      kind = this.#combined(other & ~shownMark, kind)
      if (this.open === at) isOpen = true
      else if (this.open > at) this.open--
      this.#close(at, 1)
    }
    for (const numbers of [this.starts, this.ends, this.kinds]) numbers.copyWithin(at + 1, at, this.size)
    this.starts[at] = start
    this.ends[at] = end
    this.kinds[at] = kind | shown
    this.size++
    if (isOpen) this.open = at
    else if (this.open >= at) this.open++
    return at
  }

  /** Removes marks. */
  #close(at: number, count: number): void {
    for (const numbers of [this.starts, this.ends, this.kinds]) numbers.copyWithin(at, at + count, this.size)
    this.size -= count
  }

  #forgetKinds(): void {
    this.counts()
    this.all = this.#known
    this.#went = none
    this.#merged.clear()
    this.#pairs.clear()
  }

  #grow(room = Math.max(firstMarks, this.starts.length * 2)): void {
    this.starts = resized(this.starts, room)
    this.ends = resized(this.ends, room)
    this.kinds = resized(this.kinds, room)
  }
}

/** Whether four numbers are one. */
function areAll(numbers: Int32Array, at: number, one: number): boolean {
  const first = (numbers[at] ?? 0) ^ one
  const second = (numbers[at + 1] ?? 0) ^ one
  const third = (numbers[at + 2] ?? 0) ^ one
  return (first | second | third | ((numbers[at + 3] ?? 0) ^ one)) === 0
}

/** A kind. */
export function markKind(strategies: readonly string[], rules: readonly number[]): MarkKind {
  // Of three the strictest of two and the third may be another one than of two others and the first.
  const isStrictest = (one: string): boolean => strategies.every((other) => stricterStrategy(one, other) === one)
  const strategy = strategies.find(isStrictest) ?? 'redact'
  return { strategy, strategies, rules, constant: constantOf(strategy) }
}

/** What strategies make of every value alike, as far as they do. */
const constants = new Map<string, Uint8Array | undefined>([[tooLong, Buffer.from(longValueText)]])
const constantsMax = 256

function constantOf(strategy: string): Uint8Array | undefined {
  const known = constants.get(strategy)
  if (known !== undefined || constants.has(strategy)) return known
  const text = constantText(strategy)
  const made = text === undefined ? undefined : Buffer.from(text)
  if (constants.size < constantsMax) constants.set(strategy, made)
  return made
}

const none = new Int32Array(0)
/** Marks that are put back when others before them are. Shared: work is done without a pause. */
let cutStarts: Int32Array = none
let cutEnds: Int32Array = none
let cutKinds: Int32Array = none
/** Many maskers see few values, or none. */
const firstMarks = 16
const keptMarksMax = 16_384

function resized(from: Int32Array, room: number): Int32Array {
  const other = new Int32Array(room)
  other.set(from.subarray(0, room))
  return other
}
