// Exchanges of one client connection: each request is read, judged, and only then sent on, rebuilt; its answer comes back
// under the terms it was allowed under.
import type { Socket } from 'node:net'
import {
  type CanonicalRequest,
  canonicalConnect,
  canonicalRequest,
  type HttpHead,
  httpAction,
  type RequestBody,
} from '../../engine/action/http/index.ts'
import type { Identity } from '../../engine/action/index.ts'
import { delegationRoot } from '../../engine/principal/index.ts'
import type { GateSession } from '../gate/contract.ts'
import type { Field } from '../http1/index.ts'
import type { Credential } from '../identity/contract.ts'
import { Answer } from './answer.ts'
import { type Asked, Asking } from './asking.ts'
import { clientChain, proxyCredential } from './client-identity.ts'
import { Forwarding, type Ways } from './forwarding.ts'
import { MaskPlans } from './masking.ts'
import { mayListTools } from './mcp-tools.ts'
import { ParkedRequest, type PresentClient, requestDigest } from './parking.ts'
import type { HttpConnectionParts, HttpExchange, HttpTarget } from './parts.ts'
import type { Proxying, Tunnel } from './proxying.ts'
import { type Reading, RunningExchanges, Submitted } from './submitted.ts'
import { UpstreamPool } from './upstream-pool.ts'

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
  readonly #ways: Ways
  readonly #running = new RunningExchanges()
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
    this.#ways = { parts, upstreams: new UpstreamPool(), plans: new MaskPlans() }
    this.#asking = new Asking(parts.tokenHeader, this.#chain)
  }

  /** The client is gone. */
  close(): void {
    this.#gone.abort()
    for (const submitted of this.#running.now()) submitted.cancel()
    for (const session of this.#sessions.values()) session.close('client_gone')
    this.#ways.upstreams.close()
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
    if (!reaches(authority)) throw noResource()
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
    if (proxying === undefined || !proxied) return undefined
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

  /** One request and its answer; the exchange is told when it is over. */
  serve(exchange: HttpExchange): void {
    try {
      const asked = this.#asking.of(exchange.request, this.#proved(exchange))
      const { request, credential, prefersAsync, token } = asked
      const target = this.#parts.target(request.authority.host, request.path.segments)
      const session = this.#again(credential, target)
      const isPlain = session !== undefined && !prefersAsync && token === undefined && !exchange.body.isThere
      if (isPlain && target !== undefined) this.#submit(this.#read(exchange, request, target, noBody), session)
      else this.#slowly(exchange, asked, target, session).catch((error: unknown) => exchange.failed(error))
    } catch (error) {
      exchange.failed(error)
    }
  }

  /** A request whose client or body must be waited for, or that may wait without its client. */
  async #slowly(
    exchange: HttpExchange,
    { request, credential, prefersAsync, token }: Asked,
    target: HttpTarget | undefined,
    known: GateSession | undefined,
  ): Promise<void> {
    const { body } = exchange
    const session = known ?? (await this.#session(request, credential, target))
    if (target === undefined) throw noResource()
    this.#reached(exchange, request)
    if (request.connection.expectsContinue && !body.done) exchange.goOn()
    body.isOf(delegationRoot(session.identity))
    const reading = this.#read(exchange, request, target, body.isThere ? await body.judged(isCall(request)) : noBody)
    if (token !== undefined || (prefersAsync && this.#parts.parking.hasPlace(session.identity))) {
      const { action } = reading
      const digest = requestDigest(request, action, session.identity, target.resource.name)
      if (token !== undefined) {
        const parked = this.#parts.parking.find(token, digest)
        const again = await this.#aside(reading, (client) => {
          parked.attach(client, !prefersAsync)
          return parked
        })
        exchange.done(again)
        return
      }
      if (digest !== undefined) {
        const own = await this.#openSession(session.identity, target, request)
        const again = await this.#aside(reading, (client) => {
          const parked = new ParkedRequest(digest, own, request, action, client)
          this.#parts.parking.begin(parked)
          return parked
        })
        exchange.done(again)
        return
      }
    }
    this.#submit(reading, session)
  }

  /** Through the gateway as a proxy only what is configured is reached. */
  #reached({ proxied }: HttpExchange, { authority }: CanonicalRequest): void {
    if (proxied && this.#parts.proxying?.reaches(authority) === false) throw noResource()
  }

  #read(exchange: HttpExchange, request: CanonicalRequest, target: HttpTarget, body: RequestBody): Reading {
    this.#reached(exchange, request)
    const action = httpAction(request, body, {
      tools: this.#parts.tools.of(target.resource.name),
      routes: target.routes,
    })
    return { exchange, request, target, action, lists: mayListTools(request, action) }
  }

  #submit(reading: Reading, session: GateSession): void {
    const submitted = new Submitted(this.#ways, this.#running, reading, session)
    submitted.start()
    reading.exchange.onGone?.(() => submitted.cancel())
  }

  /** One client of a request that may outlive it. */
  async #aside(reading: Reading, begin: (client: PresentClient) => ParkedRequest): Promise<boolean> {
    const { exchange, target, lists, action } = reading
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
            const request = { ...reading.request, forwarded: judged.forwarded }
            const over = new Promise<boolean>((done, failed) => {
              new Forwarding(
                this.#ways,
                { exchange, request, target, session, terms, lists, action },
                { done, failed },
              ).start()
            })
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
    if (target === undefined) throw noResource()
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
}

const noBody = { kind: 'none' } as const

/** A call of gRPC. */
function isCall({ fields }: CanonicalRequest): boolean {
  const type = fields.find(([name]) => name === 'content-type')?.[1].toLowerCase() ?? ''
  return type === 'application/grpc' || type.startsWith('application/grpc+') || type.startsWith('application/grpc;')
}

function noResource(): Answer {
  return new Answer(404, 'no_resource', 'there is no API of this name')
}
