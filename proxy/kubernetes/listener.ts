// Kubernetes clients: accepts HTTP/1.1 and HTTP/2, checks headers, finds cluster and session, reads the body, and hands
// every request to its exchange. Upgrades go to streams/.
import { createHash } from 'node:crypto'
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type SecureContextOptions, TLSSocket } from 'node:tls'
import {
  type ArgvAnalyzer,
  analyzeKube,
  bodyBytesMax,
  type Headers,
  headerObjection,
  headerOf,
  type KubeRefusal,
} from '../../engine/action/kube/index.ts'
import type { Gate } from '../gate/contract.ts'
import { type Authenticator, type Credential, presentedChain } from '../identity/index.ts'
import { type Listening, listenOn } from '../listening/index.ts'
import { Exchange } from './exchange.ts'
import {
  answerStatus,
  BodyError,
  bearerToken,
  type FrontRequest,
  type FrontResponse,
  readBody,
  requestOf,
  requestOfStream,
} from './front.ts'
import { headerBytesMax, headersMax, streamsMax } from './limits.ts'
import { bodyRoom } from './rooms.ts'
import { ConnectionSessions, type LiveSession } from './sessions.ts'
import { plainStatus, printStatus, type Status } from './status.ts'
import { runUpgrade } from './streams/index.ts'
import { RefusedUpgrades } from './streams/refused-upgrades.ts'
import { type KubernetesTarget, routeOf } from './target.ts'

/** What the listener is made of. */
export interface KubernetesListenerParts {
  readonly host: string
  readonly port: number
  /** Clients must encrypt when this is there. */
  readonly tls: SecureContextOptions | undefined
  /** Whether certificates of clients are asked for and count as identity. */
  readonly clientCertificates: boolean
  /** Whether a token may come in clear; only for loopback. */
  readonly cleartext: boolean
  readonly gate: Gate
  readonly authenticator: Authenticator
  /** The clusters that can be reached here, as the configuration stands now; a promise where some are still made. */
  readonly targets: () => Promise<readonly KubernetesTarget[]> | readonly KubernetesTarget[]
  /** Reads the words of commands. */
  readonly shell: ArgvAnalyzer
  readonly hashKey: Uint8Array
  readonly connectionsMax: number
  readonly handshakeMs: number
  readonly onError: (where: string, error: unknown) => void
}

