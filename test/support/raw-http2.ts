// A client of HTTP/2 that writes its frames itself, so that it can do what node's does not.
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

/** Frame types, as RFC 9113 6 numbers them. */
export const frames = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, windowUpdate: 8, continuation: 9 } as const
/** Flags of frames. */
export const flags = { none: 0, endStream: 1, endHeaders: 4 } as const

/** One frame. */
export function frame(type: number, flag: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flag
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Fields as HPACK writes them in full: without a table, below 127 bytes each. */
export function fields(all: Readonly<Record<string, string>>): Buffer {
  const text = (one: string): Buffer => Buffer.concat([Buffer.from([one.length]), Buffer.from(one, 'latin1')])
  return Buffer.concat(Object.entries(all).flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]))
}

/** RST_STREAM. */
export function reset(stream: number, code: number): Buffer {
  return frame(frames.reset, flags.none, stream, Buffer.from([0, 0, 0, code]))
}

/** A connection that has said its preface and heard the other's settings. */
export async function rawHttp2(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(frames.settings, 0, 0)]))
  await once(socket, 'data')
  socket.resume()
  return socket
}

/** Ways in which a client goes away in the middle of a request on stream 1. */
export const departures: Readonly<Record<string, (socket: TLSSocket) => void>> = {
  'a reset with CANCEL': (socket) => void socket.write(reset(1, 8)),
  'a reset with NO_ERROR': (socket) => void socket.write(reset(1, 0)),
  'the end of its connection': (socket) => void socket.end(),
  'the loss of its connection': (socket) => void socket.destroy(),
}
