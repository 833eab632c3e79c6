// The answer of an upstream on its way to the client.
import type { Socket } from 'node:net'
import type { CanonicalRequest } from '../../engine/action/http/index.ts'
import type { HeaderChange } from '../../engine/decision/index.ts'
import { JsonMasker } from '../../engine/masking/index.ts'
import type { GateSession, Terms } from '../gate/contract.ts'
import type { Field, ResponseHead } from '../http1/index.ts'
import { Answer } from './answer.ts'
import type { ClientPeer } from './client-peer.ts'
import { Decoding } from './decoding.ts'
import { maskedHead } from './masked-head.ts'
import { type BodyMasker, bodyMasker, countsOf, isStreamed, type MaskPlan, messagesIn } from './masking.ts'
import type { ToolWatch } from './mcp-tools.ts'
import { type SeesTool, ToolSieve } from './tool-sieve.ts'
import { isEventStream, type ResponseSink, streamIdleMs } from './upstream.ts'

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

/** Fields that describe the very bytes of a body; they are false once it is masked, or tell what was there. */
const ofTheBytes: ReadonlySet<string> = new Set([
  'accept-ranges',
  'content-digest',
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  'digest',
  'docker-content-digest',
  'etag',
  'oc-checksum',
  'repr-digest',
  'signature',
  'signature-input',
  'x-bz-content-sha1',
  'x-content-md5',
  'x-goog-hash',
  'x-ms-blob-content-md5',
  'x-ms-content-crc64',
])
/** Beginnings of names of such fields, of stores that have one for each algorithm. */
const ofTheBytesPrefixes: readonly string[] = ['x-amz-checksum-', 'x-checksum-']

/** Masked bytes that wait before the head goes out: an answer that cannot be masked is then still a refusal. */
const heldBytesMax: number = 64 * 1024

const nothing: Buffer = Buffer.alloc(0)

/** What another protocol is spoken under, once the upstream has switched to it. */
export interface SwitchTerms {
  readonly plan: MaskPlan
  readonly answerTerms: Terms | undefined
  /** Told when it is over. */
  readonly over?: () => void
}

/** What the answer of an upstream is written with, and who is told of it. */
export interface WriterParts {
  readonly request: CanonicalRequest
  readonly session: GateSession
  readonly terms: Terms
  /** Those of the answer itself, where it was judged. */
  readonly answerTerms: Terms | undefined
  readonly plan: MaskPlan
  readonly hashKey: Uint8Array
  /** Whether a tool of MCP may be seen, where the answer may list some. */
  readonly sees: SeesTool | undefined
  /** The answer is out; another may follow on the client's connection. */
  resolve(again: boolean): void
  reject(error: unknown): void
  /** The client gets this instead of the answer, of which it has seen nothing. */
  refused(answer: Answer): void
  /** More of the answer can be taken. */
  resume(): void
  /** Somebody who looks at the body before anything of it is passed on. */
  watch(contentType: string): ToolWatch | undefined
  /** What is done when the upstream switches protocols as it was asked to. */
  switched(head: ResponseHead, rest: Buffer, socket: Socket, judged?: SwitchTerms): void
}

/** Writes the answer of an upstream to the client, masked where the policy says so. */
export class ResponseWriter implements ResponseSink {
  readonly #peer: ClientPeer
  readonly #parts: WriterParts
  #head: ResponseHead | undefined
  #isOut = false
  #masker: BodyMasker | undefined
  #decoding: Decoding | undefined
  #watch: ToolWatch | undefined
  #held: Buffer[] = []
  /** Those of `#held` whose memory is their own. */
  #settled = 0
  #heldBytes = 0
  #holds = true
  /** Nothing of it may be shown, so there must be nothing. */
  #mustBeEmpty = false
  #elements = 0
  /** The client takes no more for now. */
  #waits = false
  #over = false

  constructor(peer: ClientPeer, parts: WriterParts) {
    this.#peer = peer
    this.#parts = parts
  }

  head(head: ResponseHead): void {
    this.#head = head
    if (isEventStream(head)) this.#peer.silence(streamIdleMs)
    const { plan } = this.#parts
    this.#watch = this.#parts.watch(typeOf(head.fields))
    if (codingOf(head.fields) !== '') this.#watch?.lose()
    if (plan.kind === 'masked' || this.#sieved(head) !== undefined) {
      this.#headUnderMask(head, plan)
      return
    }
    const { framing } = head
    const own: readonly Field[] =
      framing.kind === 'none'
        ? head.fields.filter(([name]) => name === 'content-length')
        : framing.kind === 'length'
          ? [['content-length', String(framing.bytes)]]
          : []
    this.#writeHead(head.fields, own, framing.kind !== 'none')
  }

