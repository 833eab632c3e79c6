// One request as it came, over HTTP/1.1 or HTTP/2, and the ways to answer it. Nothing is judged here.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Headers } from '../../engine/action/kube/index.ts'
import { bodyMs } from './limits.ts'
import { plainStatus, printStatus, type Status } from './status.ts'

/** A request of either version. */
export type FrontRequest = IncomingMessage | Http2ServerRequest
/** Its answer. */
export type FrontResponse = ServerResponse | Http2ServerResponse

/** Headers in wire order, without those that HTTP/2 makes of the request line. */
export function headersOf(request: FrontRequest): Headers {
  const headers: [string, string][] = []
  const { rawHeaders } = request
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (!name.startsWith(':')) headers.push([name, rawHeaders[at + 1] ?? ''])
  }
  const authority = request.headers[':authority']
  if (typeof authority === 'string' && !headers.some(([name]) => name.toLowerCase() === 'host'))
    headers.push(['host', authority])
  return headers
}

/** The body is longer or slower than allowed, or the client went away in the middle of it. */
export class BodyError extends Error {
  readonly status: Status
  constructor(status: Status) {
    super(status.message)
    this.status = status
  }
}

/** Whether a request has no body, as its head says. */
export function hasNoBody(request: FrontRequest): boolean {
  if ('stream' in request) return request.stream.endAfterHeaders
  const { headers } = request
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0'
}

/** Reads the whole body. Rejects with BodyError. */
export function readBody(request: FrontRequest, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const over = (): void => {
      clearTimeout(timer)
      request.off('data', take)
      request.off('end', whole)
      request.off('close', broken)
    }
    const fail = (code: number, reason: string, message: string): void => {
      over()
      request.resume()
      reject(new BodyError(plainStatus(code, reason, message)))
    }
    const timer = setTimeout(() => fail(408, 'Timeout', 'the body of the request did not come in time'), bodyMs)
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > bytesMax)
        fail(413, 'RequestEntityTooLarge', `the body of the request is longer than ${bytesMax} bytes`)
      else chunks.push(chunk)
    }
    const whole = (): void => {
      over()
      resolve(Buffer.concat(chunks))
    }
    const broken = (): void => fail(400, 'BadRequest', 'the body of the request broke off')
    request.on('data', take)
    request.once('end', whole)
    request.once('close', broken)
  })
}

/** Answers in the gateway's own name. */
export function answerStatus(response: FrontResponse, status: Status): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const body = printStatus(status)
  writeHead(response, status.code, [
    ['Content-Type', 'application/json'],
    ['Content-Length', String(Buffer.byteLength(body))],
    ['Cache-Control', 'no-cache, private'],
    ...(status.code === 401 ? [['WWW-Authenticate', 'Bearer realm="sallyport"'] as const] : []),
  ])
  response.end(body)
}

/** The head of an answer, which goes out with the first of its body; a header that comes again is kept beside the first. */
export function writeHead(
  response: FrontResponse,
  code: number,
  headers: readonly (readonly [string, string])[],
): void {
  const values = new Map<string, string[]>()
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    values.set(key, [...(values.get(key) ?? []), value])
  }
  response.statusCode = code
  for (const [name, all] of values) response.setHeader(name, all.length === 1 ? (all[0] ?? '') : all)
}

/** Sends the head of an answer whose body may take its time. */
export function flushHead(response: FrontResponse): void {
  if (response.headersSent || response.destroyed) return
  if ('flushHeaders' in response) response.flushHeaders()
  else response.writeHead(response.statusCode)
}

/** The token of the Authorization header; undefined when there is none that can be read. */
export function bearerToken(headers: Headers): string | undefined {
  const value = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  if (value === undefined) return undefined
  const [scheme = '', token, ...more] = value.trim().split(' ')
  return scheme.toLowerCase() === 'bearer' && token !== undefined && more.length === 0 ? token : undefined
}
