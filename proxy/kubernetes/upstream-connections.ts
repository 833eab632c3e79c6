// The connections of HTTP/1.1 to one API server. One that rests is used again, the last one first, so that few are kept.
import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { upstreamSocketsMax, upstreamWaitingMax } from './limits.ts'
import { UpstreamError } from './upstream-answer.ts'
import { type Asked, UpstreamConnection, type WrittenRequest } from './upstream-connection.ts'
import { type Shared, Shares } from './upstream-shares.ts'

/** Connections that are kept while nothing runs on them. */
const keptMax = 256
/** Silence after which the system asks whether the other end is still there. */
const probeMs = 30_000

/** Where a server is. */
export interface ServerPlace {
  readonly host: string
  readonly port: number
  /** Undefined where nothing is encrypted. */
  readonly tls: ConnectionOptions | undefined
  readonly connectMs: number
}

/** A request that waits for a connection or runs on one. */
interface Running {
  readonly request: WrittenRequest
  readonly asked: Asked
  /** Its client's part of the connections. */
  readonly shared: Shared
  connection: UpstreamConnection | undefined
}

/** Connections to one server. */
export class UpstreamConnections {
  readonly #place: ServerPlace
  readonly #open = new Set<UpstreamConnection>()
  readonly #free: UpstreamConnection[] = []
  /** Who may have how many of them. */
  readonly #shares: Shares
  /** What has its part and is connected for, in the order in which it came. One that is given up leaves at once. */
  readonly #waiting = new Set<Running>()
  /** What the requests that run have of them. */
  readonly #running = new WeakMap<UpstreamConnection, Shared>()
  #connecting = 0
  #isRetired = false
  /** What lets the next connection skip the long handshake. */
  #session: Buffer | undefined
  readonly #rests = (connection: UpstreamConnection): void => this.#rested(connection)

  readonly #socketsMax: number

  constructor(place: ServerPlace, socketsMax: number = upstreamSocketsMax, waitingMax: number = upstreamWaitingMax) {
    this.#place = place
    this.#socketsMax = socketsMax
    this.#shares = new Shares(socketsMax, waitingMax)
  }

  /** Sends a request of a client's; what is answered gives it up. */
  ask(client: string, request: WrittenRequest, asked: Asked): () => void {
    let running: Running | undefined
    const shared = this.#shares.ask(client, (shared) => {
      running = { request, asked, shared, connection: undefined }
      this.#begin(running)
    })
    if (shared === undefined) asked.failed(new UpstreamError('too many requests wait for the cluster'))
    return () => {
      // What runs has its part until its connection is gone, or rests.
      if (running?.connection !== undefined) running.connection.close()
      else {
        if (running !== undefined) this.#waiting.delete(running)
        shared?.giveBack()
      }
    }
  }

  /** No more connections are kept; requests that run come to their end. */
  retire(): void {
    this.#isRetired = true
    for (const connection of this.#free.splice(0)) connection.close()
  }

  /** Closes every connection. */
  close(): void {
    this.#isRetired = true
    for (const connection of [...this.#open]) connection.close()
  }

  #begin(running: Running): void {
    for (let free = this.#free.pop(); free !== undefined; free = this.#free.pop()) {
      if (free.isFree) {
        this.#run(free, running)
        return
      }
      free.close()
    }
    this.#waiting.add(running)
    this.#connect()
  }

  #run(connection: UpstreamConnection, running: Running): void {
    running.connection = connection
    this.#running.set(connection, running.shared)
    connection.ask(running.request, running.asked)
  }

  /** Connects for what waits, as far as there may be more connections. */
  #connect(): void {
    if (this.#connecting >= this.#waiting.size || this.#open.size + this.#connecting >= this.#socketsMax) return
    const { host, port, tls, connectMs } = this.#place
    this.#connecting++
    const session = this.#session === undefined ? {} : { session: this.#session }
    const socket: Socket =
      tls === undefined
        ? connect({ host, port, noDelay: true })
        : connectTls({ ...session, ...tls, host, port, ALPNProtocols: ['http/1.1'] })
    const timer = setTimeout(() => failed(new UpstreamError('the cluster does not answer')), connectMs)
    const over = (): void => {
      clearTimeout(timer)
      this.#connecting--
      socket.off('error', unreachable)
      socket.off('close', unreachable)
    }
    const failed = (error: UpstreamError): void => {
      over()
      this.#session = undefined
      socket.on('error', () => undefined)
      socket.destroy()
      const next = this.#next()
      next?.shared.giveBack()
      next?.asked.failed(error)
      this.#connect()
    }
    const unreachable = (cause?: unknown): void =>
      failed(new UpstreamError('the cluster cannot be reached', cause instanceof Error ? { cause } : undefined))
    socket.on('error', unreachable)
    socket.on('close', unreachable)
    if (tls !== undefined)
      socket.on('session', (made: Buffer) => {
        this.#session = made
      })
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      over()
      socket.setNoDelay(true)
      socket.setKeepAlive(true, probeMs)
      const made = new UpstreamConnection(socket, this.#rests)
      this.#open.add(made)
      this.#rested(made)
    })
  }

  /** Told by a connection on which nothing runs, or nothing can any more. */
  #rested(connection: UpstreamConnection): void {
    const over = this.#running.get(connection)
    this.#running.delete(connection)
    this.#used(connection)
    // Whose turn it is now finds the connection, if it is still there.
    over?.giveBack()
  }

  #used(connection: UpstreamConnection): void {
    if (connection.isFree) {
      const next = this.#next()
      if (next !== undefined) this.#run(connection, next)
      else if (!this.#isRetired && this.#free.length < keptMax) this.#free.push(connection)
      else connection.close()
      return
    }
    this.#open.delete(connection)
    const place = this.#free.indexOf(connection)
    if (place >= 0) this.#free.splice(place, 1)
    if (this.#waiting.size > 0) this.#connect()
  }

  /** The request that waits longest. */
  #next(): Running | undefined {
    for (const next of this.#waiting) {
      this.#waiting.delete(next)
      return next
    }
    return undefined
  }
}
