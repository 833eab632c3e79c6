// Which header fields a request may have, which are forwarded, and which policies see.
import { headerTextMax } from './limits.ts'
import { HttpRefusal } from './refusal.ts'

/** One header field; the name in lower case. */
export type HttpField = readonly [name: string, value: string]

/** Fields of which servers take the first, the last, or both when they are there twice. */
const single: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'content-disposition',
  'cookie',
  'expect',
  'host',
  'if-range',
  'last-event-id',
  'mcp-protocol-version',
  'mcp-session-id',
  'origin',
  'proxy-authorization',
  'range',
  'referer',
  'sec-websocket-key',
  'sec-websocket-version',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-api-key',
])

/** Fields that make some servers act on another method or path than the one that was judged. */
const overrides: { readonly [name: string]: 'method_override' | 'path_override' } = {
  'x-http-method': 'method_override',
  'x-http-method-override': 'method_override',
  'x-method-override': 'method_override',
  'x-original-url': 'path_override',
  'x-original-uri': 'path_override',
  'x-rewrite-url': 'path_override',
  'x-original-host': 'path_override',
  'x-host': 'path_override',
  'x-forwarded-prefix': 'path_override',
  'x-original-method': 'method_override',
  'x-forwarded-method': 'method_override',
  'x-forwarded-path': 'path_override',
  'x-forwarded-uri': 'path_override',
  'x-envoy-original-method': 'method_override',
  'x-envoy-original-path': 'path_override',
  'x-http-path-override': 'path_override',
}

/** Fields between two neighbours (RFC 9110 7.6.1); the gateway writes its own. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'max-forwards',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  // The gateway makes a key of its own, and without extensions a frame is what it says.
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Names of fields by which upstreams are told who acts. A client's are never relayed. */
const identityNames: ReadonlySet<string> = new Set([
  'authorization',
  'cf-connecting-ip',
  'client-ip',
  'fastly-client-ip',
  'forwarded',
  'remote-user',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-email',
  'x-groups',
  'x-real-ip',
  'x-role',
  'x-roles',
  'x-user',
  'x-user-id',
  'x-username',
  'x-userinfo',
])
const identityPrefixes: readonly string[] = [
  'impersonate-',
  'remote-',
  'ssl-client-',
  'x-amzn-oidc-',
  'x-auth-',
  'x-authenticated-',
  'x-client-cert',
  'x-endpoint-api-userinfo',
  'x-envoy-',
  'x-forwarded-',
  'x-goog-authenticated-',
  'x-goog-iap-',
  'x-ms-client-principal',
  'x-remote-',
  'x-sallyport-',
  'x-ssl-',
  'x-webauth-',
]

/** Fields that policies see unless a resource names more; none of them is a secret. */
const shown: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-type',
  'if-match',
  'if-none-match',
  'last-event-id',
  'mcp-protocol-version',
  'origin',
  'range',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-websocket-protocol',
  'traceparent',
  'user-agent',
  'x-request-id',
])
/** Fields that are credentials whatever a resource says. */
const secret: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-api-key'])

/** What the connection-level fields of a request ask for. */
export interface Connection {
  readonly closes: boolean
  readonly websocket: boolean
  readonly expectsContinue: boolean
  readonly acceptsTrailers: boolean
}

/** Refuses what must not be there, and reads what concerns the connection. Throws HttpRefusal. */
export function checkFields(fields: readonly HttpField[]): Connection {
  const seen = new Set<string>()
  let connection = ''
  let upgrade = ''
  let expect = ''
  let te = ''
  for (const [name, value] of fields) {
    if (single.has(name)) {
      if (seen.has(name)) throw new HttpRefusal('duplicate_header', `\`${name}\` is there twice`)
      seen.add(name)
    }
    const override = Object.hasOwn(overrides, name) ? overrides[name] : undefined
    if (override !== undefined) throw new HttpRefusal(override, `\`${name}\` would change what the request means`)
    if (name === 'connection') connection = value.toLowerCase()
    else if (name === 'upgrade') upgrade = value.toLowerCase()
    else if (name === 'expect') expect = value.toLowerCase()
    else if (name === 'te') te = value.toLowerCase()
  }
  const options = connection === '' ? [] : connection.split(',').map((one) => one.trim())
  for (const option of options)
    if (!connectionOptions.has(option))
      throw new HttpRefusal('hop_by_hop', '`connection` names a header that would be dropped on the way')
  if (options.includes('close') && options.includes('keep-alive'))
    throw new HttpRefusal('hop_by_hop', '`connection` says both close and keep-alive')
  if (expect !== '' && expect !== '100-continue')
    throw new HttpRefusal('expectation', 'the only expectation is 100-continue')
  return {
    closes: options.includes('close'),
    websocket: isWebSocket(options.includes('upgrade'), upgrade),
    expectsContinue: expect !== '',
    acceptsTrailers: te.split(',').some((one) => one.trim() === 'trailers'),
  }
}

// `http2-settings` comes with an offer of HTTP/2, which is declined by staying with HTTP/1.1.
const connectionOptions: ReadonlySet<string> = new Set(['close', 'keep-alive', 'upgrade', 'te', 'http2-settings', ''])

function isWebSocket(asked: boolean, upgrade: string): boolean {
  if (upgrade === '' || upgrade === 'h2c') return false
  if (upgrade !== 'websocket') throw new HttpRefusal('upgrade', 'only WebSocket connections can be upgraded to')
  if (!asked) throw new HttpRefusal('upgrade', '`upgrade` without `connection: upgrade`')
  return true
}

/** The fields that go on to the upstream: neither of the connection, nor claims of who acts. */
export function forwardedFields(fields: readonly HttpField[]): HttpField[] {
  return fields.filter(([name]) => !hopByHop.has(name) && !claimsIdentity(name))
}

function claimsIdentity(name: string): boolean {
  return identityNames.has(name) || identityPrefixes.some((prefix) => name.startsWith(prefix))
}

/**
 * Refuses trailers by which an upstream that merges them into the headers would act otherwise than was judged. Throws
 * HttpRefusal.
 */
export function checkTrailers(fields: readonly HttpField[]): void {
  for (const [name] of fields)
    if (hopByHop.has(name) || single.has(name) || Object.hasOwn(overrides, name) || claimsIdentity(name))
      throw new HttpRefusal('trailer', `\`${name}\` may not come behind the body`)
}

const noMore: ReadonlySet<string> = new Set()

/** The fields that policies see. `more` are names that a resource adds; credentials are never among them. */
export function shownFields(
  fields: readonly HttpField[],
  more: ReadonlySet<string> = noMore,
): { readonly [name: string]: readonly string[] } {
  const values = new Map<string, string[]>()
  for (const [name, value] of fields) {
    if ((!shown.has(name) && !more.has(name)) || secret.has(name)) continue
    const text = value.length > headerTextMax ? value.slice(0, headerTextMax) : value
    const known = values.get(name)
    if (known === undefined) values.set(name, [text])
    else known.push(text)
  }
  return Object.fromEntries(values)
}
