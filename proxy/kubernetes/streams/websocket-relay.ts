// Exec, attach and port-forward over WebSocket: the first byte of every message is its channel (v4.channel.k8s.io); v5
// adds channel 255, by which the client closes its input.
import type { Status } from '../status.ts'
import { encodeFrame, type WebSocketFrame, WebSocketReader, WireError } from '../wire/index.ts'
import type { Channel, Channels } from './channels.ts'
import { statusBytes } from './exit-status.ts'
import type { Relay } from './relay.ts'

/** The channels of an exec, by their numbers. */
export const execChannels: readonly Channel[] = ['stdin', 'stdout', 'stderr', 'error', 'resize']
const stdinChannel = 0
const stdoutChannel = 1
const errorChannel = 3
/** Says which channel of the client is over (v5). */
export const closeChannel = 255
/** RFC 6455 7.4.1: normal. */
export const closeNormal: Buffer = Buffer.from([0x03, 0xe8])

/** What the relay writes to. */
export interface WebSocketRelayParts {
  readonly channels: Channels
  readonly version: 'v4' | 'v5'
  /** How many ports are forwarded: each has a data and an error channel; 0 for exec and attach. */
  readonly ports: number
  readonly toClient: (bytes: Buffer) => void
  readonly toServer: (bytes: Buffer) => void
  readonly end: (why: string) => void
}

/** Messages of channels. */
export class WebSocketRelay implements Relay {
  readonly #parts: WebSocketRelayParts
  readonly #client = new WebSocketReader(true)
  readonly #server = new WebSocketReader(false)

  constructor(parts: WebSocketRelayParts) {
    this.#parts = parts
    if (parts.ports > 0) return
    parts.channels.writesBy({
      toClient: (bytes) => parts.toClient(encodeFrame('message', onChannel(stdoutChannel, bytes), false)),
      toServer: (bytes) => parts.toServer(encodeFrame('message', onChannel(stdinChannel, bytes), true)),
    })
  }

  fromClient(bytes: Buffer): void {
    for (const frame of this.#client.push(bytes)) {
      if (frame.kind === 'message') this.#clientMessage(frame.bytes)
      else this.#control(frame, this.#parts.toServer, true)
    }
  }

  fromServer(bytes: Buffer): void {
    for (const frame of this.#server.push(bytes)) {
      if (frame.kind === 'message') this.#serverMessage(frame.bytes)
      else {
        if (frame.kind === 'close') this.#parts.channels.flush()
        this.#control(frame, this.#parts.toClient, false)
      }
    }
  }

  serverEnded(): void {
    this.#parts.channels.flush()
  }

  say(status: Status): void {
    const { toClient, ports } = this.#parts
    if (ports === 0) toClient(encodeFrame('message', onChannel(errorChannel, statusBytes(status)), false))
    toClient(encodeFrame('close', closeNormal, false))
  }

  drop(): void {
    this.#parts.channels.drop()
  }

  #clientMessage(bytes: Buffer): void {
    const { channels, version, toServer } = this.#parts
    const [number] = bytes
    if (number === undefined) throw new WireError('a message has no channel')
    if (number === closeChannel) {
      // The one thing that v5 adds; it ends the client's input and nothing else.
      if (version !== 'v5' || bytes.length !== 2 || bytes[1] !== 0)
        throw new WireError('a message is on an unknown channel')
      const pass = (): void => toServer(encodeFrame('message', bytes, true))
      if (channels.inputEnds(pass)) pass()
      return
    }
    if (channels.fromClient(this.#channel(number), bytes.subarray(1))) toServer(encodeFrame('message', bytes, true))
  }

  #serverMessage(bytes: Buffer): void {
    const [number] = bytes
    if (number === undefined) throw new WireError('a message has no channel')
    const { channels, toClient } = this.#parts
    channels.fromServer(this.#channel(number), bytes.subarray(1), (seen) =>
      toClient(encodeFrame('message', onChannel(number, seen), false)),
    )
  }

  #channel(number: number): Channel {
    const { ports } = this.#parts
    const channel =
      ports === 0 ? execChannels[number] : number < ports * 2 ? (number % 2 === 0 ? 'data' : 'error') : undefined
    if (channel === undefined) throw new WireError('a message is on an unknown channel')
    return channel
  }

  #control(frame: Exclude<WebSocketFrame, { kind: 'message' }>, send: (bytes: Buffer) => void, masked: boolean): void {
    send(encodeFrame(frame.kind, frame.bytes, masked))
    if (frame.kind === 'close') this.#parts.end('closed')
  }
}

/** A message of a channel. */
export function onChannel(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([number]), bytes])
}
