// Runs of base64 (either alphabet) that are long enough to hide a value: the kernel finds and decodes them, and what they
// stand for is looked at together.
import { windowAt } from '../kernel/kernel.ts'
import { Marks } from './marks.ts'
import { type Compiled, type Marking, Scanner, type Sink } from './scanner.ts'

/** Shorter runs hold nothing that a detector finds. The kernel has the same number. */
export const runBytesMin = 24
/** How much is looked at in one go. */
const segmentBytes = 72 * 1024

/** What is found in a run: where the run is, and by which detector. */
export type RunSink = (start: number, end: number, detector: number) => void

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
  /** For each thing found, three numbers: where its run begins and ends, and the detector. */
  #found = new Int32Array(firstFound * 3)
  #foundEnd = 0
  /** What the runs stand for, and where each is. */
  #text = new Uint8Array(0)
  #places = new Int32Array(0)
  /** What was found in the text that is looked at, in order. */
  readonly #marking: Marking = { marks: new Marks([]), floor: 0, every: true }
  readonly #scanners = new WeakMap<Compiled, Scanner>()

  /** Looks at the runs that were decoded last; `base` is the first byte of the view that was looked at. */
  scan(compiled: Compiled, base: number, count: number): void {
    const { kernel, automaton } = compiled
    if (kernel.isQuiet(automaton.initial, count)) return
    let scanner = this.#scanners.get(compiled)
    if (scanner === undefined) {
      scanner = new Scanner(compiled)
      this.#scanners.set(compiled, scanner)
    }
    scanner.reset()
    // The scan takes the room where text and places are.
    const size = kernel.decoded
    if (this.#text.length < size + spareBytes) this.#text = new Uint8Array(size + spareBytes)
    if (this.#places.length < count * 3) this.#places = new Int32Array(count * 3)
    const text = this.#text
    const places = this.#places
    kernel.takeRuns(count, text, places)
    const shift = base - windowAt
    let run = 0
    const add = (start: number, detector: number): void => {
      while (run > 0 && (places[run * 3 - 3] ?? 0) > start) run--
      while (run < count - 1 && (places[run * 3] ?? 0) <= start) run++
      if (this.#foundEnd === this.#found.length) this.#grow()
      this.#found[this.#foundEnd] = shift + (places[run * 3 + 1] ?? 0)
      this.#found[this.#foundEnd + 1] = shift + (places[run * 3 + 2] ?? 0)
      this.#found[this.#foundEnd + 2] = detector
      this.#foundEnd += 3
    }
    const marking = this.#marking
    const { marks } = marking
    const addMarks = (): void => {
      for (let at = 0; at < marks.size; at++) add(marks.starts[at] ?? 0, (marks.kinds[at] ?? 0) >> 1)
      marks.size = 0
    }
    // Where a value ends that has no known end does not matter: all of the run is masked.
    const sink: Sink = (start, _end, detector) => {
      addMarks()
      add(start, detector)
      return false
    }
    scanner.scan(text, size, true, sink, marking)
    addMarks()
  }

  /** Tells what was found in runs that are not hidden anyway, and forgets it. */
  tell(hidden: (start: number, end: number) => boolean, to: RunSink): void {
    const end = this.#foundEnd
    if (end === 0) return
    const found = this.#found
    this.#foundEnd = 0
    // What is told hides others.
    let shown = 0
    for (let at = 0; at < end; at += 3) {
      if (hidden(found[at] ?? 0, found[at + 1] ?? 0)) continue
      if (shown < at) found.copyWithin(shown, at, at + 3)
      shown += 3
    }
    for (let at = 0; at < shown; at += 3) to(found[at] ?? 0, found[at + 1] ?? 0, found[at + 2] ?? 0)
    if (found.length > keptFound * 3) this.#found = new Int32Array(firstFound * 3)
  }

  #grow(): void {
    const larger = new Int32Array(this.#found.length * 2)
    larger.set(this.#found)
    this.#found = larger
  }
}

const firstFound = 64
const keptFound = 16_384

/** Room behind the text: for its end and the bytes that a scan may look at. */
const spareBytes = 64
