// The time of day of entries, many of which come within one millisecond.

/** Tells the time of day for a monotonic time: it is asked for anew once a millisecond of that has passed. */
export function wallClock(nowMs: () => number): (monotonicMs: number) => number {
  let wallMs = 0
  let askedMs = Number.NaN
  return (monotonicMs) => {
    const passedMs = monotonicMs - askedMs
    // NaN is within no bounds.
    if (!(passedMs >= 0 && passedMs < 1)) {
      wallMs = nowMs()
      askedMs = monotonicMs
    }
    return wallMs
  }
}
