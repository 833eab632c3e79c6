// What an upstream says of the gateway's own credential, taken out before anybody sees or records it. A credential in the
// query comes back by itself: in redirections, in links to the next page, in pages about errors. One in a header comes back
// in heads only, where a server says what it was asked for.
import type { Socket } from 'node:net'
import type { Field, ResponseHead } from '../http1/index.ts'
import { Answer } from './answer.ts'
import { percentDecoded } from './percent-pieces.ts'
import type { ResponseSink } from './upstream.ts'
import type { UpstreamCredential } from './upstream-credential.ts'

/** Shorter values stand in answers by chance. */
const guardedCharsMin = 8
const hidden = '*'

/** Whether bodies are looked through for a credential, so that they must not be compressed. */
export function isInBodies(credential: UpstreamCredential | undefined): boolean {
  return credential?.kind === 'query' && credential.value.length >= guardedCharsMin
}

/** A sink before which no answer shows the credential; the same sink where there is nothing to look for. */
export function guarded(sink: ResponseSink, credential: UpstreamCredential | undefined): ResponseSink {
  if (credential === undefined || credential.kind === 'aws') return sink
  const secrets = secretsOf(credential)
  if (secrets.length === 0) return sink
  const name = credential.kind === 'query' ? credential.name : undefined
  return new Guard(sink, secrets, name, isInBodies(credential))
}

/** The texts to look for: the value, and of a header that names a scheme what stands behind it. */
function secretsOf({ kind, value }: Exclude<UpstreamCredential, { kind: 'aws' }>): readonly string[] {
  const space = kind === 'header' ? value.indexOf(' ') : -1
  const all = space < 0 ? [value] : [value, value.slice(space + 1).trim()]
  return all.filter((one) => one.length >= guardedCharsMin)
}

class Guard implements ResponseSink {
  readonly #sink: ResponseSink
  readonly #secrets: readonly string[]
  /** The parameter of the query that carries it. */
  readonly #name: string | undefined
  readonly #inBodies: boolean
  #scan: Scan | undefined
  #isRefused = false

  constructor(sink: ResponseSink, secrets: readonly string[], name: string | undefined, inBodies: boolean) {
    this.#sink = sink
    this.#secrets = secrets
    this.#name = name
    this.#inBodies = inBodies
  }

  head(head: ResponseHead): void {
    const coding = head.fields.find(([name]) => name === 'content-encoding')?.[1] ?? 'identity'
    if (this.#inBodies && head.framing.kind !== 'none') {
      if (coding.trim().toLowerCase() !== 'identity') {
        this.#isRefused = true
        this.#sink.failed(new Answer(502, 'credential', 'the API compressed an answer that was asked for as it is'))
        return
      }
      this.#scan = new Scan(this.#secrets)
    }
    this.#sink.head({ ...head, reason: this.#shown(head.reason), fields: this.#fields(head.fields) })
  }

