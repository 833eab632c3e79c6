// Bytes to messages. A message is its type byte and its whole frame; bodies are cut from the frame without a copy.
import { WireError } from './error.ts'

/** One message with a type byte: a range of the bytes that came. */
export class Frame {
  /** The type byte, such as that of 'Q'. */
  readonly type: number
  readonly #data: Buffer
  readonly #start: number
  readonly #end: number

  constructor(data: Buffer, start: number, end: number) {
    this.type = data[start] ?? 0
    this.#data = data
    this.#start = start
    this.#end = end
  }

  /** Type, length and body, as they came. */
  get frame(): Buffer {
    return this.#data.subarray(this.#start, this.#end)
  }

  get body(): Buffer {
    return this.#data.subarray(this.#start + frameHeadBytes, this.#end)
  }

  get bodyBytes(): number {
    return this.#end - this.#start - frameHeadBytes
  }

  /** The same message in memory of its own. */
  copy(): Frame {
    const bytes = Buffer.from(this.frame)
    return new Frame(bytes, 0, bytes.length)
  }
}

/** Type byte and length. */
export const frameHeadBytes = 5

/** Collects messages from chunks of any size. Chunks are only joined when a message is whole, so many small ones cost no more. */
export class FrameReader {
  readonly #bytesMax: number
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** How many bytes must be there before there is anything to read. */
  #needed = frameHeadBytes

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The messages that are whole now. Throws WireError for a length that cannot be. */
  push(chunk: Buffer): readonly Frame[] {
    if (this.#waitingBytes + chunk.length < this.#needed) {
      if (chunk.length > 0) this.#keep(Buffer.from(chunk))
      return []
    }
    const data = this.#waitingBytes === 0 ? chunk : Buffer.concat([...this.#waiting, chunk])
    this.#waiting = []
    this.#waitingBytes = 0
    this.#needed = frameHeadBytes
    const frames: Frame[] = []
    let at = 0
    while (data.length - at >= frameHeadBytes) {
      const length = data.readInt32BE(at + 1)
      if (length < 4) throw new WireError('bad_length', 'a message is shorter than its length')
      if (length > this.#bytesMax) throw new WireError('too_long', `a message is longer than ${this.#bytesMax} bytes`)
      const end = at + 1 + length
      if (end > data.length) {
        this.#needed = 1 + length
        break
      }
      frames.push(new Frame(data, at, end))
      at = end
    }
    if (at < data.length) this.#keep(Buffer.from(data.subarray(at)))
    return frames
  }

  #keep(bytes: Buffer): void {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
  }

  /** Bytes that wait for the rest of their message. */
  get pendingBytes(): number {
    return this.#waitingBytes
  }

  /** Takes the bytes that were not used, for handing the connection on. */
  rest(): Buffer {
    const rest = Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    this.#needed = frameHeadBytes
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
