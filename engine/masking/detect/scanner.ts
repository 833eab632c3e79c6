// Runs the automaton of some detectors over bytes, asks their looks at the triggers, and hands on what they find. All of it
// happens in the kernel (engine/masking/kernel), but for states that are not known yet and for looks of a policy's own.

import {
  againWord,
  askingWord,
  atWord,
  classWord,
  hitsFirstWord,
  hitsWord,
  judgedWord,
  Kernel,
  liveWord,
  scanElsewhere,
  scanTaken,
  scanUndecided,
  scanUnknown,
  scanWaits,
  stateWord,
  undecidedWord,
  waitsWord,
  windowAt,
  windowBytesMax,
} from '../kernel/kernel.ts'
import { Automaton } from './automaton.ts'
import {
  type Detector,
  type Hit,
  type KernelLook,
  type Look,
  lookBehindBytes,
  more,
  no,
  type Tail,
} from './detector.ts'
import type { Positions } from './expression.ts'
import type { Marks } from './marks.ts'
import type { Pattern } from './pattern.ts'

/** The look of a detector; `detector` is its place in the list that was compiled. */
export interface DetectorLook {
  readonly detector: number
  readonly look: Look | KernelLook
  /** Its bit among the groups of triggers. */
  readonly group: number
}

/** Detectors made ready. Shared by streams: what one has taught the automaton, others need not learn. */
export interface Compiled {
  readonly kernel: Kernel
  readonly automaton: Automaton
  readonly looks: readonly DetectorLook[]
  /** The kind of mark that each look makes: two for each detector, the first for what stands in the text itself. */
  readonly kindOf: readonly number[]
  /** For detectors whose beginnings no general rule holds back. */
  readonly alive: readonly NonNullable<Detector['alive']>[]
}

/** The group of looks that judge only the trigger they are asked about. */
const everyTrigger = 1 << 30
/** Groups of looks that judge further ahead. */
const groupsMax = 30

/** Behind all bytes that a scan ever holds. A whole number: infinity would make every comparison one of fractions. */
const far = 0x3fffffff

/** What stands behind the last byte of a text. */
const lineEndBytes = 64

/** Makes detectors ready. */
export function compileDetectors(detectors: readonly Detector[]): Compiled {
  const looks: DetectorLook[] = []
  const triggers: { readonly pattern: Pattern | Positions; readonly owner: number; readonly group: number }[] = []
  const kernel = new Kernel()
  let groups = 0
  for (const [detector, { looks: own }] of detectors.entries()) {
    for (const { triggers: patterns, look, judges } of own) {
      const group = judges === true && groups < groupsMax ? 1 << groups++ : everyTrigger
      for (const pattern of patterns) triggers.push({ pattern, owner: looks.length, group })
      if (typeof look === 'function') kernel.place(looks.length, 2 * detector, undefined, undefined)
      else kernel.place(looks.length, 2 * detector, look.name, look.form)
      looks.push({ detector, look, group })
    }
  }
  const automaton = new Automaton(triggers, kernel)
  kernel.classify(automaton.classes)
  const kindOf = looks.map(({ detector }) => 2 * detector)
  return { kernel, automaton, looks, kindOf, alive: detectors.flatMap(({ alive }) => alive ?? []) }
}

/** Takes what is found; true when the scanner has to wait: the value goes on without a known end, or nothing more is wanted. */
export type Sink = (start: number, end: number, detector: number, tail: Tail | undefined) => boolean

/** Where values are marked without asking the sink: those that have an end, overlap nothing and do not begin before `floor`. */
export interface Marking {
  readonly marks: Marks
  floor: number
}

/** What ended a scan: all bytes were taken, a look needs more of them, or the sink wants it to wait. */
export type Stop = 'taken' | 'undecided' | 'waits'

/** The state of one scan. */
export class Scanner {
  readonly #compiled: Compiled
  readonly #hit: Hit = { start: 0, end: 0, tail: undefined, judged: 0 }
  /** For each group, up to where its triggers are judged. */
  #judged: Int32Array = none
  /** The state of the automaton. */
  #state: number
  #epoch: number
  /** What the state stands for. */
  #meaning: readonly number[] = []
  /** Groups that are asked. */
  #live = -1
  /** Where the next group is asked again. */
  #liveAgain = far
  /** The next look to be asked about the trigger before `at`; -1 for none. */
  #asking = -1
  /** A value was found that goes on. */
  #isOpen = 0
  #waits = false
  /** What of the text is in the kernel's window, when it is still this scanner's. */
  #base = 0
  #end = -1
  /** The next byte that the automaton takes. */
  at: number = 0
  /** Where the value of an undecided look begins. */
  undecided: number = far

