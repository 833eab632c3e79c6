// What a host has been asked and has not answered, by request id: the client's requests, and the gateway's own.
import type { Terms } from '../../gate/contract.ts'
import { SftpError } from './frames.ts'
import { decodeRealpath, decodeStatus, encodeRealpath, headOf, status, types } from './messages.ts'
import type { Real } from './paths.ts'

/** Who waits for an answer: the client, by itself or for bytes of a file, or the gateway. */
export type Waiting =
  | { readonly is: 'passed' }
  | { readonly is: 'read'; readonly terms: Terms | undefined }
  | { readonly is: 'awaited'; readonly answer: (packet: Buffer) => void }

/** Requests that a host may have before it; more wait. */
const waitingMax = 1024
/** Request ids of the gateway's own, far from where clients count. */
const ownIdMin = 0xf0000000

/** The requests that wait for one host. */
export class Calls {
  readonly #send: (packet: Buffer) => void
  readonly #waiting = new Map<number, Waiting>()
  #nextId = ownIdMin

  constructor(send: (packet: Buffer) => void) {
    this.#send = send
  }

  /** True when nothing more should be asked for now. */
  get isFull(): boolean {
    return this.#waiting.size >= waitingMax
  }

  /** Notes who waits for an id. Throws SftpError for one that is in use: its answers could be taken for each other. */
  note(id: number, waiting: Waiting): void {
    if (this.#waiting.has(id)) throw new SftpError('a request id that is in use')
    this.#waiting.set(id, waiting)
  }

  /** Who waits for an answer. Throws SftpError when nobody does. */
  waiting(id: number): Waiting {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) throw new SftpError('an answer that nobody asked for')
    return waiting
  }

  /** The answer is here. */
  done(id: number): void {
    this.#waiting.delete(id)
  }

  /** Sends a request of the client and waits for its answer. What is never answered is forgotten with the session. */
  ask(id: number, packet: Buffer): Promise<Buffer> {
    return new Promise((answer) => {
      this.note(id, { is: 'awaited', answer })
      this.#send(packet)
    })
  }

  /** Asks for the gateway itself. */
  askOwn(encode: (id: number) => Buffer): Promise<Buffer> {
    do this.#nextId = this.#nextId >= 0xffffffff ? ownIdMin : this.#nextId + 1
    while (this.#waiting.has(this.#nextId))
    return this.ask(this.#nextId, encode(this.#nextId))
  }

  /** Asks where a path really leads. */
  async realpath(path: Buffer): Promise<Real> {
    const answer = await this.askOwn((id) => encodeRealpath(id, path))
    if (headOf(answer).type !== types.status) return { real: Buffer.from(decodeRealpath(answer)) }
    if (decodeStatus(answer) === status.ok) throw new SftpError('a real path that is none')
    return { failure: answer }
  }

  /** The session is over. */
  clear(): void {
    this.#waiting.clear()
  }
}
