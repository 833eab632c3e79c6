// What passes on a session beside its actions, as entries of its record, and which of it is kept.
import type { RecordEntry } from '../recording/contract.ts'

/** What a protocol lets the gate see: frames and terminals, each way. */
export type Observed = 'wire_up' | 'wire_down' | 'terminal_in' | 'terminal_out'

/** Which of it a resource's recordings keep. */
export interface Kept {
  readonly wire: boolean
  readonly terminal: boolean
}

/** Everything: what is kept where nothing else was said. */
export const keptAll: Kept = { wire: true, terminal: true }

/** Whether it is kept. */
export function keeps(kept: Kept, kind: Observed): boolean {
  return kind === 'wire_up' || kind === 'wire_down' ? kept.wire : kept.terminal
}

const slabBytes: number = 512 * 1024
let slab: Uint8Array = new Uint8Array(0)
let used = 0

/** A copy of bytes whose memory is somebody else's; many copies share one piece of memory. */
export function copied(bytes: Uint8Array): Uint8Array {
  if (used + bytes.length > slab.length) {
    slab = new Uint8Array(Math.max(slabBytes, bytes.length))
    used = 0
  }
  const copy = slab.subarray(used, used + bytes.length)
  copy.set(bytes)
  used += bytes.length
  return copy
}

/** The entry of it. */
export function observation(kind: Observed, bytes: Uint8Array): RecordEntry {
  switch (kind) {
    case 'wire_up':
      return { kind: 'wire', direction: 'up', bytes }
    case 'wire_down':
      return { kind: 'wire', direction: 'down', bytes }
    case 'terminal_in':
      return { kind: 'terminal', stream: 'input', bytes }
    case 'terminal_out':
      return { kind: 'terminal', stream: 'output', bytes }
  }
}
