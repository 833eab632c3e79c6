// A WebSocket between a client and an API: every message of the client is an action of its own, messages of the API are
// masked, and both are written anew. Pings are answered here, so that nothing passes in them.
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { type CanonicalRequest, messageAction } from '../../engine/action/http/index.ts'
import { unreachable } from '../../rego/unreachable.ts'
import type { GateSession, Submission, Terms } from '../gate/contract.ts'
import {
  closePayload,
  encodeWebSocketFrame,
  WebSocketError,
  type WebSocketEvent,
  WebSocketReader,
} from '../http1/index.ts'
import { bodyMasker, countsOf, type MaskPlan, masksMore, shapeOf } from './masking.ts'

/** What a relay is made of. */
export interface WebSocketParts {
  readonly client: Socket
  readonly upstream: Socket
  readonly request: CanonicalRequest
  readonly session: GateSession
  readonly terms: Terms
  /** Those of the API's agreement, where it was judged. */
  readonly answerTerms: Terms | undefined
  readonly plan: MaskPlan
  readonly hashKey: Uint8Array
  /** Called once, when both sides are closed. */
  readonly ended: () => void
}

/** Messages of a client that wait while one of them is judged; beyond, the client is not read. */
const waitingMax = 16
/** How long one side may take to answer the other's end. */
const closeMs = 5000
/** Silence that ends a connection; peers ping each other more often. */
const silenceMs: number = 15 * 60_000

/** Relays until one side ends. */
export class WebSocketRelay {
  readonly #parts: WebSocketParts
  readonly #fromClient = new WebSocketReader(true)
  readonly #fromUpstream = new WebSocketReader(false)
  readonly #waiting: Extract<WebSocketEvent, { readonly bytes: Buffer }>[] = []
  #judging: Submission | undefined
  #isJudging = false
  /** The message that is judged waits for people. */
  #isHeld = false
  /** The code with which the client has ended what it says, while messages before that wait. */
  #lastWord: number | undefined
  #isClosing = false
  #isEnded = false

  constructor(parts: WebSocketParts) {
    this.#parts = parts
  }

