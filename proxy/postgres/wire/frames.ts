// Bytes to messages. A message is its type byte and its whole frame; bodies are cut from the frame without a copy.
import { WireError } from './error.ts'

/** One message with a type byte. */
export interface Frame {
  /** The type byte, such as 'Q'. */
  readonly type: number
  /** Type, length and body, as they came. */
  readonly frame: Buffer
  readonly body: Buffer
}

/** Type byte and length. */
export const frameHeadBytes = 5

/** Collects messages from chunks of any size. */
export class FrameReader {
  readonly #bytesMax: number
  #pending: Buffer = Buffer.alloc(0)

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The messages that are whole now. Throws WireError for a length that cannot be. */
  push(chunk: Buffer): readonly Frame[] {
    const data = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const frames: Frame[] = []
    let at = 0
    while (data.length - at >= frameHeadBytes) {
      const length = data.readInt32BE(at + 1)
      if (length < 4) throw new WireError('bad_length', 'a message is shorter than its length')
      if (length > this.#bytesMax) throw new WireError('too_long', `a message is longer than ${this.#bytesMax} bytes`)
      const end = at + 1 + length
      if (end > data.length) break
      frames.push({ type: data[at] ?? 0, frame: data.subarray(at, end), body: data.subarray(at + frameHeadBytes, end) })
      at = end
    }
    this.#pending = at === data.length ? Buffer.alloc(0) : Buffer.from(data.subarray(at))
    return frames
  }

  /** Bytes that wait for the rest of their message. */
  get pendingBytes(): number {
    return this.#pending.length
  }

  /** Takes the bytes that were not used, for handing the connection on. */
  rest(): Buffer {
    const rest = this.#pending
    this.#pending = Buffer.alloc(0)
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
