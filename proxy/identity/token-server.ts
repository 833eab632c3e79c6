// The identity listener: the gateway as an issuer for nested agents. Token exchange, revocation, discovery and keys.

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type SecureContextOptions, TLSSocket, type TlsOptions } from 'node:tls'
import type { Identity } from '../../engine/action/index.ts'
import { tokenKey } from '../../engine/principal/index.ts'
import { bound, boundConnections } from '../listening/index.ts'
import { type ExchangeParts, exchange, exchangeGrant, type TokenAnswer } from './exchange.ts'
import { type SamlIssuer, type SamlParts, samlBearer, samlGrant } from './saml/index.ts'
import { sshCertificateLine } from './ssh-certificate.ts'
import { sshLine } from './ssh-keys.ts'
import { certifyKey, type UserAuthority } from './user-certificates.ts'

/** What the identity listener is made of. */
export interface TokenServerOptions extends ExchangeParts {
  readonly host: string
  readonly port: number
  readonly tls?: SecureContextOptions & { readonly clientCa?: string }
  readonly connectionsMax: number
  /** The authority for SSH user certificates; undefined signs none. */
  readonly userAuthority: () => UserAuthority | undefined
  /** Told of every certificate that was signed: for whom, which, and for what. */
  readonly certified?: (identity: Identity, serial: string, resources: readonly string[]) => void
  /** SAML providers whose assertions are taken, and how one is taken once; absent takes none. */
  readonly saml?: {
    readonly providers: () => readonly SamlIssuer[]
    readonly clockSkewMs: () => number
    readonly useOnce: (name: string, untilMs: number) => Promise<boolean>
    readonly learn?: SamlParts['learn']
  }
  /** Ends the token and all that came from it, for every gateway of the storage. */
  readonly revoke: (key: string, reason: string, untilMs: number) => Promise<void>
  readonly onError: (error: unknown) => void
}

/** A running identity listener. */
export interface TokenServer {
  readonly port: number
  /** Takes no new connections. */
  stop(): void
  close(): Promise<void>
}

/** Room for two tokens and their parameters. */
const bodyBytesMax = 48 * 1024
const requestMs = 10_000
const headerBytesMax = 16 * 1024

/** Starts it. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const limits = { requestTimeout: requestMs, headersTimeout: requestMs, maxHeaderSize: headerBytesMax }
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    answer(options, request).then(
      (made) => send(response, made),
      (error: unknown) => {
        options.onError(error)
        send(response, { status: 500, body: { error: 'server_error' } })
      },
    )
  }
  const server: Server =
    options.tls === undefined
      ? createServer(limits, handle)
      : createTlsServer({ ...limits, ...options.tls, ...clientCertificates(options.tls.clientCa) }, handle)
  boundConnections(server, options.connectionsMax)
  const port = await bound(server, options)
  return {
    port,
    stop: () => void server.close(),
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

/** Clients may show a certificate; one that does not verify counts as none. */
function clientCertificates(ca: string | undefined): TlsOptions {
  return ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: false }
}

type Answer = TokenAnswer | { readonly status: number; readonly body: object; readonly allow?: string }

async function answer(options: TokenServerOptions, request: IncomingMessage): Promise<Answer> {
  const { method, url = '' } = request
  switch (url) {
    case '/.well-known/openid-configuration':
    case '/.well-known/oauth-authorization-server':
      return method === 'GET' ? { status: 200, body: metadata(options) } : notAllowed('GET')
    case '/jwks':
      return method === 'GET' ? { status: 200, body: options.keys.jwks } : notAllowed('GET')
    case '/oauth/token':
      return method === 'POST' ? withForm(request, (form) => grant(options, form, request)) : notAllowed('POST')
    case '/oauth/revoke':
      return method === 'POST' ? withForm(request, (form) => revoke(options, form, request)) : notAllowed('POST')
    case '/ssh/certificate':
      return method === 'POST' ? withForm(request, (form) => certify(options, form, request)) : notAllowed('POST')
    default:
      return { status: 404, body: { error: 'not_found' } }
  }
}

function metadata({ issuer, keys, saml }: TokenServerOptions): object {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    grant_types_supported: [exchangeGrant, ...(saml === undefined || saml.providers().length === 0 ? [] : [samlGrant])],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [keys.algorithm],
  }
}

/** The grants of the token endpoint: an assertion of SAML, or else the exchange, which says what is wrong with others. */
function grant(options: TokenServerOptions, form: URLSearchParams, request: IncomingMessage): Promise<Answer> {
  const { saml } = options
  if (saml === undefined || form.get('grant_type') !== samlGrant) return exchange(options, form, certificateOf(request))
  const { issuer, keys, limits, authenticator, bars, nowMs, newId } = options
  return samlBearer(
    {
      ...{ issuer, keys, limits, authenticator, bars, nowMs, newId },
      providers: saml.providers(),
      recipient: `${issuer}/oauth/token`,
      clockSkewMs: saml.clockSkewMs(),
      useOnce: saml.useOnce,
      ...(saml.learn === undefined ? {} : { learn: saml.learn }),
    },
    form,
  )
}

