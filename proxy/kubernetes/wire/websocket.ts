// The frames of RFC 6455: no extensions, no reserved bits, every length checked before it is waited for.
import { createHash, randomBytes } from 'node:crypto'
import { Held } from './held.ts'
import { WireError } from './wire-error.ts'

/** A message, put together from its fragments, or a control frame. */
export type WebSocketFrame =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  | { readonly kind: 'ping' | 'pong'; readonly bytes: Buffer }
  | { readonly kind: 'close'; readonly bytes: Buffer }

/** Bytes of one message. */
export const messageBytesMax: number = 4 * 1024 * 1024
/** Fragments of one message. */
const fragmentsMax = 1024
const controlBytesMax = 125

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** What a server answers to a client's key. */
export function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** A key as a client makes it. */
export function newKey(): string {
  return randomBytes(16).toString('base64')
}

/** Whether a client's key is sixteen bytes in base64. */
export function isKey(key: string): boolean {
  return Buffer.from(key, 'base64').length === 16 && Buffer.from(key, 'base64').toString('base64') === key
}

/** Prints a frame; a client masks with a key of its own. */
export function encodeFrame(kind: WebSocketFrame['kind'], bytes: Uint8Array, masked: boolean): Buffer {
  const { length } = bytes
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const head = Buffer.alloc(2 + extended + (masked ? 4 : 0))
  head[0] = 0x80 | opcodes[kind === 'message' ? 'binary' : kind]
  head[1] = (masked ? 0x80 : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127)
  if (extended === 2) head.writeUInt16BE(length, 2)
  if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2)
  if (!masked) return Buffer.concat([head, bytes])
  const key = randomBytes(4)
  key.copy(head, 2 + extended)
  return Buffer.concat([head, unmask(bytes, key)])
}

/** Reads frames from chunks of any size. Throws WireError. */
export class WebSocketReader {
  readonly #masked: boolean
  readonly #held = new Held()
  #fragments: Buffer[] | undefined
  #fragmentBytes = 0

  /** `masked`: what a client sends must be masked, what a server sends must not. */
  constructor(masked: boolean) {
    this.#masked = masked
  }

  /** The frames that are whole by now. */
  push(chunk: Uint8Array): WebSocketFrame[] {
    const held = this.#held.with(chunk)
    const frames: WebSocketFrame[] = []
    let at = 0
    for (;;) {
      const read = this.#frame(held.subarray(at))
      if (read === undefined) break
      at += read.length
      if (read.frame !== undefined) frames.push(read.frame)
    }
    this.#held.take(at)
    return frames
  }

  #frame(bytes: Buffer): { readonly length: number; readonly frame: WebSocketFrame | undefined } | undefined {
    const [first, second] = bytes
    if (first === undefined || second === undefined) return undefined
    if ((first & 0x70) !== 0) throw new WireError('a WebSocket frame has reserved bits')
    if (((second & 0x80) !== 0) !== this.#masked) throw new WireError('a WebSocket frame is masked wrongly')
    const final = (first & 0x80) !== 0
    const opcode = first & 0x0f
    const short = second & 0x7f
    if (opcode >= 8 && (!final || short > controlBytesMax)) throw new WireError('a control frame is cut or too long')
    const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8
    const headBytes = 2 + lengthBytes + (this.#masked ? 4 : 0)
    if (bytes.length < headBytes) return undefined
    const length = lengthOf(bytes, short)
    if (length > messageBytesMax) throw new WireError('a WebSocket message is too long')
    if (bytes.length < headBytes + length) return undefined
    const body = bytes.subarray(headBytes, headBytes + length)
    const plain = this.#masked ? unmask(body, bytes.subarray(headBytes - 4, headBytes)) : Buffer.from(body)
    return { length: headBytes + length, frame: this.#take(opcode, final, plain) }
  }

  #take(opcode: number, final: boolean, bytes: Buffer): WebSocketFrame | undefined {
    switch (opcode) {
      case opcodes.close:
        return { kind: 'close', bytes }
      case opcodes.ping:
        return { kind: 'ping', bytes }
      case opcodes.pong:
        return { kind: 'pong', bytes }
      case opcodes.text:
      case opcodes.binary:
        if (this.#fragments !== undefined) throw new WireError('a WebSocket message begins inside another')
        if (final) return { kind: 'message', bytes }
        this.#fragments = [bytes]
        this.#fragmentBytes = bytes.length
        return undefined
      case opcodes.continuation:
        if (this.#fragments === undefined) throw new WireError('a WebSocket message goes on that never began')
        this.#fragments.push(bytes)
        this.#fragmentBytes += bytes.length
        if (this.#fragmentBytes > messageBytesMax || this.#fragments.length > fragmentsMax)
          throw new WireError('a WebSocket message is too long')
        if (!final) return undefined
        return this.#whole()
      default:
        throw new WireError('a WebSocket frame is of no known kind')
    }
  }

  #whole(): WebSocketFrame {
    const bytes = Buffer.concat(this.#fragments ?? [])
    this.#fragments = undefined
    return { kind: 'message', bytes }
  }
}

function lengthOf(bytes: Buffer, short: number): number {
  if (short < 126) return short
  if (short === 126) {
    const length = bytes.readUInt16BE(2)
    if (length < 126) throw new WireError('a WebSocket length is not the shortest')
    return length
  }
  const length = bytes.readBigUInt64BE(2)
  if (length < 65_536n) throw new WireError('a WebSocket length is not the shortest')
  return length > BigInt(messageBytesMax) ? messageBytesMax + 1 : Number(length)
}

function unmask(bytes: Uint8Array, key: Uint8Array): Buffer {
  const plain = Buffer.allocUnsafe(bytes.length)
  for (let at = 0; at < bytes.length; at++) plain[at] = (bytes[at] ?? 0) ^ (key[at & 3] ?? 0)
  return plain
}
