// The admin listener: /healthz, /readyz, /metrics, and the routes that other parts hang in. All but health needs the
// bearer token where one is configured, and a client certificate where authorities for them are: probes have neither.
// Without a token only requests under a name of this machine are answered.

import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { isIPv4 } from 'node:net'
import { type SecureContextOptions, TLSSocket } from 'node:tls'
import { bound, boundConnections } from '../listening/index.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** A part of the admin API. True when it has answered, or will. It answers for its own errors. */
export type AdminRoute = (request: IncomingMessage, response: ServerResponse, path: string) => boolean

/** What the admin listener is made of. */
export interface AdminOptions {
  readonly host: string
  readonly port: number
  readonly tls?: SecureContextOptions
  /** Clients must show a certificate that `tls.ca` vouches for. */
  readonly clientCertificates?: boolean
  /** Absent only on a loopback address; configuration sees to that. */
  readonly token?: string
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
  /** Why the gateway is not ready, or nothing when it is. */
  readonly notReady: () => readonly string[]
  readonly routes?: readonly AdminRoute[]
  /** Routes that need no token, because what they are asked proves itself. */
  readonly openRoutes?: readonly AdminRoute[]
}

const requestMs = 30_000
const headerBytesMax = 16 * 1024
const connectionsMax = 256

/** A running admin listener. */
export interface AdminServer {
  readonly port: number
  stop(): void
  close(): Promise<void>
}

/** Starts the admin listener. */
export async function startAdmin(options: AdminOptions): Promise<AdminServer> {
  const limits = { requestTimeout: requestMs, headersTimeout: requestMs, maxHeaderSize: headerBytesMax }
  // A certificate that does not verify counts as none.
  const asked = options.clientCertificates === true ? { requestCert: true, rejectUnauthorized: false } : {}
  const handle = (request: IncomingMessage, response: ServerResponse) => answer(options, request, response)
  const server: Server =
    options.tls === undefined
      ? createServer(limits, handle)
      : createTlsServer({ ...limits, ...options.tls, ...asked }, handle)
  boundConnections(server, connectionsMax)
  const port = await bound(server, { ...options, onError: () => undefined })
  return {
    port,
    // Health and readiness are asked for until the very end.
    stop: () => undefined,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

function answer(options: AdminOptions, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  try {
    if (path === '/healthz') get(request, response, () => send(response, 200, 'text/plain', 'ok\n'))
    else if (path === '/readyz') get(request, response, () => ready(options, response))
    else if (options.clientCertificates === true && !hasCertificate(request))
      send(response, 401, 'application/problem+json', '{"title":"a client certificate is needed","status":401}\n')
    else if ((options.openRoutes ?? []).some((route) => route(request, response, path))) return
    else if (options.token === undefined && !isAskedHere(request))
      send(
        response,
        421,
        'application/problem+json',
        '{"title":"asked under a name that is not of this machine","status":421}\n',
      )
    else if (!authorized(options, request)) {
      response.setHeader('www-authenticate', 'Bearer')
      send(response, 401, 'application/problem+json', '{"title":"unauthorized","status":401}\n')
    } else if (path === '/metrics') get(request, response, () => metrics(options, response))
    else if (!(options.routes ?? []).some((route) => route(request, response, path))) {
      send(response, 404, 'application/problem+json', '{"title":"not found","status":404}\n')
    }
  } catch {
    if (response.headersSent) response.destroy()
    else send(response, 500, 'application/problem+json', '{"title":"internal error","status":500}\n')
  }
}

function hasCertificate({ socket }: IncomingMessage): boolean {
  // A resumed session without any certificate is called authorized too.
  return socket instanceof TLSSocket && socket.authorized && socket.getPeerX509Certificate() !== undefined
}

/**
 * Whether a request that needs no token comes from somebody on this machine, and not from a page that a browser on it has
 * open: such a page asks under its own name, which it made resolve to loopback (DNS rebinding), or says where it is from.
 */
function isAskedHere({ headers }: IncomingMessage): boolean {
  const { host = '', origin } = headers
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) return false
  const name = host.toLowerCase()
  return ['localhost', '[::1]'].some((one) => name === one || isPortOf(one, name)) || isLoopbackAddress(name)
}

function isPortOf(name: string, host: string): boolean {
  return host.startsWith(`${name}:`) && /^\d{1,5}$/.test(host.slice(name.length + 1))
}

function isLoopbackAddress(host: string): boolean {
  const [address = '', port] = host.split(':', 2)
  return isIPv4(address) && address.startsWith('127.') && (port === undefined || isPortOf(address, host))
}

function get(request: IncomingMessage, response: ServerResponse, reply: () => void): void {
  if (request.method === 'GET' || request.method === 'HEAD') reply()
  else send(response, 405, 'application/problem+json', '{"title":"method not allowed","status":405}\n')
}

function ready(options: AdminOptions, response: ServerResponse): void {
  const reasons = options.notReady()
  if (reasons.length === 0) send(response, 200, 'text/plain', 'ready\n')
  else send(response, 503, 'text/plain', `${reasons.join('\n')}\n`)
}

function metrics(options: AdminOptions, response: ServerResponse): void {
  options.metrics.text().then(
    (text) => send(response, 200, options.metrics.contentType, text),
    () => send(response, 500, 'text/plain', 'metrics failed\n'),
  )
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** Compares digests, so that neither the token nor its length shows in the time taken. */
function authorized(options: AdminOptions, request: IncomingMessage): boolean {
  if (options.token === undefined) return true
  const given = request.headers.authorization ?? ''
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(`Bearer ${options.token}`))
}
