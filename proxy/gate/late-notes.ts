// Entries that no action waits for, such as how many rows one read: kept back for a moment, so that they are written
// together with the session's next action instead of costing a write of their own.
import type { GateClock } from './ports.ts'

/** How long such an entry is kept back, and twice as long at the most. */
export const noteDelayMs = 5

/** Whoever has entries to write. */
export interface NoteKeeper {
  /** Writes what was kept back; nothing to write is no fault. */
  writeNotes(): void
}

/** One timer for the notes of all sessions. Each session is here at most once, and the gate bounds sessions. */
export class LateNotes {
  readonly #clock: GateClock
  /** Those who came since the timer last ran, and those who were there then. */
  #young = new Set<NoteKeeper>()
  #old = new Set<NoteKeeper>()
  #armed = false

  constructor(clock: GateClock) {
    this.#clock = clock
  }

  /** `keeper` has notes now; it is told to write them soon. */
  soon(keeper: NoteKeeper): void {
    this.#young.add(keeper)
    this.#arm()
  }

  /** `keeper` has written by itself. */
  written(keeper: NoteKeeper): void {
    if (!this.#young.delete(keeper)) this.#old.delete(keeper)
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    this.#clock.after(noteDelayMs, () => {
      this.#armed = false
      const due = this.#old
      this.#old = this.#young
      this.#young = new Set()
      for (const keeper of due) keeper.writeNotes()
      if (this.#old.size > 0) this.#arm()
    })
  }
}
