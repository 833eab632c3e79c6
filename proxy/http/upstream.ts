// The way to an upstream, and the one of HTTP/1.1: a connection for one request at a time. HTTP/2 is `http2-upstream.ts`.
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import {
  BodyDecoder,
  chunkHead,
  decodeResponseHead,
  encodeRequestHead,
  type Field,
  HeadReader,
  lastChunk,
  type ResponseHead,
  WireError,
} from '../http1/index.ts'
import { guardedLookup, isRefusedAddress } from './address-guard.ts'
import { readInto } from './shared-read.ts'
import type { UpstreamCredential } from './upstream-credential.ts'

/** Where an API is, and what the gateway shows it. */
export interface HttpUpstreamTarget {
  readonly host: string
  readonly port: number
  /** What stands in `host` towards it. */
  readonly authority: string
  /** What stands before the path of every request; empty, or without a slash at its end. */
  readonly basePath: string
  readonly tls: ConnectionOptions | undefined
  readonly credential: UpstreamCredential | undefined
  /** The key of masks that have one; absent means the gateway's. */
  readonly hashKey?: Uint8Array
  readonly connectMs: number
  /** The API may be at a link-local or metadata address. */
  readonly linkLocal: boolean
  /** Requests go there in HTTP/2, but for what becomes a WebSocket. */
  readonly http2?: boolean
}

/** The upstream failed. The message is safe for clients. */
export class HttpUpstreamError extends Error {}

/** A connection that had served before was closed before it answered: the request may not have been read at all. */
export class StaleConnectionError extends HttpUpstreamError {}

/** What comes of an exchange. */
export interface ResponseSink {
  head(head: ResponseHead): void
  /** False when the reader must wait; `resume` of the exchange goes on. The bytes are the sink's until `settle`. */
  body(bytes: Uint8Array): boolean
  /** What is kept of the bytes that came is copied now: their memory is used again. */
  settle(): void
  /** A large piece that came is still being written, from where it was read. */
  readonly keepsLarge: boolean
  end(trailers: readonly Field[]): void
  failed(error: Error): void
  /** The upstream speaks another protocol from here on, as was asked for; the socket is the sink's. */
  switched(head: ResponseHead, rest: Buffer, socket: Socket): void
}

/** A request as an upstream is sent it. */
export interface UpstreamRequest {
  readonly method: string
  readonly target: string
  readonly authority: string
  /** All fields of HTTP/1.1, `host` and framing among them. */
  readonly fields: readonly Field[]
  readonly hasBody: boolean
  /** The connection is to speak another protocol afterwards. */
  readonly switches: boolean
}

/** A way for one exchange after another. */
export interface HttpUpstream {
  /** True when another exchange can begin on it. */
  readonly usable: boolean
  /** Begins an exchange: the head goes out, the body by `write`. */
  begin(request: UpstreamRequest, sink: ResponseSink): void
  /** False once nothing more of the body would reach the upstream. */
  readonly takesBody: boolean
  /** Sends a piece of the body; false when `drained` should be waited for. */
  write(bytes: Uint8Array): boolean
  /** Nothing of the body follows. */
  endBody(trailers: readonly Field[]): void
  /** Calls back once more of the body is taken, or none any more. */
  drained(callback: () => void): void
  resume(): void
  /** Gives it up; an exchange that runs on it fails. */
  close(): void
}

/** Silence of an upstream in the middle of an answer. */
export const idleMs = 60_000
/** How often it may be silent so long before its answer begins: models think for minutes, and who polls waits for news. */
export const silencesMax = 5
/** Rest after which a connection is not used again, where the upstream does not say: many servers give five seconds. */
const restMs = 4000
/** How long before the end that an upstream has told. */
const restMarginMs = 1000
/** Interim answers (1xx) before the final one. */
const interimMax = 8

/** Silence that ends a stream of events; servers send comments more often. */
export const streamIdleMs: number = 15 * 60_000

/** Whether an answer is a stream of events, in which long silence is nothing unusual. */
export function isEventStream({ fields }: ResponseHead): boolean {
  return fields.some(([name, value]) => name === 'content-type' && value.toLowerCase().startsWith('text/event-stream'))
}

