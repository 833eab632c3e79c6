// The answer of an upstream on its way to the client.
import type { Socket } from 'node:net'
import type { CanonicalRequest } from '../../engine/action/http/index.ts'
import type { GateSession, Terms } from '../gate/contract.ts'
import { Answer } from './answer.ts'
import { type MaskPlan, maskBody, maskedBodyBytesMax } from './masking.ts'
import type { HttpUpstream, ResponseSink } from './upstream.ts'
import { chunkHead, encodeResponseHead, type Field, lastChunk, type ResponseHead } from './wire/index.ts'

/** Fields of a response that concern the upstream's connection. */
const responseHopByHop: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'alt-svc',
  // A challenge is for the gateway's credential, not for the client's; clients act on what it names (CVE-2025-6514).
  'www-authenticate',
])

/** What the answer of an upstream is written with. */
export interface WriterParts {
  readonly request: CanonicalRequest
  readonly session: GateSession
  readonly terms: Terms
  readonly plan: MaskPlan
  readonly hashKey: Uint8Array
  readonly resolve: (again: boolean) => void
  readonly reject: (error: unknown) => void
  readonly upstream: HttpUpstream
}

/** Writes the answer of an upstream to the client, masked where the policy says so. */
export class ResponseWriter implements ResponseSink {
  readonly #socket: Socket
  readonly #parts: WriterParts
  #head: ResponseHead | undefined
  #isChunked = false
  #held: Uint8Array[] = []
  #heldBytes = 0
  #over = false

  constructor(socket: Socket, parts: WriterParts) {
    this.#socket = socket
    this.#parts = parts
  }

  head(head: ResponseHead): void {
    this.#head = head
    const { plan } = this.#parts
    if (plan.kind === 'masked' && head.framing.kind !== 'none') {
      const encoding = head.fields.find(([name]) => name === 'content-encoding')?.[1].toLowerCase() ?? 'identity'
      if (encoding !== 'identity') {
        this.#fail(new Answer(403, 'masking', 'a compressed answer cannot be masked'))
        return
      }
      return
    }
    const { framing } = head
    this.#isChunked = framing.kind === 'chunked' || framing.kind === 'close'
    this.#socket.write(
      this.#encoded(
        head,
        framing.kind === 'length'
          ? [['content-length', String(framing.bytes)]]
          : this.#isChunked
            ? [['transfer-encoding', 'chunked']]
            : [],
      ),
      'latin1',
    )
  }

  #encoded(head: ResponseHead, framing: readonly Field[]): string {
    const fields = head.fields.filter(([name]) => !responseHopByHop.has(name))
    const own = head.framing.kind === 'none' ? head.fields.filter(([name]) => name === 'content-length') : framing
    return encodeResponseHead(head.status, head.reason, [...fields, ...own])
  }

  body(bytes: Uint8Array): boolean {
    if (this.#over) return true
    const { plan } = this.#parts
    if (plan.kind === 'masked') {
      this.#heldBytes += bytes.length
      if (this.#heldBytes > maskedBodyBytesMax) {
        this.#fail(new Answer(403, 'masking', 'the answer is too large to be masked'))
        return true
      }
      this.#held.push(Buffer.from(bytes))
      return true
    }
    return this.#send(bytes)
  }

  #send(bytes: Uint8Array): boolean {
    const { session, terms, upstream } = this.#parts
    const budget = session.consume({ bytes: bytes.length }, terms)
    if (!budget.within) {
      // The head is out already: an answer that is cut says so by not ending as it should.
      this.#over = true
      this.#socket.destroy()
      upstream.close()
      this.#parts.resolve(false)
      return true
    }
    session.observe('wire_down', bytes)
    this.#socket.cork()
    if (this.#isChunked) this.#socket.write(chunkHead(bytes.length))
    const flows = this.#socket.write(bytes)
    if (this.#isChunked) this.#socket.write('\r\n')
    this.#socket.uncork()
    if (!flows) this.#socket.once('drain', () => upstream.resume())
    return flows
  }

  end(): void {
    if (this.#over) return
    const { plan, hashKey, resolve } = this.#parts
    const head = this.#head
    if (plan.kind === 'masked' && head !== undefined && head.framing.kind !== 'none') {
      const type = head.fields.find(([name]) => name === 'content-type')?.[1].toLowerCase() ?? ''
      const body = maskBody(
        plan,
        Buffer.concat(this.#held),
        /^application\/([a-z0-9.+-]*\+)?json\b/.test(type),
        hashKey,
      )
      if (body === undefined) {
        this.#fail(new Answer(403, 'masking', 'the answer is of a kind that cannot be masked'))
        return
      }
      const dropped = new Set(['etag', 'content-md5', 'digest', 'accept-ranges', 'content-range'])
      const fields = head.fields.filter(([name]) => !dropped.has(name))
      this.#socket.write(this.#encoded({ ...head, fields }, [['content-length', String(body.length)]]), 'latin1')
      if (body.length > 0) this.#send(body)
    } else if (this.#isChunked) this.#socket.write(lastChunk([]))
    if (this.#over) return
    this.#over = true
    resolve(true)
  }

  failed(error: Error): void {
    if (this.#over) return
    // A head that is out cannot be taken back.
    if (this.#head !== undefined && this.#parts.plan.kind !== 'masked') this.#socket.destroy()
    this.#fail(error)
  }

  #fail(error: Error): void {
    this.#over = true
    this.#parts.reject(error)
  }
}
