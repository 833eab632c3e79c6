// Takes tools out of the lists of an MCP server: each tool is asked about as if it alone were listed, and those that the
// policy refuses are not shown. What may be called is judged with each call all the same.
import { createHash } from 'node:crypto'
import { canonicalJson } from '../../engine/action/index.ts'
import { addCount } from '../../engine/masking/index.ts'
import type { BodyMasker } from './masking.ts'

/** Bytes of one answer, or of one event, that is looked at; a longer one is not shown. */
const lookedAtMax: number = 1024 * 1024
const nothing: Buffer = Buffer.alloc(0)

/** Whether a tool may be seen, by its name and the digest of its definition. */
export type SeesTool = (name: string, definition: string) => boolean

/** One answer that may list tools, before what else is masked in it. */
export class ToolSieve implements BodyMasker {
  readonly #inner: BodyMasker | undefined
  readonly #isEvents: boolean
  readonly #sees: SeesTool
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #text = ''
  #hidden = 0

  /** `inner` masks what is left. */
  constructor(inner: BodyMasker | undefined, isEvents: boolean, sees: SeesTool) {
    this.#inner = inner
    this.#isEvents = isEvents
    this.#sees = sees
  }

  get elements(): number {
    return this.#inner?.elements ?? 0
  }

  addTo(counts: Map<string, number>, names: readonly string[]): void {
    this.#inner?.addTo(counts, names)
    addCount(counts, 'tools', this.#hidden)
  }

  push(bytes: Buffer): Buffer {
    this.#text += this.#utf8.decode(bytes, { stream: true })
    // Clients take a byte order mark off; behind one the first line would have another name.
    if (this.#isEvents && this.#text.startsWith('\ufeff')) this.#text = this.#text.slice(1)
    let out = ''
    if (this.#isEvents) out = this.#events(false)
    if (this.#text.length > lookedAtMax) throw new RangeError('a list of tools is too long')
    return this.#shown(out)
  }

  end(): Buffer {
    this.#text += this.#utf8.decode()
    // An event without its end is none, and not every client knows that.
    const rest = this.#shown(this.#isEvents ? this.#events(true) : this.#text === '' ? '' : this.#document(this.#text))
    return this.#inner === undefined ? rest : Buffer.concat([rest, this.#inner.end()])
  }

  /** The events that are whole by now. A CR may be half of a line's end as long as more can follow. */
  #events(isOver: boolean): string {
    let out = ''
    for (let end = eventEnd(this.#text); end > 0; end = eventEnd(this.#text)) {
      if (!isOver && end === this.#text.length && this.#text.endsWith('\r')) break
      out += this.#event(this.#text.slice(0, end))
      this.#text = this.#text.slice(end)
    }
    return out
  }

  #shown(text: string): Buffer {
    if (text === '') return nothing
    const bytes = Buffer.from(text)
    return this.#inner === undefined ? bytes : this.#inner.push(bytes)
  }

  #document(text: string): string {
    const message: unknown = JSON.parse(text)
    return this.#left(message) ? JSON.stringify(message) : text
  }

  #event(text: string): string {
    const lines = text.split(/\r\n|\n|\r/).filter((line) => line !== '')
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(line[5] === ' ' ? 6 : 5))
    let message: unknown
    try {
      message = JSON.parse(data.join('\n'))
    } catch {
      // Events of other kinds are no messages.
      return text
    }
    if (!this.#left(message)) return text
    const others = lines.filter((line) => !line.startsWith('data:'))
    return `${[...others, `data: ${JSON.stringify(message)}`].join('\n')}\n\n`
  }

  /** Takes hidden tools out of a message, or of each of a batch; true where there were any. */
  #left(message: unknown): boolean {
    if (Array.isArray(message)) return message.map((one) => this.#left(one)).includes(true)
    const result: unknown = typeof message === 'object' && message !== null ? Reflect.get(message, 'result') : undefined
    if (typeof result !== 'object' || result === null) return false
    const tools: unknown = Reflect.get(result, 'tools')
    if (!Array.isArray(tools)) return false
    const seen = tools.filter((tool) => this.#isSeen(tool))
    if (seen.length === tools.length) return false
    this.#hidden += tools.length - seen.length
    Reflect.set(result, 'tools', seen)
    return true
  }

  #isSeen(tool: unknown): boolean {
    const name: unknown = typeof tool === 'object' && tool !== null ? Reflect.get(tool, 'name') : undefined
    // What has no name cannot be called.
    return typeof name === 'string' && this.#sees(name, toolDigest(tool))
  }
}

/** The digest of a tool's definition. */
export function toolDigest(tool: unknown): string {
  return createHash('sha256').update(canonicalJson(tool)).digest('hex')
}

/** Behind the first event that is whole; 0 where none is. Lines end in three ways, and each may end otherwise. */
export function eventEnd(text: string): number {
  const found = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)/.exec(text)
  return found === null ? 0 : found.index + found[0].length
}
