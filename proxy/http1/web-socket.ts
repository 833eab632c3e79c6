// WebSocket frames and messages (RFC 6455 5), strictly: no extensions, so no reserved bits; lengths in their shortest
// form; control frames short and whole. Messages are put together, for a rule that sees half a message sees none.

import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'

/** Bytes of one message, and of all its frames. */
export const messageBytesMax: number = 4 * 1024 * 1024
/** Frames of one message. */
const framesMax = 4096
const controlBytesMax = 125

/** What a peer said: a message, or a control frame. */
export type WebSocketEvent =
  | { readonly kind: 'text' | 'binary' | 'ping' | 'pong'; readonly bytes: Buffer }
  /** `code` is 1005 when none was given (RFC 6455 7.1.5). */
  | { readonly kind: 'close'; readonly code: number }

/** A peer broke the protocol; `status` is the code to close with. */
export class WebSocketError extends Error {
  readonly status: 1002 | 1007 | 1009
  constructor(status: 1002 | 1007 | 1009, message: string) {
    super(message)
    this.name = 'WebSocketError'
    this.status = status
  }
}

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const
const nothing: Buffer = Buffer.alloc(0)

/** Reads what one peer sends. Clients mask their frames, servers never do. */
export class WebSocketReader {
  readonly #masked: boolean
  #kept: Buffer = nothing
  #length = 0
  #message: Buffer[] = []
  #messageBytes = 0
  #opcode: 0 | 1 | 2 = 0

  constructor(masked: boolean) {
    this.#masked = masked
  }

  /** Takes bytes and answers what is whole by now. Throws WebSocketError. */
  push(bytes: Buffer): readonly WebSocketEvent[] {
    const events: WebSocketEvent[] = []
    let rest = this.#length === 0 ? bytes : this.#joined(bytes)
    for (;;) {
      const frame = this.#frame(rest)
      if (frame === undefined) break
      rest = rest.subarray(frame.used)
      const event = this.#event(frame)
      if (event !== undefined) events.push(event)
    }
    this.#keep(rest)
    return events
  }

  /** What was kept and what came, in one; grows by doubling, so that many small pieces cost no more than a few. */
  #joined(bytes: Buffer): Buffer {
    const length = this.#length + bytes.length
    if (length > this.#kept.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, 2 * this.#kept.length))
      this.#kept.copy(grown, 0, 0, this.#length)
      this.#kept = grown
    }
    bytes.copy(this.#kept, this.#length)
    this.#length = length
    return this.#kept.subarray(0, length)
  }

  #keep(rest: Buffer): void {
    if (rest.length === this.#length && rest.length > 0) return
    this.#kept = rest.length === 0 ? nothing : Buffer.from(rest)
    this.#length = rest.length
  }

  #frame(bytes: Buffer): Frame | undefined {
    const [first, second] = bytes
    if (first === undefined || second === undefined) return undefined
    if ((first & 0x70) !== 0) throw new WebSocketError(1002, 'a reserved bit is set')
    if (second >= 128 !== this.#masked) throw new WebSocketError(1002, 'a frame is masked as only the other side may')
    const short = second & 127
    const opcode = first & 15
    if (opcode >= 8 && (short > controlBytesMax || first < 128))
      throw new WebSocketError(1002, 'a control frame is long or in pieces')
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
    const start = 2 + lengthBytes + (this.#masked ? 4 : 0)
    if (bytes.length < start) return undefined
    const length = lengthBytes === 0 ? short : longLength(bytes, lengthBytes)
    if (length > messageBytesMax - this.#messageBytes) throw new WebSocketError(1009, 'a message is too long')
    if (bytes.length < start + length) return undefined
    const payload = Buffer.from(bytes.subarray(start, start + length))
    if (this.#masked)
      for (let at = 0; at < length; at++) payload[at] = (payload[at] ?? 0) ^ (bytes[start - 4 + (at & 3)] ?? 0)
    return { isLast: first >= 128, opcode, payload, used: start + length }
  }

  #event({ isLast, opcode, payload }: Frame): WebSocketEvent | undefined {
    switch (opcode) {
      case opcodes.ping:
        return { kind: 'ping', bytes: payload }
      case opcodes.pong:
        return { kind: 'pong', bytes: payload }
      case opcodes.close:
        return { kind: 'close', code: closeCode(payload) }
      case opcodes.continuation:
        if (this.#opcode === 0) throw new WebSocketError(1002, 'a continuation of nothing')
        break
      case opcodes.text:
      case opcodes.binary:
        if (this.#opcode !== 0) throw new WebSocketError(1002, 'a message within a message')
        this.#opcode = opcode
        break
      default:
        throw new WebSocketError(1002, 'an unknown kind of frame')
    }
    this.#message.push(payload)
    this.#messageBytes += payload.length
    if (this.#message.length > framesMax) throw new WebSocketError(1009, 'a message has too many frames')
    return isLast ? this.#whole() : undefined
  }

  #whole(): WebSocketEvent {
    const bytes = Buffer.concat(this.#message)
    const kind = this.#opcode === opcodes.text ? 'text' : 'binary'
    this.#message = []
    this.#messageBytes = 0
    this.#opcode = 0
    if (kind === 'text' && !isUtf8(bytes)) throw new WebSocketError(1007, 'a text is not UTF-8')
    return { kind, bytes }
  }
}

interface Frame {
  readonly isLast: boolean
  readonly opcode: number
  readonly payload: Buffer
  readonly used: number
}

function longLength(bytes: Buffer, lengthBytes: 2 | 8): number {
  const length = lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (length < (lengthBytes === 2 ? 126 : 65536)) throw new WebSocketError(1002, 'a length is not in its shortest form')
  return length
}

function closeCode(payload: Buffer): number {
  if (payload.length === 0) return 1005
  if (payload.length === 1) throw new WebSocketError(1002, 'half a close code')
  const code = payload.readUInt16BE(0)
  const isKnown =
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999)
  if (!isKnown) throw new WebSocketError(1002, 'a close code that nobody may send')
  if (!isUtf8(payload.subarray(2))) throw new WebSocketError(1007, 'a reason is not UTF-8')
  return code
}

/** The bytes of a frame that is a whole message. `maskKey` for what goes to a server. */
export function encodeWebSocketFrame(
  kind: 'text' | 'binary' | 'ping' | 'pong' | 'close',
  payload: Buffer,
  maskKey: Buffer | undefined,
): Buffer {
  const { length } = payload
  const lengthBytes = length < 126 ? 0 : length < 65536 ? 2 : 8
  const start = 2 + lengthBytes + (maskKey === undefined ? 0 : 4)
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = 0x80 | opcodes[kind]
  frame[1] = (maskKey === undefined ? 0 : 128) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127)
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2)
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  payload.copy(frame, start)
  if (maskKey !== undefined) {
    maskKey.copy(frame, start - 4)
    for (let at = 0; at < length; at++) frame[start + at] = (frame[start + at] ?? 0) ^ (maskKey[at & 3] ?? 0)
  }
  return frame
}

/** The payload of a close frame. */
export function closePayload(code: number, reason: string): Buffer {
  if (code === 1005) return nothing
  const text = Buffer.from(reason).subarray(0, controlBytesMax - 2)
  // A reason that is cut within a character is left out.
  const bytes = Buffer.concat([Buffer.alloc(2), isUtf8(text) ? text : nothing])
  bytes.writeUInt16BE(code, 0)
  return bytes
}

/** What a server answers to a client's key (RFC 6455 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}
