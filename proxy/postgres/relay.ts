// One session between a client and its upstream: every client message is judged before it goes on, and both sides stay
// in step when one is refused. Owns no socket: bytes go in by `fromClient` and `fromServer`, and out by the port.
import { Answers } from './answers.ts'
import { Conversation, type RelayParts } from './conversation.ts'
import { Judging } from './judging.ts'
import { holdReport } from './reports.ts'
import { Requests } from './requests.ts'
import { encodeReport, type Frame, WireError } from './wire/index.ts'

/** Messages of a client that may wait for one decision. */
export const queuedMessagesMax = 10_000

/** The relay of one session. */
export class Relay {
  readonly #at: Conversation
  readonly #judging: Judging
  readonly #requests: Requests
  readonly #answers: Answers
  #queue: Frame[] = []
  #next = 0
  #queuedBytes = 0
  #pumping = false

  constructor(parts: RelayParts) {
    const { port } = parts
    const at = new Conversation(
      parts,
      () => this.#pump(),
      () => this.#judging.cancel('client_cancelled'),
      () => this.#judging.end(),
    )
    this.#at = at
    this.#judging = new Judging(parts.gate, parts.analyzer, {
      answer: (report, extended) => at.answer(report, extended),
      held: (notice) => {
        at.footprint?.lost()
        port.toClient(encodeReport(holdReport(notice)))
      },
      stop: (refusal) => at.stop(refusal),
      resume: () => this.#pump(),
      get skipping() {
        return at.skipping
      },
    })
    this.#requests = new Requests(at, this.#judging)
    this.#answers = new Answers(at)
  }

  /** A message of the client. Throws WireError when it breaks the protocol. */
  fromClient(frame: Frame): void {
    if (this.#at.ended) return
    if (this.#next === this.#queue.length && this.#mayGo(frame)) {
      this.#take(frame)
      return
    }
    if (this.#queue.length - this.#next >= queuedMessagesMax)
      throw new WireError('too_long', 'too many messages wait for a decision')
    this.#queue.push(frame)
    this.#queuedBytes += frame.bodyBytes
    this.#pump()
  }

  /** A message of the server. Throws WireError when it breaks the protocol. */
  fromServer(frame: Frame): void {
    if (!this.#at.ended) this.#answers.take(frame)
  }

  /** True when no message of the client waits for anything. */
  get idle(): boolean {
    return this.#next === this.#queue.length && !this.#judging.busy && !this.#at.waiting
  }

  /** Bytes of the messages that wait for a decision. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** The client asked, on another connection, to cancel. */
  cancel(): void {
    this.#at.footprint?.lost()
    if (!this.#judging.cancel('client_cancelled')) this.#at.port.cancelServer()
  }

  /** What the server told of since the session began, where another session may have the connection now. */
  get left(): ReadonlyMap<string, string> | undefined {
    return this.#at.left
  }

  /** The session is over; whatever waits is withdrawn. */
  gone(): void {
    this.#at.over()
  }

  #mayGo({ type }: Frame): boolean {
    return !this.#judging.busy && !this.#at.waiting && this.#requests.mayGo(type)
  }

  #take(frame: Frame): void {
    this.#at.port.flushClient()
    this.#requests.take(frame)
  }

  /** Takes what waits, as far as it may go. */
  #pump(): void {
    // Taking a message can ask for this again; the loop below sees to it.
    if (this.#pumping) return
    this.#pumping = true
    try {
      for (;;) {
        const frame = this.#queue[this.#next]
        if (frame === undefined || this.#at.ended || !this.#mayGo(frame)) break
        this.#next++
        this.#queuedBytes -= frame.bodyBytes
        this.#take(frame)
      }
    } finally {
      this.#pumping = false
    }
    if (this.#next < this.#queue.length || this.#queue.length === 0) return
    this.#queue = []
    this.#next = 0
    this.#at.port.caughtUp()
  }
}
