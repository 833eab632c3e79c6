// Masks what detectors find in a stream of bytes. The output depends on the bytes alone: however they are cut into
// chunks, the same comes out. Memory is bounded; time is linear in the input.

import { stricterStrategy } from '../../decision/index.ts'
import { constantText, maskText } from '../text.ts'
import { bytes } from './bytes.ts'
import { lookBehindBytes, type Tail, tailEndsAfter } from './detector.ts'
import { type DetectorName, detectorOf } from './detectors.ts'
import { Finder } from './finder.ts'
import { Output } from './output.ts'
import { DecodedRuns, RunFinder } from './runs.ts'
import { type Compiled, compileDetectors, Scanner, type Sink } from './scanner.ts'
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

/** Longest value that a strategy is applied to; of a longer one nothing is shown. */
export const valueBytesMax = 4096
/** What stands for a value too long for its strategy. */
export const longValueText = '[redacted]'
/** A chunk is worked on in pieces of this size. */
const pieceBytes = 64 * 1024
/** Bytes before the end in which a value can have begun that no trigger has shown yet. */
const holdBytesMax = 160

/** Compiled detectors are shared; there are few sets of them. */
const compiledMax = 64
const compiled = new Map<string, Compiled>()

/** A found value, or several that overlap. */
interface Found {
  start: number
  end: number
  strategy: string
  detectors: readonly number[]
  /** What stands for it went out already. */
  shown: boolean
}

/** One detector with what is done with what it finds. */
interface Rule {
  readonly name: DetectorName
  readonly strategy: string
  /** The same for what was found behind base64. */
  readonly encoded: string
  /** Its place alone. */
  readonly alone: readonly number[]
  count: number
}

/** A value whose end has not been seen. */
interface Open {
  found: Found
  readonly tail: Tail
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
  readonly #rules: readonly Rule[]
  readonly #scanner: Scanner
  readonly #compiled: Compiled
  readonly #view = new View()
  readonly #runs = new RunFinder()
  readonly #sink: Sink
  #found: Found[] = []
  #open: Open | undefined
  /** Behind the last overlong value; nothing overlaps that. */
  #floor = 0
  /** Found values that begin before the place that was asked about last. */
  #passed = 0
  readonly #hidden = (start: number, end: number): boolean => this.#open?.long === true || this.#covers(start, end)

