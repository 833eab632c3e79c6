// Memory that is thrown away a moment after it was made. Node's ciphers give what they make a piece of memory outside the
// heap. V8 counts those, and past 64 MiB it marks everything that lives to find that nearly all of them are dead: on a
// connection that carries much, several times a second and on every processor. A look at the young alone, before it comes
// to that, finds the same.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes that are thrown away between two looks: with what others make meanwhile, well below V8's own bound. */
const betweenBytes = 12 * 1024 * 1024

/**
 * Room that what lives leaves to what is thrown away, before V8 looks at everything: after its first look it gives a small
 * heap 16 MiB, which two looks at the young and what waits in slow sockets meanwhile pass each time.
 */
const roomBytes = 64 * 1024 * 1024
const roomPercent = { min: 100, max: 300 }

let thrownBytes = 0
let look: (() => void) | undefined

/** Counts memory that nobody will need once this turn is over. */
export function thrownAway(bytes: number): void {
  thrownBytes += bytes
  if (thrownBytes < betweenBytes) return
  thrownBytes = 0
  look ??= lookAtYoung()
  look()
}

function lookAtYoung(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect !== 'function') return () => undefined
  // There is next to nothing to look at: to wake other threads for it costs more than it does.
  setFlagsFromString('--no-parallel-scavenge')
  const percent = Math.ceil((roomBytes / process.memoryUsage().heapUsed) * 100)
  const bounded = Math.min(Math.max(percent, roomPercent.min), roomPercent.max)
  setFlagsFromString(`--heap-growing-percent=${bounded}`)
  return () => collect({ type: 'minor' })
}