  constructor(compiled: Compiled) {
    this.#compiled = compiled
    this.#state = compiled.automaton.initial
    this.#epoch = compiled.automaton.epoch
  }

  /** A look waits for bytes. */
  get isAsking(): boolean {
    return this.#asking >= 0
  }

  /** Begins a new text. */
  reset(): void {
    const { automaton } = this.#compiled
    this.#end = -1
    this.at = 0
    this.#state = automaton.initial
    this.#epoch = automaton.epoch
    this.#asking = -1
    this.#isOpen = 0
    this.#waits = false
    this.undecided = far
    this.#live = -1
    this.#liveAgain = far
  }

  /** Goes on behind a place as if a text began there. */
  skip(to: number): void {
    this.#state = 0
    this.#epoch = this.#compiled.automaton.epoch
    this.at = Math.max(this.at, to)
  }

  /** The bytes moved. */
  rebase(drop: number): void {
    this.#end = -1
    this.at -= drop
    if (this.undecided !== far) this.undecided -= drop
    if (this.#liveAgain !== far) this.#liveAgain -= drop
    const judged = this.#judged
    for (let group = 0; group < judged.length; group++) judged[group] = Math.max(0, (judged[group] ?? 0) - drop)
  }

  /** Takes bytes up to `limit`. With `final` a line end stands behind them, for triggers that need to see an end. */
  scan(view: Uint8Array, limit: number, final: boolean, sink: Sink, marking?: Marking): Stop {
    const { automaton } = this.#compiled
    if (this.#epoch !== automaton.epoch) {
      // Another stream made the automaton forget.
      this.#state = automaton.resume(this.#meaning)
      this.#epoch = automaton.epoch
    }
    for (;;) {
      this.#hold(view, limit)
      const base = this.#base
      const end = this.#end
      this.#place(base, end, final && end === limit, marking)
      const stop = this.#run(view, base, end, limit, final, sink, marking)
      this.#keep(base)
      if (end === limit || stop === 'waits') {
        this.#meaning = automaton.meaning(this.#state)
        return stop
      }
    }
  }

  /**
   * Puts bytes into the kernel's window. Text full of values that go on is scanned in many short pieces: what is there
   * already stays there.
   */
  #hold(view: Uint8Array, limit: number): void {
    const { kernel } = this.#compiled
    // One that ends before the text moves along, or a look would wait for ever for what is behind it.
    if (kernel.holder === this && this.#end === limit) return
    this.#base = Math.max(0, this.at - lookBehindBytes)
    this.#end = Math.min(limit, this.#base + windowBytesMax)
    kernel.hold(view, this.#base, this.#end)
    kernel.holder = this
  }

  /** Tells the kernel how far the scan is. */
  #place(base: number, end: number, final: boolean, marking: Marking | undefined): void {
    const { bytes, words } = this.#compiled.kernel
    if (final) bytes.fill(0x0a, windowAt + end - base, windowAt + end - base + lineEndBytes)
    const shift = windowAt - base
    words[stateWord] = this.#state
    words[atWord] = this.at + shift
    words[liveWord] = this.#live
    words[againWord] = this.#liveAgain === far ? far : this.#liveAgain + shift
    words[askingWord] = this.#asking
    words[undecidedWord] = far
    words[hitsWord] = 0
    words[waitsWord] = this.#isOpen
    this.#lead(shift, marking)
    if (this.#live !== -1)
      for (let group = 0; group < groupsMax; group++) words[judgedWord + group] = (this.#judged[group] ?? 0) + shift
  }

  /** Tells the kernel what it may mark by itself. */
  #lead(shift: number, marking: Marking | undefined): void {
    const { kernel } = this.#compiled
    if (marking === undefined) kernel.markFrom(far, shift)
    else kernel.markFrom(Math.max(marking.floor, marking.marks.last) + shift, shift)
  }

  /** Remembers how far the kernel came. */
  #keep(base: number): void {
    const { words } = this.#compiled.kernel
    const shift = windowAt - base
    this.#state = words[stateWord] ?? 0
    this.#epoch = this.#compiled.automaton.epoch
    this.at = (words[atWord] ?? 0) - shift
    this.#live = words[liveWord] ?? 0
    const again = words[againWord] ?? 0
    this.#liveAgain = again === far ? far : again - shift
    this.#asking = words[askingWord] ?? 0
    const undecided = words[undecidedWord] ?? 0
    this.undecided = undecided === far ? far : undecided - shift
    this.#isOpen = words[waitsWord] ?? 0
    if (this.#live === -1) return
    if (this.#judged.length === 0) this.#judged = new Int32Array(groupsMax)
    for (let group = 0; group < groupsMax; group++) this.#judged[group] = (words[judgedWord + group] ?? 0) - shift
  }

  /** Goes on until the window is done, a look is undecided, or the sink wants to wait. */
  #run(
    view: Uint8Array,
    base: number,
    end: number,
    limit: number,
    final: boolean,
    sink: Sink,
    marking: Marking | undefined,
  ): Stop {
    const { kernel, automaton } = this.#compiled
    for (;;) {
      const code = kernel.scan(windowAt + end - base, final && end === limit, automaton.groupsAt * 4)
      if (marking !== undefined && kernel.marked > 0) kernel.takeMarks(marking.marks)
      if ((kernel.words[hitsWord] ?? 0) > 0) this.#tell(windowAt - base, sink, marking)
      if (code === scanUnknown) this.#learn()
      else if (code === scanElsewhere) {
        if (this.#ask(view, base, limit, final, sink) === more) return 'undecided'
        this.#lead(windowAt - base, marking)
      } else if (code === scanUndecided) return 'undecided'
      else if (this.#waits && (code === scanWaits || code === scanTaken)) {
        this.#waits = false
        return 'waits'
      } else if (code === scanTaken) return 'taken'
    }
  }

  /** Hands on what the kernel found. */
  #tell(shift: number, sink: Sink, marking: Marking | undefined): void {
    const { words } = this.#compiled.kernel
    const { looks } = this.#compiled
    const end = hitsFirstWord + (words[hitsWord] ?? 0) * 4
    for (let at = hitsFirstWord; at < end; at += 4) {
      if (marking !== undefined) {
        at = marking.marks.insertAll(words, at, end, shift, marking.floor, this.#compiled.kindOf)
        if (at === end) break
      }
      const found = looks[words[at + 2] ?? 0]
      if (found === undefined || typeof found.look === 'function') continue
      const tail = words[at + 3] ?? 0
      const goesOn = tail === 0 ? undefined : found.look.tails[tail - 1]
      if (sink((words[at] ?? 0) - shift, (words[at + 1] ?? 0) - shift, found.detector, goesOn)) this.#waits = true
    }
    words[hitsWord] = 0
    this.#lead(shift, marking)
  }

  /** Makes the next state. */
  #learn(): void {
    const { kernel, automaton } = this.#compiled
    const { words } = kernel
    const reached = automaton.learn(words[stateWord] ?? 0, (words[classWord] ?? 0) >> 2)
    const groups = automaton.table[(reached >> 2) + automaton.groupsAt] ?? 0
    kernel.words[stateWord] = reached
    if ((groups & (kernel.words[liveWord] ?? 0)) !== 0) kernel.words[askingWord] = 0
  }

  /** Asks a look that the kernel has not. */
  #ask(view: Uint8Array, base: number, limit: number, final: boolean, sink: Sink): number {
    const { kernel, automaton, looks } = this.#compiled
    const { words } = kernel
    const shift = windowAt - base
    const index = words[askingWord] ?? 0
    const asked = looks[automaton.matched(words[stateWord] ?? 0)[index] ?? 0]
    if (asked === undefined || typeof asked.look !== 'function') throw new Error('a look is in the kernel')
    const at = (words[atWord] ?? 0) - shift
    const hit = this.#hit
    hit.start = at
    hit.end = at
    hit.tail = undefined
    hit.judged = at
    const verdict = asked.look(view, at, limit, final, hit)
    if (verdict === more) {
      words[undecidedWord] = hit.start + shift
      return more
    }
    words[askingWord] = index + 1
    if (hit.judged > at) kernel.judge(asked.group, hit.judged + shift)
    if (verdict === no) return no
    if (hit.tail !== undefined) words[waitsWord] = 1
    if (sink(hit.start, hit.end, asked.detector, hit.tail)) this.#waits = true
    return verdict
  }
}

const none = new Int32Array(0)
