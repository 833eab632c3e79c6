// PostgreSQL clients: accepts, encrypts, asks for a token, opens a session at the gate, logs in upstream, and relays.
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import type { Resource } from '../../engine/action/index.ts'
import type { SqlAnalyzer } from '../../engine/action/sql/index.ts'
import type { Gate, GateSession, Refusal } from '../gate/contract.ts'
import type { Authenticator } from '../identity/contract.ts'
import { presentedChain } from '../identity/index.ts'
import { Relay } from './relay.ts'
import { refusalReport } from './reports.ts'
import { startupAllowed, unsafeSetting } from './settings.ts'
import { connectUpstream, type Upstream, UpstreamError, type UpstreamTarget } from './upstream.ts'
import {
  decodeFirstMessage,
  decodePassword,
  encodeAuthentication,
  encodeBackendKey,
  encodeFrame,
  encodeNegotiate,
  encodeReady,
  encodeReport,
  type FirstMessage,
  type Frame,
  FrameReader,
  firstMessageLength,
  startupBytesMax,
  WireError,
} from './wire/index.ts'

/** One database that clients can name. */
export interface PostgresTarget {
  readonly resource: Resource
  readonly upstream: () => Promise<UpstreamTarget>
  readonly analyzer: () => Promise<SqlAnalyzer>
  /** Whether the bytes of both sides are recorded too, as the client sees them. */
  readonly recordWire: boolean
  /** Key of the `hash` strategy for this database; the listener's own where there is none. */
  readonly hashKey?: () => Promise<Uint8Array>
}

/** What the listener is made of. */
export interface PostgresListenerParts {
  readonly host: string
  readonly port: number
  /** Clients may encrypt when this is there. */
  readonly tls: SecureContext | undefined
  /** Asks for client certificates, as identity or as what a token is bound to. */
  readonly clientCertificates?: boolean
  /** Whether a token may come in clear; only for loopback. */
  readonly cleartext: boolean
  readonly gate: Gate
  readonly authenticator: Authenticator
  /** The database that a client's database name means. */
  readonly target: (name: string) => PostgresTarget | undefined
  readonly hashKey: Uint8Array
  readonly connectionsMax: number
  readonly handshakeMs: number
  readonly messageBytesMax: number
  readonly onError: (where: string, error: unknown) => void
}

/** A listener that is up. */
export interface RunningListener {
  readonly port: number
  /** Takes no new connections; those that are open go on. */
  stop(): void
  close(): Promise<void>
}

const tokenBytesMax = 64 * 1024
/** Bytes that may wait for a slow peer before the other side is paused. */
const queuedBytesMax = 4 * 1024 * 1024

