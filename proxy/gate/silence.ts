// A session that is silent for too long ends. What runs, waits for people or passes is not silence.
import type { GateClock } from './ports.ts'

/** Watches one session. */
export class Silence {
  readonly #clock: GateClock
  #activeMs: number
  #isWatched = false
  #cancel: () => void = () => undefined

  constructor(clock: GateClock) {
    this.#clock = clock
    this.#activeMs = clock.nowMs()
  }

  /** Something passed, just now or at `nowMs`. Where nobody watches the clock is not asked. */
  broken(nowMs?: number): void {
    if (this.#isWatched) this.#activeMs = nowMs ?? this.#clock.nowMs()
  }

  /** Calls `end` once nothing passed for `idleMs` while the session was not busy. */
  watch(idleMs: number, isBusy: () => boolean, end: () => void, againMs: number = idleMs): void {
    if (!this.#isWatched) {
      this.#isWatched = true
      this.broken()
    }
    this.#cancel = this.#clock.after(againMs, () => {
      if (isBusy()) this.broken()
      const leftMs = this.#activeMs + idleMs - this.#clock.nowMs()
      if (leftMs > 0) this.watch(idleMs, isBusy, end, leftMs)
      else end()
    })
  }

  /** Watches no more. */
  stop(): void {
    this.#cancel()
  }
}
