// Runs of base64 (either alphabet) that are long enough to hide a value: the kernel finds and decodes them, and what they
// stand for is looked at together.
import { type Compiled, Scanner } from './scanner.ts'

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
  /** For each thing found: where its run begins and ends, and the detector. */
  #found: number[] = []
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
    const { text, places } = kernel.takeRuns(count, spareBytes)
    let run = 0
    // Where a value ends that has no known end does not matter: all of the run is masked.
    scanner.scan(text, text.length - spareBytes, true, (start, _end, detector) => {
      while (run > 0 && (places[run * 3 - 3] ?? 0) > start) run--
      while (run < count - 1 && (places[run * 3] ?? 0) <= start) run++
      this.#found.push(base + (places[run * 3 + 1] ?? 0), base + (places[run * 3 + 2] ?? 0), detector)
      return false
    })
  }

  /** Tells what was found in runs that are not hidden anyway, and forgets it. */
  tell(hidden: (start: number, end: number) => boolean, to: RunSink): void {
    const found = this.#found
    if (found.length === 0) return
    this.#found = []
    const shown: number[] = []
    for (let at = 0; at < found.length; at += 3)
      if (!hidden(found[at] ?? 0, found[at + 1] ?? 0))
        shown.push(found[at] ?? 0, found[at + 1] ?? 0, found[at + 2] ?? 0)
    for (let at = 0; at < shown.length; at += 3) to(shown[at] ?? 0, shown[at + 1] ?? 0, shown[at + 2] ?? 0)
  }
}

/** Room behind the text: for its end and the bytes that a scan may look at. */
const spareBytes = 64
