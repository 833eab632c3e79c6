// PostgreSQL clients: accepts, asks who they are, opens a session at the gate, and hands over to the bridge.
import { timingSafeEqual } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { type Listening, listenOn } from '../listening/index.ts'
import { type LiveSessions, runSession } from './bridge.ts'
import type { PostgresListenerParts, PostgresTarget } from './contract.ts'
import { fatal, Goodbye } from './goodbye.ts'
import { negotiate, Road, type Startup } from './handshake.ts'
import { identify } from './login.ts'
import { startupSettings } from './settings.ts'
import { WarmUpstreams } from './warm.ts'
import { encodeReport } from './wire/index.ts'

/** Starts to listen. */
export async function listenPostgres(parts: PostgresListenerParts): Promise<Listening> {
  const sessions: LiveSessions = new Map()
  const connections = new Set<Socket>()
  const warm = new WarmUpstreams()
  parts.cancels?.heard((processId, secret) => {
    cancel(sessions, processId, secret)
  })
  const server: Server = createServer({ noDelay: true }, (socket) => {
    if (connections.size >= parts.connectionsMax) {
      socket.destroy()
      return
    }
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    socket.on('error', () => socket.destroy())
    const road = new Road(socket)
    serve(road, parts, sessions, warm).catch((error: unknown) => {
      // What goes wrong in one connection ends that connection alone, in its protocol, encrypted where it is.
      if (!road.socket.destroyed) road.socket.end(encodeReport(fatal(error)))
      if (!(error instanceof Goodbye)) parts.onError('postgres', error)
    })
  })
  return listenOn(server, {
    host: parts.host,
    port: parts.port,
    connections,
    onError: (error) => parts.onError('postgres', error),
    onStop: () => warm.close(),
  })
}

async function serve(
  road: Road,
  parts: PostgresListenerParts,
  sessions: LiveSessions,
  warm: WarmUpstreams,
): Promise<void> {
  const raw = road.socket
  const deadline = setTimeout(() => raw.destroy(), parts.handshakeMs)
  try {
    const { startup, encrypted } = await negotiate(road, parts)
    const { socket } = road
    if (startup.kind === 'cancel') {
      if (!cancel(sessions, startup.processId, startup.secret)) parts.cancels?.pass(startup.processId, startup.secret)
      socket.end()
      return
    }
    const target = checkStartup(startup, parts, encrypted)
    const identity = await identify(road, parts)
    const application = startup.parameters.get('application_name') ?? ''
    // Made where somebody waits: most sessions are let in at once.
    let gone: AbortController | undefined
    const onGone = (): void => gone?.abort()
    raw.once('close', onGone)
    const opened = await parts.gate.open({
      identity,
      resource: target.resource,
      client: { address: raw.remoteAddress ?? '', application },
      state: {},
      get signal() {
        gone ??= new AbortController()
        if (raw.destroyed) gone.abort()
        return gone.signal
      },
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
    raw.off('close', onGone)
    if (!opened.open) throw new Goodbye('28000', opened.refusal.message, opened.refusal)
    clearTimeout(deadline)
    await runSession(road.release(), parts, target, opened.session, startup, sessions, warm)
  } finally {
    clearTimeout(deadline)
  }
}

/** Cancels what a session does, for whoever has its key. False where no session here has it. */
function cancel(sessions: LiveSessions, processId: number, secret: Uint8Array): boolean {
  const found = sessions.get(processId)
  if (found === undefined || found.secret.length !== secret.length || !timingSafeEqual(found.secret, secret))
    return false
  found.relay.cancel()
  return true
}

function checkStartup(startup: Startup, parts: PostgresListenerParts, encrypted: boolean): PostgresTarget {
  const { parameters } = startup
  if (!encrypted && !parts.cleartext)
    throw new Goodbye('28000', 'a token is only taken over TLS: connect with sslmode=require or better')
  const asked = startupSettings(parameters)
  if (!asked.ok) throw new Goodbye('42501', asked.message)
  const database = parameters.get('database') ?? parameters.get('user') ?? ''
  const target = parts.target(database)
  // Whether a resource exists is told only to those who proved who they are; here both cases look alike until then.
  if (target === undefined)
    throw new Goodbye('3D000', `there is no resource ${JSON.stringify(database.slice(0, 60))} here`)
  return target
}
