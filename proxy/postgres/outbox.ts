// What waits to be written to one socket: everything said in one turn of the event loop goes out in one write, and
// bytes that follow each other in memory, such as the rows of a result that nobody changes, go out as they lie.
import { Frame, type Sendable } from './wire/index.ts'

/** The part of a socket that is used. */
export interface Sink {
  readonly writableLength: number
  write(bytes: Uint8Array): boolean
  /** What is written until `uncork` goes out together. */
  cork(): void
  uncork(): void
}

/** Up to so many bytes are copied together for one write; what is larger goes out without a copy. */
const copiedBytesMax = 16 * 1024

/** Collects the bytes for one socket. Order is kept; what was pushed must stay as it is until `flush`. */
export class Outbox {
  readonly #sink: Sink
  readonly #seen: ((bytes: Uint8Array) => void) | undefined
  #ranges: Uint8Array[] = []
  #bytes = 0
  /** What the range that still grows began in, and where in its memory the range is: mostly all of it goes out. */
  #whole: Uint8Array | undefined
  #from = 0
  #to = 0
  /** A turn is under way, at whose end somebody flushes. */
  #inTurn = false
  #planned = false
  #closed = false
  readonly #run = (): void => {
    this.#planned = false
    this.flush()
  }

  /** `seen` is shown everything that goes out, as it goes out. */
  constructor(sink: Sink, seen?: (bytes: Uint8Array) => void) {
    this.#sink = sink
    this.#seen = seen
  }

  /** Bytes that the system has not taken yet. */
  get queuedBytes(): number {
    return this.#bytes + this.#sink.writableLength
  }

  /** A turn begins, which ends with `endTurn`. */
  beginTurn(): void {
    this.#inTurn = true
  }

  /** Writes what was said in the turn. */
  endTurn(): void {
    this.#inTurn = false
    this.flush()
  }

  /** Takes bytes; they go out with `flush`, or when this turn's work is done. */
  push(bytes: Sendable): void {
    if (this.#closed) return
    if (bytes instanceof Frame) {
      const { data, start, end } = bytes
      this.#grow(data, data.byteOffset + start, end - start)
    } else this.#grow(bytes, bytes.byteOffset, bytes.length)
    if (this.#planned || this.#inTurn) return
    this.#planned = true
    queueMicrotask(this.#run)
  }

  #grow(whole: Uint8Array, from: number, length: number): void {
    this.#bytes += length
    const growing = this.#whole
    // Bytes are slow to ask for the memory that they lie in.
    if (growing !== undefined && from === this.#to && (whole === growing || whole.buffer === growing.buffer)) {
      this.#to += length
      return
    }
    this.#seal()
    this.#whole = whole
    this.#from = from
    this.#to = from + length
  }

  /** Writes everything now. */
  flush(): void {
    const growing = this.#whole
    if (growing === undefined) return
    if (this.#ranges.length === 0) {
      const only = this.#range(growing)
      this.#whole = undefined
      this.#bytes = 0
      this.#write(only)
      return
    }
    this.#seal()
    const ranges = this.#ranges
    this.#ranges = []
    this.#bytes = 0
    this.#sink.cork()
    for (let at = 0; at < ranges.length; ) at = this.#writeFrom(ranges, at)
    this.#sink.uncork()
  }

  /** Writes everything, and takes nothing more. */
  close(): void {
    this.flush()
    this.#closed = true
  }

  #seal(): void {
    if (this.#whole === undefined) return
    this.#ranges.push(this.#range(this.#whole))
    this.#whole = undefined
  }

  #range(whole: Uint8Array): Uint8Array {
    return whole.byteOffset === this.#from && whole.byteOffset + whole.length === this.#to
      ? whole
      : new Uint8Array(whole.buffer, this.#from, this.#to - this.#from)
  }

  /** Writes one range, or as many as may be copied together; says where the next begins. */
  #writeFrom(ranges: readonly Uint8Array[], start: number): number {
    let end = start
    let bytes = 0
    while (end < ranges.length) {
      const length = ranges[end]?.length ?? 0
      if (end > start && bytes + length > copiedBytesMax) break
      bytes += length
      end++
    }
    const [first] = ranges.slice(start, start + 1)
    if (first !== undefined && end === start + 1) this.#write(first)
    else this.#write(Buffer.concat(ranges.slice(start, end), bytes))
    return end
  }

  #write(bytes: Uint8Array): void {
    this.#seen?.(bytes)
    this.#sink.write(bytes)
  }
}
