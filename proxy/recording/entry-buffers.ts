// Buffers for entries on their way, shared by all sessions: a session that has nothing to write holds none.
import { EntryBuffer } from './entry-buffer.ts'

/** Buffers that are kept for the next session that writes. */
const keptMax = 64

/** Lends buffers. */
export class EntryBuffers {
  readonly #free: EntryBuffer[] = []

  borrow(): EntryBuffer {
    return this.#free.pop() ?? new EntryBuffer()
  }

  giveBack(buffer: EntryBuffer): void {
    buffer.clear()
    if (this.#free.length < keptMax) this.#free.push(buffer)
  }
}
