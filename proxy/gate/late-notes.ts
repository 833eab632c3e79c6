// Entries that no action waits for, such as how many rows one read: kept back for a moment, so that they are written
// together with the session's next action instead of costing a write of their own.
import type { GateClock } from './ports.ts'

/** How long such an entry is kept back, and twice as long at the most. */
export const noteDelayMs = 5

/** Whoever has entries to write. */
export interface NoteKeeper {
  /** The turn of the timer at which its oldest note was taken; undefined without one. `LateNotes` keeps both of these. */
  noted: number | undefined
  listed: boolean
  /** Writes what was kept back; nothing to write is no fault. */
  writeNotes(): void
}

/** One timer for the notes of all sessions. Each session is here at most once, and the gate bounds sessions. */
export class LateNotes {
  readonly #clock: GateClock
  /** Those who have notes, or had some when the timer last ran. */
  #keepers: NoteKeeper[] = []
  #turn = 0
  #armed = false

  constructor(clock: GateClock) {
    this.#clock = clock
  }

  /** `keeper` has notes now; it is told to write them soon. */
  soon(keeper: NoteKeeper): void {
    keeper.noted = this.#turn
    if (!keeper.listed) this.#list(keeper)
    this.#arm()
  }

  /** `keeper` has written by itself. */
  written(keeper: NoteKeeper): void {
    keeper.noted = undefined
  }

  #list(keeper: NoteKeeper): void {
    keeper.listed = true
    this.#keepers.push(keeper)
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    this.#clock.after(noteDelayMs, () => {
      this.#armed = false
      const before = this.#turn++
      const keepers = this.#keepers
      this.#keepers = []
      for (const keeper of keepers) {
        keeper.listed = false
        if (keeper.noted === undefined) continue
        if (keeper.noted < before) keeper.writeNotes()
        else this.#list(keeper)
      }
      if (this.#keepers.length > 0) this.#arm()
    })
  }
}
