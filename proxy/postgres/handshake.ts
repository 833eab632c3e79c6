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
export interface Road {
  socket: Socket
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

/** Reads one message, which is the client's whole answer: it waits for ours before it says more. */
export async function readAnswer(socket: Socket): Promise<Frame> {
  const reader = new FrameReader(answerBytesMax)
  for (;;) {
    const [frame, ...more] = reader.push(await readSome(socket))
    if (frame === undefined) continue
    if (more.length > 0 || reader.pendingBytes > 0)
      throw new Goodbye('08P01', 'the client said more than it was asked for')
    return frame
  }
}
