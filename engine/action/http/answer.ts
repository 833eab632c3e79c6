// Facts of the answer to a request: its status, what of its head policies see, and where it leads.
import type { Action } from '../document.ts'
import { parseAuthority } from './authority.ts'
import type { HttpRedirect, HttpResponseFacts } from './facts.ts'
import type { HttpField } from './headers.ts'
import { actionTextMax, headerTextMax } from './limits.ts'
import { HttpRefusal } from './refusal.ts'
import type { CanonicalRequest } from './request.ts'

/** The head of an answer, as a codec gives it. */
export interface AnswerHead {
  readonly status: number
  readonly fields: readonly HttpField[]
  /** Length of the body where it is known, else -1. */
  readonly bytes: number
  /** The decision under which the request went on. */
  readonly decision: string
}

/** Fields of answers that policies see; none of them is a secret. */
const shown: ReadonlySet<string> = new Set([
  'accept-ranges',
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'age',
  'allow',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-range',
  'content-security-policy',
  'content-type',
  'cross-origin-resource-policy',
  'deprecation',
  'etag',
  'expires',
  'grpc-status',
  'last-modified',
  'mcp-protocol-version',
  'permissions-policy',
  'pragma',
  'referrer-policy',
  'retry-after',
  'server',
  'strict-transport-security',
  'sunset',
  'vary',
  'via',
  'x-aspnet-version',
  'x-content-type-options',
  'x-frame-options',
  'x-powered-by',
  'x-request-id',
])

/** The action that the answer to an allowed one is. */
export function answerAction(
  action: Omit<Action, 'digest'>,
  request: CanonicalRequest,
  head: AnswerHead,
): Omit<Action, 'digest'> {
  const { http } = action
  const response = answerFacts(request, head)
  const reasons = response.redirects.some(({ readable }) => !readable)
    ? ['where the answer leads has two readings']
    : []
  const text = `${action.text} -> ${head.status}`
  const complete = action.complete && reasons.length === 0
  return {
    ...action,
    stage: 'response',
    text: text.length > actionTextMax ? text.slice(-actionTextMax) : text,
    complete,
    ...(http === undefined
      ? {}
      : {
          http: {
            ...http,
            complete: http.complete && reasons.length === 0,
            reasons: [...http.reasons, ...reasons],
            response,
          },
        }),
  }
}

function answerFacts(request: CanonicalRequest, { status, fields, bytes, decision }: AnswerHead): HttpResponseFacts {
  const headers = new Map<string, string[]>()
  const cookies: string[] = []
  const redirects: HttpRedirect[] = []
  for (const [name, value] of fields) {
    if (shown.has(name)) {
      const known = headers.get(name)
      if (known === undefined) headers.set(name, [cut(value)])
      else known.push(cut(value))
    } else if (name === 'set-cookie') cookies.push(cut((value.split('=', 1)[0] ?? '').trim()))
    else if (name === 'location') redirects.push(redirectOf(request, 'location', value))
    else if (name === 'refresh') {
      const target = refreshTarget(value)
      if (target !== undefined) redirects.push(redirectOf(request, 'refresh', target))
    }
  }
  const type = fields.find(([name]) => name === 'content-type')?.[1] ?? ''
  const grpc = fields.find(([name]) => name === 'grpc-status')?.[1] ?? ''
  return {
    status,
    headers: Object.fromEntries(headers),
    names: [...new Set(fields.map(([name]) => name))].sort(),
    cookies,
    type: (type.split(';', 1)[0] ?? '').trim().toLowerCase(),
    bytes,
    redirects,
    grpc_status: /^\d{1,3}$/.test(grpc) ? Number(grpc) : -1,
    decision,
  }
}

function cut(text: string): string {
  return text.length > headerTextMax ? text.slice(0, headerTextMax) : text
}

/** What stands behind the delay of a Refresh field; undefined where it only loads the same again. */
function refreshTarget(value: string): string | undefined {
  let at = 0
  while (at < value.length && '0123456789. \t'.includes(value[at] ?? '')) at++
  while (at < value.length && ';, \t'.includes(value[at] ?? '')) at++
  let rest = value.slice(at).trim()
  const equals = rest.indexOf('=')
  if (equals >= 0 && rest.slice(0, equals).trim().toLowerCase() === 'url') rest = rest.slice(equals + 1).trim()
  const [quote = ''] = rest
  if (quote === '"' || quote === "'") {
    const end = rest.indexOf(quote, 1)
    rest = rest.slice(1, end < 0 ? undefined : end)
  }
  return rest === '' ? undefined : rest
}

/** Characters of a URL reference; whatever else there is, browsers and libraries read it in their own ways. */
const plainTarget = /^[\x21-\x7e]+$/
/** What a reference begins with that has a scheme (RFC 3986 3.1). */
const schemePart = /^([A-Za-z][A-Za-z0-9+.-]*):/

function redirectOf({ scheme, authority }: CanonicalRequest, by: HttpRedirect['by'], written: string): HttpRedirect {
  const target = cut(written)
  const own = { by, target, scheme, authority: authority.written, same_authority: true, readable: true }
  const unreadable = { by, target, scheme: '', authority: '', same_authority: false, readable: false }
  if (!plainTarget.test(written) || written.includes('\\')) return unreadable
  const named = schemePart.exec(written)?.[1]?.toLowerCase()
  // `/a`, `a/b`, `?a`, `#a`: the same server, told by its path.
  if (named === undefined && !written.startsWith('//')) return own
  if (named !== undefined && named !== 'http' && named !== 'https')
    return { ...unreadable, scheme: named, readable: true }
  const leads = named === 'http' || named === 'https' ? named : scheme
  const rest = written.slice(named === undefined ? 0 : named.length + 1)
  // `https:host` and `https:///host` lead to the host in a browser, and to a path elsewhere.
  if (!rest.startsWith('//') || rest.startsWith('///')) return unreadable
  let end = 2
  while (end < rest.length && !'/?#'.includes(rest[end] ?? '')) end++
  try {
    const there = parseAuthority(rest.slice(2, end), leads)
    const isSame = leads === scheme && there.host === authority.host && there.port === authority.port
    return { by, target, scheme: leads, authority: there.written, same_authority: isSame, readable: true }
  } catch (error) {
    if (error instanceof HttpRefusal) return unreadable
    throw error
  }
}
