// Masks what detectors find in a stream of bytes. The output depends on the bytes alone: however they are cut into
// chunks, the same comes out. Memory is bounded; time is linear in the input.

import { stricterStrategy } from '../../decision/index.ts'
import { maskText } from '../text.ts'
import { bytes } from './bytes.ts'
import { longValueText, lookBehindBytes, type Tail, tailEndsAfter, valueBytesMax } from './detector.ts'
import { type DetectorName, detectorOf } from './detectors.ts'
import { Finder } from './finder.ts'
import { type MarkKind, Marks, markKind, shownMark, tooLong } from './marks.ts'
import { Output } from './output.ts'
import { DecodedRuns, LateRuns, RunFinder } from './runs.ts'
import { type Compiled, compileDetectors, type Marking, Scanner, type Sink } from './scanner.ts'
import { View } from './view.ts'

/** One detector with the strategy for what it finds. */
export interface DetectRule {
  readonly detector: DetectorName
  readonly strategy: string
}

/** Masks one stream. */
export interface StreamMasker {
  /** Takes a chunk and answers the bytes that are certain by now. */
  push(chunk: Uint8Array): Buffer
  /** Nothing follows: answers the rest. The masker cannot be used any more. */
  end(): Buffer
  /**
   * Answers what is held back although a value may begin in it: for a person at a terminal who waits for an echo. What
   * follows is still judged together with what went out, so that only the released part of a value is shown.
   */
  release(): Buffer
  /** Bytes that came in and neither went out nor were masked. */
  readonly held: number
  /** Values masked so far, by detector. */
  readonly counts: ReadonlyMap<DetectorName, number>
}

/** A chunk is worked on in pieces of this size. */
const pieceBytes = 64 * 1024
/** Bytes before the end in which a value can have begun that no trigger has shown yet. */
const holdBytesMax = 160

/** Compiled detectors are shared; there are few sets of them. */
const compiledMax = 64
const compiled = new Map<string, Compiled>()

/** A value whose end has not been seen. */
interface Open {
  readonly tail: Tail
  /** Where it begins, though some of it may have gone out. */
  from: number
  state: number
  /** It is longer than what a strategy is applied to, and no part of it is kept. */
  long: boolean
}

/** Makes a masker. Of several rules for one detector the strictest counts. */
export function createStreamMasker(rules: readonly DetectRule[], hashKey: Uint8Array): StreamMasker {
  return new Masker(rules, hashKey)
}

/** Makes a finder of whatever a masker of these rules would mask. */
export function createFinder(rules: readonly DetectRule[]): Finder {
  return new Finder(compile([...new Set(rules.map(({ detector }) => detector))].sort()))
}

class Masker implements StreamMasker {
  readonly #hashKey: Uint8Array
  readonly #names: readonly DetectorName[]
  /** Of two kinds for each rule, one for what stands in the text and one for what was found behind base64. */
  readonly #scanner: Scanner
  readonly #compiled: Compiled
  readonly #view = new View()
  readonly #runs = new RunFinder()
  /** Runs with values in them, where values of the text itself may still begin or go on. */
  readonly #late = new LateRuns()
  readonly #sink: Sink
  readonly #marks: Marks
  readonly #marking: Marking
  #open: Open | undefined
  /** Behind the last overlong value; nothing overlaps that. */
  #floor = 0
  /** Values that were too long, where a part of them may be here still. */
  #long: readonly { readonly start: number; readonly end: number }[] = []

