// What waits to be written to one socket: everything said in one turn of the event loop goes out in one write, and
// bytes that follow each other in memory, such as the rows of a result that nobody changes, go out as they lie.

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
  /** The range that still grows. */
  #memory: ArrayBufferLike | undefined
  #from = 0
  #to = 0
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

  /** Takes bytes; they go out with `flush`, or when this turn's work is done. */
  push(bytes: Uint8Array): void {
    if (this.#closed) return
    const { buffer, byteOffset, length } = bytes
    this.#bytes += length
    if (buffer === this.#memory && byteOffset === this.#to) this.#to += length
    else {
      this.#seal()
      this.#memory = buffer
      this.#from = byteOffset
      this.#to = byteOffset + length
    }
    if (this.#planned) return
    this.#planned = true
    queueMicrotask(this.#run)
  }

  /** Writes everything now. */
  flush(): void {
    if (this.#memory === undefined) return
    this.#seal()
    const ranges = this.#ranges
    this.#ranges = []
    this.#bytes = 0
    const [first] = ranges
    if (ranges.length === 1 && first !== undefined) {
      this.#write(first)
      return
    }
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
    if (this.#memory === undefined) return
    this.#ranges.push(new Uint8Array(this.#memory, this.#from, this.#to - this.#from))
    this.#memory = undefined
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
