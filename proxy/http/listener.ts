// Listens for HTTP clients: HTTP/1.1 in clear on loopback or over TLS, HTTP/2 where TLS agrees on it (ALPN).
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type SecureContextOptions, TLSSocket } from 'node:tls'
import { type Listening, listenOn } from '../listening/index.ts'
import { serveHttp } from './connection.ts'
import { http2Server } from './http2-connection.ts'
import { ToolBook, type ToolNews } from './mcp-tools.ts'
import { Parking } from './parking.ts'
import type { HttpConnectionParts } from './parts.ts'

/** What the listener is made of. */
export interface HttpListenerParts extends Omit<HttpConnectionParts, 'scheme' | 'tools' | 'parking' | 'tunnel'> {
  readonly host: string
  readonly port: number
  readonly tls: SecureContextOptions | undefined
  /** Whether clients are asked for certificates, and these count as identity. */
  readonly clientCertificates: boolean
  readonly connectionsMax: number
  readonly handshakeMs: number
  /** Other processes that serve the same clients: what MCP servers list is told to them, and nobody parks a request. */
  readonly beside?: {
    readonly tell: (news: ToolNews) => void
    readonly heard: (callback: (news: ToolNews) => void) => void
  }
}

/** Bytes that a client may be behind before its upstream is paused. */
const socketBytes: number = 256 * 1024

/** Starts to listen. */
export async function listenHttp(parts: HttpListenerParts): Promise<Listening> {
  const sockets = new Set<Socket>()
  const { beside } = parts
  const tools = new ToolBook(beside?.tell)
  beside?.heard((news) => tools.take(news))
  const parking = new Parking(beside === undefined)
  const serveHttp2 = http2Server({ ...parts, tools, parking, scheme: 'https' })
  const scheme = parts.tls === undefined ? 'http' : 'https'
  const take = (socket: Socket): void => {
    if (sockets.size >= parts.connectionsMax) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.setNoDelay(true)
    if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') serveHttp2(socket)
    else serveHttp(socket, { ...parts, tools, parking, scheme })
  }
  const server: Server =
    parts.tls === undefined
      ? createServer({ noDelay: true, allowHalfOpen: true, highWaterMark: socketBytes }, take)
      : createTlsServer(
          {
            ...parts.tls,
            requestCert: parts.clientCertificates,
            rejectUnauthorized: false,
            handshakeTimeout: parts.handshakeMs,
            ALPNProtocols: ['h2', 'http/1.1'],
          },
          take,
        )
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy())
  return listenOn(server, {
    host: parts.host,
    port: parts.port,
    connections: sockets,
    onError: (error) => parts.onError('http', error),
    onClose: () => parking.close(),
  })
}