  constructor(rules: readonly DetectRule[], hashKey: Uint8Array) {
    this.#hashKey = hashKey
    const strategies = new Map<DetectorName, string>()
    for (const { detector, strategy } of rules) {
      const other = strategies.get(detector)
      strategies.set(detector, other === undefined ? strategy : stricterStrategy(other, strategy))
    }
    const names = [...strategies.keys()].sort()
    this.#names = names
    const kinds: MarkKind[] = []
    for (const [rule, name] of names.entries()) {
      const strategy = strategies.get(name) ?? 'redact'
      kinds.push(markKind([strategy], [rule]), markKind([encodedStrategy(strategy)], [rule]))
    }
    this.#marks = new Marks(kinds)
    this.#marking = { marks: this.#marks, floor: 0 }
    this.#compiled = compile(names)
    this.#scanner = new Scanner(this.#compiled)
    this.#sink = (start, end, detector, tail) => {
      const at = this.#insert(start, end, 2 * detector, tail !== undefined)
      if (at < 0 || tail === undefined || this.#open !== undefined) return false
      this.#open = { tail, from: start, state: 0, long: false }
      this.#marks.open = at
      return true
    }
  }

  get held(): number {
    return this.#view.held
  }

  get counts(): ReadonlyMap<DetectorName, number> {
    const counts = new Map<DetectorName, number>()
    const went = this.#marks.counts()
    for (const [rule, name] of this.#names.entries()) if ((went[rule] ?? 0) > 0) counts.set(name, went[rule] ?? 0)
    return counts
  }

  push(chunk: Uint8Array): Buffer {
    for (let from = 0; from < chunk.length; from += pieceBytes) {
      this.#view.append(chunk.subarray(from, from + pieceBytes), false, this.#compiled.kernel)
      this.#work(false)
    }
    return output.take()
  }

  end(): Buffer {
    this.#view.append(nothing, true, this.#compiled.kernel)
    this.#work(true)
    return output.take()
  }

  release(): Buffer {
    // What is known to be a value stays hidden; only what might become one is let go.
    const view = this.#view
    const until = Math.min(
      this.#marks.size > 0 ? (this.#marks.starts[0] ?? 0) : view.length,
      this.#scanner.undecided,
      view.length,
    )
    if (until > view.out) view.send(until, output)
    return output.take()
  }

  #work(final: boolean): void {
    this.#scan(final)
    const known = final ? this.#view.length : Math.min(this.#holdFrom(), this.#scanner.undecided)
    this.#decode(known, final)
    this.#send(known, final)
    if (final) this.#view.sendAll(output)
    else {
      const behind = this.#view.out - this.#runs.needed
      this.#rebase(this.#view.forget(Math.max(lookBehindBytes + holdBytesMax, behind)))
    }
  }

