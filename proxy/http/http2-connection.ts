// One client connection of HTTP/2: many requests at once, each on the same road as in HTTP/1.1. Framing, header
// compression and flow control are node's; what a request means is read from the same text by the same codec.
import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { HttpRefusal } from '../../engine/action/http/index.ts'
import { decodeRequestHead, headBytesMax, headersMax, type RequestHead } from '../http1/index.ts'
import { Answer, answerFields, answerOf, answerText, callFields } from './answer.ts'
import { Exchanges } from './exchange.ts'
import { breakOff, Http2Peer, Http2Pieces } from './http2-stream.ts'
import type { HttpConnectionParts } from './parts.ts'
import { bodyRoom, RequestReader } from './request-body.ts'

/** Requests of one connection at once. */
const streamsMax = 100
const idleMs = 120_000
/**
 * What asks for work and for nothing else: streams broken off (rapid reset, CVE-2023-44487), settings, pings
 * (CVE-2019-9512, CVE-2019-9515). So many at once, and so many a second.
 */
const noiseMax = 200
const noiseASecond = 10

/** Bounds on what a client can make node keep or do without a request. */
const bounds = {
  // More than all bodies of one connection that wait for a judgement: later versions of Node count them here, too.
  maxSessionMemory: 48,
  maxHeaderListPairs: headersMax + 8,
  maxSettings: 32,
  maxOutstandingPings: 10,
  maxSessionInvalidFrames: 50,
  maxSessionRejectedStreams: 50,
  settings: {
    enablePush: false,
    enableConnectProtocol: false,
    maxConcurrentStreams: streamsMax,
    maxHeaderListSize: headBytesMax,
  },
} as const

/** Serves clients that chose HTTP/2: of a socket, or of the stream of its bytes. */
export function http2Server(parts: HttpConnectionParts): (socket: Socket, stream?: Duplex) => void {
  const server = createServer(bounds)
  // The session's own `socket` is a stand-in without certificates.
  let taken: Socket | undefined
  server.on('session', (session) => {
    if (taken === undefined) session.destroy()
    else new Http2Connection(taken, session, parts).start()
  })
  server.on('sessionError', (_error: Error, session: ServerHttp2Session) => session.destroy())
  return (socket, stream = socket) => {
    // INVARIANT: the session is made, and told of, before `emit` returns.
    taken = socket
    server.emit('connection', stream)
    taken = undefined
  }
}

class Http2Connection {
  readonly #session: ServerHttp2Session
  readonly #parts: HttpConnectionParts
  readonly #exchanges: Exchanges
  /** Requests that wait for people. */
  #held = 0
  /** Those whose answers are awaited. */
  readonly #awaited = new Set<object>()
  #noise = 0
  #noiseSince = performance.now()

  constructor(socket: Socket, session: ServerHttp2Session, parts: HttpConnectionParts) {
    this.#session = session
    this.#parts = parts
    this.#exchanges = new Exchanges(parts, socket, () => session.destroy())
  }

