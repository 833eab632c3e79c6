// An allowed request on its way: the connection upstream, the body, and the answer as it comes back. What it waits for
// calls it back; a promise for each step would cost as much as the steps.
import type { Socket } from 'node:net'
import type { CanonicalRequest } from '../../engine/action/http/index.ts'
import type { GateSession, Terms } from '../gate/contract.ts'
import type { Field, ResponseHead } from '../http1/index.ts'
import { Answer } from './answer.ts'
import { guarded } from './credential-guard.ts'
import { JudgedAnswer } from './judged-answer.ts'
import { type MaskPlan, type MaskPlans, shapeOf } from './masking.ts'
import { seesTool, ToolWatch } from './mcp-tools.ts'
import { outgoing } from './outgoing.ts'
import type { Allowed, HttpConnectionParts } from './parts.ts'
import { ResponseWriter, type SwitchTerms, type WriterParts } from './response-writer.ts'
import type { SeesTool } from './tool-sieve.ts'
import { type HttpUpstream, HttpUpstreamError, type HttpUpstreamTarget, StaleConnectionError } from './upstream.ts'
import type { UpstreamPool, Way } from './upstream-pool.ts'
import { WebSocketRelay } from './web-socket.ts'
import { type WebSocketAsked, webSocketAnswer, webSocketRequest } from './web-socket-opening.ts'

/** What the exchanges of one client connection share. */
export interface Ways {
  readonly parts: HttpConnectionParts
  readonly upstreams: UpstreamPool
  readonly plans: MaskPlans
}

/** Who is told how it ended: once, of one of these. */
export interface Ending {
  done(again: boolean): void
  failed(error: unknown): void
}

/** The same may be sent again where nobody knows whether the first was read (RFC 9110 9.2.2). */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** One allowed request. */
export class Forwarding implements WriterParts {
  readonly request: CanonicalRequest
  readonly session: GateSession
  readonly terms: Terms
  readonly answerTerms: undefined = undefined
  readonly plan: MaskPlan
  readonly sees: SeesTool | undefined
  readonly #ways: Ways
  readonly #allowed: Allowed
  readonly #ending: Ending
  #where: HttpUpstreamTarget | undefined
  #way: Way | undefined
  /** The connection of this attempt; undefined between two of them and once it is over. */
  #upstream: HttpUpstream | undefined
  #asked: WebSocketAsked | undefined
  #isBodySent: boolean
  /** How the answer ended, while the body still goes out. */
  #again: boolean | undefined

  constructor(ways: Ways, allowed: Allowed, ending: Ending) {
    const { request, session, terms, lists, action } = allowed
    this.request = request
    this.session = session
    this.terms = terms
    this.plan = ways.plans.of(shapeOf(action), session.terms, terms)
    this.sees = lists ? seesTool(session, action) : undefined
    this.#ways = ways
    this.#allowed = allowed
    this.#ending = ending
    this.#isBodySent = !allowed.exchange.body.isThere
  }

  get hashKey(): Uint8Array {
    return this.#where?.hashKey ?? this.#ways.parts.hashKey
  }

  /** Begins; whatever goes wrong is told to the ending. */
  start(): void {
    if (this.plan.kind === 'impossible') {
      this.#ending.failed(new Answer(403, 'masking', this.plan.why))
      return
    }
    try {
      const found = this.#allowed.target.upstream()
      if (found instanceof Promise) found.then((where) => this.#at(where)).catch((error) => this.#ending.failed(error))
      else this.#at(found)
    } catch (error) {
      this.#ending.failed(error)
    }
  }

  #at(where: HttpUpstreamTarget): void {
    const { method, connection } = this.request
    this.#where = where
    const mayRepeat = this.#isBodySent && repeatable.has(method)
    this.#way = { api: this.#allowed.target.resource.name, where, switches: connection.websocket, mayRepeat }
    this.#try(this.#way, where)
  }

