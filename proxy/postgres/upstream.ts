// The gateway's own login upstream: TLS, SCRAM, start-up, until the server is ready. The credential stays in here.
import { randomBytes } from 'node:crypto'
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { ScramClient } from './scram.ts'
import {
  cstring,
  decodeParameterStatus,
  decodeReport,
  encodeCancel,
  encodeFrame,
  encodeStartup,
  type Frame,
  FrameReader,
  int32,
  Reader,
} from './wire/index.ts'

/** How to reach one database. */
export interface UpstreamTarget {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | undefined
  /** The password counts for minutes and may be sent as it is, over TLS that was verified: tokens of AWS RDS. */
  readonly passwordAsToken?: boolean
  /** The authorities, the name to find, and the gateway's own certificate where the server asks for one. */
  readonly tls: ConnectionOptions | undefined
  readonly connectMs: number
}

/** A connection on which the server waits for a query. */
export interface Upstream {
  readonly socket: Socket
  /** What the server told of when the connection was made. */
  readonly parameters: ReadonlyMap<string, string>
  /** When that was, of the monotonic clock. */
  readonly sinceMs: number
  /** Asks the server to cancel what this connection is doing. */
  cancel(): void
}

/** The upstream cannot be used. The message names no credential and nothing the server said about it. */
export class UpstreamError extends Error {
  /** The SQLSTATE with which the database refused the login; `no_tls` when it refused TLS. */
  readonly code?: string
  constructor(message: string, options?: ErrorOptions & { readonly code?: string }) {
    super(message, options)
    if (options?.code !== undefined) this.code = options.code
  }
}

const setupBytesMax = 1024 * 1024

/** Connects and logs in. Rejects with UpstreamError within the target's time. */
export async function connectUpstream(
  target: UpstreamTarget,
  parameters: ReadonlyMap<string, string>,
): Promise<Upstream> {
  const socket = await openSocket(target)
  const deadline = setTimeout(
    () => socket.destroy(new UpstreamError('the database did not answer in time')),
    target.connectMs,
  )
  try {
    return await logIn(socket, target, parameters)
  } catch (cause) {
    socket.destroy()
    throw cause instanceof UpstreamError ? cause : new UpstreamError('the database cannot be logged in to', { cause })
  } finally {
    clearTimeout(deadline)
  }
}

function openSocket(target: UpstreamTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: target.host, port: target.port, noDelay: true })
    const timer = setTimeout(
      () => socket.destroy(new UpstreamError('the database cannot be reached in time')),
      target.connectMs,
    )
    const failed = (cause: Error): void => {
      clearTimeout(timer)
      reject(cause instanceof UpstreamError ? cause : new UpstreamError('the database cannot be reached', { cause }))
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      const { tls } = target
      if (tls === undefined) {
        clearTimeout(timer)
        socket.off('error', failed)
        resolve(socket)
        return
      }
      socket.write(Buffer.concat([int32(8), int32(80877103)]))
      socket.once('data', (answer: Buffer) => {
        // Exactly one byte: what comes with it was sent in clear by somebody who hopes that we read it as if by TLS.
        if (answer.length !== 1 || answer[0] !== 83) {
          failed(new UpstreamError('the database refuses TLS', { code: 'no_tls' }))
          socket.destroy()
          return
        }
        const secured = secure(socket, tls)
        if (secured === undefined) {
          socket.destroy(new UpstreamError('the certificate or key for the database cannot be used'))
          return
        }
        secured.once('error', failed)
        secured.once('secureConnect', () => {
          clearTimeout(timer)
          secured.off('error', failed)
          resolve(secured)
        })
      })
    })
  })
}

/** TLS over a socket; undefined where the gateway's own certificate or key is none. */
function secure(socket: Socket, tls: ConnectionOptions): TLSSocket | undefined {
  try {
    return connectTls({ ...tls, socket })
  } catch {
    return undefined
  }
}