/** Starts to listen. */
export async function listenPostgres(parts: PostgresListenerParts): Promise<RunningListener> {
  const sessions = new Map<number, { readonly secret: Buffer; readonly relay: Relay }>()
  const connections = new Set<Socket>()
  const server: Server = createServer({ noDelay: true }, (socket) => {
    if (connections.size >= parts.connectionsMax) {
      socket.destroy()
      return
    }
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    socket.on('error', () => socket.destroy())
    const road: Road = { socket }
    serve(road, parts, sessions).catch((error: unknown) => {
      // What goes wrong in one connection ends that connection alone, in its protocol, encrypted where it is.
      if (!road.socket.destroyed) road.socket.end(encodeReport(fatal(error)))
      if (!(error instanceof Goodbye)) parts.onError('postgres', error)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(parts.port, parts.host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : parts.port,
    stop: () => void server.close(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of connections) socket.destroy()
      }),
  }
}

/** Ends a connection with a word to the client. */
class Goodbye extends Error {
  readonly sqlstate: string
  readonly refusal: Refusal | undefined
  constructor(sqlstate: string, message: string, refusal?: Refusal) {
    super(message)
    this.sqlstate = sqlstate
    this.refusal = refusal
  }
}

function fatal(error: unknown): Parameters<typeof encodeReport>[0] {
  if (error instanceof Goodbye) {
    if (error.refusal !== undefined)
      return { ...refusalReport(error.refusal), severity: 'FATAL', sqlstate: error.sqlstate }
    return { severity: 'FATAL', sqlstate: error.sqlstate, message: error.message }
  }
  if (error instanceof WireError)
    return { severity: 'FATAL', sqlstate: '08P01', message: `protocol violation: ${error.message}` }
  if (error instanceof UpstreamError) return { severity: 'FATAL', sqlstate: '08006', message: error.message }
  return { severity: 'FATAL', sqlstate: 'XX000', message: 'the gateway cannot serve this connection' }
}

/** What a client is spoken to through: the plain socket, until it is encrypted. */
interface Road {
  socket: Socket
}

async function serve(
  road: Road,
  parts: PostgresListenerParts,
  sessions: Map<number, { readonly secret: Buffer; readonly relay: Relay }>,
): Promise<void> {
  const raw = road.socket
  const deadline = setTimeout(() => raw.destroy(), parts.handshakeMs)
  try {
    const { startup, encrypted } = await negotiate(road, parts)
    const { socket } = road
    if (startup.kind === 'cancel') {
      const found = sessions.get(startup.processId)
      if (
        found !== undefined &&
        found.secret.length === startup.secret.length &&
        timingSafeEqual(found.secret, startup.secret)
      )
        found.relay.cancel()
      socket.end()
      return
    }
    const target = checkStartup(startup, parts, encrypted)
    const authenticated = await identify(socket, parts)
    if (!authenticated.ok) throw new Goodbye('28P01', authenticated.refusal.message)
    const application = startup.parameters.get('application_name') ?? ''
    const gone = new AbortController()
    raw.once('close', () => gone.abort())
    const opened = await parts.gate.open({
      identity: authenticated.identity,
      resource: target.resource,
      client: { address: raw.remoteAddress ?? '', application },
      state: {},
      signal: gone.signal,
      held: (notice) =>
        socket.write(
          encodeReport({
            severity: 'NOTICE',
            sqlstate: '00000',
            message: `waiting for approval: ${notice.reason}`,
            detail: `hold ${notice.holdId}`,
          }),
        ),
    })
    if (!opened.open) throw new Goodbye('28000', opened.refusal.message, opened.refusal)
    clearTimeout(deadline)
    await runSession(socket, parts, target, opened.session, startup, sessions)
  } finally {
    clearTimeout(deadline)
  }
}

/** A certificate that is an identity needs no token; otherwise a token, which may be bound to the certificate. */
async function identify(socket: Socket, parts: PostgresListenerParts): ReturnType<Authenticator['authenticate']> {
  const chain = socket instanceof TLSSocket && parts.clientCertificates === true ? presentedChain(socket) : []
  const [certificate] = chain
  if (certificate === undefined)
    return parts.authenticator.authenticate({ kind: 'token', token: await askToken(socket) })
  const byCertificate = await parts.authenticator.authenticate({ kind: 'certificate', chain })
  if (byCertificate.ok) return byCertificate
  return parts.authenticator.authenticate({
    kind: 'token',
    token: await askToken(socket),
    certificateSha256: createHash('sha256').update(certificate).digest('base64url'),
  })
}

type Startup = Extract<FirstMessage, { kind: 'startup' }>
type Cancel = Extract<FirstMessage, { kind: 'cancel' }>

/** Encryption requests until a start-up or a cancellation comes. */
async function negotiate(
  road: Road,
  parts: PostgresListenerParts,
): Promise<{ readonly startup: Startup | Cancel; readonly encrypted: boolean }> {
  const raw = road.socket
  const direct = parts.tls !== undefined && (await startsWithTls(raw))
  let encrypted = direct
  if (direct) road.socket = encrypt(raw, parts)
  for (let round = 0; round < 3; round++) {
    const { socket } = road
    const first = await readFirst(socket, parts.tls !== undefined && !encrypted)
    if (direct && socket instanceof TLSSocket && socket.alpnProtocol !== alpn)
      throw new Goodbye('08P01', 'a direct TLS connection names its protocol `postgresql`')
    switch (first.kind) {
      case 'gss_request':
        socket.write('N')
        break
      case 'ssl_request':
        if (parts.tls === undefined || encrypted) {
          socket.write('N')
          break
        }
        // Anything that came with the request was sent in clear, and would be read as if it had come encrypted.
        if (socket.readableLength > 0) throw new Goodbye('08P01', 'data was sent in clear after the request for TLS')
        socket.write('S')
        road.socket = encrypt(raw, parts)
        encrypted = true
        break
      case 'startup':
      case 'cancel':
        return { startup: first, encrypted }
    }
  }
  throw new Goodbye('08P01', 'too many requests before the start-up message')
}

/** The protocol's name in TLS, by which direct connections say what they are (PostgreSQL 55.2.11). */
const alpn = 'postgresql'
const tlsHandshake = 0x16

/** A client certificate is verified where it is used as identity, so the handshake takes any. */
function encrypt(raw: Socket, parts: PostgresListenerParts): TLSSocket {
  const socket = new TLSSocket(raw, {
    isServer: true,
    ...(parts.tls === undefined ? {} : { secureContext: parts.tls }),
    ALPNProtocols: [alpn],
    ...(parts.clientCertificates === true ? { requestCert: true, rejectUnauthorized: false } : {}),
  })
  socket.on('error', () => raw.destroy())
  return socket
}

/** True for a client that encrypts at once, without asking first. */
async function startsWithTls(raw: Socket): Promise<boolean> {
  const first = await readSome(raw)
  raw.unshift(first)
  return first[0] === tlsHandshake
}

async function readFirst(socket: Socket, mayEncrypt: boolean): Promise<FirstMessage> {
  let bytes: Buffer = Buffer.alloc(0)
  for (;;) {
    const chunk = await readSome(socket)
    bytes = Buffer.concat([bytes, chunk])
    const length = firstMessageLength(bytes)
    if (bytes.length > startupBytesMax * 2) throw new WireError('too_long', 'the first message is too long')
    if (length === undefined || bytes.length < length) continue
    const message = decodeFirstMessage(bytes.subarray(0, length))
    const rest = bytes.subarray(length)
    if (rest.length > 0) {
      if (message.kind === 'ssl_request' && mayEncrypt)
        throw new Goodbye('08P01', 'data was sent in clear after the request for TLS')
      socket.unshift(rest)
    }
    return message
  }
}

function readSome(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      socket.off('readable', onReadable)
      socket.off('end', onEnd)
      socket.off('close', onEnd)
    }
    const onReadable = (): void => {
      const chunk: unknown = socket.read()
      if (!Buffer.isBuffer(chunk)) return
      done()
      resolve(chunk)
    }
    const onEnd = (): void => {
      done()
      reject(new Goodbye('08006', 'the client closed the connection'))
    }
    socket.on('readable', onReadable)
    socket.on('end', onEnd)
    socket.on('close', onEnd)
    onReadable()
  })
}

