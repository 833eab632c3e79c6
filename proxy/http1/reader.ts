// Heads out of a stream of bytes. Bytes that can no longer become a head are refused at once, not waited for.
import { WireError } from './error.ts'
import { headBytesMax } from './limits.ts'

const cr = 13
const lf = 10
const nothing: Buffer = Buffer.alloc(0)

/** Collects the bytes of one head after another. */
export class HeadReader {
  #kept: Buffer = nothing
  /** Bytes of `#kept` that were looked at already. */
  #seen = 0
  readonly #bytesMax: number

  constructor(bytesMax: number = headBytesMax) {
    this.#bytesMax = bytesMax
  }

  /** Begins anew. */
  reset(): void {
    this.#kept = nothing
    this.#seen = 0
  }

  /** Bytes that wait for the rest of a head. */
  get pending(): number {
    return this.#kept.length
  }

  /**
   * Takes bytes; when a whole head is there, answers its text without the empty line, and what came after it. Throws
   * WireError.
   */
  push(bytes: Buffer): { readonly text: string; readonly rest: Buffer } | undefined {
    const all = this.#kept.length === 0 ? bytes : Buffer.concat([this.#kept, bytes])
    const first = all[0]
    if (first === cr || first === lf) throw new WireError('leading_line', 'an empty line before the message')
    let at = Math.max(0, this.#seen)
    for (;;) {
      const end = all.indexOf(lf, at)
      if (end < 0) break
      if (all[end - 1] !== cr) throw new WireError('bare_lf', 'a line ends without CR')
      if (all[end - 2] === lf) return this.#whole(all, end)
      at = end + 1
      if (at > this.#bytesMax) break
    }
    if (all.length > this.#bytesMax) throw new WireError('head_too_long', 'the head of the message is too long')
    // A copy, so that a large buffer of the socket is not kept alive by a few bytes.
    this.#kept = all === bytes ? Buffer.from(all) : all
    this.#seen = at
    return undefined
  }

  #whole(all: Buffer, end: number): { readonly text: string; readonly rest: Buffer } {
    if (end + 1 > this.#bytesMax) throw new WireError('head_too_long', 'the head of the message is too long')
    this.#kept = nothing
    this.#seen = 0
    return { text: all.toString('latin1', 0, end - 1), rest: all.subarray(end + 1) }
  }
}
