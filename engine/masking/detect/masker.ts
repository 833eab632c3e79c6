// Masks what detectors find in a stream of bytes. The output depends on the bytes alone: however they are cut into
// chunks, the same comes out. Memory is bounded; time is linear in the input.

import { stricterStrategy } from '../../decision/index.ts'
import { maskText } from '../text.ts'
import { Automaton, unknownState } from './automaton.ts'
import { bytes } from './bytes.ts'
import { type Hit, type Look, lookBehindBytes, type Tail, tailEndsAfter } from './detector.ts'
import { type DetectorName, detectorsByName } from './detectors.ts'
import { decodedRun, type Run, RunFinder } from './runs.ts'
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
const holdBytesMax = 72

/** Automata are shared: what one stream has taught one, others need not learn. There are few sets of detectors. */
const compiled = new Map<string, Compiled>()

interface Compiled {
  readonly automaton: Automaton
  readonly looks: readonly NamedLook[]
}

interface NamedLook {
  readonly name: DetectorName
  readonly look: Look
}

/** A found value, or several that overlap. */
interface Found {
  start: number
  end: number
  strategy: string
  readonly detectors: DetectorName[]
  /** What stands for it went out already. */
  shown: boolean
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
  return new Masker(rules, hashKey, true)
}

class Masker implements StreamMasker {
  readonly #hashKey: Uint8Array
  readonly #rules: readonly DetectRule[]
  readonly #strategies = new Map<DetectorName, string>()
  readonly #automaton: Automaton
  readonly #looks: readonly NamedLook[]
  readonly #view = new View()
  /** Absent for what was decoded already: one level is seen through. */
  readonly #runs: RunFinder | undefined
  readonly #counts = new Map<DetectorName, number>()
  readonly #hit: Hit = { start: 0, end: 0, tail: undefined }
  /** What `run` answers: the coded state it stopped at, and the one before. */
  readonly #register = new Int32Array(2)
  /** The next byte that the automaton takes. */
  #at = 0
  /** Looks that still have to be asked about the trigger that ended before `#at`. */
  #asking: readonly number[] = none
  #found: Found[] = []
  #open: Open | undefined
  /** Behind the last overlong value; nothing overlaps that. */
  #floor = 0
  /** Where the value of an undecided look begins. */
  #undecided = Number.POSITIVE_INFINITY

