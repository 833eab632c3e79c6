// Exchanges of one client connection: each request is read, judged, and only then sent on, rebuilt; its answer comes back
// under the terms it was allowed under.
import type { Socket } from 'node:net'
import {
  type CanonicalRequest,
  canonicalConnect,
  canonicalRequest,
  type HttpHead,
  httpAction,
  type RouteTable,
} from '../../engine/action/http/index.ts'
import type { Action, Identity, Resource } from '../../engine/action/index.ts'
import type { Gate, GateSession, Submission, Terms } from '../gate/contract.ts'
import type { Authenticator, Credential } from '../identity/contract.ts'
import { Answer } from './answer.ts'
import { Asking } from './asking.ts'
import { clientChain, proxyCredential } from './client-identity.ts'
import type { ClientPeer } from './client-peer.ts'
import { type MaskPlan, maskPlan } from './masking.ts'
import { mayListTools, seesTool, type ToolBook, ToolWatch } from './mcp-tools.ts'
import { outgoing } from './outgoing.ts'
import { ParkedRequest, type Parking, type PresentClient, requestDigest } from './parking.ts'
import type { Proxying, Tunnel } from './proxying.ts'
import type { RequestReader } from './request-body.ts'
import { ResponseWriter } from './response-writer.ts'
import { type HttpUpstream, HttpUpstreamError, type HttpUpstreamTarget } from './upstream.ts'
import { UpstreamPool } from './upstream-pool.ts'
import { WebSocketRelay } from './web-socket.ts'
import { webSocketAnswer, webSocketRequest } from './web-socket-opening.ts'
import type { Field } from './wire/index.ts'

/** An API that clients can name. */
export interface HttpTarget {
  readonly resource: Resource
  readonly upstream: () => HttpUpstreamTarget | Promise<HttpUpstreamTarget>
  /** The routes of its OpenAPI document, where there is one. */
  readonly routes?: RouteTable
}

/** What connections share. */
export interface HttpConnectionParts {
  readonly gate: Gate
  readonly authenticator: Authenticator
  /** The API that a host and path mean. */
  readonly target: (host: string, path: readonly string[]) => HttpTarget | undefined
  readonly scheme: 'http' | 'https'
  /** The field that carries a client's token, in lower case. */
  readonly tokenHeader: string
  /** Credentials may come without TLS. */
  readonly cleartext: boolean
  /** Set where clients may use the gateway as their proxy. */
  readonly proxying?: Proxying | undefined
  /** Set on a connection inside of a tunnel. */
  readonly tunnel?: Tunnel | undefined
  readonly hashKey: Uint8Array
  /** Tools that APIs have listed to any client. */
  readonly tools: ToolBook
  /** Requests that wait for people without their clients. */
  readonly parking: Parking
  readonly onError: (where: string, error: unknown) => void
}

/** One request of a client. */
export interface HttpExchange {
  readonly request: CanonicalRequest
  /** The request is one to a proxy: its target is a whole URL. */
  readonly proxied?: boolean
  readonly body: RequestReader
  readonly peer: ClientPeer
  /** Tells the client to send its body. */
  readonly goOn: () => void
  /** Hands the client's connection over to another protocol; undefined where it cannot be. */
  readonly switchTo:
    | ((fields: readonly Field[], begin: (client: Socket) => (bytes: Buffer) => void) => void)
    | undefined
  /** Calls back when this request's client is gone while its connection stays. */
  readonly onGone?: (callback: () => void) => void
  /** The request waits for people: calls back when its client does not wait with it. */
  readonly held?: (gone: () => void) => void
  /** Writes an answer of the gateway's own. */
  readonly answer: (answer: Answer) => void
}

interface Judged extends HttpExchange {
  readonly target: HttpTarget
  readonly session: GateSession
  readonly terms: Terms
  /** The answer may list tools of MCP. */
  readonly lists: boolean
  readonly action: Omit<Action, 'digest'>
}

/** A request that is parked, or its retry. */
interface Aside {
  readonly exchange: HttpExchange
  readonly request: CanonicalRequest
  readonly target: HttpTarget
  readonly lists: boolean
  readonly action: Omit<Action, 'digest'>
  readonly prefersAsync: boolean
}

/** A session that was asked for last. */
interface Recent {
  readonly credential: Credential
  readonly api: string
  readonly session: GateSession
}

const sessionsMax = 16

