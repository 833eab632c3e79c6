// The gateway's token exchange (RFC 8693): an agent passes a part of its authority to an agent that it starts, and the
// gateway signs who acts for whom.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, type JSONWebKeySet, type JWK, SignJWT } from 'jose'
import type { ChainLink, Identity } from '../../engine/action/index.ts'
import {
  type Actor,
  type Asked,
  attenuate,
  type ExchangeLimits,
  type Grant,
  issuedClaim,
  issuedTimes,
  lineageClaim,
  resourcesClaim,
  resourcesOf,
  revocableKeys,
  rootClaim,
} from '../../engine/principal/index.ts'
import type { Authenticator } from './contract.ts'
import type { Issuer } from './tokens.ts'

/** The keys of the exchange: one that signs, and earlier ones whose tokens still count. */
export interface ExchangeKeys {
  readonly algorithm: 'ES256' | 'EdDSA'
  readonly kid: string
  readonly jwks: JSONWebKeySet
  readonly signing: KeyObject
}

/** What an exchange needs. */
export interface ExchangeParts {
  readonly issuer: string
  readonly keys: ExchangeKeys
  readonly limits: ExchangeLimits
  readonly authenticator: Authenticator
  /** Why an identity counts no more. */
  readonly bars: (identity: Identity) => string | undefined
  readonly nowMs: () => number
  readonly newId: () => string
}

/** An answer of the token endpoint (RFC 6749 5). */
export interface TokenAnswer {
  readonly status: number
  readonly body: { readonly [name: string]: string | number }
}

/** The grant type of RFC 8693 2.1. */
export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const tokenTypes: ReadonlySet<string> = new Set([accessToken, 'urn:ietf:params:oauth:token-type:jwt'])
const known: ReadonlySet<string> = new Set([
  'grant_type',
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'scope',
  'resource',
  'audience',
  'child',
  'lifetime',
])
const listMax = 64

/** Reads the signing key (PEM, EC P-256 or Ed25519) and the public keys of earlier ones. */
export async function exchangeKeys(pem: string, earlier: readonly string[]): Promise<ExchangeKeys> {
  const signing = createPrivateKey(pem)
  const algorithm = algorithmOf(signing)
  const own = await publicJwk(createPublicKey(signing))
  const others = await Promise.all(earlier.map((text) => publicJwk(createPublicKey(text))))
  return { algorithm, kid: own.kid ?? '', jwks: { keys: [own, ...others] }, signing }
}

async function publicJwk(key: KeyObject): Promise<JWK> {
  const jwk = await exportJWK(key)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: algorithmOf(key), use: 'sig' }
}

function algorithmOf(key: KeyObject): 'ES256' | 'EdDSA' {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA'
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256'
  throw new TypeError('the key of the exchange is neither Ed25519 nor on P-256')
}

/** The exchange as an issuer that listeners believe. */
export function exchangeIssuer(issuer: string, keys: ExchangeKeys, limits: ExchangeLimits): Issuer {
  return {
    name: 'exchange',
    issuer,
    audiences: [issuer],
    algorithms: ['ES256', 'EdDSA'],
    jwks: keys.jwks,
    kind: 'agent',
    claims: { subject: 'sub', groups: 'groups', scopes: 'scope', kind: 'kind' },
    lifetimeMaxMs: limits.lifetimeMaxMs,
    required: {},
    gateway: true,
  }
}