function checkStartup(startup: Startup, parts: PostgresListenerParts, encrypted: boolean): PostgresTarget {
  const { parameters } = startup
  if (!encrypted && !parts.cleartext)
    throw new Goodbye('28000', 'a token is only taken over TLS: connect with sslmode=require or better')
  for (const [name, value] of parameters) {
    if (name.startsWith('_pq_.')) continue
    if (!startupAllowed.has(name.toLowerCase()))
      throw new Goodbye('42501', `the start-up parameter ${JSON.stringify(name.slice(0, 40))} is refused`)
    if (unsafeSetting([{ name, value }]) !== undefined)
      throw new Goodbye('42501', `the start-up parameter ${name} would change what statements mean`)
  }
  const database = parameters.get('database') ?? parameters.get('user') ?? ''
  const target = parts.target(database)
  // Whether a resource exists is told only to those who proved who they are; here both cases look alike until then.
  if (target === undefined)
    throw new Goodbye('3D000', `there is no resource ${JSON.stringify(database.slice(0, 60))} here`)
  return target
}

/** Asks for the token as a password. Nothing but a PasswordMessage is taken. */
async function askToken(socket: Socket): Promise<string> {
  socket.write(encodeAuthentication('cleartext'))
  const reader = new FrameReader(tokenBytesMax)
  for (;;) {
    const [frame, ...more] = reader.push(await readSome(socket))
    if (frame === undefined) continue
    if (frame.type !== 112 || more.length > 0 || reader.pendingBytes > 0)
      throw new Goodbye('08P01', 'a password was expected, and nothing else')
    return decodePassword(frame.body)
  }
}

