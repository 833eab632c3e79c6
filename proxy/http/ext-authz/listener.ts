// Envoy's ext_authz over gRPC: a decision point for proxies that pass the traffic themselves.
import {
  constants,
  createSecureServer,
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Server, Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { type Listening, listenOn } from '../../listening/index.ts'
import { decodeCheck } from './check.ts'
import { Judge, type JudgeParts } from './judge.ts'
import { ProtobufError } from './protobuf.ts'

/** What the listener is made of. */
export interface ExtAuthzParts extends JudgeParts {
  readonly host: string
  readonly port: number
  readonly tls: SecureContextOptions | undefined
  readonly connectionsMax: number
  readonly onError: (where: string, error: unknown) => void
}

const checkPath = '/envoy.service.auth.v3.Authorization/Check'
/** Bytes of a message: headers, and a body as far as it is judged, with room for what surrounds them. */
const messageBytesMax: number = 2 * 1024 * 1024
const prefixBytes = 5
const streamsMax = 1000
const checkMs = 30_000

/** Statuses of gRPC. */
const status = { ok: 0, invalidArgument: 3, unimplemented: 12, internal: 13 } as const

/** Starts to listen. */
export async function listenExtAuthz(parts: ExtAuthzParts): Promise<Listening> {
  const settings = { maxConcurrentStreams: streamsMax, enablePush: false }
  const server: Server =
    parts.tls === undefined ? createServer({ settings }) : createSecureServer({ ...parts.tls, settings })
  const sockets = new Set<Socket>()
  server.on(parts.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    if (sockets.size >= parts.connectionsMax) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('session', (session: ServerHttp2Session) => {
    const judge = new Judge(parts)
    session.on('error', () => session.destroy())
    session.on('close', () => judge.close())
    session.on('stream', (stream, headers) => {
      stream.on('error', () => undefined)
      answer(judge, stream, headers[':path'] ?? '').catch((error: unknown) => {
        if (!(error instanceof ProtobufError)) parts.onError('ext_authz', error)
        end(stream, error instanceof ProtobufError ? status.invalidArgument : status.internal)
      })
    })
  })
  return listenOn(server, {
    host: parts.host,
    port: parts.port,
    connections: sockets,
    onError: (error) => parts.onError('ext_authz', error),
  })
}

async function answer(judge: Judge, stream: ServerHttp2Stream, path: string): Promise<void> {
  stream.setTimeout(checkMs, () => stream.close(constants.NGHTTP2_CANCEL))
  if (path !== checkPath) {
    end(stream, status.unimplemented)
    return
  }
  const gone = new AbortController()
  stream.once('close', () => gone.abort())
  const checked = decodeCheck(await messageOf(stream))
  // People take their time; whoever asks says how long it waits.
  stream.setTimeout(0)
  const message = await judge.check(checked, gone.signal)
  if (stream.destroyed || stream.closed) return
  const prefix = Buffer.alloc(prefixBytes)
  prefix.writeUInt32BE(message.length, 1)
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status.ok) }))
  stream.end(Buffer.concat([prefix, message]))
}

/** The one message of a call. */
async function messageOf(stream: ServerHttp2Stream): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    if (bytes > messageBytesMax) throw new ProtobufError('the message is too long')
    chunks.push(piece)
  }
  const all = Buffer.concat(chunks)
  if (all.length < prefixBytes || all[0] !== 0 || all.readUInt32BE(1) !== all.length - prefixBytes)
    throw new ProtobufError('the call is not one plain message')
  return all.subarray(prefixBytes)
}

/** Ends a call without a message. */
function end(stream: ServerHttp2Stream, code: number): void {
  if (stream.destroyed || stream.headersSent) {
    stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    return
  }
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(code) },
    { endStream: true },
  )
}