/** Answers one request of the token endpoint. Never rejects for what a client sent. */
export async function exchange(
  parts: ExchangeParts,
  form: URLSearchParams,
  certificate?: string,
): Promise<TokenAnswer> {
  const request = readRequest(form)
  if ('error' in request) return failed(request.error, request.message)
  const parent = await parts.authenticator.authenticate(credential(request.subjectToken, certificate))
  if (!parent.ok) return failed('invalid_grant', `the subject token: ${parent.refusal.message}`)
  const barred = parts.bars(parent.identity)
  if (barred !== undefined) return failed('invalid_grant', barred)
  const actor = await actorOf(parts, parent.identity, request, certificate)
  if ('error' in actor) return failed(actor.error, actor.message)
  const held: Grant = {
    scopes: parent.identity.scopes,
    resources: resourcesOf(parent.identity),
    expiresAtMs: Math.min(Date.parse(parent.identity.token.expires_at), actor.expiresAtMs),
  }
  const nowMs = parts.nowMs()
  const child = attenuate(parent.identity, held, actor, request.asked, parts.limits, nowMs)
  if (!child.ok) return failed(child.refusal.code, child.refusal.message)
  const token = await sign(parts, parent.identity, request.subjectToken, actor, child, certificate)
  return {
    status: 200,
    body: {
      access_token: token,
      issued_token_type: accessToken,
      token_type: 'Bearer',
      expires_in: Math.floor((child.grant.expiresAtMs - nowMs) / 1000),
      scope: child.grant.scopes.join(' '),
    },
  }
}

interface Request {
  readonly subjectToken: string
  readonly actorToken: string | undefined
  readonly child: string | undefined
  readonly asked: Asked
}
type Failure = { readonly error: string; readonly message: string }

/** Every parameter that is not known, or comes twice where it may not, refuses the request: nothing is guessed. */
function readRequest(form: URLSearchParams): Request | Failure {
  const bad = (message: string): Failure => ({ error: 'invalid_request', message })
  for (const name of new Set(form.keys())) {
    if (!known.has(name)) return bad(`\`${name.slice(0, 40)}\` is not a parameter of the exchange`)
    if (name !== 'resource' && name !== 'audience' && form.getAll(name).length > 1)
      return bad(`\`${name}\` comes twice`)
  }
  if (form.get('grant_type') !== exchangeGrant)
    return { error: 'unsupported_grant_type', message: 'only the token exchange of RFC 8693 is answered here' }
  const subjectToken = form.get('subject_token')
  if (subjectToken === null || !tokenTypes.has(form.get('subject_token_type') ?? ''))
    return bad('`subject_token` and a `subject_token_type` of access_token or jwt are needed')
  const requested = form.get('requested_token_type')
  if (requested !== null && !tokenTypes.has(requested)) return bad('only access tokens are issued')
  const actorToken = form.get('actor_token') ?? undefined
  const child = form.get('child') ?? undefined
  if (actorToken !== undefined && !tokenTypes.has(form.get('actor_token_type') ?? ''))
    return bad('`actor_token` needs an `actor_token_type` of access_token or jwt')
  if ((actorToken === undefined) === (child === undefined))
    return bad('who acts is said either by `actor_token` or by `child`, a name under the parent')
  if (child !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(child))
    return bad('`child` is a name of letters, digits, `.`, `_` and `-`, at most 63')
  const scope = form.get('scope')
  const resources = [...form.getAll('resource'), ...form.getAll('audience')]
  const lifetime = form.get('lifetime')
  const scopes = scope?.split(' ').filter((one) => one !== '')
  if ((scopes?.length ?? 0) > listMax || resources.length > listMax)
    return bad(`more than ${listMax} scopes or resources are asked for`)
  if (lifetime !== null && !/^[1-9]\d{0,6}$/.test(lifetime)) return bad('`lifetime` is a number of seconds')
  return {
    subjectToken,
    actorToken,
    child,
    asked: {
      ...(scopes === undefined ? {} : { scopes: [...new Set(scopes)] }),
      ...(resources.length === 0 ? {} : { resources: [...new Set(resources)].sort() }),
      ...(lifetime === null ? {} : { lifetimeMs: Number(lifetime) * 1000 }),
    },
  }
}

interface ActorFound extends Actor {
  readonly expiresAtMs: number
  /** When it had what it proves itself by; a child that its parent names has nothing before its token. */
  readonly issuedAtMs: number
  /** By what the actor's own token is revoked, and with it what it acts by. */
  readonly tokens: readonly string[]
}

