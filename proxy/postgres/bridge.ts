// One session between two sockets: logs in upstream, greets the client, and moves bytes through the relay both ways.
import { randomBytes, randomInt } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Identity } from '../../engine/action/index.ts'
import type { SqlAnalyzer } from '../../engine/action/sql/index.ts'
import type { GateSession } from '../gate/contract.ts'
import type { PostgresListenerParts, PostgresTarget } from './contract.ts'
import { closeWithin, fatal, Goodbye } from './goodbye.ts'
import type { Startup } from './handshake.ts'
import { Outbox } from './outbox.ts'
import { Relay } from './relay.ts'
import { refusalReport } from './reports.ts'
import { startupSettings } from './settings.ts'
import { Tap } from './tap.ts'
import { connectUpstream, type Upstream } from './upstream.ts'
import { Link, type WarmUpstreams, warmKey } from './warm.ts'
import {
  encodeAuthentication,
  encodeBackendKey,
  encodeFrame,
  encodeNegotiate,
  encodeReady,
  encodeReport,
  type Frame,
  FrameReader,
  messageTypes,
  requestTypes,
  WireError,
} from './wire/index.ts'

/** Bytes that may wait for a slow peer before the other side is paused. */
const queuedBytesMax = 4 * 1024 * 1024

/** The sessions that run, by the process number their clients were told. */
export type LiveSessions = Map<number, { readonly secret: Buffer; readonly relay: Relay }>

/** What a session needs that is fetched or connected first. */
interface Behind {
  readonly link: Link
  /** What the connection may be used for again, where it may be. */
  readonly key: string | undefined
  readonly analyzer: SqlAnalyzer
  readonly hashKey: Uint8Array
}

/** Runs a session that the gate has opened until one side ends. */
export async function runSession(
  socket: Socket,
  parts: PostgresListenerParts,
  target: PostgresTarget,
  session: GateSession,
  startup: Startup,
  sessions: LiveSessions,
  warm: WarmUpstreams,
): Promise<void> {
  let behind: Behind
  try {
    behind = await reach(parts, target, session.identity, startup, warm)
  } catch (error) {
    session.close('upstream_failed')
    throw error
  }
  const { link, key, analyzer, hashKey } = behind
  const { upstream, tap: server } = link
  const user = target.resource.target.user ?? ''
  const processId = freeProcessId(sessions)
  const secret = randomBytes(4)
  const client = new Tap(socket)
  const toServer = new Outbox(server.sink)
  const recorded = target.recordWire ? session : undefined
  // Recorded after masking: what the client gets, not what the server sent.
  const toClient = new Outbox(client.sink, (bytes) => {
    if (recorded?.observe('wire_down', bytes) !== false) return
    server.shut('record')
    recorded.onDrain(() => server.open('record'))
  })
  let finished = false
  const finish = (reason: string): void => {
    if (finished) return
    finished = true
    sessions.delete(processId)
    relay.gone()
    // The last words are recorded too.
    toClient.close()
    toServer.close()
    session.close(reason)
    closeWithin(client.socket, closingMs)
    const { left } = relay
    const isQuiet = reason === 'client_closed' && server.isOpen && toServer.queuedBytes === 0
    const isKept = key !== undefined && left !== undefined && isQuiet
    if (isKept) {
      server.socket.off('error', serverLost)
      server.socket.off('close', serverGone)
      warm.give(key, link, left, user, target.warm?.ms ?? 0)
    } else closeWithin(server.socket, closingMs)
  }
  const serverLost = (): void => finish('connection_lost')
  const serverGone = (): void => finish('upstream_gone')
  const relay = new Relay({
    gate: session,
    analyzer,
    user,
    hashKey,
    keeps: key !== undefined,
    port: {
      toClient: (bytes) => toClient.push(bytes),
      toServer: (bytes) => toServer.push(bytes),
      flushClient: () => toClient.flush(),
      // What has ended has no hold on whom the connection serves next.
      cancelServer: () => {
        if (!finished) upstream.cancel()
      },
      caughtUp: () => client.open('relay'),
      end: finish,
    },
  })
  sessions.set(processId, { secret, relay })
  session.onEnd((refusal) => {
    toClient.push(encodeReport({ ...refusalReport(refusal), severity: 'FATAL' }))
    upstream.cancel()
    finish(refusal.code)
  })
  toClient.push(greeting(startup, upstream, processId, secret))
  // What waits for a decision, or for a slow peer, lies where it was read.
  const isKept = (): boolean => !relay.idle || toClient.queuedBytes > 0 || toServer.queuedBytes > 0
  const pump = (source: Tap, reader: FrameReader, sink: Outbox, to: Tap, take: (frame: Frame) => void): void => {
    const onChunk = (chunk: Buffer): void => {
      toServer.beginTurn()
      toClient.beginTurn()
      try {
        reader.each(chunk, take)
      } catch (error) {
        toClient.push(encodeReport(fatal(error)))
        if (!(error instanceof WireError)) parts.onError('postgres', error)
        if (source === client) recorded?.observe('wire_up', chunk)
        finish('protocol_violation')
        return
      }
      // After the message was judged: whether its bytes are kept is part of the decision.
      if (source === client && recorded?.observe('wire_up', chunk) === false) {
        client.shut('record')
        recorded.onDrain(() => client.open('record'))
      }
      toServer.endTurn()
      toClient.endTurn()
      if (source === client && relay.queuedBytes > queuedBytesMax) client.shut('relay')
      if (sink.queuedBytes > queuedBytesMax) {
        source.shut('peer')
        to.socket.once('drain', () => source.open('peer'))
      }
    }
    source.start(onChunk, isKept)
  }
  client.socket.on('error', () => finish('connection_lost'))
  server.socket.on('error', serverLost)
  pump(server, new FrameReader(parts.messageBytesMax, serverRuns), toClient, client, (frame) => relay.fromServer(frame))
  pump(client, new FrameReader(parts.messageBytesMax, clientRuns), toServer, server, (frame) => relay.fromClient(frame))
  await new Promise<void>((resolve) => {
    client.socket.on('close', () => {
      finish('client_gone')
      resolve()
    })
    server.socket.on('close', serverGone)
    // What closed while the server was reached says so no more.
    if (client.socket.destroyed) {
      finish('client_gone')
      resolve()
    }
    if (server.socket.destroyed) serverGone()
  })
}

