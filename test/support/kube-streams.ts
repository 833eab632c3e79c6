// Both ends of exec, attach and port-forward for tests, over WebSocket and over SPDY: the client that kubectl is, and the
// server that a kubelet is.
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  acceptKey,
  encodeFrame,
  newKey,
  SpdyReader,
  SpdyWriter,
  WebSocketReader,
} from '../../proxy/kubernetes/wire/index.ts'

/** The transports of a stream. */
export type Transport = 'websocket' | 'spdy'
/** The channels of an exec, in the order of their numbers. */
const channelNames: readonly string[] = ['stdin', 'stdout', 'stderr', 'error', 'resize']

/** One end of a stream. */
export class Peer {
  /** What came on each channel. */
  readonly got: Map<string, string> = new Map()
  /** Channels that the other side has closed. */
  readonly over: Set<string> = new Set()
  readonly socket: Duplex
  closed = false
  #waiting: (() => void)[] = []
  readonly #transport: Transport
  readonly #client: boolean
  readonly #ws: WebSocketReader
  readonly #spdyIn = new SpdyReader()
  readonly #spdyOut = new SpdyWriter()
  readonly #ids = new Map<number, string>()
  #onData: (channel: string, text: string) => void = () => undefined
  #onOver: (channel: string) => void = () => undefined

  constructor(transport: Transport, client: boolean, socket: Duplex) {
    this.#transport = transport
    this.#client = client
    this.socket = socket
    this.#ws = new WebSocketReader(!client)
    socket.on('data', (bytes: Buffer) => this.take(bytes))
    socket.on('error', () => socket.destroy())
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  /** Called for everything that comes. */
  onData(take: (channel: string, text: string) => void): void {
    this.#onData = take
  }

  /** Whether the client must open a stream for each channel. */
  get opens(): boolean {
    return this.#transport === 'spdy'
  }

  /** Called when the other side closes a channel. */
  onOver(take: (channel: string) => void): void {
    this.#onOver = take
  }

  /** Opens the streams of SPDY; a WebSocket needs none. */
  open(channels: readonly string[], headers: readonly (readonly [string, string])[] = [], from = 1): void {
    if (this.#transport !== 'spdy') return
    for (const [at, channel] of channels.entries()) {
      const stream = from + at * 2
      this.#ids.set(stream, `${channel}${headers.length === 0 ? '' : from}`)
      this.socket.write(
        this.#spdyOut.encode({
          kind: 'syn_stream',
          stream,
          fin: false,
          headers: [['streamtype', channel], ...headers],
        }),
      )
    }
  }

