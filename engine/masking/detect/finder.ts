// Whether detectors find anything in a text, without masking it: one finder looks at one text after the other, in the same
// memory.

import { DecodedRuns, RunFinder, runBytesMin } from './runs.ts'
import { type Compiled, Scanner } from './scanner.ts'
import { View } from './view.ts'

/** Bytes behind the text that a scan may look at. */
const behindBytes = 64

/** Looks for what a masker with the same detectors would mask. */
export class Finder {
  readonly #compiled: Compiled
  readonly #view = new View()
  readonly #scanner: Scanner
  #hasFound = false

  constructor(compiled: Compiled) {
    this.#compiled = compiled
    this.#scanner = new Scanner(compiled)
  }

  /** Looks at one whole text. */
  finds(text: Uint8Array): boolean {
    const view = this.#view
    view.clear()
    view.append(text, true, this.#compiled.kernel)
    // A line end behind the last byte lets triggers fire that need to see where a number ends.
    view.bytes.fill(0x0a, view.length, view.length + behindBytes)
    this.#hasFound = false
    this.#scanner.reset()
    this.#scanner.scan(view.bytes, view.length, true, this.#found)
    if (this.#hasFound) return true
    if (view.length < runBytesMin) return false
    new RunFinder().find(this.#compiled, view.bytes, view.length, true, decodedRuns)
    const found = decodedRuns.marks.size > 0
    decodedRuns.marks.clear()
    return found
  }

  /** The first is enough. */
  readonly #found = (): true => {
    this.#hasFound = true
    return true
  }
}

/** Work is done without a pause, so that all finders share the room for it. */
const decodedRuns = new DecodedRuns()
