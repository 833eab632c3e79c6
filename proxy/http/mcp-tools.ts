// Which definition of a tool an MCP server last showed: the digest is a fact of every call, so that a policy can hold or
// refuse a tool that is no longer the one that was approved. Only what is certain is kept; what is not known is empty.
import type { CanonicalRequest } from '../../engine/action/http/index.ts'
import type { Action } from '../../engine/action/index.ts'
import type { GateSession } from '../gate/contract.ts'
import { eventEnd, type SeesTool, toolDigest } from './tool-sieve.ts'

/** Tools of one API. */
const toolsMax = 2000
/** Bytes of one answer, or one event, that is looked at. */
const lookedAtMax: number = 1024 * 1024

const noTools: ReadonlyMap<string, string> = new Map()

/** What an API's tools are now: digests by name, empty where nothing certain is known; all are unknown without a list. */
export interface ToolNews {
  readonly api: string
  readonly tools?: readonly (readonly [name: string, digest: string])[]
}

/** The tools of all APIs, as they were last listed. */
export class ToolBook {
  readonly #apis = new Map<string, Map<string, string>>()
  readonly #told: (news: ToolNews) => void

  /** `told` is told of what changes here, for the gateway's other processes. */
  constructor(told: (news: ToolNews) => void = () => undefined) {
    this.#told = told
  }

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
      const news: (readonly [string, string])[] = []
      for (const tool of tools) {
        const name: unknown = memberOf(tool, 'name')
        if (typeof name !== 'string') continue
        // Of a tool that is listed twice nobody knows which one is called.
        const seen = tools.filter((other) => memberOf(other, 'name') === name).length
        const digest = seen > 1 ? '' : toolDigest(tool)
        // What is not known here may be known elsewhere.
        if (digest === '' || digest !== book.get(name)) news.push([name, digest])
        write(book, name, digest)
      }
      if (news.length > 0) this.#told({ api, tools: news })
    }
  }

  /** Nothing is known of an API any more: it listed tools in a way that could not be read. */
  forget(api: string): void {
    this.#apis.delete(api)
    this.#told({ api })
  }

  /** Takes what another process saw. */
  take({ api, tools }: ToolNews): void {
    if (tools === undefined) {
      this.#apis.delete(api)
      return
    }
    const book = this.#apis.get(api) ?? new Map<string, string>()
    this.#apis.set(api, book)
    for (const [name, digest] of tools) write(book, name, digest)
  }
}

function write(book: Map<string, string>, name: string, digest: string): void {
  if (digest === '' || (!book.has(name) && book.size >= toolsMax)) book.delete(name)
  else book.set(name, digest)
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}

/**
 * Whether the answer to a request may list tools: it asks for them, under whatever type, or is the stream on which MCP
 * answers later.
 */
export function mayListTools(request: CanonicalRequest, { http }: Pick<Action, 'http'>): boolean {
  if (request.method === 'GET') return request.fields.some(([name]) => name === 'mcp-session-id')
  const body = http?.body.value ?? null
  const asks = http?.rpc.some(({ method }) => method === 'tools/list') === true
  // Of a list too long for all its calls to be among the facts, the body says more.
  return asks || (Array.isArray(body) ? body : [body]).some((one) => memberOf(one, 'method') === 'tools/list')
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
      this.lose()
      return
    }
    if (!this.#isEvents) return
    for (let end = eventEnd(this.#text); end > 0; end = eventEnd(this.#text)) {
      const event = this.#text.slice(0, end)
      this.#text = this.#text.slice(end)
      this.#event(event)
      if (this.#isLost) return
    }
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
      this.lose()
    }
  }

  /** What it lists cannot be read: nothing is known of its tools from now on. */
  lose(): void {
    this.#isLost = true
    this.#text = ''
    this.#book.forget(this.#api)
  }
}