  /** Sends on a channel. */
  send(channel: string, text: string): void {
    if (this.#transport === 'websocket') {
      const number = channelNames.indexOf(channel)
      this.socket.write(
        encodeFrame('message', Buffer.concat([Buffer.from([number]), Buffer.from(text, 'latin1')]), this.#client),
      )
    } else
      this.socket.write(
        this.#spdyOut.encode({
          kind: 'data',
          stream: this.#id(channel),
          fin: false,
          bytes: Buffer.from(text, 'latin1'),
        }),
      )
  }

  /** Closes a channel. */
  finish(channel: string): void {
    if (this.#transport === 'websocket') {
      if (this.#client) this.socket.write(encodeFrame('message', Buffer.from([255, 0]), true))
    } else
      this.socket.write(
        this.#spdyOut.encode({ kind: 'data', stream: this.#id(channel), fin: true, bytes: Buffer.alloc(0) }),
      )
  }

  /** Ends the connection as a server does. */
  end(): void {
    if (this.#transport === 'websocket')
      this.socket.write(encodeFrame('close', Buffer.from([0x03, 0xe8]), this.#client))
    this.socket.end()
  }

  /** Waits until something is so. */
  async until(is: () => boolean): Promise<void> {
    while (!is()) {
      if (this.closed) throw new Error(`the stream closed before: ${JSON.stringify([...this.got])}`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** Waits for the end. */
  async ended(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Takes bytes that came with the head. */
  take(bytes: Buffer): void {
    if (this.#transport === 'websocket') {
      for (const frame of this.#ws.push(bytes)) {
        if (frame.kind !== 'message') continue
        const [number = 0] = frame.bytes
        if (number === 255) this.#ended('stdin')
        else this.#came(channelNames[number] ?? `unknown ${number}`, frame.bytes.subarray(1).toString('latin1'))
      }
    } else {
      for (const frame of this.#spdyIn.push(bytes)) {
        if (frame.kind === 'syn_stream') {
          const headers = new Map(frame.headers)
          const type = headers.get('streamtype') ?? ''
          const port = headers.get('port')
          this.#ids.set(frame.stream, port === undefined ? type : `${type}:${port}`)
          this.socket.write(this.#spdyOut.encode({ kind: 'syn_reply', stream: frame.stream, fin: false, headers: [] }))
          this.#came(port === undefined ? type : `${type}:${port}`, '')
        } else if (frame.kind === 'data') {
          const channel = this.#ids.get(frame.stream) ?? ''
          this.#came(channel, frame.bytes.toString('latin1'))
          if (frame.fin) this.#ended(channel)
        }
      }
    }
  }

  #came(channel: string, text: string): void {
    this.got.set(channel, (this.got.get(channel) ?? '') + text)
    if (text !== '') this.#onData(channel, text)
    this.#wake()
  }

  #ended(channel: string): void {
    this.over.add(channel)
    this.#onOver(channel)
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #id(channel: string): number {
    const found = [...this.#ids].find(([, name]) => name === channel)?.[0]
    if (found === undefined) throw new Error(`there is no stream ${channel}`)
    return found
  }
}

/** Takes an upgrade as an API server does. */
export function acceptStream(request: IncomingMessage, socket: Duplex, protocol?: string): Peer {
  const key = request.headers['sec-websocket-key']
  const webSocket = key !== undefined
  const offered = String(request.headers[webSocket ? 'sec-websocket-protocol' : 'x-stream-protocol-version'] ?? '')
  const chosen = protocol ?? offered.split(',')[0]?.trim() ?? ''
  const lines = webSocket
    ? [
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${acceptKey(key)}`,
        `Sec-WebSocket-Protocol: ${chosen}`,
      ]
    : ['Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${chosen}`]
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
  return new Peer(webSocket ? 'websocket' : 'spdy', false, socket)
}

/** Asks a gateway for a stream; the refused head and body, or the stream. */
export async function openStream(
  port: number,
  path: string,
  transport: Transport,
  protocol: string,
): Promise<{ readonly peer: Peer } | { readonly refused: string }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const lines =
    transport === 'websocket'
      ? [
          `GET ${path} HTTP/1.1`,
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          `Sec-WebSocket-Key: ${newKey()}`,
          `Sec-WebSocket-Protocol: ${protocol}`,
        ]
      : [`POST ${path} HTTP/1.1`, 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${protocol}`, 'Content-Length: 0']
  socket.write(`${lines.join('\r\n')}\r\nConnection: Upgrade\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n`)
  let got: Buffer = Buffer.alloc(0)
  for await (const [chunk] of chunks(socket)) {
    got = Buffer.concat([got, chunk])
    const end = got.indexOf('\r\n\r\n')
    if (end < 0 || !got.toString('latin1').startsWith('HTTP/1.1 101')) continue
    const peer = new Peer(transport, true, socket)
    peer.take(got.subarray(end + 4))
    return { peer }
  }
  return { refused: got.toString() }
}

/** Chunks of a socket, one at a time, without ending it when the reader stops. */
async function* chunks(socket: Duplex): AsyncGenerator<[Buffer]> {
  for (;;) {
    const chunk: unknown = socket.read()
    if (Buffer.isBuffer(chunk)) yield [chunk]
    else if (socket.readableEnded || socket.destroyed) return
    else
      await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')]).catch(() => undefined)
  }
}
