// An exchange with an upstream over HTTP/2: a stream of its own on a connection that others of the same client share.
// Where the answer's end is, and that it is as long as it says, is node's to check (RFC 9113 8.1.1).
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2'
import type { Socket } from 'node:net'
import { type Field, headBytesMax, type ResponseHead, responseFraming, WireError } from '../http1/index.ts'
import { fieldsOf, headersOf, said } from './http2-stream.ts'
import {
  connectSocket,
  type HttpUpstream,
  HttpUpstreamError,
  type HttpUpstreamTarget,
  idleMs,
  isEventStream,
  type ResponseSink,
  silencesMax,
  streamIdleMs,
  type UpstreamRequest,
} from './upstream.ts'

/** What an upstream may make node keep. */
const bounds = {
  maxSessionMemory: 10,
  maxSettings: 32,
  maxOutstandingPings: 10,
  maxSessionInvalidFrames: 50,
  settings: { enablePush: false, maxHeaderListSize: headBytesMax },
} as const

/** A connection that many exchanges share. */
export class Http2Session {
  readonly #session: ClientHttp2Session
  readonly #scheme: string

  private constructor(session: ClientHttp2Session, scheme: string) {
    this.#session = session
    this.#scheme = scheme
    session.on('error', () => session.destroy())
    session.on('goaway', () => session.close())
    session.setTimeout(streamIdleMs, () => this.close())
  }

  /** Connects, by ALPN over TLS or with prior knowledge in clear. Rejects with HttpUpstreamError. */
  static async connect(where: HttpUpstreamTarget): Promise<Http2Session> {
    const { tls } = where
    const socket: Socket = await connectSocket({
      ...where,
      tls: tls === undefined ? undefined : { ...tls, ALPNProtocols: ['h2'] },
    })
    if (tls !== undefined && Reflect.get(socket, 'alpnProtocol') !== 'h2') {
      socket.destroy()
      throw new HttpUpstreamError('the upstream does not speak HTTP/2')
    }
    const scheme = tls === undefined ? 'http' : 'https'
    return new Http2Session(
      connect(`${scheme}://${where.authority}`, { ...bounds, createConnection: () => socket }),
      scheme,
    )
  }

  /** True when another exchange can begin on it. */
  get usable(): boolean {
    return !this.#session.closed && !this.#session.destroyed
  }

  /** A way for one exchange. */
  exchange(): HttpUpstream {
    return new Http2Upstream(this.#session, this.#scheme)
  }

  /** Ends the connection; exchanges that run on it fail. */
  close(): void {
    // Without a code node ends answers that run as if they were whole.
    this.#session.destroy(new HttpUpstreamError('the connection is given up'), constants.NGHTTP2_CANCEL)
  }
}

class Http2Upstream implements HttpUpstream {
  readonly #session: ClientHttp2Session
  readonly #scheme: string
  #stream: ClientHttp2Stream | undefined
  #sink: ResponseSink | undefined
  #trailers: readonly Field[] = []
  #sent: readonly Field[] = []
  #hasHead = false
  #isAnswered = false

  constructor(session: ClientHttp2Session, scheme: string) {
    this.#session = session
    this.#scheme = scheme
  }

  /** The stream is of one exchange; there is always a next one instead. */
  get usable(): boolean {
    return false
  }

  begin(request: UpstreamRequest, sink: ResponseSink): void {
    this.#sink = sink
    const { method, target, authority, fields, hasBody } = request
    const own = { ':method': method, ':path': target, ':scheme': this.#scheme, ':authority': authority }
    const headers = headersOf(fields.filter(([name]) => name.toLowerCase() !== 'host'))
    const more = { endStream: !hasBody, waitForTrailers: hasBody }
    let stream: ClientHttp2Stream | undefined
    said({ ...headers, ...own }, (all) => {
      stream = this.#session.request(all, more)
    })
    if (stream === undefined) {
      this.#fail('the request cannot be said over HTTP/2')
      return
    }
    this.#answer(stream, method)
  }

  #answer(stream: ClientHttp2Stream, method: string): void {
    this.#stream = stream
    stream.setTimeout(idleMs * silencesMax, () => this.close())
    stream.on('wantTrailers', () => {
      if (!said(headersOf(this.#sent), (trailers) => stream.sendTrailers(trailers))) this.close()
    })
    stream.on('response', (answer, flags) =>
      this.#checked(() => this.#head(method, answer, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0)),
    )
    stream.on('trailers', (trailers) =>
      this.#checked(() => {
        this.#trailers = fieldsOf(trailers)
      }),
    )
    stream.on('data', (bytes: Buffer) => {
      if (this.#sink?.body(bytes) === false) stream.pause()
    })
    // Streams of a connection that is lost end like others, but for their code.
    stream.on('end', () => {
      if (this.#hasHead && stream.rstCode === constants.NGHTTP2_NO_ERROR) this.#finish()
      else this.#fail('the upstream ended its answer too early')
    })
    stream.on('error', () => undefined)
    stream.on('close', () => this.#fail('the upstream broke the exchange off'))
  }

  get takesBody(): boolean {
    const stream = this.#stream
    return stream !== undefined && !stream.destroyed && !stream.closed && stream.writable
  }

  write(bytes: Uint8Array): boolean {
    const stream = this.#stream
    return stream === undefined || stream.destroyed || stream.closed || stream.write(bytes)
  }

  endBody(trailers: readonly Field[]): void {
    this.#sent = trailers
    this.#stream?.end()
  }

  drained(callback: () => void): void {
    const stream = this.#stream
    if (stream === undefined || stream.destroyed) {
      callback()
      return
    }
    const once = (): void => {
      stream.off('drain', once)
      stream.off('close', once)
      callback()
    }
    stream.on('drain', once)
    stream.on('close', once)
  }

  resume(): void {
    this.#stream?.resume()
  }

  close(): void {
    // One that came to its end both ways is not broken off.
    if (!this.#isAnswered || this.#stream?.writableEnded !== true) this.#stream?.close(constants.NGHTTP2_CANCEL)
    this.#fail('the exchange was broken off')
  }

  #head(method: string, answer: IncomingHttpHeaders, isOver: boolean): void {
    const status = Number(answer[':status'])
    const own = Object.entries(answer).filter(([name]) => !name.startsWith(':'))
    const fields = fieldsOf(Object.fromEntries(own))
    const declared = responseFraming(method, status, fields)
    const framing = isOver
      ? ({ kind: 'none' } as const)
      : declared.kind === 'close'
        ? ({ kind: 'chunked' } as const)
        : declared
    const head: ResponseHead = { status, reason: '', fields, framing, closes: false }
    this.#stream?.setTimeout(isEventStream(head) ? streamIdleMs : idleMs)
    this.#hasHead = true
    this.#sink?.head(head)
  }

  /** What is not HTTP as it is read here is not passed on. */
  #checked(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#stream?.close(constants.NGHTTP2_PROTOCOL_ERROR)
      this.#fail('the upstream does not speak HTTP as it is read here')
    }
  }

  #finish(): void {
    this.#isAnswered = true
    const sink = this.#sink
    this.#sink = undefined
    sink?.end(this.#trailers)
  }

  #fail(message: string): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.failed(new HttpUpstreamError(message))
  }
}
