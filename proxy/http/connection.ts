// One client connection of HTTP/1.1: requests one after another, each answered before the next is read.
import type { Socket } from 'node:net'
import { HttpRefusal } from '../../engine/action/http/index.ts'
import { type Answer, answerFields, answerOf, answerText } from './answer.ts'
import { Http1Peer } from './client-peer.ts'
import { Exchanges, type HttpConnectionParts, type Proxying } from './exchange.ts'
import { Http1Pieces, RequestReader } from './request-body.ts'
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

class HttpConnection {
  readonly #socket: Socket
  readonly #parts: HttpConnectionParts
  readonly #exchanges: Exchanges
  readonly #peer: Http1Peer
  #waiting: Buffer = nothing
  /** Takes the client's bytes once the connection speaks another protocol. */
  #tap: ((bytes: Buffer) => void) | undefined
  #more: (() => void) | undefined
  /** Told when the client of a request that waits for people hangs up. */
  #gone: (() => void) | undefined
  #isEnded = false

  constructor(socket: Socket, parts: HttpConnectionParts) {
    this.#socket = socket
    this.#parts = parts
    this.#peer = new Http1Peer(socket)
    this.#exchanges = new Exchanges(parts, socket, () => socket.destroy())
  }

  start(): void {
    const socket = this.#socket
    socket.setTimeout(idleMs, () => socket.destroy())
    socket.on('data', (bytes: Buffer) => {
      if (this.#tap !== undefined) {
        this.#tap(bytes)
        return
      }
      this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes])
      if (this.#waiting.length > pipelinedMax) socket.pause()
      this.#wake()
    })
    socket.on('end', () => {
      this.#isEnded = true
      this.#gone?.()
      this.#wake()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#isEnded = true
      this.#wake()
      this.#exchanges.close()
    })
    this.#serve().catch((error: unknown) => {
      this.#parts.onError('http', error)
      socket.destroy()
    })
  }

  #wake(): void {
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
    const bytes = this.#waiting
    this.#waiting = nothing
    this.#socket.resume()
    return bytes
  }

  #giveBack(rest: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? rest : Buffer.concat([rest, this.#waiting])
  }

  async #serve(): Promise<void> {
    for (;;) {
      let head: RequestHead | undefined
      try {
        head = await this.#head()
        if (head === undefined) break
        if (head.method === 'CONNECT' && this.#parts.proxying !== undefined) {
          await this.#tunnel(head, this.#parts.proxying)
          return
        }
        if (!(await this.#exchange(head))) break
      } catch (error) {
        const answer = answerOf(error)
        if (answer === undefined) throw error
        this.#answer(answer, false)
        // What follows cannot be told from the body of what was refused.
        break
      }
    }
    this.#socket.end()
  }

  async #head(): Promise<RequestHead | undefined> {
    const reader = new HeadReader()
    let timer: NodeJS.Timeout | undefined
    try {
      for (;;) {
        const bytes = await this.#bytes()
        if (bytes === undefined) {
          if (reader.pending > 0) throw new WireError('truncated', 'the connection ended within a head')
          return undefined
        }
        const found = reader.push(bytes)
        if (found === undefined) {
          // Most heads come in one piece and need no clock.
          timer ??= setTimeout(() => this.#socket.destroy(), requestMs)
          continue
        }
        this.#giveBack(found.rest)
        return decodeRequestHead(found.text)
      }
    } finally {
      clearTimeout(timer)
    }
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
