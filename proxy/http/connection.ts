// One client connection: requests one after another, each read, judged, and only then sent on, rebuilt.
import type { Socket } from 'node:net'
import { type CanonicalRequest, canonicalRequest, HttpRefusal, httpAction } from '../../engine/action/http/index.ts'
import type { Identity, Resource } from '../../engine/action/index.ts'
import type { Gate, GateSession, Submission, Terms } from '../gate/contract.ts'
import type { Authenticator } from '../identity/contract.ts'
import { Answer } from './answer.ts'
import { type MaskPlan, maskPlan } from './masking.ts'
import { RequestReader } from './request-body.ts'
import { ResponseWriter } from './response-writer.ts'
import { connectUpstream, type HttpUpstream, HttpUpstreamError, type HttpUpstreamTarget } from './upstream.ts'
import { WebSocketRelay } from './web-socket.ts'
import { webSocketAnswer, webSocketRequest } from './web-socket-opening.ts'
import {
  decodeRequestHead,
  encodeRequestHead,
  encodeResponseHead,
  type Field,
  HeadReader,
  type RequestHead,
  WireError,
} from './wire/index.ts'

/** An API that clients can name. */
export interface HttpTarget {
  readonly resource: Resource
  readonly upstream: () => Promise<HttpUpstreamTarget>
}

/** What connections share. */
export interface HttpConnectionParts {
  readonly gate: Gate
  readonly authenticator: Authenticator
  /** The API that a host and path mean. */
  readonly target: (host: string, path: readonly string[]) => HttpTarget | undefined
  readonly scheme: 'http' | 'https'
  readonly hashKey: Uint8Array
  readonly onError: (where: string, error: unknown) => void
}

const nothing: Buffer = Buffer.alloc(0)
const sessionsMax = 16
const requestMs = 30_000
const idleMs = 120_000
/** Bytes that wait while a request is judged; a client that sends more is not read. */
const pipelinedMax = 256 * 1024

/** Serves a client until it goes. */
export function serveHttp(socket: Socket, parts: HttpConnectionParts): void {
  new HttpConnection(socket, parts).start()
}

class HttpConnection {
  readonly #socket: Socket
  readonly #parts: HttpConnectionParts
  readonly #sessions = new Map<string, GateSession>()
  readonly #upstreams = new Map<string, HttpUpstream>()
  readonly #gone = new AbortController()
  /** The action of the request that is being served; a submission that was answered already ignores a late word. */
  #running: Submission | undefined
  #waiting: Buffer = nothing
  /** Takes the client's bytes once the connection speaks another protocol. */
  #tap: ((bytes: Buffer) => void) | undefined
  #more: (() => void) | undefined
  #isEnded = false

  constructor(socket: Socket, parts: HttpConnectionParts) {
    this.#socket = socket
    this.#parts = parts
  }