/** Starts to listen. */
export async function listenKubernetes(parts: KubernetesListenerParts): Promise<Listening> {
  const server = serverOf(parts)
  const connections = new Set<Socket>()
  const sessions = new WeakMap<object, ConnectionSessions>()
  server.on('connection', (socket: Socket) => {
    if (connections.size >= parts.connectionsMax) {
      socket.destroy()
      return
    }
    connections.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => connections.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  server.on('clientError', (error: Error, socket: Duplex) => refuseRaw(socket, error))
  server.on('connect', (_request: unknown, socket: Duplex) => refuseRaw(socket))
  const serve = new Front(parts, sessions)
  const answer = (request: FrontRequest, response: FrontResponse): void => {
    // One request's failure is that request's alone.
    const failed = (error: unknown): void => {
      parts.onError('kubernetes', error)
      answerStatus(response, plainStatus(500, 'InternalError', 'the gateway cannot serve this request'))
    }
    try {
      serve.request(request, response)?.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
  server.on('request', (message: IncomingMessage, response: ServerResponse) => answer(requestOf(message), response))
  // Node puts objects between a stream and whoever serves it, as soon as requests of HTTP/1.1 are served too.
  server.removeAllListeners('stream')
  server.on(
    'stream',
    (stream: ServerHttp2Stream, fields: IncomingHttpHeaders, _flags: number, raw?: readonly string[]) => {
      stream.on('error', ignored)
      const request = raw === undefined ? undefined : requestOfStream(stream, fields, raw)
      if (request === undefined) {
        stream.destroy(new Error('the connection is gone'))
        return
      }
      // A stream is over only when it was read to its end.
      if (!request.hasBody) stream.resume()
      if (fields.expect?.toLowerCase() === '100-continue') stream.additionalHeaders({ ':status': 100 })
      answer(request, stream)
    },
  )
  server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    serve.upgrade(requestOf(message), socket, head).catch((error: unknown) => {
      parts.onError('kubernetes', error)
      socket.destroy()
    })
  })
  return listenOn(server, {
    host: parts.host,
    port: parts.port,
    connections,
    onError: (error) => parts.onError('kubernetes', error),
  })
}

function serverOf(parts: KubernetesListenerParts): Server | Http2SecureServer {
  const limits = {
    maxHeaderSize: headerBytesMax,
    insecureHTTPParser: false,
    requireHostHeader: true,
    joinDuplicateHeaders: false,
    keepAliveTimeout: keepAliveMs,
  }
  if (parts.tls === undefined) {
    const server = createHttp(limits)
    server.maxHeadersCount = headersMax
    server.headersTimeout = parts.handshakeMs
    return server
  }
  const server = createSecureServer({
    ...parts.tls,
    ...limits,
    allowHTTP1: true,
    minVersion: parts.tls.minVersion ?? 'TLSv1.2',
    handshakeTimeout: parts.handshakeMs,
    requestCert: parts.clientCertificates,
    // Certificates are judged by proxy/identity, against the authorities of the configuration.
    rejectUnauthorized: false,
    maxHeaderListPairs: headersMax,
    maxSessionInvalidFrames: invalidFramesMax,
    maxSessionRejectedStreams: invalidFramesMax,
    settings: { maxConcurrentStreams: streamsMax, maxHeaderListSize: headerBytesMax, enablePush: false },
  })
  server.on('session', (session: ServerHttp2Session) => {
    session.on('error', () => session.destroy())
    endWhenIdle(session)
  })
  return server
}

/** Ends a connection of HTTP/2 on which nothing is asked any more; one with a watch may be quiet for as long as that is. */
function endWhenIdle(session: ServerHttp2Session): void {
  let streams = 0
  const left = (): void => {
    streams--
  }
  session.on('stream', (stream) => {
    streams++
    stream.on('close', left)
  })
  session.setTimeout(keepAliveMs, () => {
    if (streams === 0) session.close()
  })
}

const nothing: Buffer = Buffer.alloc(0)
const keepAliveMs = 120_000
/** Frames against the rules that one HTTP/2 connection may send before it ends. */
const invalidFramesMax = 64

/** What is known of a request before its body is there. */
interface Ready {
  readonly ok: true
  readonly live: LiveSession
  readonly headers: Headers
  readonly below: string
}

type Prepared = Ready | { readonly ok: false; readonly status: Status }

class Front {
  readonly #parts: KubernetesListenerParts
  readonly #sessions: WeakMap<object, ConnectionSessions>
  /** The credentials in headers that nothing is wrong with, each of one connection. */
  readonly #credentials = new WeakMap<Headers, Credential>()
  readonly #refusedUpgrades = new RefusedUpgrades(() => performance.now())
  constructor(parts: KubernetesListenerParts, sessions: WeakMap<object, ConnectionSessions>) {
    this.#parts = parts
    this.#sessions = sessions
  }

  /** Most requests pass in the turn that reads them, without a promise. */
  request(request: FrontRequest, response: FrontResponse): Promise<void> | undefined {
    // A request that breaks off is told by its close.
    if (request.body !== response) request.body.on('error', ignored)
    const known = request.hasBody ? undefined : this.#known(request)
    if (known === undefined) return this.#slowly(request, response)
    this.#start(known, request.method, nothing, response)
    return undefined
  }

  async #slowly(request: FrontRequest, response: FrontResponse): Promise<void> {
    const prepared = await this.#prepare(request)
    if (!prepared.ok) {
      request.body.resume()
      answerStatus(response, prepared.status)
      return
    }
    let body: Buffer = nothing
    if (request.hasBody) {
      const room = bodyRoom(request, prepared.live.client)
      response.once('close', () => room.counts(0))
      try {
        body = await readBody(request.body, room, bodyBytesMax)
      } catch (error) {
        if (!(error instanceof BodyError)) throw error
        answerStatus(response, error.status)
        return
      }
      // A client that is gone by now was told of before.
      if (response.destroyed) room.counts(0)
    }
    this.#start(prepared, request.method, body, response)
  }

  #start({ live, headers, below }: Ready, method: string, body: Buffer, response: FrontResponse): void {
    const analysis = analyzeKube({ method, target: below, headers, body }, this.#parts.shell)
    if (analysis.kind === 'refusal') {
      answerStatus(response, refused(analysis))
      return
    }
    const { onError } = this.#parts
    const { hashKey = this.#parts.hashKey } = live.target
    new Exchange({ live, headers, analysis, response, hashKey, onError }).start()
  }

  /** A request of a session that is open, which says the same of itself as one before it that was looked at. */
  #known(request: FrontRequest): Ready | undefined {
    const { headers, connection } = request
    const credential = this.#credentials.get(headers)
    if (credential === undefined || request.method === 'CONNECT') return undefined
    const targets = this.#parts.targets()
    if (!('length' in targets)) return undefined
    const route = routeOf(targets, headerOf(headers, 'host'), request.url)
    const live = route === undefined ? undefined : this.#sessions.get(connection)?.known(credential, route.target)
    return route === undefined || live === undefined ? undefined : { ok: true, live, headers, below: route.below }
  }

  async upgrade(request: FrontRequest, socket: Duplex, head: Buffer): Promise<void> {
    const prepared = await this.#prepare(request)
    if (!prepared.ok) {
      answerRaw(socket, prepared.status)
      return
    }
    const { live, headers, below } = prepared
    const { method } = request
    const analysis = analyzeKube({ method, target: below, headers, body: new Uint8Array() }, this.#parts.shell)
    if (analysis.kind === 'refusal') {
      answerRaw(socket, refused(analysis))
      return
    }
    const { onError, shell } = this.#parts
    const { hashKey = this.#parts.hashKey } = live.target
    const refuse = (status: Status): void => answerRaw(socket, status)
    const refusedUpgrades = this.#refusedUpgrades
    await runUpgrade({ live, headers, analysis, socket, head, hashKey, shell, refusedUpgrades, onError, refuse })
  }

  async #prepare(request: FrontRequest): Promise<Prepared> {
    const { headers, socket } = request
    if (request.method === 'CONNECT') return refusal(405, 'MethodNotAllowed', 'the gateway opens no tunnels')
    if (headers.length > headersMax) return refusal(431, 'BadRequest', 'the request has too many headers')
    const objection = headerObjection(headers)
    if (objection !== undefined) return { ok: false, status: refused({ kind: 'refusal', ...objection }) }
    const credential = this.#credentials.get(headers) ?? this.#credential(socket, headers)
    if (credential === undefined)
      return refusal(401, 'Unauthorized', 'a bearer token or a client certificate is needed')
    this.#credentials.set(headers, credential)
    const route = routeOf(await this.#parts.targets(), headerOf(headers, 'host'), request.url)
    if (route === undefined) return this.#unknownCluster(credential)
    const opened = await this.#sessionsOf(request).of(
      credential,
      route.target,
      headerOf(headers, 'user-agent').slice(0, 200),
    )
    return opened.ok ? { ok: true, live: opened.live, headers, below: route.below } : opened
  }

  /** Which clusters there are is told only to those who proved who they are. */
  async #unknownCluster(credential: Credential): Promise<Prepared> {
    const authenticated = await this.#parts.authenticator.authenticate(credential)
    return authenticated.ok
      ? refusal(404, 'NotFound', 'there is no such cluster here: use https://GATEWAY/clusters/NAME')
      : refusal(401, 'Unauthorized', authenticated.refusal.message)
  }

  #credential(socket: Socket, headers: Headers): Credential | undefined {
    const encrypted = socket instanceof TLSSocket
    const chain = this.#parts.clientCertificates && encrypted ? presentedChain(socket) : []
    const [leaf] = chain
    if (headers.some(([name]) => name.toLowerCase() === 'authorization')) {
      const token = bearerToken(headers)
      if (token === undefined || (!encrypted && !this.#parts.cleartext)) return undefined
      return leaf === undefined
        ? { kind: 'token', token }
        : { kind: 'token', token, certificateSha256: createHash('sha256').update(leaf).digest('base64url') }
    }
    return leaf === undefined ? undefined : { kind: 'certificate', chain }
  }

  #sessionsOf(request: FrontRequest): ConnectionSessions {
    const { connection } = request
    const known = this.#sessions.get(connection)
    if (known !== undefined) return known
    const { gate, authenticator } = this.#parts
    const made = new ConnectionSessions({ gate, authenticator, address: request.socket.remoteAddress ?? '' })
    this.#sessions.set(connection, made)
    connection.once('close', () => made.close())
    return made
  }
}

/** Told elsewhere: by a close. */
function ignored(): void {
  // nothing is left to be done
}

function refusal(code: number, reason: string, message: string): Prepared {
  return { ok: false, status: plainStatus(code, reason, message) }
}

function refused({ code, message }: KubeRefusal): Status {
  const forbidden = code === 'impersonation'
  return plainStatus(forbidden ? 403 : 400, forbidden ? 'Forbidden' : 'BadRequest', message)
}

/** Answers on a socket that no HTTP server has any more, and closes it. */
function answerRaw(socket: Duplex, status: Status): void {
  if (socket.destroyed) return
  const body = printStatus(status)
  const head = [
    `HTTP/1.1 ${status.code} ${status.reason}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(status.code === 401 ? ['WWW-Authenticate: Bearer realm="sallyport"'] : []),
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** What cannot be read as HTTP is answered once, and nothing after it is read. */
function refuseRaw(socket: Duplex, error?: Error): void {
  const isTooMuch = error !== undefined && 'code' in error && error.code === 'HPE_HEADER_OVERFLOW'
  const status = isTooMuch
    ? plainStatus(431, 'BadRequest', 'the headers of the request are too large')
    : plainStatus(400, 'BadRequest', 'the request is not HTTP as it must be')
  if (socket.writable) answerRaw(socket, status)
  else socket.destroy()
}