  /** Takes both sockets over. `rest` is what the API said right behind its agreement. */
  start(rest: Buffer): void {
    const { client, upstream } = this.#parts
    upstream.on('data', (bytes: Buffer) => this.#take('upstream', bytes))
    for (const socket of [client, upstream]) {
      socket.on('end', () => this.#gone(socket))
      socket.on('close', () => this.#gone(socket))
    }
    upstream.on('error', () => upstream.destroy())
    for (const socket of [client, upstream]) socket.setTimeout(silenceMs, () => this.#close(1001, 'silence'))
    client.on('drain', () => {
      upstream.resume()
      this.#readClient()
    })
    upstream.on('drain', () => {
      if (!client.writableNeedDrain) upstream.resume()
      this.#readClient()
    })
    if (rest.length > 0) this.#take('upstream', rest)
  }

  /** Bytes of the client. */
  fromClient(bytes: Buffer): void {
    this.#take('client', bytes)
  }

  #take(from: 'client' | 'upstream', bytes: Buffer): void {
    if (this.#isClosing || (from === 'client' && this.#lastWord !== undefined)) return
    try {
      for (const event of (from === 'client' ? this.#fromClient : this.#fromUpstream).push(bytes)) {
        if (this.#isClosing || (from === 'client' && this.#lastWord !== undefined)) return
        if (from === 'client') this.#said(event)
        else this.#answered(event)
      }
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error
      this.#close(error.status, error.message)
    }
  }

  /** An event of the client. */
  #said(event: WebSocketEvent): void {
    switch (event.kind) {
      case 'ping':
        // Who takes no answers is asked no more.
        if (!this.#parts.client.write(encodeWebSocketFrame('pong', event.bytes, undefined))) this.#readClient()
        return
      case 'pong':
        return
      case 'close':
        this.#lastWord = event.code
        if (this.#isHeld) this.#leaveIfSaid()
        else this.#judgeNext()
        return
      case 'text':
      case 'binary':
        this.#waiting.push(event)
        if (this.#waiting.length >= waitingMax) this.#parts.client.pause()
        this.#judgeNext()
        return
      default:
        unreachable(event)
    }
  }

  #judgeNext(): void {
    while (!this.#isJudging && !this.#isClosing) {
      const message = this.#waiting.shift()
      if (message === undefined) {
        this.#leaveIfSaid()
        return
      }
      this.#judge(message.kind === 'text', message.bytes)
    }
  }

  /** Nobody is asked about the messages of a client that has said its last word. */
  #leaveIfSaid(): void {
    if (this.#lastWord !== undefined) this.#close(this.#lastWord, '')
  }

  #judge(isText: boolean, bytes: Buffer): void {
    const { session, request, plan, terms, answerTerms } = this.#parts
    const action = messageAction(request, isText, bytes)
    if (plan.kind === 'masked' && plan.byPath && shapeOf(action) === 'renamed') {
      this.#close(1008, 'GraphQL aliases or deferred parts hide what is masked')
      return
    }
    this.#isJudging = true
    const over = (): void => {
      this.#isJudging = false
      this.#isHeld = false
      this.#readClient()
    }
    const submitted: { now: Submission | undefined } = { now: undefined }
    this.#judging = undefined
    submitted.now = session.submit(
      action,
      {},
      {
        forward: (given) => {
          // Which answers are to a message is not known: they are all shown under what the socket was opened under.
          if (masksMore(given, [session.terms, terms, answerTerms])) {
            queueMicrotask(() => submitted.now?.finish())
            this.#close(1008, 'a mask of a message is not one of the socket')
            return
          }
          session.observe('wire_up', bytes)
          this.#parts.upstream.write(encodeWebSocketFrame(isText ? 'text' : 'binary', bytes, randomBytes(4)))
          // On the fast path `submit` has not returned yet.
          queueMicrotask(() => {
            submitted.now?.finish()
            over()
            this.#judgeNext()
          })
        },
        refuse: (refusal) => {
          this.#isJudging = false
          this.#close(1008, `${refusal.rule} ${refusal.decisionId}`)
        },
        held: () => {
          this.#isHeld = true
          // On the fast path `submit` has not returned yet.
          queueMicrotask(() => this.#isHeld && this.#leaveIfSaid())
        },
        stop: (refusal) => this.#close(1008, `${refusal.rule} ${refusal.decisionId}`),
      },
    )
    if (this.#isJudging) this.#judging = submitted.now
  }

  #readClient(): void {
    const { client, upstream } = this.#parts
    if (this.#isClosing) return
    if (this.#waiting.length < waitingMax && !upstream.writableNeedDrain && !client.writableNeedDrain) client.resume()
    else client.pause()
  }

  /** An event of the API. */
  #answered(event: WebSocketEvent): void {
    const { client, upstream, session, terms, answerTerms } = this.#parts
    switch (event.kind) {
      case 'ping':
        if (!upstream.write(encodeWebSocketFrame('pong', event.bytes, randomBytes(4)))) upstream.pause()
        return
      case 'pong':
        return
      case 'close':
        this.#close(event.code, '')
        return
      case 'text':
      case 'binary': {
        const shown = this.#shown(event.kind, event.bytes)
        if (shown === undefined) {
          this.#close(1008, 'a message cannot be masked')
          return
        }
        const budget = session.consume({ bytes: shown.length }, terms, answerTerms)
        if (!budget.within) {
          this.#close(1008, `${budget.refusal.rule} ${budget.refusal.decisionId}`)
          return
        }
        session.observe('wire_down', shown)
        if (!client.write(encodeWebSocketFrame(event.kind, shown, undefined))) upstream.pause()
        return
      }
      default:
        unreachable(event)
    }
  }

  #shown(kind: 'text' | 'binary', bytes: Buffer): Buffer | undefined {
    const { plan, hashKey, session, terms, answerTerms } = this.#parts
    if (plan.kind !== 'masked') return bytes
    if (kind === 'binary') return undefined
    const masker = bodyMasker(plan, plan.paths === undefined ? 'text/plain' : 'application/json', hashKey)
    if (masker === undefined) return undefined
    let shown: Buffer
    try {
      shown = Buffer.concat([masker.push(bytes), masker.end()])
    } catch {
      return undefined
    }
    if (masker.elements > 0 && !session.consume({ rows: masker.elements }, terms, answerTerms).within) return undefined
    for (const [rule, count] of countsOf(masker, plan)) session.masked(rule, count)
    return shown
  }

  /** Ends both sides in their protocol; what was not judged by then is dropped. */
  #close(code: number, reason: string): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#waiting.length = 0
    this.#judging?.cancel('client_cancelled')
    const { client, upstream } = this.#parts
    if (client.writable) client.end(encodeWebSocketFrame('close', closePayload(code, reason), undefined))
    if (upstream.writable) upstream.end(encodeWebSocketFrame('close', closePayload(code, ''), randomBytes(4)))
    client.resume()
    upstream.resume()
    const timer = setTimeout(() => {
      client.destroy()
      upstream.destroy()
    }, closeMs)
    timer.unref()
  }

  /** One side said its last word, or vanished. */
  #gone(socket: Socket): void {
    const { client, upstream, ended } = this.#parts
    socket.destroy()
    this.#close(1001, '')
    if (this.#isEnded || !client.destroyed || !upstream.destroyed) return
    this.#isEnded = true
    ended()
  }
}
