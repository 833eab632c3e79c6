// Entries on their way to a frame, as bytes, one after the other.
import { writeParted } from './action-entry.ts'
import type { SaidParts } from './action-parts.ts'
import { actionText } from './action-text.ts'
import { ByteSink, type Viewed } from './byte-sink.ts'
import type { RecordEntry } from './contract.ts'
import { codes, entryBytesMax, headBytes, numberCodes, type RecordedIdentity } from './entry.ts'
import { RecordingError } from './error.ts'

/** An entry as it is written: an action brings its document, of which less is stored. */
export type EntryToWrite = RecordEntry | RecordedIdentity

/** The entries of one frame to be. */
export class EntryBuffer {
  readonly #sink = new ByteSink()
  #count = 0

  get length(): number {
    return this.#sink.length
  }

  get count(): number {
    return this.#count
  }

  /** What is there: the first `length` bytes of this. It counts until the next `add` or `clear`. */
  get viewed(): Viewed {
    return this.#sink.viewed
  }

  /**
   * Adds an entry. Throws RecordingError when it is too large, and then nothing of it is there; `said` counts no more
   * then.
   */
  add(entry: EntryToWrite, wallMs: number, monotonicMs: number, said: SaidParts): void {
    const sink = this.#sink
    const at = sink.length
    try {
      sink.skip(headBytes)
      const kind = this.#body(entry, said)
      const length = sink.length - at - headBytes
      if (length > entryBytesMax)
        throw new RecordingError('too_large', `an entry is larger than ${entryBytesMax} bytes`)
      sink.setU16(at, kind)
      sink.setF64(at + 2, wallMs)
      sink.setF64(at + 10, monotonicMs)
      sink.setU32(at + 18, length)
    } catch (error) {
      sink.cut(at)
      throw error
    }
    this.#count++
  }

  /** Forgets everything. */
  clear(): void {
    this.#sink.clear()
    this.#count = 0
  }

  /** Writes a body and tells how the entry begins: kind and stream. */
  #body(entry: EntryToWrite, said: SaidParts): number {
    const sink = this.#sink
    switch (entry.kind) {
      case 'wire':
        sink.raw(entry.bytes)
        return begin(codes.wire, entry.direction === 'up' ? 0 : 1)
      case 'terminal':
        sink.raw(entry.bytes)
        return begin(codes.terminal, entry.stream === 'input' ? 0 : 1)
      case 'rows':
        sink.f64(entry.actionSequence)
        sink.f64(entry.rows)
        sink.f64(entry.bytes)
        return begin(numberCodes.rows)
      case 'action': {
        const { document, decision } = entry
        if (writeParted(sink, said, document, decision)) return begin(numberCodes.action)
        const { state, usage } = document.session
        const rest = JSON.stringify({ session: { state, usage }, context: document.context, decision }).slice(1)
        sink.text(`{"kind":"action","action":${actionText(document.action)},${rest}`)
        return begin(codes.action)
      }
      default:
        sink.text(JSON.stringify(entry))
        return begin(codes[entry.kind])
    }
  }
}

function begin(code: number, stream = 0): number {
  return code * 256 + stream
}
