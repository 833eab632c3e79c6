// Bytes to messages. A message is its type byte and its whole frame; bodies are cut from the frame without a copy.
import { WireError } from './error.ts'

/** One message with a type byte, or a run of messages of one type: a range of the bytes that came. */
export class Frame {
  /** The type byte, such as that of 'Q'. */
  readonly type: number
  /** How many messages stand one after the other. */
  count = 1
  /** The bytes that came, and where in them this is. */
  readonly data: Buffer
  readonly start: number
  end: number

  constructor(data: Buffer, start: number, end: number) {
    this.type = data[start] ?? 0
    this.data = data
    this.start = start
    this.end = end
  }

  /** Type, length and body, as they came; of a run, all of its messages. */
  get frame(): Buffer {
    return this.data.subarray(this.start, this.end)
  }

  /** The body of a single message. */
  get body(): Buffer {
    return this.data.subarray(this.start + frameHeadBytes, this.end)
  }

  /** Bytes of the bodies. */
  get bodyBytes(): number {
    return this.end - this.start - frameHeadBytes * this.count
  }

  /** Takes the message that follows in the same memory into the run. */
  extend(end: number): void {
    this.end = end
    this.count++
  }

  /** The messages of a run one by one. */
  *singles(): Generator<Frame> {
    for (let at = this.start; at < this.end; ) {
      const end = at + 1 + this.data.readInt32BE(at + 1)
      yield new Frame(this.data, at, end)
      at = end
    }
  }

  /** The same in memory of its own. */
  copy(): Frame {
    const bytes = Buffer.from(this.frame)
    const copied = new Frame(bytes, 0, bytes.length)
    copied.count = this.count
    return copied
  }
}

/** Bytes to write, or a message whose bytes go on as they came. */
export type Sendable = Uint8Array | Frame

/** The body of a message, or a single message itself. */
export type Body = Uint8Array | Frame

/** Type byte and length. */
export const frameHeadBytes = 5

/**
 * Collects messages from chunks of any size. Only a message that was cut is copied, when it is whole; all others are
 * ranges of the chunk they came in.
 */
export class FrameReader {
  readonly #bytesMax: number
  /** Types whose messages come in runs. */
  readonly #runs: readonly number[]
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** How many bytes of the message that was cut must be there before there is anything to do. */
  #needed = frameHeadBytes

  constructor(bytesMax: number, runs: readonly number[] = []) {
    this.#bytesMax = bytesMax
    this.#runs = runs
  }

  /** The messages that are whole now. Throws WireError for a length that cannot be. */
  push(chunk: Buffer): readonly Frame[] {
    const frames: Frame[] = []
    this.each(chunk, (frame) => frames.push(frame))
    return frames
  }

  /** As `push`, but each message is taken when it is found, so that no list is made of them. */
  each(chunk: Buffer, take: (frame: Frame) => void): void {
    let at = 0
    while (this.#waitingBytes > 0) {
      const end = at + this.#needed - this.#waitingBytes
      this.#keep(Buffer.from(chunk.subarray(at, end)))
      if (end > chunk.length) return
      at = end
      const whole = this.#waiting.length === 1 ? this.#waiting[0] : Buffer.concat(this.#waiting)
      if (whole === undefined) return
      const frameBytes = this.#lengthAt(whole, 0)
      if (whole.length === frameBytes) {
        this.#forget()
        take(new Frame(whole, 0, frameBytes))
      } else {
        this.#waiting = [whole]
        this.#needed = frameBytes
      }
    }
    this.#cut(chunk, at, take)
  }

  #cut(chunk: Buffer, start: number, take: (frame: Frame) => void): void {
    let at = start
    let run: Frame | undefined
    while (chunk.length - at >= frameHeadBytes) {
      const end = at + this.#lengthAt(chunk, at)
      if (end > chunk.length) {
        this.#needed = end - at
        break
      }
      if (run !== undefined && run.type === chunk[at]) run.extend(end)
      else {
        if (run !== undefined) take(run)
        run = new Frame(chunk, at, end)
        if (!this.#runs.includes(run.type)) {
          take(run)
          run = undefined
        }
      }
      at = end
    }
    if (run !== undefined) take(run)
    if (at < chunk.length) this.#keep(Buffer.from(chunk.subarray(at)))
  }

  /** The bytes of the message whose head is there. */
  #lengthAt(data: Buffer, at: number): number {
    const length = data.readInt32BE(at + 1)
    if (length < 4) throw new WireError('bad_length', 'a message is shorter than its length')
    if (length > this.#bytesMax) throw new WireError('too_long', `a message is longer than ${this.#bytesMax} bytes`)
    return length + 1
  }

  #keep(bytes: Buffer): void {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
  }

  #forget(): void {
    this.#waiting = []
    this.#waitingBytes = 0
    this.#needed = frameHeadBytes
  }

  /** Bytes that wait for the rest of their message. */
  get pendingBytes(): number {
    return this.#waitingBytes
  }

  /** Takes the bytes that were not used, for handing the connection on. */
  rest(): Buffer {
    const rest = Buffer.concat(this.#waiting)
    this.#forget()
    return rest
  }
}

/** A message from its type and the parts of its body. */
export function encodeFrame(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 4)
  const head = Buffer.alloc(frameHeadBytes)
  head.write(type, 0, 1, 'latin1')
  head.writeInt32BE(length, 1)
  return Buffer.concat([head, ...parts])
}

/** Text with its terminating NUL. Text that holds one cannot be said in the protocol. */
export function cstring(text: string): Buffer {
  if (text.includes('\0')) throw new WireError('bad_value', 'a text holds a NUL')
  return Buffer.from(`${text}\0`)
}

/** Two bytes, big-endian. */
export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

/** Four bytes, big-endian. */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
