// One client connection of HTTP/1.1: requests one after another, each answered before the next is read. In clear it may
// begin as one of HTTP/2 instead (prior knowledge, RFC 9113 3.3), which is handed on.
import type { Socket } from 'node:net'
import { type CanonicalRequest, HttpRefusal } from '../../engine/action/http/index.ts'
import {
  decodeRequestHead,
  encodeResponseHead,
  type Field,
  HeadReader,
  type RequestHead,
  WireError,
} from '../http1/index.ts'
import type { Kept } from '../listening/room.ts'
import { type Answer, answerFields, answerOf, answerText } from './answer.ts'
import { Http1Peer } from './client-peer.ts'
import { Exchanges } from './exchange.ts'
import { begunAsHttp2, http2Head } from './http2-preface.ts'
import type { HttpConnectionParts, HttpExchange } from './parts.ts'
import type { Proxying } from './proxying.ts'
import { bodyRoom, Http1Pieces, noContent, RequestReader } from './request-body.ts'
import { type Reader, takenOver } from './shared-read.ts'
import { openTunnel } from './tunnel.ts'

const nothing: Buffer = Buffer.alloc(0)
const requestMs = 30_000
const idleMs = 120_000
/** Bytes that wait while a request is judged; a client that sends more is not read. */
const pipelinedMax = 256 * 1024
/**
 * How long what a client still sends is read and dropped behind its last answer, and how long it may be quiet then. Many
 * read nothing before they have sent all, and lose an answer with a connection that is reset.
 */
const lingerMs = 30_000
const lingerQuietMs = 5000
/** Bytes of answers that wait for the client before its next request is looked at. */
const behindMax = 256 * 1024

/** Serves a client until it goes. */
export function serveHttp(socket: Socket, parts: HttpConnectionParts): void {
  new HttpConnection(socket, parts).start()
}

class HttpConnection implements Reader {
  #socket: Socket
  readonly #parts: HttpConnectionParts
  readonly #exchanges: Exchanges
  readonly #peer: Http1Peer
  readonly #reader = new HeadReader()
  /** A head is waited for. */
  #wantsHead = false
  /** Runs while a head has begun that is not whole. */
  #headTimer: NodeJS.Timeout | undefined
  /** The head before, which most that follow repeat but for their first line. */
  #lastHead: RequestHead | undefined
  #waiting: Buffer = nothing
  /** Takes the client's bytes once the connection speaks another protocol. */
  #tap: ((bytes: Buffer) => void) | undefined
  #more: (() => void) | undefined
  /** Told when the client of a request that waits for people hangs up. */
  #gone: (() => void) | undefined
  #isEnded = false
  /** The body of the request that is served. */
  #body: RequestReader = noContent
  /** A head was refused, so nobody knows what of a body follows it. */
  #isUnread = false
  /** Requests that wait are being served. */
  #isFeeding = false
  #isPaused = false

  constructor(socket: Socket, parts: HttpConnectionParts) {
    // What runs through a tunnel is read by TLS.
    this.#socket = parts.proxying === undefined ? takenOver(socket, this) : socket
    if (parts.proxying !== undefined) socket.on('data', (bytes: Buffer) => this.take(bytes))
    this.#parts = parts
    this.#peer = new Http1Peer(this.#socket)
    this.#exchanges = new Exchanges(parts, this.#socket, () => this.#socket.destroy())
  }

  /** Nothing is: what waits is copied. */
  get keepsLarge(): boolean {
    return false
  }

  start(): void {
    const socket = this.#socket
    socket.setTimeout(idleMs)
    // How long an answer is awaited is bounded where it comes from.
    socket.on('timeout', () => (this.#peer.isAwaited ? socket.setTimeout(idleMs) : socket.destroy()))
    socket.on('end', () => {
      this.#isEnded = true
      this.#gone?.()
      this.#wake()
    })
    socket.on('error', () => socket.destroy())
    socket.on('drain', () => {
      if (this.#wantsHead) this.#next()
      else if (this.#tap === undefined) this.#flow()
    })
    socket.on('close', () => {
      this.#isEnded = true
      clearTimeout(this.#headTimer)
      this.#wake()
      this.#body.release()
      this.#exchanges.close()
    })
    this.#next()
  }

  take(bytes: Buffer): void {
    if (this.#tap !== undefined) {
      this.#tap(Buffer.from(bytes))
      return
    }
    if (this.#wantsHead && this.#waiting.length === 0 && !this.#isBehind) {
      this.#feed(bytes, false)
      return
    }
    this.#waiting = Buffer.concat([this.#waiting, bytes])
    this.#flow()
    this.#wake()
  }

  /** The client does not take what it was answered. */
  get #isBehind(): boolean {
    return this.#socket.writableLength > behindMax
  }

  /** Reads the client, unless it has sent enough for now or takes nothing. */
  #flow(): void {
    const isPaused = this.#waiting.length > pipelinedMax || this.#isBehind
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (isPaused) this.#socket.pause()
    else this.#socket.resume()
  }

  #wake(): void {
    if (this.#wantsHead && this.#isEnded && this.#waiting.length === 0) this.#noHead()
    const more = this.#more
    this.#more = undefined
    more?.()
  }

  /** Bytes of the client; undefined when no more will come. */
  async #bytes(): Promise<Buffer | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#isEnded) return undefined
      await new Promise<void>((resolve) => {
        this.#more = resolve
      })
    }
    const bytes = this.#taken()
    this.#flow()
    return bytes
  }

  #taken(): Buffer {
    const bytes = this.#waiting
    this.#waiting = nothing
    return bytes
  }