  /** How tools may be listed in an answer; undefined where they are not. Only events answer a GET later. */
  #sieved({ fields }: ResponseHead): 'json' | 'events' | undefined {
    const { sees, request } = this.#parts
    const messages = sees === undefined ? undefined : messagesIn(typeOf(fields))
    return messages === 'json' && request.method !== 'POST' ? undefined : messages
  }

  #headUnderMask(head: ResponseHead, plan: MaskPlan): void {
    const { framing, fields } = head
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0)) {
      this.#holds = false
      this.#writeHead(withoutBytes(fields), framing.kind === 'none' ? [] : [['content-length', '0']], false)
      return
    }
    if (head.status === 206) {
      this.#fail(cannot('a part of an answer cannot be masked'))
      return
    }
    const type = typeOf(fields)
    this.#masker = plan.kind === 'masked' ? bodyMasker(plan, type, this.#parts.hashKey) : undefined
    const sieved = this.#sieved(head)
    const { sees } = this.#parts
    const isShown = plan.kind !== 'masked' || this.#masker !== undefined
    if (sees !== undefined && sieved !== undefined && isShown)
      this.#masker = new ToolSieve(this.#masker, sieved === 'events', sees)
    // Of a kind that cannot be masked there may be nothing, as in what accepts a notification of MCP.
    if (this.#masker === undefined) {
      this.#mustBeEmpty = true
      return
    }
    this.#holds = !isStreamed(type)
    const encoding = codingOf(fields)
    if (encoding === '') return
    this.#decoding = Decoding.of(encoding, {
      data: (bytes) => this.#mask(bytes),
      end: () => this.#endMask(),
      failed: () => this.#fail(cannot('a compressed answer cannot be read')),
      drained: () => this.#parts.resume(),
    })
    if (this.#decoding === undefined) this.#fail(cannot('a compressed answer cannot be masked'))
  }

  #writeHead(fields: readonly Field[], own: readonly Field[], isOpen: boolean): void {
    const head = this.#head
    if (head === undefined) return
    const kept = fields.filter(([name]) => !responseHopByHop.has(name))
    const { plan, hashKey, session } = this.#parts
    const shown = maskedHead(plan, hashKey, head.reason, kept)
    for (const [rule, count] of shown.counts) session.masked(rule, count)
    this.#isOut = true
    const changes = this.#parts.answerTerms?.headers
    const changed = changes === undefined ? shown.fields : withChanges(shown.fields, changes)
    this.#peer.head(head.status, shown.reason, [...changed, ...own], isOpen)
  }

  body(bytes: Uint8Array): boolean {
    if (this.#over) return true
    this.#watch?.push(bytes)
    if (this.#mustBeEmpty) {
      if (bytes.length > 0) this.#fail(cannot('the answer is of a kind that cannot be masked'))
      return true
    }
    // Decoders and detectors keep what they are given.
    if (this.#decoding !== undefined) return this.#decoding.write(Buffer.from(bytes))
    if (this.#masker !== undefined)
      return this.#mask(this.#masker instanceof JsonMasker && Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes))
    return this.#send(bytes)
  }

  /** Masks a piece and passes on what is certain; false when the source must wait. */
  #mask(bytes: Buffer): boolean {
    const masker = this.#masker
    if (this.#over || masker === undefined) return true
    let shown: Buffer
    try {
      shown = masker.push(bytes)
    } catch {
      this.#fail(cannot('the answer cannot be masked'))
      return true
    }
    return this.#show(masker, shown)
  }

  #show(masker: BodyMasker, shown: Buffer): boolean {
    const rows = masker.elements - this.#elements
    this.#elements = masker.elements
    if (rows > 0 && !this.#within(0, rows)) return true
    if (shown.length === 0) return true
    if (this.#isOut) return this.#send(shown)
    this.#held.push(shown)
    this.#heldBytes += shown.length
    if (this.#holds && this.#heldBytes <= heldBytesMax) return true
    this.#writeHead(withoutBytes(this.#head?.fields ?? []), [], true)
    return this.#send(Buffer.concat(this.#held.splice(0)))
  }

  settle(): void {
    for (; this.#settled < this.#held.length; this.#settled++)
      this.#held[this.#settled] = Buffer.from(this.#held[this.#settled] ?? nothing)
  }

  get keepsLarge(): boolean {
    return this.#peer.isBehind
  }

  /** The upstream's answer is over, and so is what was decoded of it. */
  #endMask(): void {
    const masker = this.#masker
    if (this.#over || masker === undefined) return
    let rest: Buffer
    try {
      rest = masker.end()
    } catch {
      this.#fail(cannot('the answer cannot be masked'))
      return
    }
    const rows = masker.elements - this.#elements
    if (rows > 0 && !this.#within(0, rows)) return
    for (const [rule, count] of countsOf(masker, this.#parts.plan)) this.#parts.session.masked(rule, count)
    if (this.#isOut) {
      if (rest.length > 0) this.#send(rest)
    } else {
      if (rest.length > 0) this.#held.push(rest)
      const [first] = this.#held
      const whole = first !== undefined && this.#held.length === 1 ? first : Buffer.concat(this.#held)
      this.#held = []
      this.#writeHead(withoutBytes(this.#head?.fields ?? []), [['content-length', String(whole.length)]], true)
      if (whole.length > 0) this.#send(whole)
    }
    this.#finish([])
  }

  /** Counts against the budgets; an answer whose head is out is cut, and says so by not ending as it should. */
  #within(bytes: number, rows: number): boolean {
    const { session, terms, answerTerms } = this.#parts
    const budget = session.consume({ bytes, rows }, terms, answerTerms)
    if (budget.within) return true
    const { refusal } = budget
    this.#fail(new Answer(403, refusal.code, refusal.message, refusal))
    return false
  }

  #send(bytes: Uint8Array): boolean {
    const { session } = this.#parts
    if (!this.#within(bytes.length, 0)) return true
    session.observe('wire_down', bytes)
    const flows = this.#peer.write(bytes)
    if (!flows && !this.#waits) {
      this.#waits = true
      this.#peer.onDrain(() => {
        this.#waits = false
        if (this.#decoding === undefined) this.#parts.resume()
        else this.#decoding.resume()
      })
    }
    return flows
  }

  end(trailers: readonly Field[]): void {
    if (this.#over) return
    this.#watch?.end()
    if (this.#mustBeEmpty) {
      this.#writeHead(withoutBytes(this.#head?.fields ?? []), [['content-length', '0']], false)
      this.#finish([])
    } else if (this.#decoding !== undefined) this.#decoding.end()
    else if (this.#masker !== undefined) this.#endMask()
    else this.#finish(this.#parts.request.connection.acceptsTrailers ? trailers : [])
  }

  #finish(trailers: readonly Field[]): void {
    if (this.#over) return
    this.#peer.end(trailers)
    this.#over = true
    this.#parts.resolve(true)
  }

  switched(head: ResponseHead, rest: Buffer, socket: Socket): void {
    this.#over = true
    this.#parts.switched(head, rest, socket)
  }

  failed(error: Error): void {
    if (!this.#over) this.#fail(error)
  }

  #fail(error: Error): void {
    this.#over = true
    this.#held = []
    this.#decoding?.close()
    // A head that is out cannot be taken back.
    if (this.#isOut) this.#peer.destroy()
    this.#parts.reject(error)
  }
}

function cannot(why: string): Answer {
  return new Answer(403, 'masking', why)
}

/** All codings that were applied, wherever they are said; empty where none was. */
function codingOf(fields: readonly Field[]): string {
  const said = fields.filter(([name]) => name === 'content-encoding').map(([, value]) => value)
  const coding = said.join(', ').toLowerCase()
  return coding === 'identity' ? '' : coding
}

/** All types that a head says: clients do not agree on which of several it is, and together they are none that is known. */
function typeOf(fields: readonly Field[]): string {
  const said = fields.filter(([name]) => name === 'content-type').map(([, value]) => value)
  return said.length < 2 ? (said[0] ?? '') : said.join(', ')
}

/** The fields with those that a policy wants otherwise. */
export function withChanges(fields: readonly Field[], changes: readonly HeaderChange[]): readonly Field[] {
  const kept = fields.filter(([name]) => !changes.some((change) => change.name === name))
  for (const { name, value } of changes) if (value !== null) kept.push([name, value])
  return kept
}

function withoutBytes(fields: readonly Field[]): readonly Field[] {
  return fields.filter(([name]) => !ofTheBytes.has(name) && !ofTheBytesPrefixes.some((one) => name.startsWith(one)))
}