/** What a client connection knows beyond one request: who it is, and its ways upstream. */
export class Exchanges {
  readonly #parts: HttpConnectionParts
  readonly #address: string
  readonly #chain: readonly Uint8Array[]
  readonly #end: () => void
  readonly #sessions = new Map<string, GateSession>()
  readonly #upstreams = new UpstreamPool()
  readonly #running = new Set<Submission>()
  readonly #gone = new AbortController()
  readonly #asking: Asking
  #lastRead: CanonicalRequest | undefined
  #recent: Recent | undefined

  /** `end` ends the client's connection. */
  constructor(parts: HttpConnectionParts, socket: Socket, end: () => void) {
    this.#parts = parts
    this.#address = socket.remoteAddress ?? ''
    this.#chain = clientChain(socket)
    this.#end = end
    this.#asking = new Asking(parts.tokenHeader, this.#chain)
  }

  /** The client is gone. */
  close(): void {
    this.#gone.abort()
    for (const submission of this.#running) submission.cancel('client_gone')
    for (const session of this.#sessions.values()) session.close('client_gone')
    this.#upstreams.close()
  }

  /** Reads a head; what has two meanings throws. */
  read(head: HttpHead): CanonicalRequest {
    const { tunnel, proxying, scheme } = this.#parts
    // To a proxy that is spoken to over TLS, clients send requests to servers in clear, whose URLs say so.
    const isClear = proxying !== undefined && head.target.startsWith('http://')
    const request = canonicalRequest(head, isClear ? 'http' : scheme, this.#lastRead)
    this.#lastRead = request
    const there = tunnel?.authority
    if (there !== undefined && (there.host !== request.authority.host || there.port !== request.authority.port))
      throw new Answer(421, 'misdirected', 'the request is to another host than the tunnel')
    return request
  }

  /** Reads a request for a tunnel, and checks who asks and for what. Throws what is the answer instead. */
  async tunnel(head: HttpHead, { reaches }: Proxying): Promise<Tunnel> {
    const authority = canonicalConnect(head)
    const credential = this.#proxyCredential(head.fields)
    const authenticated = await this.#parts.authenticator.authenticate(credential)
    if (!authenticated.ok) throw new Answer(407, authenticated.refusal.code, authenticated.refusal.message)
    if (!reaches(authority)) throw new Answer(404, 'no_resource', 'there is no API of this name')
    return { authority, credential }
  }

  #proxyCredential(fields: readonly Field[]): Credential {
    const credential = proxyCredential(fields, this.#chain)
    if (credential === undefined) throw new Answer(407, 'no_token', 'a token is needed')
    if (this.#parts.scheme === 'http' && !this.#parts.cleartext)
      throw new Answer(403, 'cleartext', 'tokens are not taken without TLS here')
    return credential
  }

  /** What the client has proved to the gateway as its proxy; undefined where it is none, or only a server to it. */
  #proved({ proxied, request }: HttpExchange): Credential | undefined {
    const { tunnel, proxying } = this.#parts
    if (tunnel !== undefined) return tunnel.credential
    if (proxying === undefined || proxied !== true) return undefined
    // Clients that know of no proxies' credentials send the one that they have.
    const isNone = request.fields.every(([name]) => name !== 'proxy-authorization')
    if (isNone && request.fields.some(([name]) => name === this.#parts.tokenHeader)) return undefined
    return this.#proxyCredential(request.fields)
  }

  /** The session that was asked for last, if the same client asks for the same. */
  #again(credential: Credential | undefined, target: HttpTarget | undefined): GateSession | undefined {
    const recent = this.#recent
    return recent !== undefined && recent.credential === credential && recent.api === target?.resource.name
      ? recent.session
      : undefined
  }

  /** One request and its answer. True when another may follow on a connection that serves one at a time. */
  async serve(exchange: HttpExchange): Promise<boolean> {
    const { body } = exchange
    const { request, credential, prefersAsync, token } = this.#asking.of(exchange.request, this.#proved(exchange))
    const target = this.#parts.target(request.authority.host, request.path.segments)
    const session = this.#again(credential, target) ?? (await this.#session(request, credential, target))
    if (
      target === undefined ||
      (exchange.proxied === true && this.#parts.proxying?.reaches(request.authority) === false)
    )
      throw new Answer(404, 'no_resource', 'there is no API of this name')
    if (request.connection.expectsContinue && !body.done) exchange.goOn()
    const tools = this.#parts.tools.of(target.resource.name)
    const routes = target.routes === undefined ? {} : { routes: target.routes }
    const judged = body.isThere ? await body.judged(isCall(request)) : noBody
    const action = httpAction(request, judged, { tools, ...routes })
    const lists = mayListTools(request, action.http?.body.value ?? null)
    if (token !== undefined || (prefersAsync && this.#parts.parking.hasPlace(session.identity))) {
      const digest = requestDigest(request, action, session.identity, target.resource.name)
      const aside = { exchange, request, target, lists, action, prefersAsync }
      if (token !== undefined) return this.#retry(aside, this.#parts.parking.find(token, digest))
      if (digest !== undefined) {
        const own = await this.#openSession(session.identity, target, request)
        return this.#aside(aside, (client) => {
          const parked = new ParkedRequest(digest, own, request, action, client)
          this.#parts.parking.begin(parked)
          return parked
        })
      }
    }
    return new Promise<boolean>((resolve, reject) => {
      const submitted: { now: Submission | undefined; over: boolean; forwarded: boolean } = {
        now: undefined,
        over: false,
        forwarded: false,
      }
      const finish = (): void => {
        submitted.over = true
        if (submitted.now !== undefined) this.#running.delete(submitted.now)
        queueMicrotask(() => submitted.now?.finish())
      }
      submitted.now = session.submit(
        action,
        {},
        {
          forward: (terms) => {
            submitted.forwarded = true
            this.#forward({ ...exchange, request, target, session, terms, lists, action }).then(
              (again) => {
                finish()
                resolve(again)
              },
              (error: unknown) => {
                finish()
                reject(error)
              },
            )
          },
          refuse: (refusal) => {
            finish()
            exchange.answer(new Answer(403, refusal.code, refusal.message, refusal, action.http))
            resolve(body.done)
          },
          held: () =>
            exchange.held?.(() => {
              if (!submitted.forwarded) submitted.now?.cancel('client_gone')
            }),
          stop: () => {
            exchange.peer.destroy()
            resolve(false)
          },
        },
      )
      if (submitted.over) return
      this.#running.add(submitted.now)
      exchange.onGone?.(() => submitted.now?.cancel('client_gone'))
    })
  }

  /** A retry of a request that waits, or waited, for people. */
  #retry(aside: Aside, parked: ParkedRequest): Promise<boolean> {
    return this.#aside(aside, (client) => {
      parked.attach(client, !aside.prefersAsync)
      return parked
    })
  }

