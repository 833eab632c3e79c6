// Which headers a request may carry. Whatever would let one party read another identity, length, method or path than
// the one that was judged is refused by name, never dropped in silence.

/** Headers in wire order, names as they came. */
export type Headers = readonly (readonly [string, string])[]

/** A header that must not be there. */
export interface HeaderObjection {
  readonly code: 'header' | 'impersonation'
  readonly message: string
}

/** What `Connection` may name; naming another header would take it away between two parties (CVE-2021-31999). */
const connectionTokens: ReadonlySet<string> = new Set(['keep-alive', 'close', 'upgrade'])

/** Headers that come once or not at all. */
const single: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
  'upgrade',
])

/** Headers by which some servers take another method or path than the request line's. */
const overrides: ReadonlySet<string> = new Set([
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
  'x-original-method',
])

/** Identities that only a front proxy may state. */
const statedIdentity = ['impersonate-', 'x-remote-']

/** Headers that nothing is wrong with: a client says the same in many requests, and they are looked at twice in each. */
const unobjectionable = new WeakSet<Headers>()

/** The first header that is refused, if there is one. */
export function headerObjection(headers: Headers): HeaderObjection | undefined {
  if (unobjectionable.has(headers)) return undefined
  const objection = objectionTo(headers)
  if (objection === undefined) unobjectionable.add(headers)
  return objection
}

function objectionTo(headers: Headers): HeaderObjection | undefined {
  const seen = new Set<string>()
  for (const [raw, value] of headers) {
    const name = raw.toLowerCase()
    // Some servers read `Impersonate_User` as `Impersonate-User`.
    const folded = name.replaceAll('_', '-')
    if (statedIdentity.some((prefix) => folded.startsWith(prefix)))
      return {
        code: 'impersonation',
        message: 'the gateway alone says whom a request is made as: impersonation is refused',
      }
    if (folded !== name && (single.has(folded) || overrides.has(folded)))
      return header('a header name is written with an underscore')
    if (overrides.has(name)) return header('a header would override the method or the path')
    if (single.has(name) && seen.has(name)) return header(`the header ${name} comes twice`)
    seen.add(name)
    const wrong = valueObjection(name, value)
    if (wrong !== undefined) return header(wrong)
  }
  if (seen.has('content-length') && seen.has('transfer-encoding'))
    return header('the request states its length in two ways')
  return undefined
}

function header(message: string): HeaderObjection {
  return { code: 'header', message }
}

function valueObjection(name: string, value: string): string | undefined {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if ((code < 32 && code !== 9) || code === 127) return 'a header value holds a control character'
  }
  const words = value.split(',').map((one) => one.trim().toLowerCase())
  switch (name) {
    case 'connection':
    case 'proxy-connection':
      return words.every((word) => connectionTokens.has(word))
        ? undefined
        : 'the Connection header names other headers, which would be taken away on the road'
    case 'transfer-encoding':
      return value.trim().toLowerCase() === 'chunked' ? undefined : 'the transfer encoding is not chunked'
    case 'content-encoding':
      return words.every((word) => word === 'identity') ? undefined : 'a compressed body is refused'
    case 'content-length':
      return value !== '' && [...value].every((mark) => mark >= '0' && mark <= '9')
        ? undefined
        : 'the content length is not a number'
    case 'sec-websocket-protocol':
      return words.some((word) => word.startsWith('base64url.bearer.authorization'))
        ? 'a token among the WebSocket protocols is refused: it belongs into the Authorization header'
        : undefined
    case 'trailer':
      return 'trailers are refused'
    default:
      return undefined
  }
}

/** The one value of a header, empty when it is not there. */
export function headerOf(headers: Headers, name: string): string {
  for (const [one, value] of headers) if (one.length === name.length && one.toLowerCase() === name) return value
  return ''
}

const upperI = 73
const lowerI = 105

/** Whom the request asks to be made as; every spelling counts. */
export function impersonationAsked(headers: Headers): { readonly user: string; readonly groups: readonly string[] } {
  let user: string | undefined
  const groups: string[] = []
  for (const [raw, value] of headers) {
    const first = raw.charCodeAt(0)
    if (first !== upperI && first !== lowerI) continue
    const name = raw.toLowerCase().replaceAll('_', '-')
    if (name === 'impersonate-user') user ??= value
    else if (name === 'impersonate-group') groups.push(value)
  }
  return { user: user ?? '', groups: groups.sort() }
}
