// One request as it came, over HTTP/1.1 or HTTP/2, and the ways to answer it. Nothing is judged here.
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Headers } from '../../engine/action/kube/index.ts'
import { GatheredBytes } from '../http1/index.ts'
import type { Kept } from '../listening/room.ts'
import { bodyMs } from './limits.ts'
import { plainStatus, printStatus, type Status } from './status.ts'

/** The head of a request of either version, and where its body comes. */
export interface FrontRequest {
  readonly method: string
  readonly url: string
  /** In wire order, without those that HTTP/2 makes of the request line. */
  readonly headers: Headers
  readonly hasBody: boolean
  readonly body: Readable
  readonly socket: Socket
  /** What lives as long as the client's connection. */
  readonly connection: EventEmitter
}

/** Where its answer goes. A stream of HTTP/2 is written to as it is: what stands between costs more than a quiet watch. */
export type FrontResponse = ServerResponse | ServerHttp2Stream

/** A request of HTTP/1.1. */
export function requestOf(message: IncomingMessage): FrontRequest {
  const { headers, socket } = message
  return {
    method: message.method ?? '',
    url: message.url ?? '',
    headers: remembered(socket, pairs(message.rawHeaders)),
    hasBody: headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0',
    body: message,
    socket,
    connection: socket,
  }
}

/** A request of HTTP/2; undefined when its connection is gone. */
export function requestOfStream(
  stream: ServerHttp2Stream,
  fields: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): FrontRequest | undefined {
  const { session } = stream
  if (session === undefined || session.destroyed) return undefined
  const headers = pairs(rawHeaders)
  const authority = fields[':authority']
  // A Host that names another is a second one, and refused as such (RFC 9113 8.3.1).
  if (authority !== undefined && !headers.some(([name, value]) => name === 'host' && value === authority))
    headers.push(['host', authority])
  return {
    method: fields[':method'] ?? '',
    url: fields[':path'] ?? '',
    headers: remembered(session, headers),
    hasBody: !stream.endAfterHeaders,
    body: stream,
    socket: session.socket,
    connection: session,
  }
}

/** What was said last on each connection. */
const said = new WeakMap<object, Headers>()

/**
 * The headers of a request, the very same as those before on its connection where they say the same: clients nearly always
 * do, and what was read of the ones need not be read of the others.
 */
function remembered(connection: object, headers: Headers): Headers {
  const last = said.get(connection)
  if (last?.length === headers.length && headers.every(([name, value], at) => isSame(last[at], name, value)))
    return last
  said.set(connection, headers)
  return headers
}

function isSame(field: Headers[number] | undefined, name: string, value: string): boolean {
  return field !== undefined && field[0] === name && field[1] === value
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const headers: [string, string][] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (!name.startsWith(':')) headers.push([name, rawHeaders[at + 1] ?? ''])
  }
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

/** Reads the whole body, as far as there is room for it. Rejects with BodyError. */
export function readBody(request: Readable, room: Kept, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const kept = new GatheredBytes()
    const over = (): void => {
      clearTimeout(timer)
      request.off('data', take)
      request.off('end', whole)
      request.off('close', broken)
    }
    const fail = (code: number, reason: string, message: string, retryAfterSeconds?: number): void => {
      over()
      kept.take()
      request.resume()
      const status = plainStatus(code, reason, message)
      reject(new BodyError(retryAfterSeconds === undefined ? status : { ...status, retryAfterSeconds }))
    }
    const timer = setTimeout(() => fail(408, 'Timeout', 'the body of the request did not come in time'), bodyMs)
    const take = (chunk: Buffer): void => {
      kept.push(chunk)
      if (kept.length > bytesMax)
        fail(413, 'RequestEntityTooLarge', `the body of the request is longer than ${bytesMax} bytes`)
      else if (!room.holds(kept.length))
        fail(429, 'TooManyRequests', 'too much is being sent to the gateway at once: try again later', 1)
    }
    const broken = (): void => fail(400, 'BadRequest', 'the body of the request broke off')
    // A stream of HTTP/2 that its client resets or loses ends like one that is whole, but is closed by then.
    const whole = (): void => {
      if (request.closed || request.destroyed) {
        broken()
        return
      }
      over()
      resolve(Buffer.concat(kept.take()))
    }
    request.on('data', take)
    request.once('end', whole)
    request.once('close', broken)
  })
}