  /** One client of a request that may outlive it. */
  async #aside(aside: Aside, begin: (client: PresentClient) => ParkedRequest): Promise<boolean> {
    const { exchange, target, lists, action } = aside
    const { body, peer } = exchange
    let parked: ParkedRequest | undefined
    let isGone = false
    let leave: () => void = () => undefined
    try {
      return await new Promise<boolean>((resolve, reject) => {
        leave = () => {
          isGone = true
          if (parked?.detach(client)) resolve(false)
        }
        const client: PresentClient = {
          forward: (judged, terms, session) => {
            // The connection is this client's own; what goes on is what was judged.
            const request = { ...aside.request, forwarded: judged.forwarded }
            const over = this.#forward({ ...exchange, request, target, session, terms, lists, action })
            over.then(resolve, reject)
            return over.then(() => undefined)
          },
          answer: (answer) => {
            exchange.answer(answer)
            resolve(body.done)
          },
          waits: () => exchange.held?.(leave),
          stop: () => {
            peer.destroy()
            resolve(false)
          },
        }
        this.#gone.signal.addEventListener('abort', leave, { once: true })
        exchange.onGone?.(leave)
        parked = begin(client)
        if (isGone) leave()
      })
    } finally {
      this.#gone.signal.removeEventListener('abort', leave)
    }
  }

  async #session(
    request: CanonicalRequest,
    credential: Credential | undefined,
    target: HttpTarget | undefined,
  ): Promise<GateSession> {
    if (credential === undefined) throw new Answer(401, 'no_token', 'a token is needed')
    if (this.#parts.scheme === 'http' && !this.#parts.cleartext && this.#parts.tunnel === undefined)
      throw new Answer(401, 'cleartext', 'tokens are not taken without TLS here')
    const key = `${credential.kind === 'token' ? credential.token : ''} ${target?.resource.name ?? ''}`
    const known = this.#sessions.get(key)
    if (known !== undefined) {
      if (target !== undefined) this.#recent = { credential, api: target.resource.name, session: known }
      return known
    }
    const authenticated = await this.#parts.authenticator.authenticate(credential)
    if (!authenticated.ok) throw new Answer(401, authenticated.refusal.code, authenticated.refusal.message)
    if (target === undefined) throw new Answer(404, 'no_resource', 'there is no API of this name')
    // Another request of the connection may have opened it by now.
    const opened = this.#sessions.get(key)
    if (opened !== undefined) return opened
    if (this.#sessions.size >= sessionsMax) throw new Answer(403, 'limit', 'too many identities on one connection')
    return this.#open(key, authenticated.identity, target, request)
  }

  async #open(key: string, identity: Identity, target: HttpTarget, request: CanonicalRequest): Promise<GateSession> {
    const session = await this.#openSession(identity, target, request)
    const other = this.#sessions.get(key)
    if (other !== undefined || this.#gone.signal.aborted) {
      session.close('client_gone')
      return other ?? session
    }
    session.onEnd(() => this.#end())
    this.#sessions.set(key, session)
    return session
  }

  async #openSession(identity: Identity, target: HttpTarget, request: CanonicalRequest): Promise<GateSession> {
    const agent = request.fields.find(([name]) => name === 'user-agent')?.[1] ?? ''
    const opened = await this.#parts.gate.open({
      identity,
      resource: target.resource,
      client: { address: this.#address, application: agent.slice(0, 200) },
      state: {},
      signal: this.#gone.signal,
    })
    if (!opened.open) throw new Answer(403, opened.refusal.code, opened.refusal.message, opened.refusal)
    return opened.session
  }

  async #forward(exchange: Judged): Promise<boolean> {
    const { target, session, terms, body } = exchange
    const plan = maskPlan(session.terms, terms)
    if (plan.kind === 'impossible') throw new Answer(403, 'masking', plan.why)
    const found = target.upstream()
    const where = found instanceof Promise ? await found : found
    const { request, onGone } = exchange
    // The same may be sent again where nobody knows whether the first was read (RFC 9110 9.2.2).
    const mayRepeat = repeatable.has(request.method) && !body.isThere
    const way = { api: target.resource.name, where, switches: request.connection.websocket, mayRepeat }
    return this.#upstreams.use(way, async (upstream, isOver) => {
      onGone?.(() => {
        if (!isOver()) upstream.close()
      })
      const answered = this.#answered(exchange, upstream, where, plan)
      answered.catch(() => upstream.close())
      if (!body.isThere) return answered
      const [again] = await Promise.all([answered, body.sendTo(upstream)])
      return again
    })
  }

  #answered(exchange: Judged, upstream: HttpUpstream, where: HttpUpstreamTarget, plan: MaskPlan): Promise<boolean> {
    const { request, session, terms, peer, switchTo } = exchange
    const { hashKey = this.#parts.hashKey } = where
    const asked = request.connection.websocket && switchTo !== undefined ? webSocketRequest(request) : undefined
    return new Promise<boolean>((resolve, reject) => {
      const switched = (fields: readonly Field[], rest: Buffer, socket: Socket): void => {
        switchTo?.(fields, (client) => {
          const ended = (): void => resolve(false)
          const relay = new WebSocketRelay({ client, upstream: socket, request, session, terms, plan, hashKey, ended })
          relay.start(rest)
          return (bytes) => relay.fromClient(bytes)
        })
      }
      const sink = new ResponseWriter(peer, {
        request,
        session,
        terms,
        plan,
        hashKey,
        resolve,
        reject,
        upstream,
        sees: exchange.lists ? seesTool(session, exchange.action) : undefined,
        watch: (type) =>
          exchange.lists ? new ToolWatch(this.#parts.tools, exchange.target.resource.name, type) : undefined,
        switched: (head, rest, socket) => {
          const accepted = asked === undefined ? undefined : webSocketAnswer(asked, head)
          if (accepted === undefined) {
            socket.destroy()
            reject(new HttpUpstreamError('the upstream does not speak WebSocket as it was asked to'))
          } else switched(accepted, rest, socket)
        },
      })
      const { target, fields } = outgoing(exchange, where, plan)
      const { method } = request
      const all = [...fields, ...(asked?.fields ?? [])]
      const { isThere: hasBody } = exchange.body
      const switches = asked !== undefined
      upstream.begin({ method, target, authority: where.authority, fields: all, hasBody, switches }, sink)
    })
  }
}

const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const noBody = { kind: 'none' } as const

/** A call of gRPC. */
function isCall({ fields }: CanonicalRequest): boolean {
  const type = fields.find(([name]) => name === 'content-type')?.[1].toLowerCase() ?? ''
  return type === 'application/grpc' || type.startsWith('application/grpc+') || type.startsWith('application/grpc;')
}
