// The body of a request.
import { checkTrailers, judgedBodyBytesMax, type RequestBody } from '../../engine/action/http/index.ts'
import type { HttpUpstream } from './upstream.ts'
import { BodyDecoder, chunkHead, type Field, lastChunk, type RequestHead } from './wire/index.ts'

/** Where the bytes of a body come from. */
export interface BodySource {
  /** More bytes; rejects when the client is gone. */
  pull(): Promise<Buffer>
  /** Gives back what belongs to the next request. */
  putBack(rest: Buffer): void
}

/** The body of a request: read whole before it is judged where it is small enough, else passed on after. */
export class RequestReader {
  readonly #decoder: BodyDecoder
  readonly #source: BodySource
  readonly #head: RequestHead
  readonly #kept: Uint8Array[] = []
  #bytes = 0

  constructor(head: RequestHead, source: BodySource) {
    this.#head = head
    this.#source = source
    this.#decoder = new BodyDecoder(head.framing, true)
  }

  get done(): boolean {
    return this.#decoder.done
  }

  async judged(): Promise<RequestBody> {
    const { framing } = this.#head
    if (framing.kind === 'length' && framing.bytes > judgedBodyBytesMax) return { kind: 'stream', bytes: framing.bytes }
    while (!this.#decoder.done && this.#bytes <= judgedBodyBytesMax) await this.#more()
    if (!this.#decoder.done) return { kind: 'stream', bytes: -1 }
    return framing.kind === 'none' ? { kind: 'none' } : { kind: 'whole', bytes: Buffer.concat(this.#kept) }
  }

  async #more(): Promise<void> {
    const bytes = await this.#source.pull()
    const piece = this.#decoder.push(bytes)
    for (const content of piece.content) {
      this.#kept.push(content)
      this.#bytes += content.length
    }
    if (piece.done) checkTrailers(this.#decoder.trailers)
    this.#source.putBack(bytes.subarray(piece.used))
  }

  framing(): readonly Field[] {
    const { framing } = this.#head
    if (framing.kind === 'none') return []
    if (this.#decoder.done) return [['content-length', String(this.#bytes)]]
    return framing.kind === 'length' ? [['content-length', String(framing.bytes)]] : [['transfer-encoding', 'chunked']]
  }

  /** Sends what was read, and what still comes, as fast as the upstream takes it. */
  async sendTo(upstream: HttpUpstream): Promise<void> {
    const isChunked = !this.#decoder.done && this.#head.framing.kind === 'chunked'
    for (;;) {
      for (const content of this.#kept.splice(0)) {
        if (content.length === 0) continue
        if (isChunked) upstream.write(chunkHead(content.length))
        const flows = upstream.write(content)
        if (isChunked) upstream.write('\r\n')
        if (!flows) await new Promise<void>((resolve) => upstream.drained(resolve))
      }
      if (this.#decoder.done) break
      await this.#more()
    }
    if (isChunked) upstream.write(lastChunk(this.#decoder.trailers))
  }
}