  constructor(rules: readonly DetectRule[], hashKey: Uint8Array) {
    this.#hashKey = hashKey
    const strategies = new Map<DetectorName, string>()
    for (const { detector, strategy } of rules) {
      const other = strategies.get(detector)
      strategies.set(detector, other === undefined ? strategy : stricterStrategy(other, strategy))
    }
    const names = [...strategies.keys()].sort()
    this.#rules = names.map((name, index) => {
      const strategy = strategies.get(name) ?? 'redact'
      return { name, strategy, encoded: encodedStrategy(strategy), alone: [index], count: 0 }
    })
    this.#compiled = compile(names)
    this.#scanner = new Scanner(this.#compiled)
    this.#sink = ({ start, end, tail }, { detector }) => {
      const strategy = this.#rules[detector]?.strategy ?? 'redact'
      const found = this.#insert(start, end, detector, strategy, tail !== undefined)
      if (found === undefined || tail === undefined || this.#open !== undefined) return false
      this.#open = { found, tail, state: 0, long: false }
      return true
    }
  }

  get held(): number {
    return this.#view.held
  }

  get counts(): ReadonlyMap<DetectorName, number> {
    const counts = new Map<DetectorName, number>()
    for (const { name, count } of this.#rules) if (count > 0) counts.set(name, count)
    return counts
  }

  push(chunk: Uint8Array): Buffer {
    for (let from = 0; from < chunk.length; from += pieceBytes) {
      this.#view.append(chunk.subarray(from, from + pieceBytes), false)
      this.#work(false)
    }
    return output.take()
  }

  end(): Buffer {
    this.#view.append(nothing, true)
    this.#work(true)
    return output.take()
  }

  release(): Buffer {
    // What is known to be a value stays hidden; only what might become one is let go.
    const view = this.#view
    const until = Math.min(this.#found[0]?.start ?? view.length, this.#scanner.undecided, view.length)
    if (until > view.out) view.send(until, output)
    return output.take()
  }

  #work(final: boolean): void {
    this.#scan(final)
    this.#decode(final)
    this.#send(final)
    if (final) this.#view.sendAll(output)
    else {
      const behind = this.#view.out - this.#runs.needed
      this.#rebase(this.#view.forget(Math.max(lookBehindBytes + holdBytesMax, behind)))
    }
  }

  /** Looks into runs of base64, as far as the automaton has come. */
  #decode(final: boolean): void {
    const runs = this.#runs
    const { bytes: view, length } = this.#view
    const limit = final ? length : Math.min(this.#open?.found.end ?? this.#scanner.at, length)
    this.#passed = 0
    runs.find(view, limit, final, this.#hidden, decodedRuns)
    if (decodedRuns.count === 0) return
    decodedRuns.scan(this.#compiled, (start, end, detector) => {
      this.#insert(start, end, detector, this.#rules[detector]?.encoded ?? 'redact')
    })
  }

  /** Whether one found value holds a whole place. Values are in order, and so are the places that are asked about. */
  #covers(start: number, end: number): boolean {
    const list = this.#found
    let at = this.#passed
    while ((list[at]?.start ?? Number.MAX_SAFE_INTEGER) <= start) at++
    this.#passed = at
    return at > 0 && (list[at - 1]?.end ?? -1) >= end
  }

  #scan(final: boolean): void {
    const view = this.#view
    // A line end behind the last byte lets triggers fire that need to see where a number ends.
    if (final) view.bytes.fill(0x0a, view.length)
    for (;;) {
      if (this.#open !== undefined && !this.#follow(this.#open, view.length, final)) return
      if (this.#scanner.scan(view.bytes, view.length, final, this.#sink) !== 'waits') return
    }
  }

  /** Adds a value in its place, one with all that it overlaps. */
  #insert(from: number, end: number, detector: number, strategy: string, goesOn = false): Found | undefined {
    const start = Math.max(from, this.#view.out, this.#floor)
    // A value that goes on may have nothing yet behind what is masked already; of others all is masked then.
    if (end < start || (end === start && !goesOn)) return undefined
    const found = foundOf(start, end, strategy, this.#rules[detector]?.alone ?? none)
    const list = this.#found
    let at = list.length
    for (let other = list[at - 1]; other !== undefined && other.end > found.start; other = list[at - 1]) {
      at--
      if (other.start >= found.end) continue
      list.splice(at, 1)
      found.start = Math.min(found.start, other.start)
      found.end = Math.max(found.end, other.end)
      found.strategy = stricterStrategy(other.strategy, found.strategy)
      found.detectors = [...new Set([...other.detectors, ...found.detectors])]
      found.shown ||= other.shown
      if (this.#open?.found === other) this.#open.found = found
    }
    if (at === list.length) list.push(found)
    else list.splice(at, 0, found)
    return found
  }

  /** Goes along an open value; false when its end has not come. Behind it the automaton starts afresh. */
  #follow(open: Open, limit: number, final: boolean): boolean {
    const view = this.#view.bytes
    const { found, tail } = open
    let at = found.end
    let { state } = open
    for (; at < limit; at++) {
      const next = tail.step(state, view[at] ?? 0)
      if (next === tailEndsAfter) at++
      state = next
      if (next < 0) break
    }
    found.end = at
    open.state = state
    if (found.end - found.start > valueBytesMax) open.long = true
    if (state >= 0 && !final) return false
    this.#open = undefined
    if (open.long) {
      found.strategy = tooLong
      this.#floor = found.end
    }
    this.#scanner.skip(at)
    return true
  }

  #send(final: boolean): void {
    const view = this.#view
    const run = this.#runs.following ? this.#runs.needed : Number.POSITIVE_INFINITY
    let until = final ? view.length : Math.min(this.#holdFrom(), this.#scanner.undecided, run)
    let sent = 0
    const list = this.#found
    for (; sent < list.length; sent++) {
      const found = list[sent]
      if (found === undefined) break
      const open = this.#open?.found === found ? this.#open : undefined
      if (open === undefined ? found.end > until && !final : !open.long) {
        until = Math.min(until, found.start)
        break
      }
      const by = found.shown ? nothing : open === undefined ? this.#masked(found) : longValue
      view.sendReplaced(found.start, found.end, by, output)
      if (open !== undefined) {
        found.start = found.end
        found.shown = true
        break
      }
      this.#count(found.detectors)
    }
    if (sent > 0) {
      for (let index = 0; index < sent && spare.length < spareMax; index++) {
        const used = list[index]
        if (used !== undefined) spare.push(used)
      }
      if (sent < list.length) list.copyWithin(0, sent)
      list.length -= sent
    }
    if (until > view.out) view.send(until, output)
  }

  #count(detectors: readonly number[]): void {
    for (let index = 0; index < detectors.length; index++) {
      const rule = this.#rules[detectors[index] ?? 0]
      if (rule !== undefined) rule.count++
    }
  }

  #masked({ start, end, strategy }: Found): Uint8Array {
    if (strategy === tooLong || end - start > valueBytesMax) return longValue
    const constant = constantBytes(strategy)
    if (constant !== undefined) return constant
    const { bytes: view } = this.#view
    const value = Buffer.from(view.buffer, view.byteOffset + start, end - start)
    return Buffer.from(maskText(strategy, value.toString('utf8'), this.#hashKey) ?? '')
  }

  /** Where the earliest value could begin that no trigger has shown yet. */
  #holdFrom(): number {
    const view = this.#view.bytes
    const end = Math.min(this.#scanner.at, this.#view.length)
    const floor = Math.max(0, end - holdBytesMax)
    let at = end
    while (at > floor) {
      const byte = view[at - 1] ?? 0
      // Numbers are also written in groups.
      if (byte === 0x20 ? groupEnds[view[at - 2] ?? 0] !== 1 : holdable[byte] !== 1) break
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
    this.#scanner.rebase(drop)
    this.#runs.rebase(drop)
    this.#floor -= drop
    for (const found of this.#found) {
      found.start -= drop
      found.end -= drop
    }
  }
}

/** Values that went out, to be used for others: input made of values makes thousands of them for each piece. */
const spare: Found[] = []
const spareMax = 8192

function foundOf(start: number, end: number, strategy: string, detectors: readonly number[]): Found {
  const found = spare.pop()
  if (found === undefined) return { start, end, strategy, detectors, shown: false }
  found.start = start
  found.end = end
  found.strategy = strategy
  found.detectors = detectors
  found.shown = false
  return found
}

/** Of an encoded value no part can be shown. */
function encodedStrategy(strategy = 'redact'): string {
  return strategy === 'null' || strategy.startsWith('fixed:') ? strategy : 'redact'
}

/** What strategies make of every value alike, as far as they do. */
const constants = new Map<string, Uint8Array | undefined>()
const constantsMax = 256

let lastStrategy = ''
let lastConstant: Uint8Array | undefined

/** Values that stand one behind the other have mostly one strategy. */
function constantBytes(strategy: string): Uint8Array | undefined {
  if (strategy !== lastStrategy) {
    lastConstant = constantOf(strategy)
    lastStrategy = strategy
  }
  return lastConstant
}

function constantOf(strategy: string): Uint8Array | undefined {
  const known = constants.get(strategy)
  if (known !== undefined || constants.has(strategy)) return known
  const text = constantText(strategy)
  const made = text === undefined ? undefined : Buffer.from(text)
  if (constants.size < constantsMax) constants.set(strategy, made)
  return made
}

/** Work is done without a pause, so that all maskers share the room for it. */
const output = new Output()
const decodedRuns = new DecodedRuns()
const nothing = new Uint8Array(0)
const none: readonly number[] = []
/** Of a value longer than `valueBytesMax` nothing is shown, whatever its strategy. */
const tooLong = 'too long'
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
