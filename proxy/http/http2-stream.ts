// One stream of HTTP/2: the content of its request, and where its answer goes.
import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { type Field, GatheredBytes, parseFields, type RequestHead, WireError } from '../http1/index.ts'
import type { ClientPeer } from './client-peer.ts'
import type { BodyPieces } from './request-body.ts'

/** Bytes of a body that wait to be asked for. */
const waitingMax: number = 256 * 1024

/** The content of a request. */
export class Http2Pieces implements BodyPieces {
  readonly isNone: boolean
  readonly length: number | undefined
  readonly #stream: ServerHttp2Stream
  readonly #waiting = new GatheredBytes()
  #isEnded: boolean
  #isGone = false
  #wake: (() => void) | undefined
  #trailers: readonly Field[] = []

  /** `isNone`: the head was the end of the request. */
  constructor(stream: ServerHttp2Stream, { framing }: RequestHead, isNone: boolean) {
    this.#stream = stream
    this.isNone = isNone
    this.length = framing.kind === 'length' ? framing.bytes : undefined
    this.#isEnded = isNone
    if (isNone) {
      stream.resume()
      return
    }
    stream.on('data', (bytes: Buffer) => {
      this.#waiting.push(bytes)
      if (this.#waiting.length > waitingMax) stream.pause()
      this.#tell()
    })
    stream.on('trailers', (headers: IncomingHttpHeaders) => {
      this.#trailers = fieldsOf(headers)
    })
    // A stream that its client resets or loses ends like one that is whole, but is closed by then.
    stream.on('end', () => {
      if (stream.closed || stream.destroyed) this.#isGone = true
      else this.#isEnded = true
      this.#tell()
    })
    stream.on('close', () => {
      this.#isGone = !this.#isEnded
      this.#tell()
    })
  }

  get done(): boolean {
    return this.#isEnded && this.#waiting.length === 0
  }

  get trailers(): readonly Field[] {
    return this.#trailers
  }

  async next(): Promise<readonly Uint8Array[]> {
    while (this.#waiting.length === 0 && !this.#isEnded) {
      if (this.#isGone) throw new WireError('truncated', 'the stream ended within a body')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const pieces = this.#waiting.take()
    this.#stream.resume()
    return pieces
  }

  #tell(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}

/** Fields of HTTP/2, as strictly as those of HTTP/1.1. Throws WireError. */
export function fieldsOf(headers: IncomingHttpHeaders): readonly Field[] {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).map((one) => `${name}: ${one}\r\n`),
  )
  return parseFields(lines.join(''), 0, true)
}

/** Fields that say how a message of HTTP/1.1 travels; node takes none of them (RFC 9113 8.2.2). */
const ofConnections: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** Fields as node takes them: those of one name together, without those of a connection. */
export function headersOf(fields: readonly Field[]): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  for (const [written, value] of fields) {
    const name = written.toLowerCase()
    if (ofConnections.has(name)) continue
    const known = headers[name]
    headers[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [String(known)]), value]
  }
  return headers
}

/**
 * Says headers. Of a field that may come once node takes no second, wherever it came from: one that says the same is left
 * out, and false is the answer where another says something else.
 */
export function said(headers: OutgoingHttpHeaders, say: (headers: OutgoingHttpHeaders) => void): boolean {
  const distinct = (): OutgoingHttpHeaders =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? [...new Set(value)] : value]),
    )
  for (const made of [() => headers, distinct]) {
    try {
      say(made())
      return true
    } catch {
      // said in the other form, or not at all
    }
  }
  return false
}

/** The client of one stream. */
export class Http2Peer implements ClientPeer {
  readonly #stream: ServerHttp2Stream
  readonly #takesTrailers: boolean
  readonly #awaited: Set<object>
  #trailers: readonly Field[] = []
  #isOpen = false
  /** Trailers are still to be said, even if there are none. */
  #owesTrailers = false
  #leaves = false

  /** `awaited` is where those of its connection stand whose answers are awaited. */
  constructor(stream: ServerHttp2Stream, takesTrailers: boolean, awaited: Set<object>) {
    this.#stream = stream
    this.#takesTrailers = takesTrailers
    this.#awaited = awaited
  }

  head(status: number, _reason: string, fields: readonly Field[], isOpen: boolean): void {
    const stream = this.#stream
    this.awaits(false)
    if (stream.destroyed || stream.closed) return
    this.#isOpen = isOpen
    const more = { endStream: !isOpen, waitForTrailers: isOpen && this.#takesTrailers }
    if (!said({ ':status': status, ...headersOf(fields) }, (headers) => stream.respond(headers, more))) {
      this.#isOpen = false
      if (!said({ ':status': 502 }, (headers) => stream.respond(headers, { endStream: true }))) breakOff(stream)
      return
    }
    if (!more.waitForTrailers) return
    this.#owesTrailers = true
    stream.once('wantTrailers', () => {
      this.#owesTrailers = false
      if (!said(headersOf(this.#trailers), (trailers) => stream.sendTrailers(trailers))) breakOff(stream)
      // What is closed in this turn never says them.
      else if (this.#leaves) setImmediate(() => this.leave())
    })
  }

  /** The answer is out; what is left of the request is not asked for (RFC 9113 8.1). */
  leave(): void {
    this.#leaves = true
    if (!this.#owesTrailers) this.#stream.close(constants.NGHTTP2_NO_ERROR)
  }

  get isBehind(): boolean {
    return this.#stream.writableLength > 0
  }

  write(bytes: Uint8Array): boolean {
    return !this.#isOpen || this.#stream.destroyed || this.#stream.closed || this.#stream.write(Buffer.from(bytes))
  }

  end(trailers: readonly Field[]): void {
    this.#trailers = trailers
    if (this.#isOpen && !this.#stream.destroyed) this.#stream.end()
  }

  onDrain(callback: () => void): void {
    this.#stream.once('drain', callback)
  }

  awaits(isAwaited: boolean): void {
    if (isAwaited) this.#awaited.add(this)
    else this.#awaited.delete(this)
  }

  silence(ms: number): void {
    this.#stream.session?.setTimeout(ms)
  }

  destroy(): void {
    breakOff(this.#stream)
  }
}

/** Ends a stream so that its answer does not look whole: one that is closed, or destroyed without an error, ends as one that is. */
export function breakOff(stream: ServerHttp2Stream): void {
  if (!stream.destroyed) stream.destroy(new Error('the answer breaks off'))
}
