// Whether the time of day can be believed where it decides what is destroyed. A clock that was set far forward makes every
// recording old at once; one that is right stays right, so a day is waited for whoever sets such a clock back.

/** How far the clock may be set forward between two looks. Clocks are slewed by less; a machine that slept is set by more. */
const forwardMsMax = 3_600_000
/** How long the clock must have gone its way since then. */
const settledMs = 86_400_000

/** Watches the time of day by a clock that nobody sets. */
export class SettledTime {
  readonly #nowMs: () => number
  readonly #monotonicMs: () => number
  readonly #forward: (byMs: number) => void
  #differenceMs: number
  #settledAtMs = Number.NEGATIVE_INFINITY

  /** `forward` is told when the clock was set forward by so much. */
  constructor(nowMs: () => number, monotonicMs: () => number, forward: (byMs: number) => void) {
    this.#nowMs = nowMs
    this.#monotonicMs = monotonicMs
    this.#forward = forward
    this.#differenceMs = nowMs() - monotonicMs()
  }

  /** False for a day after the clock was set far forward. A clock that is set back is believed at once. */
  isSettled(): boolean {
    const monotonicMs = this.#monotonicMs()
    const differenceMs = this.#nowMs() - monotonicMs
    const byMs = differenceMs - this.#differenceMs
    this.#differenceMs = differenceMs
    if (byMs > forwardMsMax) {
      this.#settledAtMs = monotonicMs + settledMs
      this.#forward(byMs)
    } else if (byMs < -forwardMsMax) this.#settledAtMs = Number.NEGATIVE_INFINITY
    return monotonicMs >= this.#settledAtMs
  }
}
