// Requests whose clients do not wait for people (`Prefer: respond-async`, RFC 7240): the hold stands on a session of its
// own, the client is answered 202 with a retry token, and the same request with that token is sent on once after the
// approval. Another request, another client or the token a second time get nothing.
import { createHash, randomBytes } from 'node:crypto'
import type { CanonicalRequest } from '../../engine/action/http/index.ts'
import { type Action, canonicalJson, type Identity } from '../../engine/action/index.ts'
import type { Effects, GateSession, HoldNotice, Refusal, Submission, Terms } from '../gate/contract.ts'
import type { Field } from '../http1/index.ts'
import { Answer } from './answer.ts'

/** The field that carries the token, both ways. */
export const retryField = 'sallyport-retry'
const parkedMax = 1000
const parkedPerIdentityMax = 16
/** How long a request that is over is remembered, so that its client learns how it ended. */
const rememberMs = 5 * 60_000
const tokenBytes = 32
/** Fields that may differ between a request and its retry; what is sent on is the first one's. */
const varying: ReadonlySet<string> = new Set(['prefer', retryField, 'traceparent', 'tracestate', 'x-request-id'])

/** What a request says of waiting. */
export interface Waiting {
  readonly request: CanonicalRequest
  readonly prefersAsync: boolean
  readonly token: string | undefined
}

/** Takes the token out of a request, and sees whether its client would rather not wait. */
export function waitingOf(request: CanonicalRequest): Waiting {
  const tokens = request.fields.filter(([name]) => name === retryField).map(([, value]) => value)
  if (tokens.length > 1) throw new Answer(400, 'two_retry_tokens', 'the request has two retry tokens')
  const prefers = request.fields
    .filter(([name]) => name === 'prefer')
    .flatMap(([, value]) => value.split(',').map((one) => (one.split(';', 1)[0] ?? '').trim().toLowerCase()))
  const without = (fields: readonly Field[]) => fields.filter(([name]) => name !== retryField)
  return {
    request:
      tokens.length === 0
        ? request
        : { ...request, fields: without(request.fields), forwarded: without(request.forwarded) },
    prefersAsync: prefers.includes('respond-async') && !request.connection.websocket,
    token: tokens[0],
  }
}

/** Who asks for exactly what, digested; undefined for a request that was not read whole. */
export function requestDigest(
  request: CanonicalRequest,
  action: Omit<Action, 'digest'>,
  { issuer, subject, chain }: Identity,
  resource: string,
): string | undefined {
  const body = action.http?.body
  if (body === undefined || (body.kind !== 'none' && body.sha256 === '')) return undefined
  const { method, scheme, authority, target, forwarded } = request
  const fields = forwarded.filter(([name]) => !varying.has(name))
  const who = { issuer, subject, chain: chain.map((link) => ({ issuer: link.issuer, subject: link.subject })) }
  const what = { method, scheme, authority: authority.written, target, fields, body: body.sha256, who, resource }
  return createHash('sha256').update(canonicalJson(what)).digest('hex')
}

/** A client that is there, with the request or its retry. */
export interface PresentClient {
  /** Sends the request on under these terms; settles when its answer is over. */
  forward(request: CanonicalRequest, terms: Terms, session: GateSession): Promise<void>
  answer(answer: Answer): void
  /** It waits for people: its connection may be quiet. */
  waits(): void
  /** The action ran too long: the client's connection cannot go on. */
  stop(): void
}

/** One request that waits for people without its client. */
export class ParkedRequest implements Effects {
  readonly token: string = randomBytes(tokenBytes).toString('base64url')
  readonly digest: string
  readonly who: string
  readonly #session: GateSession
  readonly #request: CanonicalRequest
  readonly #action: Omit<Action, 'digest'>
  #client: PresentClient | undefined
  #submission: Submission | undefined
  #notice: HoldNotice | undefined
  #release: (() => void) | undefined
  #refusal: Refusal | undefined
  #isGoing = false
  #isOver = false
  /** When it may be forgotten. */
  forgetAtMs: number = Number.POSITIVE_INFINITY

  constructor(
    digest: string,
    session: GateSession,
    request: CanonicalRequest,
    action: Omit<Action, 'digest'>,
    client: PresentClient,
  ) {
    this.digest = digest
    this.who = JSON.stringify([session.identity.issuer, session.identity.subject])
    this.#session = session
    this.#request = request
    this.#action = action
    this.#client = client
  }

