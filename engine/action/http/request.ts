// The canonical request: read once, judged, and what is forwarded is rebuilt from it.
import { type Authority, parseAuthority } from './authority.ts'
import { type Connection, checkFields, forwardedFields, type HttpField, type shownFields } from './headers.ts'
import { isMethod } from './methods.ts'
import { type CanonicalPath, canonicalPath } from './path.ts'
import { type CanonicalQuery, canonicalQuery } from './query.ts'
import { HttpRefusal } from './refusal.ts'

/** A request head as a codec gives it: HTTP/1.1 as it is, HTTP/2 with `host` for its authority. */
export interface HttpHead {
  readonly method: string
  readonly target: string
  readonly fields: readonly HttpField[]
}

/** A request that has one meaning. */
export interface CanonicalRequest {
  readonly method: string
  readonly scheme: 'http' | 'https'
  readonly authority: Authority
  readonly path: CanonicalPath
  readonly query: CanonicalQuery
  /** Origin form, rebuilt. */
  readonly target: string
  /** All fields, as they came. */
  readonly fields: readonly HttpField[]
  /** The fields that may go on; the gateway adds `host`, framing and the upstream's credential. */
  readonly forwarded: readonly HttpField[]
  readonly connection: Connection
  /** What policies see of the fields, where it is known already. */
  readonly shown: ReturnType<typeof shownFields> | undefined
}

/**
 * Reads a head. `scheme` is how the client reached us. Of `last`, what it says of the very same fields is taken over.
 * Throws HttpRefusal.
 */
export function canonicalRequest(head: HttpHead, scheme: 'http' | 'https', last?: CanonicalRequest): CanonicalRequest {
  const { method, fields } = head
  if (method === 'TRACE' || method === 'TRACK')
    throw new HttpRefusal('trace', 'a request that would be echoed with its credentials')
  if (method === 'CONNECT') throw new HttpRefusal('connect', 'tunnels are not opened here')
  if (!isMethod(method)) throw new HttpRefusal('method_unknown', 'the method is not one that is registered')
  const known = last !== undefined && last.fields === fields && last.scheme === scheme ? last : undefined
  const connection = known?.connection ?? checkFields(fields)
  const authority = known?.authority ?? authorityOf(fields, scheme)
  const { pathText, queryText } = splitTarget(head, authority, scheme)
  if (connection.websocket) checkWebSocket(method, fields)
  const path = canonicalPath(pathText)
  const query = canonicalQuery(queryText)
  const target = query.written === '' ? path.written : `${path.written}?${query.written}`
  const forwarded = known?.forwarded ?? forwardedFields(fields)
  // All requests have one shape: they are read in many places.
  return { method, scheme, authority, path, query, target, fields, forwarded, connection, shown: undefined }
}

function authorityOf(fields: readonly HttpField[], scheme: 'http' | 'https'): Authority {
  const host = fields.find(([name]) => name === 'host')?.[1]
  if (host === undefined || host === '') throw new HttpRefusal('no_host', 'the request has no Host')
  return parseAuthority(host, scheme)
}

/** Bytes of a WebSocket key: 16 in base64. */
const webSocketKey = /^[A-Za-z0-9+/]{22}==$/

function checkWebSocket(method: string, fields: readonly HttpField[]): void {
  if (method !== 'GET') throw new HttpRefusal('upgrade', 'a WebSocket begins with GET')
  if (fields.find(([name]) => name === 'sec-websocket-version')?.[1] !== '13')
    throw new HttpRefusal('upgrade', 'a WebSocket is of version 13')
  if (!webSocketKey.test(fields.find(([name]) => name === 'sec-websocket-key')?.[1] ?? ''))
    throw new HttpRefusal('upgrade', 'a WebSocket needs a key of 16 bytes')
  if (fields.some(([name]) => name === 'content-length' || name === 'transfer-encoding'))
    throw new HttpRefusal('upgrade', 'a request for a WebSocket has no body')
}

/** What a request to open a tunnel names: host and port, both written out. Throws HttpRefusal. */
export function canonicalConnect({ target, fields }: HttpHead): Authority {
  checkFields(fields)
  if (fields.some(([name]) => name === 'content-length' || name === 'transfer-encoding' || name === 'upgrade'))
    throw new HttpRefusal('connect', 'a request for a tunnel has neither body nor upgrade')
  if (!target.includes(':', target.lastIndexOf(']') + 1))
    throw new HttpRefusal('authority_form', 'a tunnel is to a host and a port')
  const authority = parseAuthority(target, 'https')
  const host = fields.find(([name]) => name === 'host')?.[1]
  // Clients disagree on whether the port stands in Host too, and in HTTP/1.0 there is none.
  if (host !== undefined && host.toLowerCase() !== target.toLowerCase() && host.toLowerCase() !== authority.host)
    throw new HttpRefusal('authority_mismatch', 'the tunnel is to another host than Host names')
  return authority
}

function splitTarget(
  { method, target }: HttpHead,
  authority: Authority,
  scheme: 'http' | 'https',
): { readonly pathText: string; readonly queryText: string } {
  if (target === '*') {
    if (method !== 'OPTIONS') throw new HttpRefusal('asterisk_form', '`*` is only a target of OPTIONS')
    // Servers answer for themselves here, and gateways in between disagree on what to ask.
    throw new HttpRefusal('asterisk_form', 'OPTIONS of the whole server is not forwarded')
  }
  const origin = target.startsWith('/') ? target : originForm(target, authority, scheme)
  if (origin.startsWith('//')) throw new HttpRefusal('empty_segment', 'the path begins with two slashes')
  const mark = origin.indexOf('?')
  return mark < 0
    ? { pathText: origin, queryText: '' }
    : { pathText: origin.slice(0, mark), queryText: origin.slice(mark + 1) }
}

/** The origin form of an absolute target, which must name what Host names (RFC 9112 3.2.2 lets servers disagree). */
function originForm(target: string, authority: Authority, scheme: 'http' | 'https'): string {
  const colon = target.indexOf('://')
  if (colon < 0) {
    if (target.includes('/') || target.startsWith('?'))
      throw new HttpRefusal('path_byte', 'the path does not begin with a slash')
    throw new HttpRefusal('authority_form', 'an authority is only a target of CONNECT')
  }
  if (target.slice(0, colon).toLowerCase() !== scheme)
    throw new HttpRefusal('scheme', 'the target has another scheme than the connection')
  const rest = target.slice(colon + 3)
  let end = 0
  while (end < rest.length && !'/?#\\'.includes(rest[end] ?? '')) end++
  const named = parseAuthority(rest.slice(0, end), scheme)
  if (named.written !== authority.written)
    throw new HttpRefusal('authority_mismatch', 'the target names another host than Host')
  const path = rest.slice(end)
  if (path === '' || path.startsWith('?')) return `/${path}`
  if (!path.startsWith('/')) throw new HttpRefusal('absolute_form', 'the target cannot be split')
  return path
}
