// What comes before a session: encryption requests, the start-up message, the client's answers.
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { PostgresListenerParts } from './contract.ts'
import { Goodbye } from './goodbye.ts'
import {
  decodeFirstMessage,
  type FirstMessage,
  type Frame,
  FrameReader,
  firstMessageLength,
  startupBytesMax,
  WireError,
} from './wire/index.ts'

const answerBytesMax = 64 * 1024

/** What a client is spoken to through: the plain socket, until it is encrypted. */
export class Road {
  #arrivals: Arrivals

  constructor(socket: Socket) {
    this.#arrivals = new Arrivals(socket)
  }

  get socket(): Socket {
    return this.#arrivals.socket
  }

  /** What comes next, which is some bytes at least. */
  next(): Promise<Buffer> {
    return this.#arrivals.next()
  }

  /** Gives bytes back, which come next then. */
  giveBack(bytes: Buffer): void {
    this.#arrivals.giveBack(bytes)
  }

  /** True while bytes came that nobody has asked for. */
  get isAhead(): boolean {
    return this.#arrivals.isAhead
  }

  /** Leaves the socket as if nobody had read what is still to be read. */
  release(): Socket {
    return this.#arrivals.release()
  }

  /** Goes on by another socket. */
  changeTo(encrypted: (plain: Socket) => Socket): void {
    this.#arrivals = new Arrivals(encrypted(this.release()))
  }
}

/** What comes in by one socket, as it is asked for: what nobody waits for pauses the socket. */
class Arrivals {
  readonly socket: Socket
  #waiting: { readonly resolve: (bytes: Buffer) => void; readonly reject: (error: Error) => void } | undefined
  #rest: Buffer | undefined
  #isOver = false
  readonly #onData = (chunk: Buffer): void => {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) {
      waiting.resolve(chunk)
      return
    }
    this.socket.pause()
    this.#rest = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
  }
  readonly #onEnd = (): void => {
    this.#isOver = true
    this.#waiting?.reject(gone())
    this.#waiting = undefined
  }

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onEnd)
  }

  get isAhead(): boolean {
    return this.#rest !== undefined || this.socket.readableLength > 0
  }

  next(): Promise<Buffer> {
    const rest = this.#rest
    this.#rest = undefined
    if (rest !== undefined) return Promise.resolve(rest)
    if (this.#isOver) return Promise.reject(gone())
    if (this.socket.isPaused()) this.socket.resume()
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  giveBack(bytes: Buffer): void {
    this.#rest = this.#rest === undefined ? bytes : Buffer.concat([bytes, this.#rest])
  }

  release(): Socket {
    const { socket } = this
    socket.pause()
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('close', this.#onEnd)
    if (this.#rest !== undefined) socket.unshift(this.#rest)
    this.#rest = undefined
    return socket
  }
}

function gone(): Goodbye {
  return new Goodbye('08006', 'the client closed the connection')
}

/** A start-up message. */
export type Startup = Extract<FirstMessage, { kind: 'startup' }>
/** A request to cancel. */
export type Cancel = Extract<FirstMessage, { kind: 'cancel' }>

/** Encryption requests until a start-up or a cancellation comes. */
export async function negotiate(
  road: Road,
  parts: PostgresListenerParts,
): Promise<{ readonly startup: Startup | Cancel; readonly encrypted: boolean }> {
  const direct = parts.tls !== undefined && (await startsWithTls(road))
  let encrypted = direct
  if (direct) road.changeTo((plain) => encrypt(plain, parts))
  for (let round = 0; round < 3; round++) {
    const { socket } = road
    const first = await readFirst(road, parts.tls !== undefined && !encrypted)
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
        if (road.isAhead) throw new Goodbye('08P01', 'data was sent in clear after the request for TLS')
        socket.write('S')
        road.changeTo((plain) => encrypt(plain, parts))
        encrypted = true
        // The client makes its half of the handshake now.
        parts.gate.lull?.()
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
async function startsWithTls(road: Road): Promise<boolean> {
  const first = await road.next()
  road.giveBack(first)
  return first[0] === tlsHandshake
}

async function readFirst(road: Road, mayEncrypt: boolean): Promise<FirstMessage> {
  let bytes: Buffer = Buffer.alloc(0)
  for (;;) {
    const chunk = await road.next()
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const length = firstMessageLength(bytes)
    if (bytes.length > startupBytesMax * 2) throw new WireError('too_long', 'the first message is too long')
    if (length === undefined || bytes.length < length) continue
    const message = decodeFirstMessage(bytes.subarray(0, length))
    const rest = bytes.subarray(length)
    if (rest.length > 0) {
      if (message.kind === 'ssl_request' && mayEncrypt)
        throw new Goodbye('08P01', 'data was sent in clear after the request for TLS')
      road.giveBack(rest)
    }
    return message
  }
}

/** Reads one message, which is the client's whole answer: it waits for ours before it says more. */
export async function readAnswer(road: Road): Promise<Frame> {
  const reader = new FrameReader(answerBytesMax)
  for (;;) {
    const [frame, ...more] = reader.push(await road.next())
    if (frame === undefined) continue
    if (more.length > 0 || reader.pendingBytes > 0)
      throw new Goodbye('08P01', 'the client said more than it was asked for')
    return frame
  }
}
