// Runs the automaton of some detectors over bytes, asks their looks at the triggers, and hands on what they find.
import { Automaton, unknownState } from './automaton.ts'
import { type Detector, type Hit, type Look, more, no } from './detector.ts'
import type { Positions } from './expression.ts'
import type { Pattern } from './pattern.ts'

/** The look of a detector; `detector` is its place in the list that was compiled. */
export interface DetectorLook {
  readonly detector: number
  readonly look: Look
  /** Its bit among the groups of triggers. */
  readonly group: number
}

/** Detectors made ready. Shared by streams: what one has taught the automaton, others need not learn. */
export interface Compiled {
  readonly automaton: Automaton
  readonly looks: readonly DetectorLook[]
  /** For detectors whose beginnings no general rule holds back. */
  readonly alive: readonly NonNullable<Detector['alive']>[]
}

/** The group of looks that judge only the trigger they are asked about. */
const everyTrigger = 1 << 30
/** Groups of looks that judge further ahead. */
const groupsMax = 30

/** Behind all bytes that a scan ever holds. A whole number: infinity would make every comparison one of fractions. */
const far = 0x3fffffff

/** Makes detectors ready. */
export function compileDetectors(detectors: readonly Detector[]): Compiled {
  const looks: DetectorLook[] = []
  const triggers: { readonly pattern: Pattern | Positions; readonly owner: number; readonly group: number }[] = []
  let groups = 0
  for (const [detector, { looks: own }] of detectors.entries()) {
    for (const { triggers: patterns, look, judges } of own) {
      const group = judges === true && groups < groupsMax ? 1 << groups++ : everyTrigger
      for (const pattern of patterns) triggers.push({ pattern, owner: looks.length, group })
      looks.push({ detector, look, group })
    }
  }
  return { automaton: new Automaton(triggers), looks, alive: detectors.flatMap(({ alive }) => alive ?? []) }
}

/**
 * Whether no trigger stands in two texts that lie one behind the other. The automaton goes along both at once: each of its
 * steps waits for the one before, and the other text fills the time. False also where a state is not known yet.
 */
export function isQuiet({ automaton }: Compiled, text: Uint8Array, middle: number, end: number): boolean {
  const { classes, table, initial } = automaton
  let one = initial
  let other = initial
  let at = 0
  let behind = middle
  for (; at < middle && behind < end; at++, behind++) {
    one = table[one + (classes[text[at] ?? 0] ?? 0)] ?? unknownState
    other = table[other + (classes[text[behind] ?? 0] ?? 0)] ?? unknownState
    if ((one | other) < 0) return false
  }
  for (; at < middle && one >= 0; at++) one = table[one + (classes[text[at] ?? 0] ?? 0)] ?? unknownState
  for (; behind < end && other >= 0; behind++) other = table[other + (classes[text[behind] ?? 0] ?? 0)] ?? unknownState
  return one >= 0 && other >= 0
}

/** Takes what is found; true when the value goes on without a known end and the scanner has to wait. */
export type Sink = (hit: Hit, look: DetectorLook) => boolean

/** What ended a scan: all bytes were taken, a look needs more of them, or the sink wants it to wait. */
export type Stop = 'taken' | 'undecided' | 'waits'

/** The state of one scan. */
export class Scanner {
  readonly #automaton: Automaton
  readonly #looks: readonly DetectorLook[]
  readonly #hit: Hit = { start: 0, end: 0, tail: undefined, judged: 0 }
  /** What `run` answers: the coded state it stopped at, and the one before. */
  readonly #register = new Int32Array(2)
  /** For each group, up to where its triggers are judged. */
  readonly #judged: Int32Array
  /** Groups that are asked. */
  #live = -1
  /** Where the next group is asked again. */
  #liveAgain = far
  /** The next byte that the automaton takes. */
  at: number = 0
  /** Where the value of an undecided look begins. */
  undecided: number = far
  /** Looks that still have to be asked about the trigger that ended before `at`. */
  #asking: readonly number[] = none
  #epoch: number
  #meaning: readonly number[] = none

  constructor({ automaton, looks }: Compiled) {
    this.#automaton = automaton
    this.#looks = looks
    this.#judged = new Int32Array(groupsMax)
    this.#register[0] = automaton.initial
    this.#epoch = automaton.epoch
  }

  /** Begins a new text. */
  reset(): void {
    this.at = 0
    this.#register[0] = this.#automaton.initial
    this.#epoch = this.#automaton.epoch
    this.#asking = none
    this.undecided = far
    this.#live = -1
    this.#liveAgain = far
  }

