// An issuer for development: keys made at start, on loopback only, unfit for production and saying so.

import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isIPv6 } from 'node:net'
import { exportJWK, type JSONWebKeySet, SignJWT } from 'jose'
import { bound } from '../listening/index.ts'
import { type DevClient, DevGrants, type DevSubject, deviceGrant } from './dev-grants.ts'
import { publicCopy } from './key-copies.ts'

/** What a development token says. */
export interface DevToken extends DevSubject {
  readonly lifetimeSeconds: number
}

/** How a development issuer is started. */
export interface DevIssuerOptions {
  readonly host?: string
  readonly clients?: readonly DevClient[]
  readonly lifetimeSeconds?: number
}

/** A running development issuer. */
export interface DevIssuer {
  readonly url: string
  readonly audience: string
  readonly jwks: JSONWebKeySet
  token(token: DevToken): Promise<string>
  close(): Promise<void>
}

/** Lifetime of development tokens at the most. */
export const devTokenSecondsMax = 3600
const bodyBytesMax = 16 * 1024
const requestMs = 10_000
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

/** Why no development issuer may run here; undefined when one may. */
export function devIssuerRefusal(host: string): string | undefined {
  if (process.env['NODE_ENV'] === 'production') return 'the development issuer does not run in production'
  return loopback.has(host) ? undefined : 'the development issuer listens on loopback addresses only'
}

