// A connection in clear whose client speaks HTTP/2 without asking (RFC 9113 3.3). Its preface reads as the head of a request,
// up to the blank line in it.
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { http2Server } from './http2-connection.ts'
import type { HttpConnectionParts } from './parts.ts'

/** The preface as far as it is a head (RFC 9113 3.4). */
export const http2Head = 'PRI * HTTP/2.0\r\n'

/** Serves such a connection, whose head was read; the answer takes the bytes that follow. */
export function begunAsHttp2(socket: Socket, parts: HttpConnectionParts): (bytes: Buffer) => void {
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (bytes: Buffer, _encoding, done) => {
      if (socket.write(bytes)) done()
      else socket.once('drain', done)
    },
    final: (done) => {
      socket.end()
      done()
    },
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket.setTimeout(0)
  socket.once('end', () => stream.push(null))
  socket.once('close', () => stream.destroy())
  stream.push(`${http2Head}\r\n`, 'latin1')
  http2Server(parts)(socket, stream)
  return (bytes) => {
    if (!stream.push(bytes)) socket.pause()
  }
}