  start(): void {
    const session = this.#session
    session.setTimeout(idleMs)
    // How long an answer is awaited is bounded where it comes from.
    session.on('timeout', () => (this.#awaited.size > 0 ? session.setTimeout(idleMs) : session.destroy()))
    session.on('error', () => session.destroy())
    session.on('close', () => this.#exchanges.close())
    session.on('remoteSettings', () => this.#heardNoise())
    session.on('ping', () => this.#heardNoise())
    session.on('stream', (stream, _headers, flags, raw?: readonly string[]) => {
      stream.on('error', () => undefined)
      stream.on('close', () => this.#closed(stream))
      this.#serve(stream, raw ?? [], (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0)
    })
  }

  #closed(stream: ServerHttp2Stream): void {
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) this.#heardNoise()
  }

  #heardNoise(): void {
    const now = performance.now()
    this.#noise = Math.max(0, this.#noise - ((now - this.#noiseSince) / 1000) * noiseASecond) + 1
    this.#noiseSince = now
    if (this.#noise > noiseMax) this.#session.destroy()
  }

  #serve(stream: ServerHttp2Stream, raw: readonly string[], isNone: boolean): void {
    try {
      const head = headOf(raw, this.#parts.scheme)
      const request = this.#exchanges.read(head)
      const room = isNone ? undefined : bodyRoom(this.#session, () => this.#session.destroy())
      const body = new RequestReader(new Http2Pieces(stream, head, isNone), room)
      const peer = new Http2Peer(stream, request.connection.acceptsTrailers, this.#awaited)
      stream.once('close', () => {
        body.release()
        peer.awaits(false)
      })
      this.#exchanges.serve({
        request,
        proxied: false,
        body,
        peer,
        goOn: () => stream.additionalHeaders({ ':status': 100 }),
        onGone: (callback) => stream.once('close', callback),
        held: () => this.#waits(stream),
        answer: (answer) => this.#answer(stream, answer),
        done: () => void (body.done || peer.leave()),
        failed: (error) => this.#failed(stream, error),
      })
    } catch (error) {
      this.#failed(stream, error)
    }
  }

  /** People take their time, so the connection may be quiet until the last of those is answered. */
  #waits(stream: ServerHttp2Stream): void {
    this.#held++
    this.#session.setTimeout(0)
    stream.once('close', () => {
      this.#held--
      if (this.#held === 0 && !this.#session.destroyed) this.#session.setTimeout(idleMs)
    })
  }

  #failed(stream: ServerHttp2Stream, error: unknown): void {
    try {
      const answer = answerOf(error)
      if (answer === undefined) throw error
      this.#answer(stream, answer)
    } catch (failure) {
      this.#parts.onError('http', failure)
      breakOff(stream)
    }
  }

  #answer(stream: ServerHttp2Stream, answer: Answer): void {
    if (stream.destroyed || stream.closed || stream.headersSent) {
      breakOff(stream)
      return
    }
    if (answer.spoken?.body.type.startsWith('application/grpc') === true) {
      stream.respond({ ':status': 200, ...Object.fromEntries(callFields(answer)) }, { endStream: true })
      return
    }
    const body = answerText(answer)
    stream.respond({ ':status': answer.status, ...Object.fromEntries(answerFields(answer, body)) })
    stream.end(body)
  }
}

/** Fields that HTTP/2 has no use for; a gateway that writes them on would end messages elsewhere (RFC 9113 8.2.2). */
const ofConnections: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** The head in the words of HTTP/1.1, read by the codec that reads those: both versions have one meaning. */
function headOf(raw: readonly string[], scheme: 'http' | 'https'): RequestHead {
  const pseudo = new Map<string, string>()
  const lines: string[] = []
  const cookies: string[] = []
  let host: string | undefined
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]]
    if (/[\r\n\0]/.test(name) || /[\r\n\0]/.test(value))
      throw new Answer(400, 'header_value', 'a header has a line end or a NUL')
    if (name.startsWith(':')) pseudo.set(name, value)
    else if (ofConnections.has(name)) throw new HttpRefusal('hop_by_hop', `\`${name}\` is not of HTTP/2`)
    else if (name === 'host') host = value
    // RFC 9113 8.2.3: one field in pieces.
    else if (name === 'cookie') cookies.push(value)
    else lines.push(`${name}: ${value}`)
  }
  const authority = pseudo.get(':authority') ?? host ?? ''
  if (host !== undefined && host !== authority)
    throw new HttpRefusal('authority_mismatch', 'Host names another authority than the request')
  if (pseudo.get(':scheme') !== scheme) throw new HttpRefusal('scheme', 'the scheme is not that of the connection')
  const path = pseudo.get(':path') ?? ''
  // Forms of a target that are only of HTTP/1.1.
  if (!path.startsWith('/') && path !== '*') throw new HttpRefusal('path_byte', 'the path does not begin with a slash')
  if (cookies.length > 0) lines.push(`cookie: ${cookies.join('; ')}`)
  const text = [`${pseudo.get(':method') ?? ''} ${path} HTTP/1.1`, `host: ${authority}`, ...lines, ''].join('\r\n')
  if (text.length > headBytesMax) throw new Answer(400, 'head_too_long', 'the head of the message is too long')
  return decodeRequestHead(text)
}
