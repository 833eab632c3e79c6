// Watches upstream: many of them share a connection of HTTP/2, so that one that is quiet holds almost nothing. A server
// that does not speak HTTP/2 is told once, and asked by HTTP/1.1 from then on.
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type Settings } from 'node:http2'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Field } from '../http1/index.ts'
import type { UpstreamAnswer } from './upstream-answer.ts'

/** Watches of one connection: below what API servers allow. */
const streamsPerSession = 100
/** How often a connection is asked whether it is still there; one that has not answered by the next time is not. */
const pingMs = 30_000
/** Bytes that each watch may have on the way; the connection has room for all, so that a slow reader stops no other. */
const streamWindowBytes = 64 * 1024

interface Session {
  readonly session: ClientHttp2Session
  /** Streams that it may have at once; what is asked beyond what the server allows would wait for another to end. */
  readonly streamsMax: number
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
    for (const { session } of this.#sessions) lose(session)
    this.#sessions.clear()
  }

  async #free(): Promise<Session | undefined> {
    for (;;) {
      if (this.#unsupported) return undefined
      for (const one of this.#sessions) {
        if (one.streams >= one.streamsMax || one.session.closed || one.session.destroyed) continue
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
    session.once('connect', () => session.setLocalWindowSize(streamWindowBytes * (streamsPerSession + 1)))
    session.on('error', () => session.destroy())
    const { maxConcurrentStreams = streamsPerSession } = await this.#settingsOf(session)
    const made: Session = {
      session,
      streamsMax: Math.max(1, Math.min(streamsPerSession, maxConcurrentStreams)),
      streams: 0,
    }
    watchOver(session)
    session.once('goaway', () => this.#sessions.delete(made))
    session.once('close', () => this.#sessions.delete(made))
    this.#sessions.add(made)
    return made
  }

  /** What the server allows, which it says before anything else. */
  #settingsOf(session: ClientHttp2Session): Promise<Settings> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => session.destroy(), this.#connectMs)
      session.once('remoteSettings', (settings) => {
        clearTimeout(timer)
        resolve(settings)
      })
      session.once('close', () => {
        clearTimeout(timer)
        reject(new Error('the connection ended before it began'))
      })
    })
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
        const fields = Object.entries(answered).flatMap(([name, value]) =>
          name.startsWith(':') || value === undefined
            ? []
            : (Array.isArray(value) ? value : [value]).map((one): Field => [name, String(one)]),
        )
        resolve({ statusCode: answered[':status'] ?? 502, fields, body: stream, giveUp })
      })
    })
  }
}

/** Ends a connection so that what runs on it does not look whole: by itself node ends it as if all had been said. */
function lose(session: ClientHttp2Session): void {
  session.destroy(new Error('the connection is given up'), constants.NGHTTP2_CANCEL)
}

/** Ends a connection that is lost: quiet watches would wait on it for ever, and nobody else would say so. */
function watchOver(session: ClientHttp2Session): void {
  let isThere = true
  const timer = setInterval(() => {
    if (session.destroyed) return
    if (!isThere) {
      lose(session)
      return
    }
    isThere = false
    session.ping((error) => {
      isThere = error === null
    })
  }, pingMs)
  timer.unref()
  session.once('close', () => clearInterval(timer))
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
