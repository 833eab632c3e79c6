// Which definition of a tool an MCP server last showed: the digest is a fact of every call, so that a policy can hold or
// refuse a tool that is no longer the one that was approved. Only what is certain is kept; what is not known is empty.
import type { CanonicalRequest, HttpJson } from '../../engine/action/http/index.ts'
import type { Action } from '../../engine/action/index.ts'
import type { GateSession } from '../gate/contract.ts'
import { type SeesTool, toolDigest } from './tool-sieve.ts'

/** Tools of one API. */
const toolsMax = 2000
/** Bytes of one answer, or one event, that is looked at. */
const lookedAtMax: number = 1024 * 1024

const noTools: ReadonlyMap<string, string> = new Map()

/** The tools of all APIs, as they were last listed. */
export class ToolBook {
  readonly #apis = new Map<string, Map<string, string>>()

  /** Digests by the name of the tool. */
  of(api: string): ReadonlyMap<string, string> {
    return this.#apis.get(api) ?? noTools
  }

  /** Takes in an answer of JSON-RPC, if it lists tools. */
  learn(api: string, message: unknown): void {
    for (const one of Array.isArray(message) ? message : [message]) {
      const tools: unknown = memberOf(memberOf(one, 'result'), 'tools')
      if (!Array.isArray(tools)) continue
      const book = this.#apis.get(api) ?? new Map<string, string>()
      this.#apis.set(api, book)
      for (const tool of tools) {
        const name: unknown = memberOf(tool, 'name')
        if (typeof name !== 'string') continue
        // Of a tool that is listed twice nobody knows which one is called.
        const seen = tools.filter((other) => memberOf(other, 'name') === name).length
        if (seen > 1 || (!book.has(name) && book.size >= toolsMax)) book.delete(name)
        else book.set(name, toolDigest(tool))
      }
    }
  }

  /** Nothing is known of an API any more: it listed tools in a way that could not be read. */
  forget(api: string): void {
    this.#apis.delete(api)
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}

/** Whether the answer to a request may list tools: it asks for them, or is the stream on which MCP answers later. */
export function mayListTools(request: CanonicalRequest, body: HttpJson): boolean {
  if (request.method === 'GET') return request.fields.some(([name]) => name === 'mcp-session-id')
  return (Array.isArray(body) ? body : [body]).some((one) => memberOf(one, 'method') === 'tools/list')
}

/** Asks of each tool whether its policy would let it be listed alone. Each is asked about once for an answer. */
export function seesTool(session: GateSession, action: Omit<Action, 'digest'>): SeesTool {
  const known = new Map<string, boolean>()
  return (name, definition) => {
    const key = `${definition} ${name}`
    const seen = known.get(key)
    if (seen !== undefined || action.http === undefined) return seen ?? false
    const call = { method: 'tools/list', id: null, tool: name, definition, arguments: null }
    const isSeen = session.wouldAllow({ ...action, http: { ...action.http, rpc: [call] } }, {})
    if (known.size < toolsMax) known.set(key, isSeen)
    return isSeen
  }
}

/** Looks at one answer while it passes. */
export class ToolWatch {
  readonly #book: ToolBook
  readonly #api: string
  readonly #isEvents: boolean
  #text = ''
  readonly #utf8 = new TextDecoder()
  #isLost = false

  constructor(book: ToolBook, api: string, contentType: string) {
    this.#book = book
    this.#api = api
    this.#isEvents = contentType.toLowerCase().startsWith('text/event-stream')
  }

  /** Takes bytes before they are passed on. */
  push(bytes: Uint8Array): void {
    if (this.#isLost) return
    this.#text += this.#utf8.decode(bytes, { stream: true })
    if (this.#text.length > lookedAtMax) {
      this.#lose()
      return
    }
    if (!this.#isEvents) return
    const events = this.#text.split(/\r\n\r\n|\n\n|\r\r/)
    this.#text = events.pop() ?? ''
    for (const event of events) this.#event(event)
  }

  end(): void {
    if (!this.#isLost && !this.#isEvents && this.#text !== '') this.#message(this.#text)
  }

  #event(event: string): void {
    const data = event
      .split(/\r\n|\n|\r/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(line[5] === ' ' ? 6 : 5))
    if (data.length > 0) this.#message(data.join('\n'))
  }

  #message(text: string): void {
    let message: unknown
    try {
      message = JSON.parse(text)
      this.#book.learn(this.#api, message)
    } catch {
      this.#lose()
    }
  }

  #lose(): void {
    this.#isLost = true
    this.#text = ''
    this.#book.forget(this.#api)
  }
}
