// Port-forward by SPDY inside of WebSocket messages (SPDY/3.1+portforward.k8s.io): the same frames in another envelope.
import type { Status } from '../status.ts'
import { encodeFrame, WebSocketReader } from '../wire/index.ts'
import type { Relay } from './relay.ts'
import { SpdyRelay, type SpdyRelayParts } from './spdy-relay.ts'

/** SPDY in binary messages. */
export class TunnelRelay implements Relay {
  readonly #parts: SpdyRelayParts
  readonly #inner: SpdyRelay
  readonly #client = new WebSocketReader(true)
  readonly #server = new WebSocketReader(false)

  constructor(parts: SpdyRelayParts) {
    this.#parts = parts
    this.#inner = new SpdyRelay({
      ...parts,
      toClient: (bytes) => parts.toClient(encodeFrame('message', bytes, false)),
      toServer: (bytes) => parts.toServer(encodeFrame('message', bytes, true)),
    })
  }

  fromClient(bytes: Buffer): void {
    for (const frame of this.#client.push(bytes)) {
      if (frame.kind === 'message') this.#inner.fromClient(frame.bytes)
      else {
        this.#parts.toServer(encodeFrame(frame.kind, frame.bytes, true))
        if (frame.kind === 'close') this.#parts.end('closed')
      }
    }
  }

  fromServer(bytes: Buffer): void {
    for (const frame of this.#server.push(bytes)) {
      if (frame.kind === 'message') this.#inner.fromServer(frame.bytes)
      else {
        this.#parts.toClient(encodeFrame(frame.kind, frame.bytes, false))
        if (frame.kind === 'close') this.#parts.end('closed')
      }
    }
  }

  serverEnded(): void {
    this.#inner.serverEnded()
  }

  say(status: Status): void {
    this.#inner.say(status)
    this.#parts.toClient(encodeFrame('close', Buffer.from([0x03, 0xe8]), false))
  }

  drop(): void {
    this.#inner.drop()
  }
}
