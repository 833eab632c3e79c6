// Runs of base64 (either alphabet) that are long enough to hide a value: the kernel finds and decodes them, and what they
// stand for is looked at together.
import {
  askingWord,
  atWord,
  classWord,
  endWord,
  type Kernel,
  scanElsewhere,
  scanTaken,
  scanUnknown,
  startWord,
  stateWord,
  windowAt,
} from '../kernel/kernel.ts'
import { found, type Hit } from './detector.ts'
import { Marks } from './marks.ts'
import type { Compiled, DetectorLook } from './scanner.ts'

/** Shorter runs hold nothing that a detector finds. The kernel has the same number. */
export const runBytesMin = 24
/** How much is looked at in one go. */
const segmentBytes = 72 * 1024

/** Finds runs one after the other. What it finds depends on the bytes alone. */
export class RunFinder {
  #at = 0
  /** Where the run that is being followed began; -1 between runs. */
  #from = -1

  /** Bytes before this one are not needed any more. */
  get needed(): number {
    return this.#from < 0 ? this.#at : this.#from
  }

  /** True while a run is followed whose end is not known. */
  get following(): boolean {
    return this.#from >= 0
  }

  /** Looks into the runs that end before `limit`, or at it when nothing follows. */
  find(compiled: Compiled, view: Uint8Array, limit: number, final: boolean, to: DecodedRuns): void {
    for (;;) {
      const base = this.needed
      const end = Math.min(limit, base + segmentBytes)
      const { kernel } = compiled
      const count = kernel.findRuns(view, base, end, this.#at - base, this.#from < 0 ? -1 : 0, final && end === limit)
      this.#at = base + kernel.runsAt
      this.#from = kernel.runsFrom < 0 ? -1 : base + kernel.runsFrom
      if (count > 0) to.scan(compiled, base, count)
      if (end === limit) return
    }
  }

  /** The view moved. */
  rebase(drop: number): void {
    this.#at -= drop
    if (this.#from >= 0) this.#from -= drop
  }
}

/** What detectors find in what runs stand for. */
export class DecodedRuns {
  /** The runs in which values are, in order: for each kind that is in it a run is there once or more. */
  readonly marks: Marks = new Marks([])
  readonly #hit: Hit = { start: 0, end: 0, tail: undefined, judged: 0 }

  /** Looks at the runs that were decoded last; `base` is the first byte of the view that was looked at. */
  scan({ kernel, automaton, looks, kindOf }: Compiled, base: number, count: number): void {
    kernel.beginRuns(count, windowAt - base)
    for (;;) {
      const code = kernel.judgeRuns(automaton.initial, automaton.groupsAt * 4)
      if (kernel.marked > 0) kernel.takeMarks(this.marks)
      if (code === scanTaken) return
      const { words } = kernel
      const state = words[stateWord] ?? 0
      if (code === scanUnknown) automaton.learn(state, (words[classWord] ?? 0) >> 2)
      else if (code === scanElsewhere) {
        const index = words[askingWord] ?? 0
        const which = automaton.matched(state)[index] ?? 0
        this.#ask(kernel, looks[which], kindOf[which] ?? 0)
        kernel.words[askingWord] = index + 1
      }
    }
  }

  /** Asks a look that the kernel has not: it sees one run, since what else is here depends on how the text was cut. */
  #ask(kernel: Kernel, asked: DetectorLook | undefined, kind: number): void {
    if (asked === undefined || typeof asked.look !== 'function') throw new Error('a look is in the kernel')
    const { words, bytes } = kernel
    const begins = words[startWord] ?? 0
    const run = bytes.subarray(begins, words[endWord] ?? 0)
    const at = (words[atWord] ?? 0) - begins
    const hit = this.#hit
    hit.start = at
    hit.end = at
    hit.tail = undefined
    hit.judged = at
    const verdict = asked.look(run, at, run.length, true, hit)
    if (hit.judged > at) kernel.judge(asked.group, begins + hit.judged)
    // Where a value ends does not matter: all of the run is masked.
    if (verdict === found) kernel.tellRun(begins + hit.start, kind + 1)
  }
}

/**
 * Runs of which it is not certain yet what hides them: a run within a value is nothing of its own, and one that a value
 * overlaps is masked with it, whichever of both was found first.
 */
export class LateRuns {
  /** Start, end and kind of each. */
  #numbers: number[] = []

  /** Where the first one begins; infinity without one. */
  get first(): number {
    return this.#numbers[0] ?? Number.POSITIVE_INFINITY
  }

  /** Puts them before all others. */
  moveTo(marks: Marks): void {
    const numbers = this.#numbers
    if (numbers.length === 0) return
    const from = marks.room(numbers.length / 3)
    for (let at = 0; at * 3 < numbers.length; at++) {
      marks.starts[from + at] = numbers[at * 3] ?? 0
      marks.ends[from + at] = numbers[at * 3 + 1] ?? 0
      marks.kinds[from + at] = numbers[at * 3 + 2] ?? 0
    }
    this.#numbers = []
  }

  /** Takes those that do not end before `limit`, or at it. */
  takeFrom(marks: Marks, limit: number): void {
    const { starts, ends, kinds, size } = marks
    let left = size
    while (left > 0 && (ends[left - 1] ?? 0) > limit) left--
    for (let at = left; at < size; at++) this.#numbers.push(starts[at] ?? 0, ends[at] ?? 0, kinds[at] ?? 0)
    marks.size = left
  }

  /** The view moved. */
  rebase(drop: number): void {
    const numbers = this.#numbers
    for (let at = 0; at < numbers.length; at += 3) {
      numbers[at] = (numbers[at] ?? 0) - drop
      numbers[at + 1] = (numbers[at + 1] ?? 0) - drop
    }
  }
}