/** Who acts: the owner of the actor token, or a child that the parent names under its own name. */
async function actorOf(
  parts: ExchangeParts,
  parent: Identity,
  request: Request,
  certificate: string | undefined,
): Promise<ActorFound | Failure> {
  if (request.actorToken === undefined) {
    const subject = `${parent.subject}/${request.child ?? ''}`
    const issuedAtMs = parts.nowMs()
    const expiresAtMs = Number.POSITIVE_INFINITY
    return { subject, issuer: parts.issuer, kind: 'agent', issuedAtMs, expiresAtMs, tokens: [] }
  }
  const actor = await parts.authenticator.authenticate(credential(request.actorToken, certificate))
  if (!actor.ok) return { error: 'invalid_grant', message: `the actor token: ${actor.refusal.message}` }
  const barred = parts.bars(actor.identity)
  if (barred !== undefined) return { error: 'invalid_grant', message: barred }
  if (actor.identity.chain.length > 0)
    return { error: 'invalid_request', message: 'the actor token is itself delegated; an actor speaks for itself' }
  const { subject, issuer, kind, token } = actor.identity
  const tokens = tokensOf(actor.identity, request.actorToken)
  const [issuedAtMs, expiresAtMs] = [Date.parse(token.issued_at), Date.parse(token.expires_at)]
  return { subject, issuer, kind, issuedAtMs, expiresAtMs, tokens }
}

/** What a token is revoked by: its own name and those before it. One without an id is named by its digest. */
function tokensOf(identity: Identity, token: string): readonly string[] {
  const { tokens } = revocableKeys(identity)
  if (identity.token.id !== '') return tokens
  return [...tokens, `sha256 ${createHash('sha256').update(token).digest('base64url')}`]
}

function credential(token: string, certificate: string | undefined): Parameters<Authenticator['authenticate']>[0] {
  return { kind: 'token', token, ...(certificate === undefined ? {} : { certificateSha256: certificate }) }
}

function sign(
  parts: ExchangeParts,
  parent: Identity,
  parentToken: string,
  actor: ActorFound,
  child: { readonly grant: Grant; readonly chain: readonly ChainLink[] },
  certificate: string | undefined,
): Promise<string> {
  const [root] = child.chain
  return new SignJWT({
    act: actClaim([...child.chain.slice(1), { ...actor, scopes: child.grant.scopes }]),
    kind: root?.kind ?? 'agent',
    groups: parent.groups,
    scope: child.grant.scopes.join(' '),
    [rootClaim]: { iss: root?.issuer ?? parent.issuer, scope: (root?.scopes ?? parent.scopes).join(' ') },
    // Every ancestor has a place in it, and whoever proved itself by a token of its own.
    [lineageClaim]: [...new Set([...tokensOf(parent, parentToken), ...actor.tokens])],
    // A party that was revoked while this was signed, here or at another gateway, gains nothing by it.
    [issuedClaim]: [...issuedTimes(parent), actor.issuedAtMs].map((ms) => ms / 1000),
    ...(child.grant.resources === undefined ? {} : { [resourcesClaim]: child.grant.resources }),
    ...(certificate === undefined ? {} : { cnf: { 'x5t#S256': certificate } }),
  })
    .setProtectedHeader({ alg: parts.keys.algorithm, kid: parts.keys.kid, typ: 'at+jwt' })
    .setIssuer(parts.issuer)
    .setAudience(parts.issuer)
    .setSubject(root?.subject ?? parent.subject)
    .setJti(parts.newId())
    .setIssuedAt(Math.floor(parts.nowMs() / 1000))
    .setExpirationTime(Math.floor(child.grant.expiresAtMs / 1000))
    .sign(parts.keys.signing)
}

/** RFC 8693 4.1: who acts now outside, who acted before inside. */
function actClaim(actors: readonly ChainLink[]): object | undefined {
  let act: object | undefined
  for (const { subject, issuer, kind, scopes } of actors)
    act = { sub: subject, iss: issuer, kind, scope: scopes.join(' '), ...(act === undefined ? {} : { act }) }
  return act
}

function failed(error: string, message: string): TokenAnswer {
  return { status: error === 'invalid_client' ? 401 : 400, body: { error, error_description: message } }
}
