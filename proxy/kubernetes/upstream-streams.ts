// Watches upstream: many of them share a connection of HTTP/2, so that one that is quiet holds almost nothing. A server
// that does not speak HTTP/2 is told once, and asked by HTTP/1.1 from then on.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2'
import type { Readable } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'

/** Watches of one connection: below what API servers allow. */
const streamsPerSession = 100
/** Bytes that each watch may have on the way; the connection has room for all, so that a slow reader stops no other. */
const streamWindowBytes = 64 * 1024

/** The head of an answer, and where its body comes. The head is no part of the body, which may go on for long. */
export interface UpstreamAnswer {
  readonly statusCode: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: Readable
  /** Nothing more of it is wanted. */
  giveUp(): void
}

interface Session {
  readonly session: ClientHttp2Session
  streams: number
}

/** What is asked. */
export interface StreamRequest {
  readonly path: string
  readonly headers: readonly (readonly [string, string | string[]])[]
  readonly signal: AbortSignal
}

/** Connections of HTTP/2 to one server. */
export class StreamUpstream {
  readonly #url: URL
  readonly #tls: ConnectionOptions
  readonly #connectMs: number
  readonly #sessions = new Set<Session>()
  #opening: Promise<Session | undefined> | undefined
  #unsupported = false

  constructor(url: URL, tls: ConnectionOptions, connectMs: number) {
    this.#url = url
    this.#tls = tls
    this.#connectMs = connectMs
  }

  /** The answer; undefined when the server does not speak HTTP/2. Rejects when it cannot be reached. */
  async get(wanted: StreamRequest): Promise<UpstreamAnswer | undefined> {
    const session = await this.#free()
    return session === undefined ? undefined : this.#ask(session, wanted)
  }

  /** Ends every connection. */
  close(): void {
    for (const { session } of this.#sessions) session.destroy()
    this.#sessions.clear()
  }

  async #free(): Promise<Session | undefined> {
    for (;;) {
      if (this.#unsupported) return undefined
      for (const one of this.#sessions) {
        if (one.streams >= streamsPerSession || one.session.closed || one.session.destroyed) continue
        one.streams++
        return one
      }
      this.#opening ??= this.#open().finally(() => {
        this.#opening = undefined
      })
      await this.#opening
    }
  }

  async #open(): Promise<Session | undefined> {
    const socket = await this.#connected()
    if (socket.alpnProtocol !== 'h2') {
      socket.destroy()
      this.#unsupported = true
      return undefined
    }
    const settings = { enablePush: false, initialWindowSize: streamWindowBytes }
    const session = connect(this.#url.origin, { createConnection: () => socket, settings })
    const made: Session = { session, streams: 0 }
    session.once('connect', () => session.setLocalWindowSize(streamWindowBytes * (streamsPerSession + 1)))
    session.on('error', () => session.destroy())
    session.once('goaway', () => this.#sessions.delete(made))
    session.once('close', () => this.#sessions.delete(made))
    this.#sessions.add(made)
    return made
  }

  #connected(): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ ...this.#tls, ALPNProtocols: ['h2', 'http/1.1'] })
      const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), this.#connectMs)
      socket.once('secureConnect', () => {
        clearTimeout(timer)
        resolve(socket)
      })
      socket.on('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
    })
  }

  #ask(session: Session, { path, headers, signal }: StreamRequest): Promise<UpstreamAnswer> {
    return new Promise((resolve, reject) => {
      const over = leaving(session)
      let stream: ClientHttp2Stream
      try {
        stream = session.session.request(
          { ':method': 'GET', ':path': path, ...Object.fromEntries(headers) },
          { endStream: true },
        )
      } catch (error) {
        over()
        reject(error)
        return
      }
      const giveUp = givingUp(stream)
      if (signal.aborted) giveUp()
      else signal.addEventListener('abort', giveUp, { once: true })
      const closed = (): void => reject(new Error('the stream was closed'))
      stream.on('close', over)
      stream.on('close', closed)
      stream.on('error', reject)
      stream.once('response', (answered) => {
        // What only concerned the head is not kept for as long as the body goes on.
        signal.removeEventListener('abort', giveUp)
        stream.off('close', closed)
        stream.off('error', reject)
        stream.on('error', heardElsewhere)
        const rawHeaders = Object.entries(answered).flatMap(([name, value]) =>
          name.startsWith(':') || value === undefined
            ? []
            : (Array.isArray(value) ? value : [value]).flatMap((one) => [name, String(one)]),
        )
        resolve({ statusCode: answered[':status'] ?? 502, headers: answered, rawHeaders, body: stream, giveUp })
      })
    })
  }
}

// Closures of one function keep alive all that any of them names, so those that live as long as a stream are made apart.

function leaving(session: Session): () => void {
  return () => {
    session.streams--
    if (session.streams === 0) session.session.close()
  }
}

function givingUp(stream: ClientHttp2Stream): () => void {
  return () => stream.close(constants.NGHTTP2_CANCEL)
}

/** Whoever reads a body hears of its errors too. */
function heardElsewhere(): void {
  // a stream that breaks off is told by its close
}
