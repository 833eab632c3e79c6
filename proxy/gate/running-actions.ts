// The actions of one session that wait for an answer or run. Each knows its place, so that coming and going leave nothing
// behind: a set of what comes and goes with every statement keeps alive, for long, what it once held.
import type { ActionSubmission } from './submission.ts'

/** What a session has under way. */
export class RunningActions {
  readonly #all: ActionSubmission[] = []

  get size(): number {
    return this.#all.length
  }

  add(action: ActionSubmission): void {
    action.place = this.#all.length
    this.#all.push(action)
  }

  /** False where it is not there. */
  delete(action: ActionSubmission): boolean {
    const { place } = action
    if (this.#all[place] !== action) return false
    const last = this.#all.pop()
    if (last !== undefined && last !== action) {
      this.#all[place] = last
      last.place = place
    }
    return true
  }

  /** All that are there now. */
  now(): readonly ActionSubmission[] {
    return [...this.#all]
  }
}