  body(bytes: Uint8Array): boolean {
    if (this.#isRefused) return true
    if (this.#scan === undefined) return this.#sink.body(bytes)
    const shown = this.#scan.push(bytes)
    return shown.length === 0 || this.#sink.body(shown)
  }

  settle(): void {
    this.#sink.settle()
  }

  get keepsLarge(): boolean {
    return this.#sink.keepsLarge
  }

  end(trailers: readonly Field[]): void {
    if (this.#isRefused) return
    const rest = this.#scan?.end()
    if (rest !== undefined && rest.length > 0) this.#sink.body(rest)
    this.#sink.end(this.#fields(trailers))
  }

  failed(error: Error): void {
    if (!this.#isRefused) this.#sink.failed(error)
  }

  switched(head: ResponseHead, rest: Buffer, socket: Socket): void {
    this.#sink.switched({ ...head, fields: this.#fields(head.fields) }, rest, socket)
  }

  #fields(fields: readonly Field[]): readonly Field[] {
    return fields.some(([, value]) => this.#isIn(value))
      ? fields.map(([name, value]): Field => [name, this.#shown(value)])
      : fields
  }

  /** Whether a text says it, in plain or in percent coding. */
  #isIn(text: string): boolean {
    return this.#secrets.some((one) => text.includes(one) || (text.includes('%') && percentDecoded(text).includes(one)))
  }

  /** A text without it. A parameter goes whole: who follows a redirection gets the gateway's own anew. */
  #shown(text: string): string {
    if (!this.#isIn(text)) return text
    let shown = text
    if (this.#name !== undefined) shown = withoutParameter(shown, this.#name, (value) => this.#isIn(value))
    for (const one of this.#secrets) shown = shown.replaceAll(one, hidden.repeat(one.length))
    return this.#isIn(shown) ? hidden : shown
  }
}

/** What ends a parameter of a query, in URLs and in fields that hold some. */
const parameterEnds = '&#<>"\' ,;'

/** A text without the parameters of a name whose value is told by `isIt`. */
function withoutParameter(text: string, name: string, isIt: (value: string) => boolean): string {
  let out = ''
  let at = 0
  while (at < text.length) {
    const mark = text[at]
    if (mark !== '?' && mark !== '&') {
      out += mark
      at++
      continue
    }
    let end = at + 1
    while (end < text.length && !parameterEnds.includes(text[end] ?? '')) end++
    const parameter = text.slice(at + 1, end)
    const equals = parameter.indexOf('=')
    const isOwn =
      equals >= 0 && percentDecoded(parameter.slice(0, equals)) === name && isIt(parameter.slice(equals + 1))
    if (!isOwn) out += text.slice(at, end)
    // The next parameter begins the query where this one did.
    else if (mark === '?' && text[end] === '&') {
      out += '?'
      const next = withoutParameter(`?${text.slice(end + 1)}`, name, isIt)
      return out + next.slice(next.startsWith('?') ? 1 : 0)
    }
    at = end
  }
  return out
}

/** Looks through a body as it flows, and puts stars over what it finds: no byte more or less. */
class Scan {
  readonly #marks: readonly Buffer[]
  readonly #longest: number
  /** The end of what came, where it may be the beginning of what is looked for. */
  #kept: Buffer = Buffer.alloc(0)

  constructor(secrets: readonly string[]) {
    const all = secrets.flatMap((one) => {
      const coded = encodeURIComponent(one)
      return [one, coded, coded.replaceAll('%20', '+'), lowerEscapes(coded), JSON.stringify(one).slice(1, -1)]
    })
    this.#marks = [...new Set(all)].map((one) => Buffer.from(one))
    this.#longest = Math.max(...this.#marks.map(({ length }) => length))
  }

  push(bytes: Uint8Array): Buffer {
    const came = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const all = this.#hide(this.#kept.length === 0 ? came : Buffer.concat([this.#kept, came]))
    const keep = this.#begun(all)
    this.#kept = Buffer.from(all.subarray(all.length - keep))
    return all.subarray(0, all.length - keep)
  }

  end(): Buffer {
    const rest = this.#kept
    this.#kept = Buffer.alloc(0)
    return rest
  }

  #hide(bytes: Buffer): Buffer {
    let all = bytes
    for (const mark of this.#marks)
      for (let at = all.indexOf(mark); at >= 0; at = all.indexOf(mark, at + mark.length)) {
        // What came belongs to whoever read it.
        if (all === bytes) all = Buffer.from(bytes)
        all.fill(hidden, at, at + mark.length)
      }
    return all
  }

  /** How many bytes at the end may be the beginning of one. */
  #begun(bytes: Buffer): number {
    const from = Math.max(0, bytes.length - this.#longest + 1)
    for (let at = from; at < bytes.length; at++) {
      const tail = bytes.subarray(at)
      if (this.#marks.some((mark) => mark.length > tail.length && mark.subarray(0, tail.length).equals(tail)))
        return tail.length
    }
    return 0
  }
}

/** The same escapes in the other way to write them. */
function lowerEscapes(coded: string): string {
  return coded.replace(/%[0-9A-F]{2}/g, (one) => one.toLowerCase())
}