/** Logs in upstream, and fetches the database's analyzer and the key of its masks. */
async function reach(
  parts: PostgresListenerParts,
  target: PostgresTarget,
  identity: Identity,
  startup: Startup,
  warm: WarmUpstreams,
): Promise<Behind> {
  // What names and strings mean is set here: a role or database may have other settings, which nobody would tell us.
  const forwarded = new Map([
    ['client_encoding', 'UTF8'],
    ['standard_conforming_strings', 'on'],
    ['search_path', '"$user", public'],
  ])
  const asked = startupSettings(startup.parameters)
  if (!asked.ok) throw new Goodbye('42501', asked.message)
  for (const [name, value] of asked.settings)
    if (name.toLowerCase() !== 'client_encoding') forwarded.set(name.toLowerCase(), value)
  const connected = async (): Promise<Pick<Behind, 'link' | 'key'>> => {
    const place = await target.upstream()
    const key = target.warm === undefined ? undefined : warmKey(identity, target.warm.place, place, forwarded)
    const kept = key === undefined ? undefined : warm.take(key)
    return { key, link: kept ?? new Link(await connectUpstream(place, forwarded)) }
  }
  const reached = connected()
  try {
    const [{ link, key }, analyzer, hashKey] = await Promise.all([
      reached,
      target.analyzer(),
      target.hashKey?.() ?? parts.hashKey,
    ])
    return { link, key, analyzer, hashKey }
  } catch (error) {
    // Whatever failed, nobody will have this connection.
    reached.then(({ link }) => link.close()).catch(() => undefined)
    throw error
  }
}

/** What a client is told once it is in. */
function greeting(startup: Startup, upstream: Upstream, processId: number, secret: Buffer): Buffer {
  const messages: Buffer[] = []
  const unknown = [...startup.parameters.keys()].filter((name) => name.startsWith('_pq_.'))
  if (startup.minor > 0 || unknown.length > 0) messages.push(encodeNegotiate(0, unknown))
  messages.push(encodeAuthentication('ok'))
  for (const [name, value] of upstream.parameters) messages.push(encodeFrame('S', Buffer.from(`${name}\0${value}\0`)))
  messages.push(encodeBackendKey(processId, secret), encodeReady('I'))
  return Buffer.concat(messages)
}

const closingMs = 1000
/** Messages that come in large numbers, and are taken many at a time. */
const clientRuns: readonly number[] = [requestTypes.copyData]
const serverRuns: readonly number[] = [messageTypes.row, messageTypes.copyData]

function freeProcessId(sessions: ReadonlyMap<number, unknown>): number {
  for (;;) {
    const id = randomInt(1, 2 ** 31 - 1)
    if (!sessions.has(id)) return id
  }
}
