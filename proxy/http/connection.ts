// One client connection of HTTP/1.1: requests one after another, each answered before the next is read.
import type { Socket } from 'node:net'
import { HttpRefusal } from '../../engine/action/http/index.ts'
import { type Answer, answerFields, answerOf, answerText } from './answer.ts'
import { Http1Peer } from './client-peer.ts'
import { Exchanges, type HttpConnectionParts } from './exchange.ts'
import type { Proxying } from './proxying.ts'
import { Http1Pieces, RequestReader } from './request-body.ts'
import { type Reader, takenOver } from './shared-read.ts'
import { openTunnel } from './tunnel.ts'
import {
  decodeRequestHead,
  encodeResponseHead,
  type Field,
  HeadReader,
  type RequestHead,
  WireError,
} from './wire/index.ts'

const nothing: Buffer = Buffer.alloc(0)
const requestMs = 30_000
const idleMs = 120_000
/** Bytes that wait while a request is judged; a client that sends more is not read. */
const pipelinedMax = 256 * 1024

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
    socket.setTimeout(idleMs, () => socket.destroy())
    socket.on('end', () => {
      this.#isEnded = true
      this.#gone?.()
      this.#wake()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#isEnded = true
      clearTimeout(this.#headTimer)
      this.#wake()
      this.#exchanges.close()
    })
    this.#next()
  }

  take(bytes: Buffer): void {
    if (this.#tap !== undefined) {
      this.#tap(Buffer.from(bytes))
      return
    }
    if (this.#wantsHead) {
      this.#feed(bytes)
      return
    }
    this.#waiting = Buffer.concat([this.#waiting, bytes])
    if (this.#waiting.length > pipelinedMax) this.#socket.pause()
    this.#wake()
  }

  #wake(): void {
    if (this.#wantsHead && this.#isEnded) this.#noHead()
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
    return this.#taken()
  }

  #taken(): Buffer {
    const bytes = this.#waiting
    this.#waiting = nothing
    this.#socket.resume()
    return bytes
  }

  #giveBack(rest: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? rest : Buffer.concat([rest, this.#waiting])
  }

  /** The next request, of bytes that are there or that come. */
  #next(): void {
    this.#wantsHead = true
    if (this.#waiting.length > 0) this.#feed(this.#taken())
    else if (this.#isEnded) this.#noHead()
  }

  /** Bytes of a head; `bytes` are the caller's again afterwards. */
  #feed(bytes: Buffer): void {
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
      this.#ended(error)
      return
    }
    this.#wantsHead = false
    if (this.#headTimer !== undefined) clearTimeout(this.#headTimer)
    this.#headTimer = undefined
    if (found.rest.length > 0) this.#giveBack(Buffer.from(found.rest))
    this.#serve(found.text).then(
      (again) => {
        if (again === 'next') this.#next()
        else if (again === 'end') this.#socket.end()
      },
      (error: unknown) => this.#ended(error),
    )
  }

  /** The client will send no more. */
  #noHead(): void {
    this.#wantsHead = false
    if (this.#reader.pending > 0) this.#ended(new WireError('truncated', 'the connection ended within a head'))
    else this.#socket.end()
  }

  /** Something of a request is answered with what was wrong; what follows cannot be told from its body. */
  #ended(error: unknown): void {
    clearTimeout(this.#headTimer)
    try {
      const answer = answerOf(error)
      if (answer === undefined) throw error
      this.#answer(answer, false)
      this.#socket.end()
    } catch (failure) {
      this.#parts.onError('http', failure)
      this.#socket.destroy()
    }
  }

  async #serve(text: string): Promise<'next' | 'end' | 'tunnel'> {
    const head = decodeRequestHead(text, this.#lastHead)
    this.#lastHead = head
    if (head.method === 'CONNECT' && this.#parts.proxying !== undefined) {
      await this.#tunnel(head, this.#parts.proxying)
      return 'tunnel'
    }
    return (await this.#exchange(head)) ? 'next' : 'end'
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

  /** One request and its answer. True when another may follow. */
  async #exchange(head: RequestHead): Promise<boolean> {
    if (this.#socket.timeout !== idleMs) this.#socket.setTimeout(idleMs)
    const request = this.#exchanges.read(head)
    if (request.connection.websocket && this.#waiting.length > 0)
      throw new HttpRefusal('upgrade', 'bytes right behind a request for a WebSocket')
    const body = new RequestReader(new Http1Pieces(head, this))
    const again = await this.#exchanges.serve({
      held: (gone) => this.#held(gone),
      request,
      proxied: !head.target.startsWith('/'),
      body,
      peer: this.#peer,
      goOn: () => this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n'),
      switchTo: (fields, begin) => this.#switch(fields, begin),
      answer: (answer) => this.#answer(answer, body.done),
    })
    this.#gone = undefined
    return again && !request.connection.closes
  }

  /** People take their time, so the connection may be quiet; a client that hangs up does not wait. */
  #held(gone: () => void): void {
    this.#socket.setTimeout(0)
    this.#gone = gone
    if (this.#isEnded) gone()
  }

  #switch(fields: readonly Field[], begin: (client: Socket) => (bytes: Buffer) => void): void {
    const socket = this.#socket
    socket.write(encodeResponseHead(101, 'Switching Protocols', fields), 'latin1')
    const tap = begin(socket)
    this.#tap = tap
    const waiting = this.#waiting
    this.#waiting = nothing
    if (waiting.length > 0) tap(waiting)
    if (this.#isEnded) socket.destroy()
  }

  #answer(answer: Answer, keepsAlive: boolean): void {
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
}
