// One request at the gate: what the gate says is carried out, and its client is told how it ended.
import type { CanonicalRequest } from '../../engine/action/http/index.ts'
import type { Action } from '../../engine/action/index.ts'
import type { Effects, GateSession, Refusal, Submission, Terms } from '../gate/contract.ts'
import { Answer } from './answer.ts'
import { type Ending, Forwarding, type Ways } from './forwarding.ts'
import type { HttpExchange, HttpTarget } from './parts.ts'

/** What a request says, and to which API. */
export interface Reading {
  readonly exchange: HttpExchange
  readonly request: CanonicalRequest
  readonly target: HttpTarget
  readonly action: Omit<Action, 'digest'>
  /** The answer may list tools of MCP. */
  readonly lists: boolean
}

/** A request at the gate. */
export class Submitted implements Effects, Ending {
  readonly #ways: Ways
  readonly #running: RunningExchanges
  readonly #reading: Reading
  readonly #session: GateSession
  #submission: Submission | undefined
  #isForwarded = false
  /** The gate is in the middle of forwarding it. */
  #isBeginning = false
  #isOver = false
  /** Where it stands among those that run; they keep it. */
  place = 0

  constructor(ways: Ways, running: RunningExchanges, reading: Reading, session: GateSession) {
    this.#ways = ways
    this.#running = running
    this.#reading = reading
    this.#session = session
  }

  /** Submits it. */
  start(): void {
    this.#running.add(this)
    this.#submission = this.#session.submit(this.#reading.action, {}, this)
  }

  /** Its client is gone. */
  cancel(): void {
    this.#submission?.cancel('client_gone')
  }

  forward(terms: Terms): void {
    this.#isForwarded = true
    const { exchange, request, target, lists, action } = this.#reading
    const session = this.#session
    this.#isBeginning = true
    new Forwarding(this.#ways, { exchange, request, target, session, terms, lists, action }, this).start()
    this.#isBeginning = false
  }

  refuse(refusal: Refusal): void {
    const { exchange, action } = this.#reading
    exchange.answer(new Answer(403, refusal.code, refusal.message, refusal, action.http))
    this.done(exchange.body.done)
  }

  held(): void {
    this.#reading.exchange.held?.(() => {
      if (!this.#isForwarded) this.cancel()
    })
  }

  stop(): void {
    const { exchange } = this.#reading
    exchange.peer.destroy()
    this.done(false)
  }

  done(again: boolean): void {
    if (this.#isOver) return
    this.#over()
    this.#reading.exchange.done(again)
  }

  failed(error: unknown): void {
    if (this.#isOver) return
    this.#over()
    this.#reading.exchange.failed(error)
  }

  #over(): void {
    this.#isOver = true
    this.#running.delete(this)
    if (this.#isBeginning) queueMicrotask(() => this.#submission?.finish())
    else this.#submission?.finish()
  }
}

/** The requests of one client that are at the gate or on their way. Each knows its place, so that coming and going is cheap. */
export class RunningExchanges {
  readonly #all: Submitted[] = []

  add(one: Submitted): void {
    one.place = this.#all.length
    this.#all.push(one)
  }

  delete(one: Submitted): void {
    const last = this.#all.pop()
    if (last === undefined || last === one) return
    this.#all[one.place] = last
    last.place = one.place
  }

  /** All that are there now. */
  now(): readonly Submitted[] {
    return [...this.#all]
  }
}
