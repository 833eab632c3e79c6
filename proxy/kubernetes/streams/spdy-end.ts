// One end of an exec over SPDY/3.1: the client opens a stream for each channel, each side ends its own direction.
import { unreachable } from '../../../rego/unreachable.ts'
import { type SpdyFrame, SpdyReader, SpdyWriter, WireError } from '../wire/index.ts'
import type { Channel } from './channels.ts'
import type { ExecEnd, ExecEndParts } from './exec-end.ts'
import { channelOf } from './spdy-relay.ts'

interface Stream {
  readonly id: number
  /** The other side sends no more. */
  theirsOver: boolean
  oursOver: boolean
}

/** Streams of channels. */
export class SpdyEnd implements ExecEnd {
  readonly #parts: ExecEndParts
  readonly #reader = new SpdyReader()
  readonly #writer = new SpdyWriter()
  readonly #streams = new Map<Channel, Stream>()
  #lastStream = -1
  #isOver = false

  constructor(parts: ExecEndParts, channels: readonly Channel[]) {
    this.#parts = parts
    if (parts.serves) return
    for (const [at, channel] of channels.entries()) {
      const id = at * 2 + 1
      this.#streams.set(channel, { id, theirsOver: false, oursOver: false })
      this.#write({ kind: 'syn_stream', stream: id, fin: false, headers: [['streamtype', channel]] })
    }
  }

  take(bytes: Buffer): void {
    for (const frame of this.#reader.push(bytes)) {
      if (this.#isOver) return
      this.#frame(frame)
    }
  }

  send(channel: Channel, bytes: Buffer): void {
    const stream = this.#streams.get(channel)
    if (stream === undefined || stream.oursOver || this.#isOver || bytes.length === 0) return
    this.#write({ kind: 'data', stream: stream.id, fin: false, bytes })
  }

  over(channel: Channel): boolean {
    const stream = this.#streams.get(channel)
    if (stream === undefined || stream.oursOver || this.#isOver) return true
    stream.oursOver = true
    this.#write({ kind: 'data', stream: stream.id, fin: true, bytes: Buffer.alloc(0) })
    return true
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#write({ kind: 'goaway', last: Math.max(this.#lastStream, 0), status: 0 })
  }

  #frame(frame: SpdyFrame): void {
    switch (frame.kind) {
      case 'syn_stream':
        this.#open(frame)
        return
      case 'syn_reply':
        if (this.#parts.serves) throw new WireError('the client sent a frame of the server')
        this.#parts.opened(this.#channel(frame.stream)[0])
        if (frame.fin) this.#ended(frame.stream)
        return
      case 'data': {
        const [channel, stream] = this.#channel(frame.stream)
        if (stream.theirsOver) throw new WireError('a stream goes on after its end')
        if (frame.bytes.length > 0) this.#parts.came(channel, frame.bytes)
        if (frame.fin) this.#ended(frame.stream)
        return
      }
      case 'rst_stream': {
        const [, stream] = this.#channel(frame.stream)
        stream.oursOver = true
        if (!stream.theirsOver) this.#ended(frame.stream)
        return
      }
      case 'ping':
        this.#write(frame)
        return
      case 'window_update':
      case 'settings':
        return
      case 'goaway':
        this.close()
        this.#parts.closed()
        return
      case 'headers':
        throw new WireError('a stream has more headers')
      default:
        unreachable(frame)
    }
  }

  #open({ stream: id, fin, headers }: Extract<SpdyFrame, { readonly fin: boolean; readonly headers: unknown }>): void {
    const { serves, allows, opened } = this.#parts
    if (!serves) throw new WireError('the server opens a stream')
    if (id <= this.#lastStream || id % 2 === 0) throw new WireError('a stream has a wrong number')
    this.#lastStream = id
    const channel = channelOf(headers.find(([name]) => name === 'streamtype')?.[1] ?? '')
    if (channel === undefined || !allows(channel)) throw new WireError('a stream is of no known type')
    if (this.#streams.has(channel)) throw new WireError('a stream is opened twice')
    this.#streams.set(channel, { id, theirsOver: false, oursOver: false })
    this.#write({ kind: 'syn_reply', stream: id, fin: false, headers: [] })
    opened(channel)
    if (fin) this.#ended(id)
  }

  #ended(id: number): void {
    const [channel, stream] = this.#channel(id)
    stream.theirsOver = true
    this.#parts.ended(channel)
  }

  #channel(id: number): readonly [Channel, Stream] {
    for (const known of this.#streams) if (known[1].id === id) return known
    throw new WireError('a frame is of no known stream')
  }

  #write(frame: SpdyFrame): void {
    this.#parts.write(this.#writer.encode(frame))
  }
}