async function runSession(
  socket: Socket,
  parts: PostgresListenerParts,
  target: PostgresTarget,
  session: GateSession,
  startup: Startup,
  sessions: Map<number, { readonly secret: Buffer; readonly relay: Relay }>,
): Promise<void> {
  let upstream: Upstream
  let analyzer: SqlAnalyzer
  let hashKey: Uint8Array
  try {
    // What names and strings mean is set here: a role or database may have other settings, which nobody would tell us.
    const forwarded = new Map([
      ['client_encoding', 'UTF8'],
      ['standard_conforming_strings', 'on'],
      ['search_path', '"$user", public'],
    ])
    for (const [name, value] of startup.parameters) {
      if (!name.startsWith('_pq_.') && !['user', 'database', 'client_encoding'].includes(name.toLowerCase()))
        forwarded.set(name, value)
    }
    ;[upstream, analyzer, hashKey] = await Promise.all([
      target.upstream().then((place) => connectUpstream(place, forwarded)),
      target.analyzer(),
      target.hashKey?.() ?? parts.hashKey,
    ])
  } catch (error) {
    session.close('upstream_failed')
    throw error
  }
  const processId = freeProcessId(sessions)
  const secret = randomBytes(startup.minor >= 2 ? 32 : 4)
  const relay = new Relay({
    gate: session,
    analyzer,
    user: target.resource.target.user ?? '',
    hashKey,
    port: {
      toClient: (bytes) => {
        // Recorded after masking: what the client gets, not what the server sent.
        if (target.recordWire && !session.observe('wire_down', bytes)) {
          upstream.socket.pause()
          session.onDrain(() => upstream.socket.resume())
        }
        socket.write(bytes)
      },
      toServer: (bytes) => void upstream.socket.write(bytes),
      cancelServer: () => upstream.cancel(),
      end: (reason) => finish(reason),
    },
  })
  let finished = false
  const finish = (reason: string): void => {
    if (finished) return
    finished = true
    sessions.delete(processId)
    relay.gone()
    session.close(reason)
    socket.end()
    upstream.socket.end()
    setTimeout(() => {
      socket.destroy()
      upstream.socket.destroy()
    }, closingMs).unref()
  }
  sessions.set(processId, { secret, relay })
  session.onEnd((refusal) => {
    socket.write(encodeReport({ ...refusalReport(refusal), severity: 'FATAL' }))
    upstream.cancel()
    finish(refusal.code)
  })
  const greeting: Buffer[] = [encodeAuthentication('ok')]
  const unknown = [...startup.parameters.keys()].filter((name) => name.startsWith('_pq_.'))
  if (startup.minor > 0 || unknown.length > 0) greeting.unshift(encodeNegotiate(0, unknown))
  for (const [name, value] of upstream.parameters) greeting.push(encodeFrame('S', Buffer.from(`${name}\0${value}\0`)))
  greeting.push(encodeBackendKey(processId, secret.subarray(0, 4)), encodeReady('I'))
  if (startup.minor > 0) sessions.set(processId, { secret: secret.subarray(0, 4), relay })
  socket.write(Buffer.concat(greeting))
  await relayBytes(socket, upstream.socket, parts, target.recordWire ? session : undefined, relay, finish)
}

const closingMs = 1000

/** Moves bytes both ways until one side ends. */
function relayBytes(
  client: Socket,
  server: Socket,
  parts: PostgresListenerParts,
  recorded: GateSession | undefined,
  relay: Relay,
  finish: (reason: string) => void,
): Promise<void> {
  const fromClient = new FrameReader(parts.messageBytesMax)
  const fromServer = new FrameReader(parts.messageBytesMax)
  const pump = (source: Socket, sink: Socket, reader: FrameReader, take: (frame: Frame) => void): void => {
    source.on('data', (chunk: Buffer) => {
      sink.cork()
      source.cork()
      try {
        for (const frame of reader.push(chunk)) take(frame)
      } catch (error) {
        client.write(encodeReport(fatal(error)))
        if (!(error instanceof WireError)) parts.onError('postgres', error)
        finish('protocol_violation')
      } finally {
        sink.uncork()
        source.uncork()
      }
      if (source === client && recorded !== undefined && !recorded.observe('wire_up', chunk)) {
        source.pause()
        recorded.onDrain(() => source.resume())
      }
      if (sink.writableLength > queuedBytesMax) {
        source.pause()
        sink.once('drain', () => source.resume())
      }
    })
    source.on('error', () => finish('connection_lost'))
  }
  pump(client, server, fromClient, (frame) => relay.fromClient(frame))
  pump(server, client, fromServer, (frame) => relay.fromServer(frame))
  return new Promise((resolve) => {
    client.on('close', () => {
      finish('client_gone')
      resolve()
    })
    server.on('close', () => {
      finish('upstream_gone')
      resolve()
    })
  })
}

function freeProcessId(sessions: ReadonlyMap<number, unknown>): number {
  for (;;) {
    const id = randomInt(1, 2 ** 31 - 1)
    if (!sessions.has(id)) return id
  }
}
