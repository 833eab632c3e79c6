// An answer that the policy decides on before any of it is passed on: by its head, which the gate is asked about. What comes
// in the meantime waits here, and the upstream is not read.
import type { Socket } from 'node:net'
import { answerAction, type CanonicalRequest } from '../../engine/action/http/index.ts'
import type { Action } from '../../engine/action/index.ts'
import type { Effects, GateSession, Refusal, Submission, Terms } from '../gate/contract.ts'
import type { Field, ResponseHead } from '../http1/index.ts'
import { Answer } from './answer.ts'
import type { ClientPeer } from './client-peer.ts'
import { type MaskPlan, type MaskPlans, shapeOf } from './masking.ts'
import type { ToolWatch } from './mcp-tools.ts'
import { ResponseWriter, type WriterParts, withChanges } from './response-writer.ts'
import type { SeesTool } from './tool-sieve.ts'
import type { ResponseSink } from './upstream.ts'

/** What an upstream has said and not been heard yet. */
interface Unheard {
  readonly pieces: Buffer[]
  /** Undefined until the answer is over. */
  trailers: readonly Field[] | undefined
}

/** The answer to one request, from its head on. */
export class JudgedAnswer implements ResponseSink, Effects, WriterParts {
  readonly request: CanonicalRequest
  readonly session: GateSession
  readonly terms: Terms
  readonly sees: SeesTool | undefined
  plan: MaskPlan
  answerTerms: Terms | undefined
  readonly #peer: ClientPeer
  readonly #parts: WriterParts
  readonly #action: Omit<Action, 'digest'>
  readonly #plans: MaskPlans
  readonly #unheard: Unheard = { pieces: [], trailers: undefined }
  #head: ResponseHead | undefined
  #switching: { readonly rest: Buffer; readonly socket: Socket } | undefined
  #writer: ResponseWriter | undefined
  #submission: Submission | undefined
  #isOver = false

  constructor(peer: ClientPeer, parts: WriterParts, action: Omit<Action, 'digest'>, plans: MaskPlans) {
    this.#peer = peer
    this.#parts = parts
    this.#action = action
    this.#plans = plans
    this.request = parts.request
    this.session = parts.session
    this.terms = parts.terms
    this.sees = parts.sees
    this.plan = parts.plan
  }

  get hashKey(): Uint8Array {
    return this.#parts.hashKey
  }

  head(head: ResponseHead): void {
    this.#head = head
    this.#submit(head)
  }

  switched(head: ResponseHead, rest: Buffer, socket: Socket): void {
    this.#head = head
    this.#switching = { rest: Buffer.from(rest), socket }
    // Nobody listens to it until the gate has answered.
    socket.on('error', this.#lost)
    socket.on('close', this.#lost)
    socket.pause()
    this.#submit(head)
  }

  readonly #lost = (): void => this.failed(new Answer(502, 'upstream', 'the upstream closed the connection'))

  #submit(head: ResponseHead): void {
    const { framing, status, fields } = head
    const bytes = framing.kind === 'none' ? 0 : framing.kind === 'length' ? framing.bytes : -1
    const action = answerAction(this.#action, this.request, { status, fields, bytes, decision: this.terms.decisionId })
    const submission = this.session.submit(action, {}, this)
    this.#submission = submission
    if (this.#isOver) submission.finish()
  }

  forward(terms: Terms): void {
    const head = this.#head
    if (head === undefined || this.#isOver) return
    this.answerTerms = terms
    this.plan = this.#plans.of(shapeOf(this.#action), this.session.terms, this.terms, terms)
    if (this.plan.kind === 'impossible') {
      this.#refused(new Answer(403, 'masking', this.plan.why))
      return
    }
    if (this.#switching !== undefined) {
      this.#switch(head, this.#switching.rest, this.#switching.socket)
      return
    }
    const writer = new ResponseWriter(this.#peer, this)
    this.#writer = writer
    writer.head(head)
    this.#catchUp(writer)
  }

  #switch(head: ResponseHead, rest: Buffer, socket: Socket): void {
    socket.off('close', this.#lost)
    socket.off('error', this.#lost)
    this.#parts.switched(head, rest, socket, this)
    if (!socket.destroyed) socket.resume()
  }

  /** What another protocol was spoken under is over. */
  readonly over = (): void => this.#finish()

  /** What waited is passed on in its order. */
  #catchUp(writer: ResponseWriter): void {
    const { pieces, trailers } = this.#unheard
    if (pieces.length === 0 && trailers === undefined) return
    let flows = true
    for (const piece of pieces.splice(0)) flows = writer.body(piece) && flows
    writer.settle()
    if (trailers !== undefined) this.#end(writer, trailers)
    else if (flows) this.#parts.resume()
  }

  refuse(refusal: Refusal): void {
    this.#refused(new Answer(403, refusal.code, refusal.message, refusal, this.#action.http))
  }

  /** Its connection upstream is given up with whatever of it is still on its way. */
  #refused(answer: Answer): void {
    if (this.#isOver) return
    this.#switching?.socket.destroy()
    this.refused(answer)
  }

  /** Nobody is asked about answers; a gate that would is refused. */
  held(): void {
    this.#submission?.cancel('client_gone')
  }

  stop(refusal: Refusal): void {
    const late = new Answer(403, refusal.code, refusal.message, refusal, this.#action.http)
    if (this.#writer !== undefined) this.#writer.failed(late)
    else this.#switching?.socket.destroy()
  }

  body(bytes: Uint8Array): boolean {
    if (this.#writer !== undefined) return this.#writer.body(bytes)
    if (this.#isOver) return true
    this.#unheard.pieces.push(Buffer.from(bytes))
    return false
  }

  settle(): void {
    this.#writer?.settle()
  }

  get keepsLarge(): boolean {
    return this.#writer?.keepsLarge ?? false
  }

  end(trailers: readonly Field[]): void {
    if (this.#writer !== undefined) this.#end(this.#writer, trailers)
    else if (!this.#isOver) this.#unheard.trailers = trailers
  }

  #end(writer: ResponseWriter, trailers: readonly Field[]): void {
    const names = (this.answerTerms?.headers ?? []).map(({ name }) => ({ name, value: null }))
    writer.end(names.length === 0 ? trailers : withChanges(trailers, names))
  }

  failed(error: Error): void {
    if (this.#writer !== undefined) this.#writer.failed(error)
    else if (!this.#isOver) {
      // The gate would only say that it is refused.
      this.#isOver = true
      this.#submission?.cancel('client_gone')
      this.#switching?.socket.destroy()
      this.#parts.reject(error)
    }
  }

  resolve(again: boolean): void {
    this.#finish()
    this.#parts.resolve(again)
  }

  refused(answer: Answer): void {
    this.#finish()
    this.#parts.refused(answer)
  }

  reject(error: unknown): void {
    this.#finish()
    this.#parts.reject(error)
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#submission?.finish()
  }

  resume(): void {
    this.#parts.resume()
  }

  watch(contentType: string): ToolWatch | undefined {
    return this.#parts.watch(contentType)
  }
}