  /** Submits it; its first client is answered by whatever comes of that. */
  start(): void {
    this.#submission = this.#session.submit(this.#action, {}, this)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** A retry: it is sent on, refused, or told to come back; with `waits` it waits here until one of these. */
  attach(client: PresentClient, waits: boolean): void {
    if (this.#refusal !== undefined) this.#tell(client, this.#refusal)
    else if (this.#isOver) client.answer(new Answer(409, 'retry_used', 'the request was sent on already'))
    else if (this.#client !== undefined)
      client.answer(new Answer(409, 'retry_in_use', 'another client waits with this token'))
    else if (this.#release === undefined && !waits) client.answer(this.#comeBack())
    else {
      this.#client = client
      if (this.#release === undefined) client.waits()
      else this.#go(this.#release)
    }
  }

  /** The client went away: while people decide it may come back. True when it was waiting for something. */
  detach(client: PresentClient): boolean {
    if (this.#client !== client || this.#isOver) return false
    this.#client = undefined
    // Nobody has the token yet, or it was used up for this client.
    if (this.#notice === undefined || this.#isGoing) this.#submission?.cancel('client_gone')
    return true
  }

  held(notice: HoldNotice): void {
    this.#notice = notice
    const client = this.#client
    this.#client = undefined
    client?.answer(this.#comeBack())
  }

  approved(release: () => void): void {
    this.#release = release
    if (this.#client !== undefined) this.#go(release)
  }

  #go(release: () => void): void {
    this.#isGoing = true
    release()
  }

  forward(terms: Terms): void {
    const client = this.#client
    // The gate forwards only what a client that is there has released.
    if (client === undefined || this.#isOver) throw new TypeError('nobody is there to be answered')
    this.#end()
    this.#session.onEnd(() => client.stop())
    // The first call may come from within `submit`.
    queueMicrotask(() => {
      client
        .forward(this.#request, terms, this.#session)
        .catch(() => undefined)
        .finally(() => {
          this.#submission?.finish()
          this.#session.close('done')
        })
    })
  }

  refuse(refusal: Refusal): void {
    if (this.#isOver) return
    this.#refusal = refusal
    this.#end()
    const client = this.#client
    this.#client = undefined
    if (client !== undefined) this.#tell(client, refusal)
    queueMicrotask(() => this.#session.close('refused'))
  }

  stop(): void {
    this.#client?.stop()
  }

  /** Withdraws it. */
  cancel(): void {
    this.#submission?.cancel('shutdown')
  }

  #end(): void {
    this.#isOver = true
    this.forgetAtMs = this.#notice === undefined ? 0 : Date.now() + rememberMs
  }

  #tell(client: PresentClient, refusal: Refusal): void {
    client.answer(new Answer(403, refusal.code, refusal.message, refusal, this.#action.http))
  }

  #comeBack(): Answer {
    const { token } = this
    const { holdId = '', reason = '', expiresAtMs = 0, rule = '', decisionId = '' } = this.#notice ?? {}
    const waiting = { token, holdId, rule, decisionId, reason, expiresAt: new Date(expiresAtMs).toISOString() }
    return new Answer(202, 'held', 'the request waits for approval', undefined, undefined, waiting)
  }
}

/** The parked requests of one listener. */
export class Parking {
  readonly #parked = new Map<string, ParkedRequest>()
  #isClosed: boolean

  /** Without places nobody parks: where a retry may come to another process, clients wait. */
  constructor(hasPlaces = true) {
    this.#isClosed = !hasPlaces
  }

  /** True when this identity may park one more; otherwise its client waits like any other. */
  hasPlace({ issuer, subject }: Identity): boolean {
    this.#forget()
    if (this.#isClosed || this.#parked.size >= parkedMax) return false
    const who = JSON.stringify([issuer, subject])
    const own = [...this.#parked.values()].filter((one) => one.who === who && !one.isOver)
    return own.length < parkedPerIdentityMax
  }

  /** Begins one. */
  begin(parked: ParkedRequest): void {
    this.#parked.set(parked.token, parked)
    parked.start()
  }

  /** The request of a token, for exactly this digest. Throws the Answer that everybody else gets. */
  find(token: string, digest: string | undefined): ParkedRequest {
    this.#forget()
    const parked = this.#parked.get(token)
    if (parked === undefined) throw new Answer(403, 'retry_unknown', 'the retry token is not known here; ask again')
    if (parked.digest !== digest)
      throw new Answer(403, 'retry_mismatch', 'this is not the request that waits under the retry token')
    return parked
  }

  /** Refuses all that wait. */
  close(): void {
    this.#isClosed = true
    for (const parked of this.#parked.values()) parked.cancel()
    this.#parked.clear()
  }

  #forget(): void {
    const nowMs = Date.now()
    for (const [token, parked] of this.#parked) if (parked.forgetAtMs <= nowMs) this.#parked.delete(token)
  }
}
