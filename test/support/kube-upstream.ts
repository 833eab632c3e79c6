// An API server for tests, as far as a gateway can tell: it keeps what it was sent and answers as the test says.
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { Duplex } from 'node:stream'
import { testKey } from './keys.ts'

/** A request as the upstream got it. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** Answers one request. */
export type Answer = (request: SeenRequest, response: ServerResponse) => void
/** Takes an upgrade. */
export type UpgradeAnswer = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** An upstream that runs. */
export interface KubeUpstream {
  readonly url: string
  readonly seen: SeenRequest[]
  answer: Answer
  upgrade: UpgradeAnswer
  close(): Promise<void>
}

/** A JSON answer. */
export function json(value: unknown, status = 200): Answer {
  return (_request, response) => {
    const text = `${JSON.stringify(value)}\n`
    response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
    response.end(text)
  }
}

/** Starts one; with TLS it shows the certificate of fixtures/keys/server.pem. */
export async function startKubeUpstream(tls = false): Promise<KubeUpstream> {
  const server = tls ? createHttps({ cert: testKey('server.pem'), key: testKey('server.key') }) : createHttp()
  const sockets = new Set<Duplex>()
  const seen: SeenRequest[] = []
  server.on('connection', (socket: Duplex) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  const upstream: KubeUpstream = {
    url: '',
    seen,
    answer: json({ kind: 'Status', status: 'Success' }),
    upgrade: (_request, socket) => socket.destroy(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: pairs(request),
        body: Buffer.concat(chunks).toString(),
      }
      seen.push(one)
      upstream.answer(one, response)
    })
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: pairs(request), body: '' })
    upstream.upgrade(request, socket, head)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return Object.assign(upstream, { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}` })
}

function pairs({ rawHeaders }: IncomingMessage): (readonly [string, string])[] {
  return rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []))
}
