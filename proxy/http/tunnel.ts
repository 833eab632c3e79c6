// What flows through a tunnel that a client asked its proxy for: TLS, which ends here, or HTTP in clear. Nothing passes
// unread; a tunnel that speaks anything else is closed.
import type { Socket } from 'node:net'
import { createServer } from 'node:tls'
import { http2Server } from './http2-connection.ts'
import type { HttpConnectionParts } from './parts.ts'
import type { Proxying } from './proxying.ts'

/** The first byte of a TLS connection: a record of the handshake (RFC 8446 5.1). */
const handshakeRecord = 0x16

/** Serves one connection of HTTP/1.1. */
type Serve = (socket: Socket, parts: HttpConnectionParts) => void

/** Agrees to a tunnel, and serves what comes through it. `parts` are those of the connection inside. */
export function openTunnel(
  socket: Socket,
  parts: HttpConnectionParts,
  { secure, handshakeMs }: Proxying,
  serve: Serve,
): void {
  const timer = setTimeout(() => socket.destroy(), handshakeMs)
  socket.once('close', () => clearTimeout(timer))
  socket.once('end', () => socket.destroy())
  socket.once('data', (first: Buffer) => {
    socket.pause()
    socket.removeAllListeners('end')
    socket.unshift(first)
    if (first[0] !== handshakeRecord) {
      clearTimeout(timer)
      serve(socket, { ...parts, scheme: 'http' })
      socket.resume()
      return
    }
    // It never listens: a server is what makes server's ends of connections that HTTP/2 can be read from.
    const server = createServer({ ...secure, ALPNProtocols: ['h2', 'http/1.1'] }, (inside) => {
      clearTimeout(timer)
      inside.once('close', () => socket.destroy())
      const https = { ...parts, scheme: 'https' } as const
      if (inside.alpnProtocol === 'h2') http2Server(https)(inside)
      else serve(inside, https)
    })
    server.on('tlsClientError', () => socket.destroy())
    server.emit('connection', socket)
  })
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
}
