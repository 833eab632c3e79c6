// What flows through in pieces leaves its pieces behind, outside of the heap, where V8 counts them only by tens of
// mebibytes and then looks through everything. Looking through the young part of the heap alone, now and then, frees them
// in a millisecond: memory stays flat however long an answer is, and the long collections do not come.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes that flow between two collections. */
export const spentBytesMax: number = 4 * 1024 * 1024

let collect: ((options: { readonly type: 'minor' }) => void) | undefined
let spentBytes = 0

/** Tells of bytes that flowed; all answers count together. */
export function spent(bytes: number): void {
  spentBytes += bytes
  if (spentBytes < spentBytesMax) return
  spentBytes = 0
  collect ??= collector()
  collect({ type: 'minor' })
}

/** The collector of this process, which is known to nobody else in it. */
function collector(): (options: { readonly type: 'minor' }) => void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof gc === 'function' ? (options) => void gc(options) : () => undefined
}
