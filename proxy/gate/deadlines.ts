// Waits for records with one timer for all: every wait is as long as the others, so the oldest is due first.
import type { GateClock } from './ports.ts'
import type { ActionSubmission } from './submission.ts'

/** The submissions whose record has not come yet, oldest first. */
export class RecordDeadlines {
  readonly #clock: GateClock
  readonly #waitMs: number
  readonly #waiting = new Set<ActionSubmission>()
  #armed = false
  constructor(clock: GateClock, waitMs: number) {
    this.#clock = clock
    this.#waitMs = waitMs
  }

  /** Starts a wait. */
  add(submission: ActionSubmission): void {
    submission.recordDueMs = this.#clock.nowMs() + this.#waitMs
    this.#waiting.delete(submission)
    this.#waiting.add(submission)
    this.#arm(this.#waitMs)
  }

  /** Ends a wait; nothing happens when there is none. */
  delete(submission: ActionSubmission): void {
    this.#waiting.delete(submission)
  }

  /** How long the oldest has waited; 0 where none waits. */
  lagMs(): number {
    for (const { recordDueMs } of this.#waiting) return Math.max(0, this.#clock.nowMs() - (recordDueMs - this.#waitMs))
    return 0
  }

  #arm(delayMs: number): void {
    if (this.#armed) return
    this.#armed = true
    this.#clock.after(delayMs, () => this.#due())
  }

  #due(): void {
    this.#armed = false
    const nowMs = this.#clock.nowMs()
    for (const submission of this.#waiting) {
      if (submission.recordDueMs > nowMs) {
        this.#arm(submission.recordDueMs - nowMs)
        return
      }
      this.#waiting.delete(submission)
      submission.recordLate()
    }
  }
}
