// The heads of requests and responses, from bytes. Whatever is not exactly HTTP/1.1 as RFC 9112 writes it is refused.
import { WireError } from './error.ts'
import { type Field, lineEnd, parseFields } from './fields.ts'
import { type Framing, requestFraming, responseFraming } from './framing.ts'
import { targetBytesMax } from './limits.ts'

/** A request without its body. */
export interface RequestHead {
  readonly method: string
  /** As sent; what it means is not the codec's business. Visible ASCII only. */
  readonly target: string
  /** Names in lower case, in the order of the wire. */
  readonly fields: readonly Field[]
  readonly framing: Framing
  /** The lines of its fields. */
  readonly lines?: string
}

/** A response without its body. */
export interface ResponseHead {
  readonly status: number
  readonly reason: string
  readonly fields: readonly Field[]
  readonly framing: Framing
  /** The upstream closes the connection after this message. */
  readonly closes: boolean
}

const methodBytesMax = 24
const requestVersion = ' HTTP/1.1'
const tunnelVersion = ' HTTP/1.0'

/**
 * Decodes a request head; `text` is latin1, from the request line to the CRLF of the last field, without the empty line.
 * Fields that are those of `last`, letter for letter, are not read again: clients say the same of themselves every time.
 */
export function decodeRequestHead(text: string, last?: RequestHead): RequestHead {
  const end = lineEnd(text, 0)
  const method = requestMethod(text, end)
  const target = requestTarget(text, method, end)
  const lines = text.slice(end + 2)
  if (last?.lines === lines) return { method, target, fields: last.fields, framing: last.framing, lines }
  const fields = parseFields(text, end + 2, true)
  return { method, target, fields, framing: requestFraming(fields), lines }
}

function requestMethod(text: string, end: number): string {
  const space = text.indexOf(' ')
  if (space <= 0 || space > end) throw new WireError('request_line', 'the request line has no method and target')
  if (space > methodBytesMax) throw new WireError('method', 'the method is too long')
  for (let at = 0; at < space; at++) {
    const code = text.charCodeAt(at)
    // Methods are case-sensitive; a server that upper-cases `get` reads another method than one that does not.
    if ((code < 65 || code > 90) && (code !== 45 || at === 0))
      throw new WireError('method', 'a method is upper-case letters')
  }
  return text.slice(0, space)
}

function requestTarget(text: string, method: string, end: number): string {
  const space = method.length
  const last = text.lastIndexOf(' ', end)
  if (last === space) throw new WireError('version', 'the request line has no version')
  const version = text.slice(last, end)
  // Clients of proxies still ask for tunnels in HTTP/1.0 (Python before 3.12), where nothing comes but the tunnel.
  if (version !== requestVersion && !(method === 'CONNECT' && version === tunnelVersion)) {
    if (text.startsWith(' HTTP/', last)) throw new WireError('version', 'only HTTP/1.1 is spoken here')
    throw new WireError('request_line', 'the request line does not end with a version')
  }
  const target = text.slice(space + 1, last)
  if (target.length > targetBytesMax) throw new WireError('target_too_long', 'the request target is too long')
  for (let at = 0; at < target.length; at++) {
    const code = target.charCodeAt(at)
    if (code > 32 && code < 127) continue
    if (code === 0) throw new WireError('nul', 'a NUL in the request target')
    if (code === 32 || code === 9) throw new WireError('request_line', 'more than one space in the request line')
    throw new WireError('target', 'the request target has a byte that is not visible ASCII')
  }
  if (target.length === 0) throw new WireError('request_line', 'the request line has no target')
  return target
}

/** Decodes a response head to a request with `method`. */
export function decodeResponseHead(text: string, method: string): ResponseHead {
  const end = lineEnd(text, 0)
  const line = text.slice(0, end)
  const minor = line.startsWith('HTTP/1.1 ') ? 1 : line.startsWith('HTTP/1.0 ') ? 0 : undefined
  if (minor === undefined) throw new WireError('status_line', 'the upstream does not speak HTTP/1')
  const status = Number(line.slice(9, 12))
  const digits = [9, 10, 11].every((at) => line.charCodeAt(at) >= 48 && line.charCodeAt(at) <= 57)
  if (!digits || status < 100 || status > 599 || (line.length > 12 && line[12] !== ' '))
    throw new WireError('status_line', 'the status line cannot be read')
  const reason = line.slice(13)
  for (let at = 0; at < reason.length; at++) {
    const code = reason.charCodeAt(at)
    if (code !== 9 && (code < 32 || code === 127)) throw new WireError('status_line', 'a control in the reason phrase')
  }
  const fields = parseFields(text, end + 2, false)
  const framing = responseFraming(method, status, fields)
  const keepsAlive = minor === 1 ? !saysConnection(fields, 'close') : saysConnection(fields, 'keep-alive')
  if (minor === 0 && framing.kind === 'chunked')
    throw new WireError('transfer_encoding', 'an HTTP/1.0 response is chunked')
  return { status, reason, fields, framing, closes: !keepsAlive || framing.kind === 'close' }
}

function saysConnection(fields: readonly Field[], option: string): boolean {
  return fields.some(
    ([name, value]) => name === 'connection' && value.split(',').some((one) => one.trim().toLowerCase() === option),
  )
}