async function logIn(
  socket: Socket,
  target: UpstreamTarget,
  parameters: ReadonlyMap<string, string>,
): Promise<Upstream> {
  const frames = framesOf(socket)
  socket.write(encodeStartup(new Map([['user', target.user], ['database', target.database], ...parameters])))
  const found = new Map<string, string>()
  let key: { readonly processId: number; readonly secret: Buffer } | undefined
  const scram = new ScramClient(target.password ?? '', randomBytes(18).toString('base64'))
  let proven = false
  for (;;) {
    const frame = await frames.next()
    switch (String.fromCharCode(frame.type)) {
      case 'R':
        proven = (await authenticate(socket, frame, scram, target)) || proven
        break
      case 'S': {
        const { name, value } = decodeParameterStatus(frame)
        found.set(name, value)
        break
      }
      case 'K':
        key = { processId: frame.body.readInt32BE(0), secret: Buffer.from(frame.body.subarray(4)) }
        break
      case 'E': {
        const code = decodeReport(frame).sqlstate
        throw new UpstreamError(`the database refused the gateway's login (${code})`, { code })
      }
      case 'N':
        break
      case 'Z': {
        frames.release()
        const cancelKey = key
        const cancel = (): void => {
          if (cancelKey !== undefined) sendCancel(target, cancelKey)
        }
        return { socket, parameters: found, sinceMs: performance.now(), cancel }
      }
      default:
        throw new UpstreamError('the database sent an unexpected message')
    }
  }
}

/** Answers one authentication request; true when the server has proven that it knows the password. */
async function authenticate(
  socket: Socket,
  frame: Frame,
  scram: ScramClient,
  target: UpstreamTarget,
): Promise<boolean> {
  const reader = new Reader(frame)
  const kind = reader.int32()
  switch (kind) {
    case 0:
      return false
    case 3:
      if (target.passwordAsToken !== true || target.password === undefined || target.tls?.rejectUnauthorized !== true)
        throw new UpstreamError('the database asks for the password as it is, which is not sent')
      socket.write(encodeFrame('p', cstring(target.password)))
      return false
    case 10: {
      const mechanisms: string[] = []
      for (let name = reader.cstring(); name !== ''; name = reader.cstring()) mechanisms.push(name)
      if (!mechanisms.includes('SCRAM-SHA-256')) throw new UpstreamError('the database offers no SCRAM-SHA-256')
      if (target.password === undefined)
        throw new UpstreamError('the database asks for a password, and the resource has no credential')
      const first = Buffer.from(scram.first())
      socket.write(encodeFrame('p', cstring('SCRAM-SHA-256'), int32(first.length), first))
      return false
    }
    case 11:
      socket.write(encodeFrame('p', Buffer.from(await scram.final(reader.bytes(reader.left).toString('utf8')))))
      return false
    case 12:
      scram.verify(reader.bytes(reader.left).toString('utf8'))
      return true
    default:
      throw new UpstreamError(
        'the database asks for an authentication that is refused here: only SCRAM-SHA-256 and trust are spoken',
      )
  }
}

/** Messages one after the other, while the login lasts. */
function framesOf(socket: Socket): { next(): Promise<Frame>; release(): void } {
  const reader = new FrameReader(setupBytesMax)
  const ready: Frame[] = []
  let waiting: { resolve(frame: Frame): void; reject(error: Error): void } | undefined
  let failure: Error | undefined
  const fail = (error: Error): void => {
    failure ??= error
    waiting?.reject(failure)
    waiting = undefined
  }
  const onData = (chunk: Buffer): void => {
    try {
      ready.push(...reader.push(chunk))
    } catch (error) {
      fail(error instanceof Error ? error : new Error('malformed'))
      return
    }
    const [first] = ready
    if (waiting === undefined || first === undefined) return
    const { resolve } = waiting
    waiting = undefined
    ready.shift()
    resolve(first)
  }
  const onEnd = (): void => fail(new UpstreamError('the database closed the connection'))
  socket.on('data', onData)
  socket.on('error', fail)
  socket.on('close', onEnd)
  return {
    next: () =>
      new Promise((resolve, reject) => {
        const frame = ready.shift()
        if (frame !== undefined) resolve(frame)
        else if (failure !== undefined) reject(failure)
        else waiting = { resolve, reject }
      }),
    release: () => {
      socket.off('data', onData)
      socket.off('error', fail)
      socket.off('close', onEnd)
    },
  }
}

function sendCancel(target: UpstreamTarget, key: { readonly processId: number; readonly secret: Buffer }): void {
  openSocket(target).then(
    (socket) => {
      socket.on('error', () => socket.destroy())
      socket.end(encodeCancel(key.processId, key.secret))
    },
    () => undefined,
  )
}