  constructor(rules: readonly DetectRule[], hashKey: Uint8Array, decodes: boolean) {
    this.#rules = rules
    this.#hashKey = hashKey
    this.#runs = decodes ? new RunFinder() : undefined
    for (const { detector, strategy } of rules) {
      const other = this.#strategies.get(detector)
      this.#strategies.set(detector, other === undefined ? strategy : stricterStrategy(other, strategy))
    }
    const { automaton, looks } = compile([...this.#strategies.keys()].sort())
    this.#automaton = automaton
    this.#looks = looks
    this.#register[0] = automaton.initial
  }

  get held(): number {
    return this.#view.held
  }

  get counts(): ReadonlyMap<DetectorName, number> {
    return this.#counts
  }

  push(chunk: Uint8Array): Buffer {
    const out: Uint8Array[] = []
    for (let from = 0; from < chunk.length; from += pieceBytes) {
      this.#view.append(chunk.subarray(from, from + pieceBytes), false)
      this.#work(false, out)
    }
    const [only] = out
    return only === undefined ? Buffer.alloc(0) : out.length === 1 ? Buffer.from(only) : Buffer.concat(out)
  }

  end(): Buffer {
    const out: Uint8Array[] = []
    this.#view.append(new Uint8Array(0), true)
    this.#work(true, out)
    return Buffer.concat(out)
  }

  release(): Buffer {
    const out: Uint8Array[] = []
    // What is known to be a value stays hidden; only what might become one is let go.
    const until = Math.min(this.#found[0]?.start ?? this.#view.length, this.#undecided, this.#view.length)
    if (until > this.#view.out) this.#view.send(until, out)
    return Buffer.concat(out)
  }

  #work(final: boolean, out: Uint8Array[]): void {
    this.#scan(final)
    this.#decode(final)
    this.#send(final, out)
    if (final) this.#view.sendAll(out)
    else {
      const behind = this.#view.out - (this.#runs?.needed ?? this.#view.out)
      this.#rebase(this.#view.forget(Math.max(lookBehindBytes + holdBytesMax, behind)))
    }
  }

  /** Looks into runs of base64, as far as the automaton has come. */
  #decode(final: boolean): void {
    const runs = this.#runs
    if (runs === undefined) return
    const limit = final ? this.#view.length : Math.min(this.#open?.found.end ?? this.#at, this.#view.length)
    const decoded: { readonly run: Run; readonly text: Buffer }[] = []
    for (
      let run = runs.next(this.#view.bytes, limit, final);
      run !== undefined;
      run = runs.next(this.#view.bytes, limit, final)
    ) {
      if (this.#open?.long === true || this.#covers(run.start, run.end)) continue
      const text = decodedRun(this.#view.bytes, run)
      if (text !== undefined) decoded.push({ run, text })
    }
    // All of them at once first: most hold nothing.
    if (decoded.length === 0 || this.#lookInto(decoded.map(({ text }) => text)).length === 0) return
    for (const { run, text } of decoded)
      for (const name of this.#lookInto([text])) this.#insert(run, name, encodedStrategy(this.#strategies.get(name)))
  }

  /** What detectors find in decoded runs. */
  #lookInto(texts: readonly Buffer[]): readonly DetectorName[] {
    const inner = new Masker(this.#rules, this.#hashKey, false)
    inner.push(Buffer.concat(texts.flatMap((text) => [text, lineEnd])))
    inner.end()
    return [...inner.counts.keys()]
  }

  /** Whether one found value holds a whole place. Values are in order. */
  #covers(start: number, end: number): boolean {
    let [low, high] = [0, this.#found.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#found[middle]?.start ?? 0) <= start) low = middle + 1
      else high = middle
    }
    return (this.#found[low - 1]?.end ?? -1) >= end
  }

  #scan(final: boolean): void {
    const view = this.#view
    // A line end behind the last byte lets triggers fire that need to see where a number ends.
    if (final) view.bytes.fill(0x0a, view.length)
    const limit = view.length
    const { classes } = this.#automaton
    for (;;) {
      if (this.#asking.length > 0 && !this.#ask(limit, final)) return
      if (this.#open !== undefined && !this.#follow(this.#open, limit, final)) return
      this.#at = run(view.bytes, this.#at, final ? limit + 1 : limit, this.#automaton.table, classes, this.#register)
      const state = this.#register[0] ?? 0
      if (state >= 0) return
      const byteClass = classes[view.bytes[this.#at - 1] ?? 0] ?? 0
      const reached = state === unknownState ? this.#automaton.learn(this.#register[1] ?? 0, byteClass) : -2 - state
      this.#register[0] = reached
      this.#asking = this.#automaton.matched(reached)
    }
  }

  /** Asks the looks of a trigger; false when one has to wait for more bytes. */
  #ask(limit: number, final: boolean): boolean {
    const hit = this.#hit
    const asking = this.#asking
    for (let index = 0; index < asking.length; index++) {
      const named = this.#looks[asking[index] ?? 0]
      if (named === undefined) continue
      hit.start = this.#at
      hit.end = this.#at
      hit.tail = undefined
      const verdict = named.look(this.#view.bytes, this.#at, limit, final, hit)
      if (verdict === 'more') {
        this.#asking = asking.slice(index)
        this.#undecided = hit.start
        return false
      }
      if (verdict === 'hit') this.#add(hit, named.name)
    }
    this.#undecided = Number.POSITIVE_INFINITY
    this.#asking = none
    return true
  }

  #add(hit: Hit, name: DetectorName): void {
    const found = this.#insert(hit, name, this.#strategies.get(name) ?? 'redact')
    if (found !== undefined && hit.tail !== undefined && this.#open === undefined)
      this.#open = { found, tail: hit.tail, state: 0, long: false }
  }

  /** Adds a value in its place, one with all that it overlaps. */
  #insert(
    place: { readonly start: number; readonly end: number },
    name: DetectorName,
    strategy: string,
  ): Found | undefined {
    const found: Found = {
      start: Math.max(place.start, this.#view.out, this.#floor),
      end: place.end,
      strategy,
      detectors: [name],
      shown: false,
    }
    // A value that goes on may have nothing yet behind what is masked already.
    if (found.end < found.start) return undefined
    let at = this.#found.length
    for (let other = this.#found[at - 1]; other !== undefined && other.end > found.start; other = this.#found[at - 1]) {
      at--
      if (other.start >= found.end) continue
      this.#found.splice(at, 1)
      found.start = Math.min(found.start, other.start)
      found.end = Math.max(found.end, other.end)
      found.strategy = stricterStrategy(other.strategy, found.strategy)
      found.detectors.unshift(...other.detectors)
      found.shown ||= other.shown
      if (this.#open?.found === other) this.#open.found = found
    }
    this.#found.splice(at, 0, found)
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
    this.#register[0] = 0
    this.#at = Math.max(this.#at, at)
    return true
  }

  #send(final: boolean, out: Uint8Array[]): void {
    const view = this.#view
    const run = this.#runs?.following === true ? this.#runs.needed : Number.POSITIVE_INFINITY
    let until = final ? view.length : Math.min(this.#holdFrom(), this.#undecided, run)
    let sent = 0
    for (const found of this.#found) {
      const open = this.#open?.found === found ? this.#open : undefined
      if (open === undefined ? found.end > until && !final : !open.long) {
        until = Math.min(until, found.start)
        break
      }
      view.send(found.start, out)
      const text = open === undefined && found.strategy !== tooLong ? this.#masked(found) : longValueText
      view.replace(found.end, found.shown ? nothing : Buffer.from(text), out)
      if (open !== undefined) {
        found.start = found.end
        found.shown = true
        break
      }
      for (const name of new Set(found.detectors)) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
      sent++
    }
    if (sent > 0) this.#found = this.#found.slice(sent)
    if (until > view.out) view.send(until, out)
  }

  #masked(found: Found): string {
    const value = Buffer.from(
      this.#view.bytes.buffer,
      this.#view.bytes.byteOffset + found.start,
      found.end - found.start,
    )
    if (value.length > valueBytesMax) return longValueText
    return maskText(found.strategy, value.toString('utf8'), this.#hashKey) ?? ''
  }

  /** Where the earliest value could begin that no trigger has shown yet. */
  #holdFrom(): number {
    const view = this.#view.bytes
    const end = Math.min(this.#at, this.#view.length)
    const floor = Math.max(0, end - holdBytesMax)
    let at = end
    while (at > floor) {
      const byte = view[at - 1] ?? 0
      // Numbers are also written in groups.
      if (byte === 0x20 ? !groupEnds[view[at - 2] ?? 0] : !holdable[byte]) break
      at--
    }
    return at
  }

  #rebase(drop: number): void {
    if (drop === 0) return
    this.#at -= drop
    this.#runs?.rebase(drop)
    this.#floor -= drop
    this.#undecided -= drop
    for (const found of this.#found) {
      found.start -= drop
      found.end -= drop
    }
  }
}

/**
 * Takes bytes from `at` until a trigger has matched or a state is not known; answers the index behind the last one. The
 * innermost loop of all masking: it does nothing else.
 */
function run(
  view: Uint8Array,
  at: number,
  stop: number,
  table: Int32Array,
  classes: Uint8Array,
  register: Int32Array,
): number {
  let state = register[0] ?? 0
  let index = at
  for (; index < stop; index++) {
    const next = table[state + (classes[view[index] ?? 0] ?? 0)] ?? unknownState
    if (next < 0) {
      register[0] = next
      register[1] = state
      return index + 1
    }
    state = next
  }
  register[0] = state
  return index
}

/** Of an encoded value no part can be shown. */
function encodedStrategy(strategy = 'redact'): string {
  return strategy === 'null' || strategy.startsWith('fixed:') ? strategy : 'redact'
}

const lineEnd = Buffer.from('\n')
const nothing = new Uint8Array(0)
const none: readonly number[] = []
/** Of a value longer than `valueBytesMax` nothing is shown, whatever its strategy. */
const tooLong = 'too long'
const holdable = bytes('A-Za-z0-9._%+/:~=()-')
const groupEnds = bytes('0-9)')

function compile(names: readonly DetectorName[]): Compiled {
  const key = names.join()
  const known = compiled.get(key)
  if (known !== undefined) return known
  const looks: NamedLook[] = []
  const triggers: ConstructorParameters<typeof Automaton>[0][number][] = []
  for (const name of names) {
    for (const { triggers: patterns, look } of detectorsByName[name].looks) {
      for (const pattern of patterns) triggers.push({ pattern, owner: looks.length })
      looks.push({ name, look })
    }
  }
  const made = { automaton: new Automaton(triggers), looks }
  compiled.set(key, made)
  return made
}
