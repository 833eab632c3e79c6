// The body of a request.
import { checkTrailers, judgedBodyBytesMax, type RequestBody } from '../../engine/action/http/index.ts'
import { BodyDecoder, type Field, GatheredBytes, type RequestHead } from '../http1/index.ts'
import { Kept, SharedRoom } from '../listening/room.ts'
import { Answer } from './answer.ts'
import type { HttpUpstream } from './upstream.ts'

/** The content of a body, piece by piece, whatever version of HTTP brings it. */
export interface BodyPieces {
  /** There is none at all. */
  readonly isNone: boolean
  /** Its length where the head says it. */
  readonly length: number | undefined
  readonly done: boolean
  /** Trailer fields, once it is done. */
  readonly trailers: readonly Field[]
  /** Waits for more; rejects when the client is gone. */
  next(): Promise<readonly Uint8Array[]>
}

/** Of a request that has none. */
class NoPieces implements BodyPieces {
  readonly isNone = true
  readonly length: number | undefined = undefined
  readonly done = true
  readonly trailers: readonly Field[] = []

  next(): Promise<readonly Uint8Array[]> {
    return Promise.resolve([])
  }
}

/** Where the bytes of a body come from. */
export interface BodySource {
  /** More bytes; rejects when the client is gone. */
  pull(): Promise<Buffer>
  /** Gives back what belongs to the next request. */
  putBack(rest: Buffer): void
}

/** A body of HTTP/1.1. */
export class Http1Pieces implements BodyPieces {
  readonly isNone: boolean
  readonly length: number | undefined
  readonly #decoder: BodyDecoder
  readonly #source: BodySource

  constructor({ framing }: RequestHead, source: BodySource) {
    this.isNone = framing.kind === 'none'
    this.length = framing.kind === 'length' ? framing.bytes : undefined
    this.#decoder = new BodyDecoder(framing, true)
    this.#source = source
  }

  get done(): boolean {
    return this.#decoder.done
  }

  get trailers(): readonly Field[] {
    return this.#decoder.trailers
  }

  async next(): Promise<readonly Uint8Array[]> {
    const bytes = await this.#source.pull()
    const piece = this.#decoder.push(bytes)
    this.#source.putBack(bytes.subarray(piece.used))
    return piece.content
  }
}

/** The body of a request: read whole before it is judged where it is small enough, else passed on after. */
export class RequestReader {
  readonly #pieces: BodyPieces
  readonly #kept = new GatheredBytes()
  readonly #room: Kept | undefined
  #bytes = 0

  /** `room` is for what is read before the request is judged. */
  constructor(pieces: BodyPieces, room?: Kept) {
    this.#pieces = pieces
    this.#room = room
  }

  /** The exchange is over, so nothing of the body is kept any more. */
  release(): void {
    this.#room?.counts(0)
  }

  get done(): boolean {
    return this.#pieces.done
  }

  /** Says who is answerable for what is kept of it. */
  isOf(client: string): void {
    this.#room?.isOf(bodies, client)
  }

  /** `isCall`: a call whose messages may come and go as long as it lasts, of which nothing is read before it is judged. */
  async judged(isCall = false): Promise<RequestBody> {
    const { isNone, length } = this.#pieces
    if (isCall && !isNone) return { kind: 'stream', bytes: length ?? -1 }
    if (length !== undefined && length > judgedBodyBytesMax) return { kind: 'stream', bytes: length }
    while (!this.#pieces.done && this.#bytes <= judgedBodyBytesMax) {
      await this.#more()
      if (this.#room?.holds(this.#bytes) === false)
        throw new Answer(503, 'too_many_bodies', 'too much is being sent to the gateway at once')
    }
    if (!this.#pieces.done) return { kind: 'stream', bytes: length ?? -1 }
    if (isNone) return { kind: 'none' }
    const bytes = Buffer.concat(this.#kept.take())
    this.#kept.push(bytes)
    return { kind: 'whole', bytes }
  }

  async #more(): Promise<void> {
    for (const content of await this.#pieces.next()) {
      this.#kept.push(content)
      this.#bytes += content.length
    }
    if (this.#pieces.done) checkTrailers(this.#pieces.trailers)
  }

  /** The body where all of it is here; undefined for one that is passed on as it comes. */
  get whole(): readonly Uint8Array[] | undefined {
    return this.#pieces.done || this.#pieces.isNone ? this.#kept.pieces : undefined
  }

  framing(): readonly Field[] {
    const { isNone, length, done } = this.#pieces
    if (isNone) return []
    if (done) return [['content-length', String(this.#bytes)]]
    return length === undefined ? [['transfer-encoding', 'chunked']] : [['content-length', String(length)]]
  }

  /** Whether there is one, be it empty. */
  get isThere(): boolean {
    return !this.#pieces.isNone
  }

  /** Sends what was read, and what still comes, as fast as the upstream takes it; false where it did not take all. */
  async sendTo(upstream: HttpUpstream): Promise<boolean> {
    if (this.#pieces.isNone) return true
    for (;;) {
      for (const content of this.#kept.take()) {
        if (!upstream.takesBody) return false
        if (!upstream.write(content)) await new Promise<void>((resolve) => upstream.drained(resolve))
      }
      if (this.#pieces.done) break
      await this.#more()
    }
    if (!upstream.takesBody) return false
    upstream.endBody(this.#pieces.trailers)
    return true
  }
}

/** The reader of all requests without content. */
export const noContent: RequestReader = new RequestReader(new NoPieces())

const mebibyte: number = 1024 * 1024

/** Bodies that this process reads before it judges them: for one connection, and for all. */
const bodies = new SharedRoom({ eachMax: 32 * mebibyte, allMax: 256 * mebibyte })

/** Room for the body of a request on a connection, which `end` would end. */
export function bodyRoom(connection: object, end: () => void): Kept {
  return new Kept(bodies.of(connection, end))
}
