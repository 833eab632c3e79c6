// The real clock. Timers do not keep the process alive: what keeps it alive is what it listens on. `performance` by its
// module: the global one is looked up by a getter each time.
import { performance } from 'node:perf_hooks'
import type { GateClock } from './ports.ts'

/** Longest delay that setTimeout takes; a longer wait is cut into pieces. */
const timerMsMax = 2 ** 31 - 1

/** Time from the system. */
export const systemClock: GateClock = {
  nowMs: () => Date.now(),
  micros: () => performance.now() * 1000,
  after(delayMs, run) {
    const dueMs = performance.now() + Math.max(0, delayMs)
    let timer: NodeJS.Timeout
    const arm = () => {
      const leftMs = Math.max(0, dueMs - performance.now())
      timer = setTimeout(leftMs > timerMsMax ? arm : run, Math.min(leftMs, timerMsMax)).unref()
    }
    arm()
    return () => clearTimeout(timer)
  },
}
