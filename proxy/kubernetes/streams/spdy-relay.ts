// Exec, attach and port-forward over SPDY/3.1: the client opens a stream for each channel and says in its headers which.
// Every connection of a port-forward is an action of its own, judged by its port before the server hears of it.
import { unreachable } from '../../../rego/unreachable.ts'
import type { Status } from '../status.ts'
import { type SpdyFrame, type SpdyHeaders, SpdyReader, SpdyWriter, WireError } from '../wire/index.ts'
import type { Channel, Channels } from './channels.ts'
import { statusBytes } from './exit-status.ts'
import type { PortJudge } from './ports.ts'
import type { Relay } from './relay.ts'

/** Streams of one connection at once. */
const streamsMax = 2048

/** What the relay writes to. */
export interface SpdyRelayParts {
  readonly channels: Channels
  /** Judges the ports of a port-forward; undefined for exec and attach. */
  readonly ports: PortJudge | undefined
  readonly toClient: (bytes: Buffer) => void
  readonly toServer: (bytes: Buffer) => void
  readonly end: (why: string) => void
  /** Reading stops while a port is judged. */
  readonly pause: () => void
  readonly resume: () => void
}

interface Stream {
  readonly channel: Channel
  readonly request: string
  /** Refused: the server does not know it, and what the client still sends goes nowhere. */
  readonly refused: boolean
  clientOver: boolean
  serverOver: boolean
}

/** Streams of one connection. */
export class SpdyRelay implements Relay {
  readonly #parts: SpdyRelayParts
  readonly #clientFrames = new SpdyReader()
  readonly #serverFrames = new SpdyReader()
  readonly #toClient = new SpdyWriter()
  readonly #toServer = new SpdyWriter()
  readonly #streams = new Map<number, Stream>()
  #lastStream = 0
  /** Frames of the client that wait for a judgment. */
  #waiting: SpdyFrame[] | undefined