  /** Each connection that rested is tried once at most, and a new one is never stale. */
  #try(way: Way, where: HttpUpstreamTarget): void {
    const { upstreams } = this.#ways
    const resting = upstreams.resting(way)
    if (resting !== undefined) this.#on(resting, where)
    else
      upstreams.made(way).then(
        (upstream) => this.#on(upstream, where),
        (error: unknown) => this.#ending.failed(error),
      )
  }

  #on(upstream: HttpUpstream, where: HttpUpstreamTarget): void {
    this.#upstream = upstream
    try {
      this.#begin(upstream, where)
    } catch (error) {
      this.reject(error)
    }
  }

  #begin(upstream: HttpUpstream, where: HttpUpstreamTarget): void {
    const { exchange } = this.#allowed
    const { request } = this
    exchange.onGone?.(() => {
      if (this.#upstream === upstream) upstream.close()
    })
    const isAsked = request.connection.websocket && exchange.switchTo !== undefined
    this.#asked = isAsked ? webSocketRequest(request) : undefined
    const isJudged = this.session.judgesAnswers()
    const { target, fields } = outgoing(this.#allowed, where, this.plan, isJudged)
    const all = this.#asked === undefined ? fields : [...fields, ...this.#asked.fields]
    const { isThere: hasBody } = exchange.body
    const { method } = request
    const sent = { method, target, authority: where.authority, fields: all, hasBody, switches: isAsked }
    exchange.peer.awaits(true)
    const sink = isJudged
      ? new JudgedAnswer(exchange.peer, this, this.#allowed.action, this.#ways.plans)
      : new ResponseWriter(exchange.peer, this)
    upstream.begin(sent, guarded(sink, where.credential))
    if (this.#isBodySent || this.#upstream === undefined) return
    exchange.body.sendTo(upstream).then(
      (isSent) => {
        this.#isBodySent = isSent
        if (this.#again === undefined) return
        if (isSent) this.resolve(this.#again)
        else this.#cut()
      },
      // Behind a whole answer there is no room for another.
      (error: unknown) => (this.#again === undefined ? this.reject(error) : this.#cut()),
    )
  }

  /** The answer is out, and what is left of the body is nobody's. */
  #cut(): void {
    const upstream = this.#upstream
    if (upstream === undefined) return
    this.#leave(upstream)
    this.#ending.done(false)
  }

  resume(): void {
    this.#upstream?.resume()
  }

  watch(contentType: string): ToolWatch | undefined {
    const { lists, target } = this.#allowed
    return lists ? new ToolWatch(this.#ways.parts.tools, target.resource.name, contentType) : undefined
  }

  resolve(again: boolean): void {
    if (this.#upstream === undefined) return
    if (!this.#isBodySent) {
      this.#again = again
      if (!this.#upstream.takesBody) this.#cut()
      return
    }
    this.#leave()
    this.#ending.done(again)
  }

  reject(error: unknown): void {
    const [upstream, way, where] = [this.#upstream, this.#way, this.#where]
    if (upstream === undefined || way === undefined || where === undefined) return
    this.#leave(upstream)
    if (error instanceof StaleConnectionError && way.mayRepeat) this.#try(way, where)
    else this.#ending.failed(error)
  }

  refused(answer: Answer): void {
    const upstream = this.#upstream
    if (upstream === undefined) return
    const { exchange } = this.#allowed
    this.#leave(upstream)
    exchange.answer(answer)
    this.#ending.done(exchange.body.done)
  }

  /** The connection is not this exchange's any more; `broken` is closed. */
  #leave(broken?: HttpUpstream): void {
    const [upstream, way] = [this.#upstream, this.#way]
    this.#upstream = undefined
    broken?.close()
    if (upstream !== undefined && way !== undefined) this.#ways.upstreams.giveBack(way, upstream)
  }

  switched(head: ResponseHead, rest: Buffer, socket: Socket, judged: SwitchTerms = this): void {
    const accepted = this.#asked === undefined ? undefined : webSocketAnswer(this.#asked, head)
    if (accepted !== undefined) this.#relay(accepted, rest, socket, judged)
    else {
      socket.destroy()
      judged.over?.()
      this.reject(new HttpUpstreamError('the upstream does not speak WebSocket as it was asked to'))
    }
  }

  #relay(fields: readonly Field[], rest: Buffer, socket: Socket, { plan, answerTerms, over }: SwitchTerms): void {
    const { request, session, terms, hashKey } = this
    this.#allowed.exchange.switchTo?.(fields, (client) => {
      const ended = (): void => {
        over?.()
        this.resolve(false)
      }
      const relay = new WebSocketRelay({
        client,
        upstream: socket,
        request,
        session,
        terms,
        answerTerms,
        plan,
        hashKey,
        ended,
      })
      relay.start(rest)
      return (bytes) => relay.fromClient(bytes)
    })
  }
}