  #giveBack(rest: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? rest : Buffer.concat([rest, this.#waiting])
    if (!this.#isFeeding) this.#flow()
  }

  /** The next request, of bytes that are there or that come. What is answered at once is followed by the next in a loop. */
  #next(): void {
    this.#wantsHead = true
    if (this.#isFeeding) return
    this.#isFeeding = true
    while (this.#wantsHead && this.#waiting.length > 0 && !this.#isBehind) this.#feed(this.#taken(), true)
    this.#isFeeding = false
    this.#flow()
    if (this.#wantsHead && this.#isEnded && this.#waiting.length === 0) this.#noHead()
  }

  /** Bytes of a head. Unless they are `kept` for this connection, they are the caller's again afterwards. */
  #feed(bytes: Buffer, kept: boolean): void {
    let found: { readonly text: string; readonly rest: Buffer } | undefined
    try {
      found = this.#reader.push(bytes)
      if (found === undefined) {
        // Most heads come in one piece and need no clock.
        this.#headTimer ??= setTimeout(() => this.#socket.destroy(), requestMs)
        return
      }
    } catch (error) {
      this.#wantsHead = false
      this.#isUnread = true
      this.ended(error)
      return
    }
    this.#wantsHead = false
    if (this.#headTimer !== undefined) clearTimeout(this.#headTimer)
    this.#headTimer = undefined
    if (found.rest.length > 0) this.#giveBack(kept ? found.rest : Buffer.from(found.rest))
    try {
      this.#serve(found.text)
    } catch (error) {
      this.#isUnread = true
      this.ended(error)
    }
  }

  /** The client will send no more. */
  #noHead(): void {
    this.#wantsHead = false
    if (this.#reader.pending > 0) this.ended(new WireError('truncated', 'the connection ended within a head'))
    else this.#socket.end()
  }

  /** Something of a request is answered with what was wrong; what follows cannot be told from its body. */
  ended(error: unknown): void {
    clearTimeout(this.#headTimer)
    this.#peer.awaits(false)
    this.#body.release()
    try {
      const answer = answerOf(error)
      if (answer === undefined) throw error
      this.answer(answer, false)
      this.#end()
    } catch (failure) {
      this.#parts.onError('http', failure)
      this.#socket.destroy()
    }
  }

  #serve(text: string): void {
    if (text === http2Head && this.#lastHead === undefined && this.#mayBeHttp2) {
      this.#handOn(begunAsHttp2(this.#socket, this.#parts))
      return
    }
    const head = decodeRequestHead(text, this.#lastHead)
    this.#lastHead = head
    if (head.method === 'CONNECT' && this.#parts.proxying !== undefined)
      this.#tunnel(head, this.#parts.proxying).catch((error: unknown) => this.ended(error))
    else this.#exchange(head)
  }

  /** Where TLS is agreed on, it says which protocol follows; proxies and their tunnels speak HTTP/1.1 in clear. */
  get #mayBeHttp2(): boolean {
    const { scheme, proxying, tunnel } = this.#parts
    return scheme === 'http' && proxying === undefined && tunnel === undefined
  }

  /** A client that takes the gateway for its proxy: what comes through the tunnel is served like any other connection. */
  async #tunnel(head: RequestHead, proxying: Proxying): Promise<void> {
    if (this.#waiting.length > 0) throw new HttpRefusal('connect', 'bytes right behind a request for a tunnel')
    const tunnel = await this.#exchanges.tunnel(head, proxying)
    const socket = this.#socket
    if (this.#isEnded || this.#waiting.length > 0) {
      socket.destroy()
      return
    }
    for (const event of ['data', 'end', 'timeout']) socket.removeAllListeners(event)
    socket.setTimeout(0)
    openTunnel(socket, { ...this.#parts, proxying: undefined, tunnel }, proxying, serveHttp)
  }

  get #room(): Kept {
    const socket = this.#socket
    return bodyRoom(socket, () => socket.destroy())
  }

  /** One request and its answer. */
  #exchange(head: RequestHead): void {
    if (this.#socket.timeout !== idleMs) this.#socket.setTimeout(idleMs)
    const request = this.#exchanges.read(head)
    if (request.connection.websocket && this.#waiting.length > 0)
      throw new HttpRefusal('upgrade', 'bytes right behind a request for a WebSocket')
    const body = head.framing.kind === 'none' ? noContent : new RequestReader(new Http1Pieces(head, this), this.#room)
    this.#body = body
    const exchange = new Http1Exchange(this, request, !head.target.startsWith('/'), body, this.#peer)
    this.#exchanges.serve(exchange)
  }

  /** Tells the client to send its body. */
  goOn(): void {
    this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n')
  }

  /** The request is over; another may follow where the client said nothing else. */
  done(again: boolean): void {
    this.#gone = undefined
    this.#peer.awaits(false)
    this.#body.release()
    if (again) this.#next()
    else this.#end()
  }

  /** Nothing is answered on it any more. */
  #end(): void {
    const socket = this.#socket
    socket.end()
    if ((this.#body.done && !this.#isUnread) || this.#isEnded || socket.destroyed) return
    this.#waiting = nothing
    this.#tap = dropped
    socket.resume()
    socket.once('finish', () => {
      const timer = setTimeout(() => socket.destroy(), lingerMs)
      socket.once('close', () => clearTimeout(timer))
      socket.setTimeout(lingerQuietMs)
    })
  }

  /** People take their time, so the connection may be quiet; a client that hangs up does not wait. */
  held(gone: () => void): void {
    this.#socket.setTimeout(0)
    this.#gone = gone
    if (this.#isEnded) gone()
  }

  /** Hands the connection over to another protocol. */
  switchTo(fields: readonly Field[], begin: (client: Socket) => (bytes: Buffer) => void): void {
    const socket = this.#socket
    this.#peer.awaits(false)
    socket.write(encodeResponseHead(101, 'Switching Protocols', fields), 'latin1')
    this.#handOn(begin(socket))
  }

  /** What the client sends from now on is another's. */
  #handOn(tap: (bytes: Buffer) => void): void {
    this.#tap = tap
    if (this.#isPaused) this.#socket.resume()
    const waiting = this.#waiting
    this.#waiting = nothing
    if (waiting.length > 0) tap(waiting)
    if (this.#isEnded) this.#socket.destroy()
  }

  /** Writes an answer of the gateway's own. */
  answer(answer: Answer, keepsAlive: boolean): void {
    if (this.#socket.destroyed || !this.#socket.writable) return
    const body = answerText(answer)
    const fields: readonly Field[] = keepsAlive
      ? answerFields(answer, body)
      : [...answerFields(answer, body), ['connection', 'close']]
    this.#socket.write(`${encodeResponseHead(answer.status, reasons[answer.status] ?? 'Refused', fields)}${body}`)
  }

  /** More of the client's bytes, for a body. */
  async pull(): Promise<Buffer> {
    const bytes = await this.#bytes()
    if (bytes === undefined) throw new WireError('truncated', 'the connection ended within a body')
    return bytes
  }

  putBack(rest: Buffer): void {
    if (rest.length > 0) this.#giveBack(rest)
  }
}

/** What a client sends behind its last answer. */
function dropped(): void {
  // nobody asked for it
}

/** One request of a connection. */
class Http1Exchange implements HttpExchange {
  readonly request: CanonicalRequest
  readonly proxied: boolean
  readonly body: RequestReader
  readonly peer: Http1Peer
  readonly #connection: HttpConnection

  constructor(
    connection: HttpConnection,
    request: CanonicalRequest,
    proxied: boolean,
    body: RequestReader,
    peer: Http1Peer,
  ) {
    this.#connection = connection
    this.request = request
    this.proxied = proxied
    this.body = body
    this.peer = peer
  }

  goOn(): void {
    this.#connection.goOn()
  }

  switchTo(fields: readonly Field[], begin: (client: Socket) => (bytes: Buffer) => void): void {
    this.#connection.switchTo(fields, begin)
  }

  held(gone: () => void): void {
    this.#connection.held(gone)
  }

  answer(answer: Answer): void {
    this.#connection.answer(answer, this.body.done)
  }

  done(again: boolean): void {
    this.#connection.done(again && !this.request.connection.closes)
  }

  failed(error: unknown): void {
    this.#connection.ended(error)
  }
}

const reasons: { readonly [status: number]: string } = {
  202: 'Accepted',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  409: 'Conflict',
  421: 'Misdirected Request',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}