  constructor(parts: SpdyRelayParts) {
    this.#parts = parts
    if (parts.ports !== undefined) return
    const on = (channel: Channel, send: (stream: number) => void): void => {
      for (const [id, stream] of this.#streams) if (stream.channel === channel) send(id)
    }
    parts.channels.writesBy({
      toClient: (bytes) => on('stdout', (stream) => this.#client({ kind: 'data', stream, fin: false, bytes })),
      toServer: (bytes) => on('stdin', (stream) => this.#server({ kind: 'data', stream, fin: false, bytes })),
    })
  }

  fromClient(bytes: Buffer): void {
    const frames = this.#clientFrames.push(bytes)
    if (this.#waiting !== undefined) this.#waiting.push(...frames)
    else this.#clientAll(frames)
  }

  fromServer(bytes: Buffer): void {
    for (const frame of this.#serverFrames.push(bytes)) this.#serverFrame(frame)
  }

  serverEnded(): void {
    this.#parts.channels.flush()
  }

  say(status: Status): void {
    for (const [id, stream] of this.#streams) {
      if (stream.channel !== 'error' || stream.serverOver) continue
      this.#client({
        kind: 'data',
        stream: id,
        fin: true,
        bytes: this.#parts.ports === undefined ? statusBytes(status) : Buffer.from(status.message),
      })
      stream.serverOver = true
    }
    this.#client({ kind: 'goaway', last: this.#lastStream, status: 0 })
  }

  drop(): void {
    this.#parts.channels.drop()
    this.#parts.ports?.drop()
  }

  #clientAll(frames: readonly SpdyFrame[]): void {
    for (const [at, frame] of frames.entries()) {
      this.#clientFrame(frame)
      if (this.#waiting === undefined) continue
      this.#waiting.push(...frames.slice(at + 1))
      return
    }
  }

  #clientFrame(frame: SpdyFrame): void {
    switch (frame.kind) {
      case 'syn_stream':
        this.#open(frame.stream, frame.fin, frame.headers)
        return
      case 'data': {
        const stream = this.#known(frame.stream)
        if (stream.clientOver) throw new WireError('a stream goes on after its end')
        stream.clientOver = frame.fin
        if (!stream.refused) this.#clientData(frame, stream)
        this.#settle(frame.stream, stream)
        return
      }
      case 'rst_stream': {
        const stream = this.#known(frame.stream)
        stream.clientOver = true
        stream.serverOver = true
        if (!stream.refused) this.#server(frame)
        this.#settle(frame.stream, stream)
        return
      }
      case 'window_update':
        if (frame.stream === 0 || this.#streams.get(frame.stream)?.refused === false) this.#server(frame)
        return
      case 'ping':
      case 'settings':
      case 'goaway':
        this.#server(frame)
        return
      case 'syn_reply':
      case 'headers':
        throw new WireError('the client sent a frame of the server')
      default:
        unreachable(frame)
    }
  }

  #clientData(frame: Extract<SpdyFrame, { readonly kind: 'data' }>, { channel }: Stream): void {
    const { channels } = this.#parts
    if (channels.fromClient(channel, frame.bytes)) this.#server(frame)
    else if (frame.fin && channel === 'stdin')
      channels.inputEnds(() => this.#server({ ...frame, bytes: Buffer.alloc(0) }))
  }

  #serverFrame(frame: SpdyFrame): void {
    switch (frame.kind) {
      case 'syn_reply': {
        this.#served(frame.stream)
        this.#client(frame)
        return
      }
      case 'data': {
        const stream = this.#served(frame.stream)
        if (stream.serverOver) throw new WireError('a stream goes on after its end')
        this.#parts.channels.fromServer(stream.channel, frame.bytes, (bytes) =>
          this.#client({ kind: 'data', stream: frame.stream, fin: false, bytes }),
        )
        if (!frame.fin) return
        this.#parts.channels.flush(stream.channel)
        this.#client({ kind: 'data', stream: frame.stream, fin: true, bytes: Buffer.alloc(0) })
        stream.serverOver = true
        this.#settle(frame.stream, stream)
        return
      }
      case 'rst_stream': {
        const stream = this.#served(frame.stream)
        stream.clientOver = true
        stream.serverOver = true
        this.#client(frame)
        this.#settle(frame.stream, stream)
        return
      }
      case 'window_update':
      case 'ping':
      case 'settings':
        this.#client(frame)
        return
      case 'goaway':
        this.#parts.channels.flush()
        this.#client(frame)
        return
      case 'syn_stream':
      case 'headers':
        throw new WireError('the server opens a stream')
      default:
        unreachable(frame)
    }
  }

  #open(id: number, fin: boolean, headers: SpdyHeaders): void {
    if (id <= this.#lastStream || id % 2 === 0) throw new WireError('a stream has a wrong number')
    if (this.#streams.size >= streamsMax) throw new WireError('there are too many streams')
    this.#lastStream = id
    const of = (name: string): string => headers.find(([one]) => one === name)?.[1] ?? ''
    const channel = channelOf(of('streamtype'))
    if (channel === undefined || !this.#parts.channels.allows(channel))
      throw new WireError('a stream is of no known type')
    const { ports } = this.#parts
    if (ports === undefined) {
      if ([...this.#streams.values()].some((one) => one.channel === channel))
        throw new WireError('a stream is opened twice')
      this.#opened(id, fin, channel, '', headers)
      return
    }
    const request = of('requestid')
    const done = (why: string | undefined): void => {
      if (why === undefined) this.#opened(id, fin, channel, request, headers)
      else this.#refused(id, channel, request, why)
    }
    const answer = ports.judge(request, of('port'), (later) => {
      const waiting = this.#waiting ?? []
      this.#waiting = undefined
      done(later)
      this.#clientAll(waiting)
      this.#parts.resume()
    })
    if (answer.at === 'later') {
      this.#waiting = []
      this.#parts.pause()
    } else done(answer.why)
  }

  #opened(id: number, fin: boolean, channel: Channel, request: string, headers: SpdyHeaders): void {
    this.#streams.set(id, { channel, request, refused: false, clientOver: fin, serverOver: false })
    this.#server({ kind: 'syn_stream', stream: id, fin, headers })
  }

  /** Answers a stream in the server's stead: the error stream says why, the data stream ends. */
  #refused(id: number, channel: Channel, request: string, why: string): void {
    const stream = { channel, request, refused: true, clientOver: false, serverOver: true }
    this.#streams.set(id, stream)
    this.#client({ kind: 'syn_reply', stream: id, fin: false, headers: [] })
    this.#client({
      kind: 'data',
      stream: id,
      fin: true,
      bytes: channel === 'error' ? Buffer.from(why) : Buffer.alloc(0),
    })
  }

  #known(id: number): Stream {
    const stream = this.#streams.get(id)
    if (stream === undefined) throw new WireError('a frame is of no known stream')
    return stream
  }

  #served(id: number): Stream {
    const stream = this.#known(id)
    if (stream.refused) throw new WireError('a frame is of no known stream')
    return stream
  }

  /** A forwarded connection that is over is forgotten; the channels of an exec stay, so that none is opened twice. */
  #settle(id: number, stream: Stream): void {
    if (this.#parts.ports === undefined || !stream.clientOver || !stream.serverOver) return
    this.#streams.delete(id)
    if (![...this.#streams.values()].some((one) => one.request === stream.request))
      this.#parts.ports.over(stream.request)
  }

  #client(frame: SpdyFrame): void {
    this.#parts.toClient(this.#toClient.encode(frame))
  }

  #server(frame: SpdyFrame): void {
    this.#parts.toServer(this.#toServer.encode(frame))
  }
}

const channelNames: ReadonlySet<string> = new Set(['stdin', 'stdout', 'stderr', 'error', 'resize', 'data'])

/** The channel that a `streamtype` names; undefined for none. */
export function channelOf(type: string): Channel | undefined {
  return isChannel(type) ? type : undefined
}

function isChannel(type: string): type is Channel {
  return channelNames.has(type)
}