/** A connection that serves one exchange after another. */
class Http1Upstream implements HttpUpstream {
  readonly #socket: Socket
  #sink: ResponseSink | undefined
  #method = ''
  readonly #reader = new HeadReader()
  #decoder: BodyDecoder | undefined
  #closes = false
  #interim = 0
  #switches = false
  #isChunked = false
  /** Long silence is nothing unusual in this answer. */
  #isSilent = false
  #over = false
  #hasServed = false
  /** Something of the answer has come. */
  #hasAnswer = false
  /** How often it was silent since it was asked. */
  #silences = 0
  #restMs = restMs
  #restsUntilMs = Number.POSITIVE_INFINITY

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setTimeout(idleMs)
    socket.on('timeout', () => this.#silent())
    socket.on('end', () => this.#ended())
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#over = true
      // Who was given time to answer has read what it was asked.
      const isLate = this.#silences >= silencesMax
      const why = isLate ? 'the upstream did not answer in time' : 'the upstream closed the connection'
      const isStale = this.#hasServed && !this.#hasAnswer && !isLate
      this.#fail(isStale ? new StaleConnectionError(why) : new HttpUpstreamError(why))
    })
  }

  get usable(): boolean {
    const isFree = !this.#over && !this.#closes && this.#sink === undefined && !this.#socket.destroyed
    return isFree && performance.now() < this.#restsUntilMs
  }

  begin({ method, target, fields, switches }: UpstreamRequest, sink: ResponseSink): void {
    const head = encodeRequestHead(method, target, fields)
    this.#switches = switches
    this.#isChunked = fields.some(([name]) => name === 'transfer-encoding')
    this.#method = method
    this.#sink = sink
    this.#reader.reset()
    this.#decoder = undefined
    this.#interim = 0
    this.#hasAnswer = false
    this.#silences = 0
    this.#socket.write(head, 'latin1')
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#isChunked) return this.#socket.write(bytes)
    this.#socket.write(chunkHead(bytes.length))
    const flows = this.#socket.write(bytes)
    this.#socket.write('\r\n')
    return flows
  }

  endBody(trailers: readonly Field[]): void {
    if (this.#isChunked) this.#socket.write(lastChunk(trailers))
  }

  get takesBody(): boolean {
    // One that closes behind its answer reads no more.
    const isAnswered = this.#closes && this.#sink === undefined
    return !this.#over && !isAnswered && this.#socket.writable
  }

  drained(callback: () => void): void {
    const socket = this.#socket
    if (!this.takesBody) {
      callback()
      return
    }
    const once = (): void => {
      socket.off('drain', once)
      socket.off('close', once)
      callback()
    }
    socket.on('drain', once)
    socket.on('close', once)
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#over = true
    this.#socket.destroy()
    this.#fail(new HttpUpstreamError('the exchange was broken off'))
  }

  /** Whether memory of a large read is still needed. */
  get keepsLarge(): boolean {
    return this.#sink?.keepsLarge ?? true
  }

  /** Takes what was read; the bytes are good until it returns. */
  take(bytes: Buffer): void {
    try {
      this.#read(bytes)
      this.#sink?.settle()
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#closes = true
      this.#fail(new HttpUpstreamError('the upstream does not speak HTTP as it is read here'))
      this.#socket.destroy()
    }
  }

  #read(bytes: Buffer): void {
    let rest = bytes
    while (rest.length > 0) {
      const sink = this.#sink
      this.#hasAnswer = true
      // Bytes that nobody asked for would be taken for the answer to the next request.
      if (sink === undefined) throw new WireError('unexpected_bytes', 'bytes outside of an exchange')
      if (this.#decoder === undefined) {
        const found = this.#reader.push(rest)
        if (found === undefined) return
        const head = decodeResponseHead(found.text, this.#method)
        rest = found.rest
        if (head.status === 101) {
          if (!this.#switches) throw new WireError('unexpected_bytes', 'a switch of protocols that was not asked for')
          this.#over = true
          this.#sink = undefined
          this.#socket.removeAllListeners()
          sink.switched(head, rest, this.#socket)
          return
        }
        if (head.status < 200) {
          if (++this.#interim > interimMax) throw new WireError('unexpected_bytes', 'too many interim answers')
          continue
        }
        this.#closes ||= head.closes
        this.#restMs = restOf(head)
        this.#decoder = new BodyDecoder(head.framing, false)
        if (isEventStream(head)) {
          this.#isSilent = true
          this.#socket.setTimeout(streamIdleMs)
        }
        sink.head(head)
        if (this.#decoder.done) this.#finish(rest.length)
        continue
      }
      const piece = this.#decoder.push(rest)
      for (const content of piece.content) if (!sink.body(content)) this.#socket.pause()
      rest = rest.subarray(piece.used)
      if (piece.done) this.#finish(rest.length)
    }
  }

  #silent(): void {
    const isAwaited = this.#sink !== undefined && this.#decoder === undefined
    if (isAwaited && ++this.#silences < silencesMax) this.#socket.setTimeout(idleMs)
    else this.#socket.destroy()
  }

  #ended(): void {
    this.#closes = true
    if (this.#decoder === undefined || this.#sink === undefined) return
    try {
      this.#decoder.end()
      this.#finish(0)
    } catch {
      this.#fail(new HttpUpstreamError('the upstream ended its answer too early'))
    }
  }

  /** The answer is over. With bytes behind it nothing may begin here: they would be taken for the next answer. */
  #finish(bytesBehind: number): void {
    const sink = this.#sink
    this.#closes ||= bytesBehind > 0
    const trailers = this.#decoder?.trailers ?? []
    this.#sink = undefined
    this.#decoder = undefined
    if (this.#isSilent) this.#socket.setTimeout(idleMs)
    this.#isSilent = false
    this.#hasServed = true
    this.#restsUntilMs = performance.now() + this.#restMs
    // The last piece may have been more than the client took at once, and a stream that has ended tells of no drain.
    this.#socket.resume()
    sink?.end(trailers)
    if (this.#closes) this.#socket.end()
  }

  #fail(error: Error): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.failed(error)
  }
}

/** How long a connection may rest: what the upstream says in `Keep-Alive: timeout=`, less a margin. */
function restOf({ fields }: ResponseHead): number {
  const told = fields.find(([name]) => name === 'keep-alive')?.[1]
  const [, seconds] = told === undefined ? [] : (/(?:^|[,; ])timeout=(\d{1,6})(?:[,; ]|$)/i.exec(told) ?? [])
  if (seconds === undefined) return restMs
  return Math.min(Number(seconds) * 1000 - restMarginMs, idleMs - restMarginMs)
}

/** Connects for HTTP/1.1. Rejects with HttpUpstreamError. */
export async function connectUpstream(where: HttpUpstreamTarget, switches = false): Promise<HttpUpstream> {
  // What reads the next protocol, or TLS, has its own memory.
  if (switches || where.tls !== undefined) {
    const socket = await connectSocket(where)
    const plain = new Http1Upstream(socket)
    socket.on('data', (bytes: Buffer) => plain.take(bytes))
    return plain
  }
  let made: Http1Upstream | undefined
  let isEarly = false
  const onread = readInto({
    take: (bytes) => {
      isEarly ||= made === undefined
      made?.take(bytes)
    },
    get keepsLarge(): boolean {
      return made?.keepsLarge ?? true
    },
  })
  made = new Http1Upstream(await connectSocket(where, onread))
  // What speaks before it is asked is no server of HTTP.
  if (isEarly) made.close()
  return made
}

/** A connection to where an API may be. Rejects with HttpUpstreamError. */
export function connectSocket(
  { host, port, tls, connectMs, linkLocal }: HttpUpstreamTarget,
  onread?: OnReadOpts,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // An address needs no look-up, so nobody would ask the guard about it.
    if (!linkLocal && isIP(host) !== 0 && isRefusedAddress(host)) {
      reject(new HttpUpstreamError('the upstream is at an address that is not connected to'))
      return
    }
    const where = { host, port, noDelay: true, ...(linkLocal ? {} : { lookup: guardedLookup }) }
    const socket: Socket =
      tls === undefined
        ? connect({ ...where, ...(onread === undefined ? {} : { onread }) })
        : connectTls({ ...tls, ...where })
    const failed = (cause?: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(new HttpUpstreamError('the upstream cannot be reached', { cause }))
    }
    const timer = setTimeout(failed, connectMs)
    socket.once('error', failed)
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer)
      socket.off('error', failed)
      socket.setNoDelay(true)
      resolve(socket)
    })
  })
}
