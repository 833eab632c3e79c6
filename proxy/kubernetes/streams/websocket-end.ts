// One end of an exec over WebSocket: every channel is there from the beginning, and its number is the first byte of each
// message.
import { encodeFrame, WebSocketReader, WireError } from '../wire/index.ts'
import type { Channel } from './channels.ts'
import type { ExecEnd, ExecEndParts } from './exec-end.ts'
import { closeChannel, closeNormal, execChannels, onChannel } from './websocket-relay.ts'

/** Messages of channels. */
export class WebSocketEnd implements ExecEnd {
  readonly #parts: ExecEndParts
  readonly #reader: WebSocketReader
  /** Whether the client can say that its input is over. */
  readonly #closesInput: boolean
  #isOver = false

  constructor(parts: ExecEndParts, channels: readonly Channel[], closesInput: boolean) {
    this.#parts = parts
    this.#reader = new WebSocketReader(parts.serves)
    this.#closesInput = closesInput
    for (const channel of channels) parts.opened(channel)
  }

  take(bytes: Buffer): void {
    for (const frame of this.#reader.push(bytes)) {
      if (this.#isOver) return
      switch (frame.kind) {
        case 'message':
          this.#message(frame.bytes)
          break
        case 'ping':
          this.#write('pong', frame.bytes)
          break
        case 'pong':
          break
        case 'close':
          this.close()
          this.#parts.closed()
          break
      }
    }
  }

  send(channel: Channel, bytes: Buffer): void {
    const number = execChannels.indexOf(channel)
    if (bytes.length > 0 && number >= 0 && !this.#isOver) this.#write('message', onChannel(number, bytes))
  }

  over(channel: Channel): boolean {
    if (channel !== 'stdin') return true
    if (!this.#closesInput) return false
    if (!this.#isOver) this.#write('message', onChannel(closeChannel, Buffer.from([execChannels.indexOf(channel)])))
    return true
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#write('close', closeNormal)
  }

  #message(bytes: Buffer): void {
    const [number] = bytes
    if (number === undefined) throw new WireError('a message has no channel')
    if (number === closeChannel) {
      if (!this.#parts.serves || !this.#closesInput || bytes.length !== 2 || bytes[1] !== 0)
        throw new WireError('a message is on an unknown channel')
      this.#parts.ended('stdin')
      return
    }
    const channel = execChannels[number]
    if (channel === undefined) throw new WireError('a message is on an unknown channel')
    this.#parts.came(channel, bytes.subarray(1))
  }

  #write(kind: 'message' | 'pong' | 'close', bytes: Buffer): void {
    this.#parts.write(encodeFrame(kind, bytes, !this.#parts.serves))
  }
}