/** RFC 7009: whoever holds a token may end it, and with it everything that came from it. */
async function revoke(options: TokenServerOptions, form: URLSearchParams, request: IncomingMessage): Promise<Answer> {
  const token = form.get('token')
  if (token === null || form.getAll('token').length > 1)
    return { status: 400, body: { error: 'invalid_request', error_description: 'exactly one `token` is needed' } }
  // What cannot be a token at all is a slip of the hand, and whoever revokes should not believe that it is done.
  if (token.trim() !== token || token === '')
    return { status: 400, body: { error: 'invalid_request', error_description: 'there is white space around `token`' } }
  const certificate = certificateOf(request)
  const checked = await options.authenticator.authenticate({
    kind: 'token',
    token,
    peek: true,
    ...(certificate === undefined ? {} : { certificateSha256: certificate }),
  })
  // RFC 7009 2.2: a token that does not count needs no revocation, and the client is not told more.
  if (!checked.ok) return { status: 200, body: {} }
  const { identity } = checked
  const key = tokenKey(String(identity.claims['iss'] ?? identity.issuer), identity.token.id)
  if (key === undefined)
    return { status: 400, body: { error: 'invalid_request', error_description: 'the token has no id to revoke it by' } }
  await options.revoke(key, 'revoked by its holder', Date.parse(identity.token.expires_at))
  return { status: 200, body: {} }
}

const certifyParameters: ReadonlySet<string> = new Set(['public_key', 'resource', 'lifetime'])

/** Certifies an SSH key for the holder of the bearer token. */
async function certify(options: TokenServerOptions, form: URLSearchParams, request: IncomingMessage): Promise<Answer> {
  const refuse = (error: string, message: string, status = 400): Answer => ({
    status,
    body: { error, error_description: message },
  })
  const authority = options.userAuthority()
  if (authority === undefined) return refuse('invalid_request', 'this gateway signs no SSH certificates', 404)
  const unknown = [...form.keys()].find((name) => !certifyParameters.has(name))
  if (unknown !== undefined) return refuse('invalid_request', `\`${unknown.slice(0, 40)}\` is not known here`)
  const [publicKey, ...more] = form.getAll('public_key')
  const lifetimes = form.getAll('lifetime')
  if (publicKey === undefined || more.length > 0 || lifetimes.length > 1)
    return refuse('invalid_request', 'exactly one `public_key` is needed, and at most one `lifetime`')
  const [lifetime] = lifetimes
  if (lifetime !== undefined && !/^[1-9]\d{0,6}$/.test(lifetime))
    return refuse('invalid_request', '`lifetime` is a number of seconds')
  const { authorization = '' } = request.headers
  if (!authorization.toLowerCase().startsWith('bearer '))
    return refuse('invalid_token', 'the token stands in the `Authorization` header, behind `Bearer`', 401)
  const certificate = certificateOf(request)
  const checked = await options.authenticator.authenticate({
    kind: 'token',
    token: authorization.slice('bearer '.length),
    ...(certificate === undefined ? {} : { certificateSha256: certificate }),
  })
  if (!checked.ok) return refuse('invalid_token', checked.refusal.message, 401)
  const barred = options.bars(checked.identity)
  if (barred !== undefined) return refuse('invalid_token', barred, 401)
  const nowMs = options.nowMs()
  const asked = {
    publicKey,
    resources: form.getAll('resource'),
    ...(lifetime === undefined ? {} : { lifetimeMs: Number(lifetime) * 1000 }),
  }
  const made = certifyKey(authority, checked.identity, asked, nowMs)
  if (!made.ok) return refuse(made.code, made.message)
  options.certified?.(checked.identity, String(made.serial), asked.resources)
  return {
    status: 200,
    body: {
      certificate: sshCertificateLine(made.certificate, checked.identity.subject),
      authority: sshLine(authority.publicKey.algorithm, authority.publicKey.blob),
      serial: String(made.serial),
      expires_in: Math.floor((made.expiresAtMs - nowMs) / 1000),
    },
  }
}

async function withForm(request: IncomingMessage, use: (form: URLSearchParams) => Promise<Answer>): Promise<Answer> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded')
    return { status: 415, body: { error: 'invalid_request', error_description: 'the body is a form' } }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const piece: Buffer = chunk
    bytes += piece.length
    if (bytes > bodyBytesMax)
      return {
        status: 413,
        body: { error: 'invalid_request', error_description: `the body is over ${bodyBytesMax} bytes` },
      }
    chunks.push(piece)
  }
  return use(new URLSearchParams(Buffer.concat(chunks).toString('utf8')))
}

/** The thumbprint of a verified client certificate (RFC 8705 3.1). */
function certificateOf({ socket }: IncomingMessage): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const { raw } = socket.getPeerCertificate()
  return raw === undefined ? undefined : createHash('sha256').update(raw).digest('base64url')
}

function notAllowed(allow: string): Answer {
  return { status: 405, body: { error: 'invalid_request' }, allow }
}

function send(response: ServerResponse, made: Answer): void {
  if (response.headersSent || response.destroyed) return
  const body = `${JSON.stringify(made.body)}\n`
  response
    .writeHead(made.status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: made.status >= 400 ? 'close' : 'keep-alive',
      ...('allow' in made && made.allow !== undefined ? { allow: made.allow } : {}),
    })
    .end(body)
}