  start(): void {
    const socket = this.#socket
    socket.setTimeout(idleMs, () => socket.destroy())
    socket.on('data', (bytes: Buffer) => {
      if (this.#tap !== undefined) {
        this.#tap(bytes)
        return
      }
      this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes])
      if (this.#waiting.length > pipelinedMax) socket.pause()
      this.#wake()
    })
    socket.on('end', () => {
      this.#isEnded = true
      this.#wake()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#isEnded = true
      this.#gone.abort()
      this.#running?.cancel('client_gone')
      this.#wake()
      for (const session of this.#sessions.values()) session.close('client_gone')
      for (const upstream of this.#upstreams.values()) upstream.close()
    })
    this.#serve().catch((error: unknown) => {
      this.#parts.onError('http', error)
      socket.destroy()
    })
  }

  #wake(): void {
    const more = this.#more
    this.#more = undefined
    more?.()
  }

  /** Bytes of the client; undefined when no more will come. */
  async #bytes(): Promise<Buffer | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#isEnded) return undefined
      await new Promise<void>((resolve) => {
        this.#more = resolve
      })
    }
    const bytes = this.#waiting
    this.#waiting = nothing
    this.#socket.resume()
    return bytes
  }

  #giveBack(rest: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? rest : Buffer.concat([rest, this.#waiting])
  }

  async #serve(): Promise<void> {
    for (;;) {
      let head: RequestHead | undefined
      try {
        head = await this.#head()
        if (head === undefined) break
        if (!(await this.#exchange(head))) break
      } catch (error) {
        const answer = answerOf(error)
        if (answer === undefined) throw error
        this.#answer(answer)
        // What follows cannot be told from the body of what was refused.
        break
      }
    }
    this.#socket.end()
  }

  async #head(): Promise<RequestHead | undefined> {
    const reader = new HeadReader()
    let timer: NodeJS.Timeout | undefined
    try {
      for (;;) {
        const bytes = await this.#bytes()
        if (bytes === undefined) {
          if (reader.pending > 0) throw new WireError('truncated', 'the connection ended within a head')
          return undefined
        }
        timer ??= setTimeout(() => this.#socket.destroy(), requestMs)
        const found = reader.push(bytes)
        if (found === undefined) continue
        this.#giveBack(found.rest)
        return decodeRequestHead(found.text)
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** One request and its answer. True when another may follow. */
  async #exchange(head: RequestHead): Promise<boolean> {
    const request = canonicalRequest(head, this.#parts.scheme)
    this.#socket.setTimeout(idleMs)
    if (request.connection.websocket && this.#waiting.length > 0)
      throw new HttpRefusal('upgrade', 'bytes right behind a request for a WebSocket')
    const target = this.#parts.target(request.authority.host, request.path.segments)
    const session = await this.#session(head, target)
    if (target === undefined) throw new Answer(404, 'no_resource', 'there is no API of this name')
    const body = new RequestReader(head, this)
    if (request.connection.expectsContinue && !body.done) this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    const judged = await body.judged()
    const made = new Promise<boolean>((resolve, reject) => {
      const submission: { now: Submission | undefined } = { now: undefined }
      const finish = (): void => queueMicrotask(() => submission.now?.finish())
      submission.now = session.submit(
        httpAction(request, judged),
        {},
        {
          forward: (terms) => {
            this.#forward({ request, target, session, terms, body }).then(
              (again) => {
                finish()
                resolve(again && !request.connection.closes)
              },
              (error: unknown) => {
                finish()
                reject(error)
              },
            )
          },
          refuse: (refusal) => {
            this.#answer(new Answer(403, refusal.code, refusal.message, refusal), body.done)
            resolve(body.done && !request.connection.closes)
          },
          held: () => undefined,
          stop: () => {
            this.#socket.destroy()
            resolve(false)
          },
        },
      )
      this.#running = submission.now
    })
    return made
  }

  async #session(head: RequestHead, target: HttpTarget | undefined): Promise<GateSession> {
    const value = head.fields.find(([name]) => name === 'authorization')?.[1] ?? ''
    const token = /^[Bb]earer ([^ ]+)$/.exec(value)?.[1]
    if (token === undefined) throw new Answer(401, 'no_token', 'a bearer token is needed')
    const key = JSON.stringify([target?.resource.name ?? '', token])
    const known = this.#sessions.get(key)
    if (known !== undefined) return known
    const authenticated = await this.#parts.authenticator.authenticate({ kind: 'token', token })
    if (!authenticated.ok) throw new Answer(401, authenticated.refusal.code, authenticated.refusal.message)
    if (target === undefined) throw new Answer(404, 'no_resource', 'there is no API of this name')
    if (this.#sessions.size >= sessionsMax) throw new Answer(403, 'limit', 'too many identities on one connection')
    return this.#open(key, authenticated.identity, target, head)
  }

  async #open(key: string, identity: Identity, target: HttpTarget, head: RequestHead): Promise<GateSession> {
    const agent = head.fields.find(([name]) => name === 'user-agent')?.[1] ?? ''
    const opened = await this.#parts.gate.open({
      identity,
      resource: target.resource,
      client: { address: this.#socket.remoteAddress ?? '', application: agent.slice(0, 200) },
      state: {},
      signal: this.#gone.signal,
    })
    if (!opened.open) throw new Answer(403, opened.refusal.code, opened.refusal.message, opened.refusal)
    const { session } = opened
    session.onEnd(() => this.#socket.destroy())
    if (this.#gone.signal.aborted) session.close('client_gone')
    this.#sessions.set(key, session)
    return session
  }

  async #upstream(target: HttpTarget, where: HttpUpstreamTarget): Promise<HttpUpstream> {
    const { name } = target.resource
    const kept = this.#upstreams.get(name)
    if (kept?.usable) return kept
    kept?.close()
    const made = await connectUpstream(where)
    if (this.#gone.signal.aborted) made.close()
    else this.#upstreams.set(name, made)
    return made
  }

  async #forward(exchange: {
    readonly request: CanonicalRequest
    readonly target: HttpTarget
    readonly session: GateSession
    readonly terms: Terms
    readonly body: RequestReader
  }): Promise<boolean> {
    const { request, target, session, terms, body } = exchange
    const plan = maskPlan(session.terms, terms)
    if (plan.kind === 'impossible') throw new Answer(403, 'masking', plan.why)
    const where = await target.upstream()
    const upstream = await this.#upstream(target, where)
    const asked = request.connection.websocket ? webSocketRequest(request) : undefined
    const answered = new Promise<boolean>((resolve, reject) => {
      const sink = new ResponseWriter(this.#socket, {
        request,
        session,
        terms,
        plan,
        hashKey: this.#parts.hashKey,
        resolve,
        reject,
        upstream,
        switched: (head, rest, upstreamSocket) => {
          const accepted = asked === undefined ? undefined : webSocketAnswer(asked, head)
          if (accepted === undefined) {
            upstreamSocket.destroy()
            reject(new HttpUpstreamError('the upstream does not speak WebSocket as it was asked to'))
            return
          }
          this.#socket.write(encodeResponseHead(101, 'Switching Protocols', accepted), 'latin1')
          const client = this.#socket
          const { hashKey } = this.#parts
          const ended = (): void => resolve(false)
          const relay = new WebSocketRelay({
            client,
            upstream: upstreamSocket,
            request,
            session,
            terms,
            plan,
            hashKey,
            ended,
          })
          this.#tap = (bytes) => relay.fromClient(bytes)
          relay.start(rest)
          if (this.#waiting.length > 0) relay.fromClient(this.#waiting)
          this.#waiting = nothing
          if (this.#isEnded) client.destroy()
        },
      })
      upstream.begin(
        request.method,
        encodeRequestHead(request.method, request.target, [
          ...requestFields(request, where, plan, body),
          ...(asked?.fields ?? []),
        ]),
        sink,
        asked !== undefined,
      )
    })
    answered.catch(() => upstream.close())
    const [again] = await Promise.all([answered, body.sendTo(upstream)])
    return again
  }

  #answer(answer: Answer, keepsAlive = false): void {
    if (this.#socket.destroyed || !this.#socket.writable) return
    const { status, code, message, refusal } = answer
    const body = JSON.stringify({
      type: 'about:blank',
      title: message,
      status,
      code,
      ...(refusal === undefined ? {} : { rule: refusal.rule, decision: refusal.decisionId, detail: refusal.hint }),
    })
    const fields: Field[] = [
      ['content-type', 'application/problem+json'],
      ['content-length', String(Buffer.byteLength(body))],
      ['cache-control', 'no-store'],
      ...(status === 401 ? [['www-authenticate', 'Bearer'] as const] : []),
      ...(keepsAlive ? [] : [['connection', 'close'] as const]),
    ]
    this.#socket.write(`${encodeResponseHead(status, reasons[status] ?? 'Refused', fields)}${body}`)
  }

  /** More of the client's bytes, for a body. */
  async pull(): Promise<Buffer> {
    const bytes = await this.#bytes()
    if (bytes === undefined) throw new WireError('truncated', 'the connection ended within a body')
    return bytes
  }

  putBack(rest: Buffer): void {
    if (rest.length > 0) this.#giveBack(rest)
  }
}

const reasons: { readonly [status: number]: string } = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  501: 'Not Implemented',
  502: 'Bad Gateway',
}

function answerOf(error: unknown): Answer | undefined {
  if (error instanceof Answer) return error
  if (error instanceof WireError || error instanceof HttpRefusal) return new Answer(400, error.code, error.message)
  if (error instanceof HttpUpstreamError) return new Answer(502, 'upstream', error.message)
  return undefined
}

/** What the upstream is sent: what may go on, the gateway's own host, framing and credential. */
function requestFields(
  request: CanonicalRequest,
  where: HttpUpstreamTarget,
  plan: MaskPlan,
  body: RequestReader,
): Field[] {
  const credential = where.credential?.[0].toLowerCase()
  const fields: Field[] = request.forwarded.filter(
    ([name]) =>
      name !== 'authorization' &&
      name !== credential &&
      !(plan.kind === 'masked' && (name === 'accept-encoding' || name === 'range')),
  )
  fields.unshift(['host', where.authority])
  if (where.credential !== undefined) fields.push(where.credential)
  // What is compressed cannot be masked, and half of a value neither.
  if (plan.kind === 'masked') fields.push(['accept-encoding', 'identity'])
  fields.push(...body.framing())
  return fields
}