/** Starts one on a loopback port. Throws in production, and for any other address. */
export async function startDevIssuer(
  port = 0,
  audience = 'sallyport',
  { host = '127.0.0.1', clients = [], lifetimeSeconds = devTokenSecondsMax }: DevIssuerOptions = {},
): Promise<DevIssuer> {
  const refusal = devIssuerRefusal(host)
  if (refusal !== undefined) throw new Error(refusal)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = publicCopy(privateKey)
  const jwks: JSONWebKeySet = { keys: [{ ...(await exportJWK(publicKey)), kid: 'dev', alg: 'ES256', use: 'sig' }] }
  let url = ''
  const token = ({ subject, kind, groups, scopes, lifetimeSeconds: seconds }: DevToken): Promise<string> =>
    new SignJWT({ kind, groups, scope: scopes.join(' ') })
      .setProtectedHeader({ alg: 'ES256', kid: 'dev', typ: 'at+jwt' })
      .setIssuer(url)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(`${Math.min(seconds, devTokenSecondsMax)}s`)
      .sign(privateKey)
  const parts: Parts = {
    url: () => url,
    jwks,
    grants: new DevGrants(clients, Date.now),
    sign: (subject) => token({ ...subject, lifetimeSeconds }),
    lifetimeSeconds: Math.min(lifetimeSeconds, devTokenSecondsMax),
  }
  const server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs }, (request, response) => {
    answer(parts, request).then(
      (made) => send(response, made),
      () => send(response, { status: 500, body: { error: 'server_error' } }),
    )
  })
  const at = await bound(server, { host, port, onError: () => undefined })
  url = `http://${isIPv6(host) ? `[${host}]` : host}:${at}`
  return {
    url,
    audience,
    jwks,
    token,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

interface Parts {
  readonly url: () => string
  readonly jwks: JSONWebKeySet
  readonly grants: DevGrants
  readonly sign: (subject: DevSubject) => Promise<string>
  readonly lifetimeSeconds: number
}

interface Answer {
  readonly status: number
  readonly body: object | string
}

async function answer(parts: Parts, request: IncomingMessage): Promise<Answer> {
  const { method, url = '', headers } = request
  // A name that a page elsewhere made resolve to loopback is not ours: DNS rebinding ends here.
  if (headers.host !== parts.url().slice('http://'.length)) return { status: 421, body: { error: 'invalid_request' } }
  const [path] = url.split('?', 1)
  if (method === 'GET') {
    if (path === '/.well-known/openid-configuration') return { status: 200, body: metadata(parts.url()) }
    if (path === '/jwks') return { status: 200, body: parts.jwks }
    if (path === '/device') return { status: 200, body: devicePage('') }
    return { status: 404, body: { error: 'not_found' } }
  }
  if (method !== 'POST') return { status: 405, body: { error: 'invalid_request' } }
  const form = await formOf(request)
  if (form === undefined) return { status: 400, body: { error: 'invalid_request' } }
  switch (path) {
    case '/token':
      return tokenAnswer(parts, form, basicOf(headers.authorization))
    case '/device_authorization': {
      const begun = parts.grants.begin(form)
      if (begun === undefined) return { status: 503, body: { error: 'temporarily_unavailable' } }
      return { status: 200, body: { ...begun, verification_uri: `${parts.url()}/device` } }
    }
    case '/device':
      return deviceAnswer(parts, form, headers.origin)
    default:
      return { status: 404, body: { error: 'not_found' } }
  }
}

function metadata(url: string): object {
  return {
    issuer: url,
    jwks_uri: `${url}/jwks`,
    token_endpoint: `${url}/token`,
    device_authorization_endpoint: `${url}/device_authorization`,
    grant_types_supported: ['client_credentials', deviceGrant],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    'x-development-only': true,
  }
}

async function tokenAnswer(
  { grants, sign, lifetimeSeconds }: Parts,
  form: URLSearchParams,
  basic: { readonly id: string; readonly secret: string } | undefined,
): Promise<Answer> {
  const granted = grants.token(form, basic)
  if (!granted.ok)
    return {
      status: granted.error === 'invalid_client' ? 401 : 400,
      body: { error: granted.error, error_description: granted.message },
    }
  return {
    status: 200,
    body: {
      access_token: await sign(granted.subject),
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      scope: granted.subject.scopes.join(' '),
    },
  }
}

/** The person at the page says who they are: this issuer believes everybody on this machine. */
function deviceAnswer({ grants, url }: Parts, form: URLSearchParams, origin: string | undefined): Answer {
  if (origin !== undefined && origin !== url()) return { status: 403, body: { error: 'invalid_request' } }
  const groups = (form.get('groups') ?? '').split(' ').filter((one) => one !== '')
  const known = grants.answer(
    form.get('user_code') ?? '',
    form.get('answer') === 'deny' ? 'denied' : { subject: form.get('subject') ?? '', groups },
  )
  return known
    ? { status: 200, body: devicePage('Done. You can close this page.') }
    : { status: 400, body: devicePage('No device waits with this code, or a name is missing.') }
}

function devicePage(message: string): string {
  return `<!doctype html><meta charset="utf-8"><title>Development login</title>
<h1>Development login</h1><p>For development only: whoever answers here is believed.</p><p role="status">${message}</p>
<form method="post" action="/device">
<label>Code <input name="user_code" required autocomplete="off"></label>
<label>Name <input name="subject" required></label>
<label>Groups <input name="groups"></label>
<button name="answer" value="allow">Allow</button> <button name="answer" value="deny">Deny</button>
</form>
`
}

function basicOf(header: string | undefined): { readonly id: string; readonly secret: string } | undefined {
  if (header === undefined || !header.startsWith('Basic ')) return undefined
  const text = Buffer.from(header.slice('Basic '.length), 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  try {
    // RFC 6749 2.3.1: both are form-encoded first.
    const [id, secret] = [text.slice(0, colon), text.slice(colon + 1)].map((one) =>
      decodeURIComponent(one.replaceAll('+', ' ')),
    )
    return { id: id ?? '', secret: secret ?? '' }
  } catch {
    return undefined
  }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return undefined
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const piece: Buffer = chunk
    bytes += piece.length
    if (bytes > bodyBytesMax) return undefined
    chunks.push(piece)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (response.headersSent || response.destroyed) return
  const isPage = typeof body === 'string'
  response.writeHead(status, {
    'content-type': isPage ? 'text/html; charset=utf-8' : 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(isPage ? { 'content-security-policy': "default-src 'none'; form-action 'self'" } : {}),
  })
  response.end(isPage ? body : JSON.stringify(body))
}
