// Entries that no action waits for, such as how many rows one read: kept back for a moment, so that they are written
// together with the session's next action instead of costing a write of their own.
import type { GateClock } from './ports.ts'

/** How long such an entry may be kept back. */
export const noteDelayMs = 5
/** Sessions in whose name entries may be kept back at once. */
const waitingMax = 10_000

/** Whoever has entries to write. */
export interface NoteKeeper {
  writeNotes(): void
}

/** One timer for the notes of all sessions. */
export class LateNotes {
  readonly #clock: GateClock
  #waiting: NoteKeeper[] = []

  constructor(clock: GateClock) {
    this.#clock = clock
  }

  /** `keeper` has notes now; it is told to write them soon, if it has not done so by then. */
  soon(keeper: NoteKeeper): void {
    if (this.#waiting.length >= waitingMax) keeper.writeNotes()
    else if (this.#waiting.push(keeper) === 1) this.#clock.after(noteDelayMs, () => this.#due())
  }

  #due(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const keeper of waiting) keeper.writeNotes()
  }
}