  /** Goes on behind a place as if a text began there. */
  skip(to: number): void {
    this.#register[0] = 0
    this.#epoch = this.#automaton.epoch
    this.at = Math.max(this.at, to)
  }

  /** The bytes moved. */
  rebase(drop: number): void {
    this.at -= drop
    if (this.undecided !== far) this.undecided -= drop
    if (this.#liveAgain !== far) this.#liveAgain -= drop
    const judged = this.#judged
    for (let group = 0; group < groupsMax; group++) judged[group] = Math.max(0, (judged[group] ?? 0) - drop)
  }

  /** Takes bytes up to `limit`. With `final` a line end stands behind them, for triggers that need to see an end. */
  scan(view: Uint8Array, limit: number, final: boolean, sink: Sink): Stop {
    const automaton = this.#automaton
    const { classes, groupsAt } = automaton
    const register = this.#register
    const stop = final ? limit + 1 : limit
    if (this.#epoch !== automaton.epoch) {
      // Another stream made the automaton forget.
      register[0] = automaton.resume(this.#meaning)
      this.#epoch = automaton.epoch
    }
    for (;;) {
      if (this.#asking.length > 0) {
        const end = this.#ask(view, limit, final, sink)
        if (end !== 'taken') return end
      }
      const pause = Math.min(stop, this.#liveAgain)
      this.at = run(view, this.at, pause, automaton.table, classes, groupsAt, this.#live, register)
      const state = register[0] ?? 0
      if (state >= 0) {
        if (this.at >= this.#liveAgain) {
          this.#revive()
          continue
        }
        this.#meaning = automaton.meaning(state)
        return 'taken'
      }
      const byteClass = classes[view[this.at - 1] ?? 0] ?? 0
      const reached = state === unknownState ? automaton.learn(register[1] ?? 0, byteClass) : -2 - state
      this.#epoch = automaton.epoch
      register[0] = reached
      if (((automaton.table[reached + groupsAt] ?? 0) & this.#live) !== 0) this.#asking = automaton.matched(reached)
    }
  }

  #ask(view: Uint8Array, limit: number, final: boolean, sink: Sink): Stop {
    const hit = this.#hit
    const asking = this.#asking
    const { at } = this
    let waits = false
    for (let index = 0; index < asking.length; index++) {
      const look = this.#looks[asking[index] ?? 0]
      if (look === undefined || (look.group & this.#live) === 0) continue
      hit.start = at
      hit.end = at
      hit.tail = undefined
      hit.judged = at
      const verdict = look.look(view, at, limit, final, hit)
      if (verdict === more) {
        this.#asking = asking.slice(index)
        this.undecided = hit.start
        this.#meaning = this.#automaton.meaning(this.#register[0] ?? 0)
        return 'undecided'
      }
      if (hit.judged > at) this.#judge(look.group, hit.judged)
      if (verdict !== no && sink(hit, look)) waits = true
    }
    this.undecided = far
    this.#asking = none
    return waits ? 'waits' : 'taken'
  }

  #judge(group: number, until: number): void {
    if (group === everyTrigger) return
    this.#live &= ~group
    this.#judged[31 - Math.clz32(group)] = until
    if (until < this.#liveAgain) this.#liveAgain = until
  }

  /** Groups are asked again about triggers that end behind what they have judged. */
  #revive(): void {
    let next = far
    for (let bits = ~this.#live; bits !== 0; bits &= bits - 1) {
      const bit = bits & -bits
      const until = this.#judged[31 - Math.clz32(bit)] ?? 0
      if (until <= this.at) this.#live |= bit
      else if (until < next) next = until
    }
    this.#liveAgain = next
  }
}

/**
 * Takes bytes from `at` until a trigger of a live group has matched or a state is not known; answers the index behind
 * the last one. The innermost loop of all masking: it does nothing else.
 */
function run(
  view: Uint8Array,
  at: number,
  stop: number,
  table: Int32Array,
  classes: Uint8Array,
  groupsAt: number,
  live: number,
  register: Int32Array,
): number {
  let state = register[0] ?? 0
  let index = at
  for (; index < stop; index++) {
    let next = table[state + (classes[view[index] ?? 0] ?? 0)] ?? unknownState
    if (next < 0) {
      if (next !== unknownState && ((table[groupsAt - 2 - next] ?? 0) & live) === 0) next = -2 - next
      else {
        register[0] = next
        register[1] = state
        return index + 1
      }
    }
    state = next
  }
  register[0] = state
  return index
}

const none: readonly number[] = []