/** Answers in the gateway's own name; what was begun with something else breaks off. */
export function answerStatus(response: FrontResponse, status: Status): void {
  if (response.headersSent || response.destroyed) {
    breakOff(response)
    return
  }
  const body = printStatus(status)
  writeHead(response, status.code, [
    ['Content-Type', 'application/json'],
    ['Content-Length', String(Buffer.byteLength(body))],
    ['Cache-Control', 'no-cache, private'],
    ...(status.code === 401 ? [['WWW-Authenticate', 'Bearer realm="sallyport"'] as const] : []),
    ...(status.retryAfterSeconds === undefined ? [] : [['Retry-After', String(status.retryAfterSeconds)] as const]),
  ])
  // What is asked for by HEAD ends with its head.
  if (response.writable) response.end(body)
  // Nobody reads what is still to come of the request, and without this its stream would stay for as long as its client
  // does not end it (RFC 9113 8.1).
  if ('respond' in response && !response.endAfterHeaders && !response.readableEnded)
    response.close(constants.NGHTTP2_NO_ERROR)
}

/** Ends an answer so that it does not look whole. A stream that is closed or destroyed without an error ends as one that is. */
export function breakOff(response: FrontResponse): void {
  response.destroy('respond' in response ? new Error('the answer breaks off') : undefined)
}

/** Headers of an answer that may come more than once; of others the first counts, as it does where the answer is read. */
const repeated: ReadonlySet<string> = new Set(['cache-control', 'vary', 'warning'])

/** The head of an answer, which goes out with the first of its body. */
export function writeHead(
  response: FrontResponse,
  code: number,
  headers: readonly (readonly [string, string])[],
): void {
  const all: OutgoingHttpHeaders = {}
  for (const [raw, value] of headers) {
    const name = raw.toLowerCase()
    const known = all[name]
    if (known === undefined) all[name] = value
    else if (repeated.has(name)) all[name] = [...(Array.isArray(known) ? known : [String(known)]), value]
  }
  if ('respond' in response) {
    if (response.closed || response.destroyed) return
    all[':status'] = code
    response.respond(all)
    return
  }
  response.statusCode = code
  for (const [name, value] of Object.entries(all)) if (value !== undefined) response.setHeader(name, value)
}

/** An answer with its whole body, in one write. `out` is told when it is out. */
export function writeWhole(
  response: FrontResponse,
  code: number,
  headers: readonly (readonly [string, string])[],
  body: Buffer,
  out: () => void,
): void {
  const length = String(body.length)
  if ('respond' in response) {
    writeHead(response, code, [...headers, ['Content-Length', length]])
    if (response.writable) response.end(body, out)
    return
  }
  const all: string[] = []
  for (const [name, value] of headers) if (repeated.has(name) || !all.includes(name)) all.push(name, value)
  all.push('Content-Length', length)
  response.writeHead(code, all)
  response.end(body, out)
}

/** Sends the head of an answer whose body may take its time. */
export function flushHead(response: FrontResponse): void {
  if (!response.headersSent && !response.destroyed && 'flushHeaders' in response) response.flushHeaders()
}

/** The token of the Authorization header; undefined when there is none that can be read. */
export function bearerToken(headers: Headers): string | undefined {
  const value = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  if (value === undefined) return undefined
  const [scheme = '', token, ...more] = value.trim().split(' ')
  return scheme.toLowerCase() === 'bearer' && token !== undefined && more.length === 0 ? token : undefined
}