  /** Looks into runs of base64, as far as the automaton has come; `known` is where values may begin that nothing has shown. */
  #decode(known: number, final: boolean): void {
    const runs = this.#runs
    const { bytes: view, length } = this.#view
    const limit = final
      ? length
      : Math.min(this.#open === undefined ? this.#scanner.at : (this.#marks.ends[this.#marks.open] ?? 0), length)
    const { marks } = decodedRuns
    this.#late.moveTo(marks)
    runs.find(this.#compiled, view, limit, final, decodedRuns)
    if (marks.size === 0) return
    this.#late.takeFrom(marks, this.#decidable(known, final))
    if (marks.size > 0) this.#chooseShown(marks)
    if (marks.size > 0) this.#marks.insertInOrder(marks)
    marks.clear()
  }

  /** Up to where it is certain which values of the text itself hide a run, or overlap it. */
  #decidable(known: number, final: boolean): number {
    const open = this.#open
    if (final) return Number.POSITIVE_INFINITY
    if (open === undefined) return known
    return open.long ? (this.#marks.ends[this.#marks.open] ?? 0) : Math.min(known, open.from)
  }

  /** Of runs with values in them leaves those that are not hidden by what is marked, as far as they did not go out. */
  #chooseShown(runs: Marks): void {
    const { starts, ends, kinds, size } = runs
    const { starts: ownStarts, ends: ownEnds, size: ownSize } = this.#marks
    const hiddenFrom = this.#open?.long === true ? this.#open.from : Number.POSITIVE_INFINITY
    let own = this.#marks.countUntil(starts[0] ?? 0, ownSize)
    if (own === ownSize && this.#long.length === 0 && this.#open?.long !== true && (starts[0] ?? 0) >= this.#view.out)
      return
    let shown = 0
    for (let at = 0; at < size; at++) {
      let start = starts[at] ?? 0
      const end = ends[at] ?? 0
      while (own < ownSize && (ownStarts[own] ?? 0) <= start) own++
      if (start >= hiddenFrom || (own > 0 && (ownEnds[own - 1] ?? 0) >= end)) continue
      start = this.#floorOf(start)
      if (end <= start) continue
      starts[shown] = start
      ends[shown] = end
      kinds[shown++] = kinds[at] ?? 0
    }
    runs.size = shown
  }

  #scan(final: boolean): void {
    const view = this.#view
    // A line end behind the last byte lets triggers fire that need to see where a number ends.
    if (final) view.bytes.fill(0x0a, view.length)
    const marking = this.#marking
    for (;;) {
      marking.floor = Math.max(view.out, this.#floor)
      // Who is asked about the same trigger comes first.
      const open = this.#scanner.isAsking ? undefined : this.#open
      if (open !== undefined && !this.#follow(open, view.length, final)) return
      if (this.#scanner.scan(view.bytes, view.length, final, this.#sink, marking) !== 'waits') return
    }
  }

  /** Adds a value in its place; -1 where all of it went out or is masked already. */
  #insert(from: number, end: number, kind: number, goesOn = false): number {
    const start = this.#floorOf(from)
    // A value that goes on may have nothing yet behind what is masked already; of others all is masked then.
    return end < start || (end === start && !goesOn) ? -1 : this.#marks.insert(start, end, kind)
  }

  /** Where a value begins that did not go out, and does not stand in one that was too long. */
  #floorOf(from: number): number {
    let start = Math.max(from, this.#view.out)
    for (const long of this.#long) {
      // What is found late may stand before it, or reach into it: nothing of it has gone out then.
      if (start < long.start) break
      start = Math.max(start, long.end)
    }
    return start
  }

  /** Goes along an open value; false when its end has not come. Behind it the automaton starts afresh. */
  #follow(open: Open, limit: number, final: boolean): boolean {
    const view = this.#view.bytes
    const marks = this.#marks
    const { tail } = open
    let at = marks.ends[marks.open] ?? 0
    let { state } = open
    for (; at < limit; at++) {
      const next = tail.step(state, view[at] ?? 0)
      if (next === tailEndsAfter) at++
      state = next
      if (next < 0) break
    }
    marks.ends[marks.open] = at
    open.state = state
    if (at - open.from > valueBytesMax) open.long = true
    if (state >= 0 && !final) return false
    this.#open = undefined
    if (open.long) {
      const kind = marks.kinds[marks.open] ?? 0
      const { rules = none } = marks.all[kind & ~shownMark] ?? {}
      marks.kinds[marks.open] = (kind & shownMark) | marks.merged([tooLong], rules)
      this.#floor = at
      const before = this.#long.filter(({ end }) => end > this.#view.out)
      this.#long = [...before, { start: open.from, end: at }]
    }
    marks.open = -1
    this.#scanner.skip(at)
    return true
  }

  #send(known: number, final: boolean): void {
    const view = this.#view
    const run = Math.min(this.#late.first, this.#runs.following ? this.#runs.needed : Number.POSITIVE_INFINITY)
    let until = final ? view.length : Math.min(known, run)
    const marks = this.#marks
    const { starts, ends, kinds, size } = marks
    // Those before the open one that end in time.
    const closed = marks.open >= 0 ? marks.open : size
    const ready = final ? closed : marks.countUntil(until, closed)
    let sent = 0
    while (sent < ready) {
      sent += view.sendMarked(marks, sent, ready, this.#compiled.kernel, output)
      if (sent === ready) break
      const start = starts[sent] ?? 0
      const end = ends[sent] ?? 0
      view.sendReplaced(start, end, this.#masked(start, end, kinds[sent] ?? 0), output)
      sent++
    }
    if (sent < size) until = this.#sendLong(sent, until, run)
    if (sent > 0) marks.remove(sent)
    if (until > view.out) view.send(until, output)
  }

  /**
   * Of a value that goes on, or that others overlap which are not known yet, what is certain: as soon as it is too long
   * for any strategy, one text stands for all of it, whatever follows. Answers until where what is in clear may go out.
   */
  #sendLong(at: number, until: number, run: number): number {
    const { starts, ends, kinds } = this.#marks
    const start = starts[at] ?? 0
    const end = ends[at] ?? 0
    const isShown = ((kinds[at] ?? 0) & shownMark) !== 0
    // What begins within an open value that is too long itself is hidden by it, wherever it ends.
    const isHiding = at === this.#marks.open && this.#open?.long === true && run >= this.#open.from
    const sendable = isHiding ? end : Math.min(end, until)
    if (sendable <= start) return Math.min(until, start)
    if (!isHiding && !isShown && end - start <= valueBytesMax) return start
    this.#view.sendReplaced(start, sendable, isShown ? nothing : longValue, output)
    starts[at] = sendable
    kinds[at] = (kinds[at] ?? 0) | shownMark
    return sendable
  }

  #masked(start: number, end: number, coded: number): Uint8Array {
    const kind = this.#marks.all[coded & ~shownMark]
    if ((coded & shownMark) !== 0) return nothing
    if (kind === undefined || end - start > valueBytesMax) return longValue
    if (kind.constant !== undefined) return kind.constant
    const { bytes: view } = this.#view
    const value = Buffer.from(view.buffer, view.byteOffset + start, end - start)
    return Buffer.from(maskText(kind.strategy, value.toString('utf8'), this.#hashKey) ?? '')
  }

  /** Where the earliest value could begin that no trigger has shown yet. */
  #holdFrom(): number {
    const view = this.#view.bytes
    const end = Math.min(this.#scanner.at, this.#view.length)
    const floor = Math.max(0, end - holdBytesMax)
    let at = end
    while (at > floor) {
      const byte = view[at - 1] ?? 0
      if (byte === 0x20 ? !isBetweenGroups(view, at - 1) : holdable[byte] !== 1) break
      at--
    }
    const { alive } = this.#compiled
    if (alive.length > 0)
      for (let from = Math.max(0, end - lookBehindBytes, this.#view.out); from < at; from++)
        if (alive.some((lives) => lives(view, from, end))) return from
    return at
  }

  #rebase(drop: number): void {
    if (drop === 0) return
    if (this.#open !== undefined) this.#open.from -= drop
    this.#scanner.rebase(drop)
    this.#runs.rebase(drop)
    this.#late.rebase(drop)
    this.#floor -= drop
    this.#long = this.#long.map(({ start, end }) => ({ start: start - drop, end: end - drop }))
    this.#marks.rebase(drop)
  }
}

/** Numbers are also written in groups, with a blank between them or, as phone numbers, with two. */
function isBetweenGroups(view: Uint8Array, blank: number): boolean {
  const before = view[blank - 1] ?? 0
  return groupEnds[before === 0x20 ? (view[blank - 2] ?? 0) : before] === 1
}

/** Of an encoded value no part can be shown. */
function encodedStrategy(strategy = 'redact'): string {
  return strategy === 'null' || strategy.startsWith('fixed:') ? strategy : 'redact'
}

/** Work is done without a pause, so that all maskers share the room for it. */
const output = new Output()
const decodedRuns = new DecodedRuns()
const nothing = new Uint8Array(0)
const none: readonly number[] = []
const longValue: Uint8Array = Buffer.from(longValueText)
const holdable = bytes('A-Za-z0-9._%+/:~=()@-')
const groupEnds = bytes('0-9).-')

function compile(names: readonly DetectorName[]): Compiled {
  const key = names.join('\n')
  const known = compiled.get(key)
  if (known !== undefined) return known
  if (compiled.size >= compiledMax) compiled.clear()
  const made = compileDetectors(names.map((name) => detectorOf(name)))
  compiled.set(key, made)
  return made
}
