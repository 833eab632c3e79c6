// Verifies tokens: the issuer and its algorithms come from configuration, the key set is cached, and a token is looked
// at only after its size, its shape and its header passed.
import { errors, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Identity, IdentityKind } from '../../engine/action/index.ts'
import { ClaimError, type ClaimNames, claimAt, identityOf, tokenKey } from '../../engine/principal/index.ts'
import type { Authenticator, Credential, IdentityRefusal } from './contract.ts'
import { IssuerKeys, KeySourceError } from './issuer-keys.ts'
import { trustDomainOf } from './spiffe.ts'
import { readStrictJson } from './strict-json.ts'
import { VerifiedTokens } from './verified-tokens.ts'

/** One issuer that is believed. */
export interface Issuer {
  readonly name: string
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
  /** The key set itself, or where it is; absent asks the issuer's discovery document. */
  readonly jwks?: JSONWebKeySet | URL
  /** Authorities for the issuer's TLS, where it is not a public one. */
  readonly ca?: string
  readonly kind: IdentityKind
  readonly claims: ClaimNames
  readonly lifetimeMaxMs: number
  /** Claims that must be there with exactly this value. */
  readonly required: { readonly [claim: string]: string }
  /** Claims of which a token must have one of each list. */
  readonly present?: readonly (readonly string[])[]
  /** What `typ` in the header may be, and then it must be there; absent takes JWTs and access tokens, also unnamed. */
  readonly types?: readonly string[]
  /** Each token counts once: it must have a `jti`, and it opens one session. */
  readonly oneTime?: boolean
  /** False where groups tell of one token and not of its subject, so that others with the subject keep theirs. */
  readonly followGroups?: boolean
  /** Tokens are JWT-SVIDs of the trust domain that `issuer` names. */
  readonly spiffe?: boolean
  /** The gateway's own exchange: its tokens may name the issuers of other parties of the chain. */
  readonly gateway?: boolean
}

/** Bytes of a token at the most; checked before anything is parsed. */
export const tokenBytesMax: number = 16 * 1024
/** Claims that only ID tokens have: they tell a client who logged in, and give access to nothing. */
const idTokenClaims = ['nonce', 'at_hash', 'c_hash']
const typesAllowed: ReadonlySet<string> = new Set(['jwt', 'jose', 'at+jwt'])

/** How tokens are verified. */
export interface TokenOptions {
  readonly clockSkewMs: number
  readonly nowMs: () => number
  /** Takes a name that counts once, for all gateways of a storage; false when it was taken. */
  readonly useOnce?: (name: string, untilMs: number) => Promise<boolean>
  /** Whether such a name was taken. */
  readonly isUsed?: (name: string) => Promise<boolean>
  /** Told of every identity whose token, signed by its issuer, names its groups. */
  readonly learn?: (identity: Identity) => void
}

/** Verifies tokens of several issuers. */
export class TokenAuthenticator implements Authenticator {
  readonly #issuers: ReadonlyMap<string, Issuer>
  readonly #keys: ReadonlyMap<string, IssuerKeys>
  readonly #skewSeconds: number
  readonly #nowMs: () => number
  readonly #useOnce: TokenOptions['useOnce']
  readonly #isUsed: TokenOptions['isUsed']
  readonly #learn: TokenOptions['learn']
  readonly #verified = new VerifiedTokens()

  constructor(issuers: readonly Issuer[], options: TokenOptions) {
    this.#issuers = new Map(issuers.map((one) => [one.issuer, one]))
    this.#keys = new Map(issuers.map((one) => [one.issuer, new IssuerKeys(one, options.nowMs)]))
    this.#skewSeconds = options.clockSkewMs / 1000
    this.#nowMs = options.nowMs
    this.#useOnce = options.useOnce
    this.#isUsed = options.isUsed
    this.#learn = options.learn
  }

  async authenticate(credential: Credential): ReturnType<Authenticator['authenticate']> {
    if (credential.kind !== 'token') return refused('unsupported', 'certificates are not accepted as identity here')
    const known = this.#known(credential.token, credential.certificateSha256)
    if (known !== undefined) return { ok: true, identity: known }
    try {
      const issuer = this.#issuerOf(credential.token)
      const identity = await this.#verify(issuer, credential.token, credential.certificateSha256)
      if (issuer.oneTime === true && credential.peek !== true) await this.#use(issuer, identity, credential.purpose)
      return { ok: true, identity }
    } catch (error) {
      return { ok: false, refusal: refusalOf(error) }
    }
  }

  /** Whose token it is, where these very bytes were verified before and still count; tokens that count once never do. */
  #known(token: string, certificate: string | undefined): Identity | undefined {
    if (token.length > tokenBytesMax) return undefined
    const known = this.#verified.find(token, {
      bound: certificate,
      nowMs: this.#nowMs(),
      keysOf: (issuer) => this.#keys.get(issuer)?.fresh(),
    })
    if (known?.tells === true) this.#learn?.(known.identity)
    return known?.identity
  }

  async #verify(issuer: Issuer, token: string, certificate: string | undefined): Promise<Identity> {
    const keys = this.#keys.get(issuer.issuer)
    if (keys === undefined) throw new TokenRefusal('issuer', 'the issuer of the token is not known here')
    const fresh = issuer.oneTime === true ? undefined : keys.fresh()
    const verifiedAtMs = this.#nowMs()
    const { payload, protectedHeader } = await jwtVerify(token, keys.get, {
      ...(issuer.spiffe === true ? {} : { issuer: issuer.issuer }),
      audience: [...issuer.audiences],
      algorithms: [...issuer.algorithms],
      clockTolerance: this.#skewSeconds,
      currentDate: new Date(this.#nowMs()),
      requiredClaims: issuer.spiffe === true ? ['exp', 'sub'] : ['exp', 'iat'],
    })
    checkType(issuer, protectedHeader.typ)
    if (idTokenClaims.some((claim) => claim in payload))
      throw new TokenRefusal('type', 'the token is an ID token, not an access token')
    for (const names of issuer.present ?? [])
      if (names.every((name) => claimAt(payload, name) === undefined))
        throw new TokenRefusal('type', `the token has no \`${names[0]}\`; it is not the kind of token that counts here`)
    const { exp = 0 } = payload
    // A JWT-SVID need not say when it was issued; then what is left of it must be within the limit.
    const iat = payload.iat ?? Math.floor(this.#nowMs() / 1000)
    if (iat > this.#nowMs() / 1000 + this.#skewSeconds)
      throw new TokenRefusal('future', 'the token was issued in the future')
    if ((exp - iat) * 1000 > issuer.lifetimeMaxMs)
      throw new TokenRefusal(
        'lifetime',
        `the token lives longer than the ${Math.round(issuer.lifetimeMaxMs / 60_000)} minutes that are allowed`,
      )
    for (const [claim, wanted] of Object.entries(issuer.required)) {
      if (!isClaim(claimAt(payload, claim), wanted))
        throw new TokenRefusal('claim', `the token's \`${claim}\` is not the one that is required`)
    }
    const bound = boundCertificate(payload['cnf'])
    if (bound !== undefined && bound !== certificate)
      throw new TokenRefusal('binding', 'the token is bound to another client certificate')
    const identity = identityOf(
      payload,
      issuer.claims,
      {
        id: issuer.issuer,
        kind: issuer.kind,
        lifetimeMaxSeconds: Math.floor(issuer.lifetimeMaxMs / 1000),
        ...(issuer.gateway === true ? { gateway: true } : {}),
      },
      bound === undefined ? 'none' : 'mtls',
    )
    // The gateway's own tokens carry on what an issuer said earlier.
    const { groups } = issuer.claims
    const isToldHere = issuer.gateway !== true && issuer.followGroups !== false
    const tells = isToldHere && groups !== undefined && claimAt(payload, groups) !== undefined
    if (tells) this.#learn?.(identity)
    // Keys that changed meanwhile may be others than those that verified it.
    if (fresh !== undefined && fresh === keys.fresh())
      this.#verified.keep(token, {
        identity,
        issuer: issuer.issuer,
        bound,
        tells,
        keys: fresh,
        verifiedAtMs,
        expiresAtMs: exp * 1000,
      })
    return identity
  }

  /** The issuer that the token names, read before the signature is checked and only to choose a configured one. */
  #issuerOf(token: string): Issuer {
    if (token.length > tokenBytesMax)
      throw new TokenRefusal('too_large', `the token is longer than ${tokenBytesMax} bytes`)
    const parts = token.split('.')
    if (parts.length !== 3 || !isBase64url(token)) throw new TokenRefusal('malformed', 'the token is not a JWT')
    const header = parseJson(parts[0] ?? '')
    for (const name of ['jwk', 'jku', 'x5u', 'x5c', 'crit'])
      if (name in header) throw new TokenRefusal('header', `the token's header has \`${name}\`, which is not accepted`)
    const claims = parseJson(parts[1] ?? '')
    const issuer = this.#namedIssuer(claims['iss'], claims['sub'])
    if (issuer === undefined) throw new TokenRefusal('issuer', 'the issuer of the token is not known here')
    const { alg } = header
    if (typeof alg !== 'string' || !issuer.algorithms.includes(alg))
      throw new TokenRefusal('algorithm', 'the algorithm of the token is not allowed for its issuer')
    return issuer
  }

  /** A JWT-SVID is of its subject's trust domain, whatever `iss` it has (JWT-SVID 3); all others are of their `iss`. */
  #namedIssuer(named: unknown, subject: unknown): Issuer | undefined {
    const domain = typeof subject === 'string' ? trustDomainOf(subject) : undefined
    const svid = domain === undefined ? undefined : this.#issuers.get(domain)
    if (svid?.spiffe === true) return svid
    const issuer = typeof named === 'string' ? this.#issuers.get(named) : undefined
    return issuer?.spiffe === true ? undefined : issuer
  }

  /** A token of an issuer that is marked so opens one session; what cannot be known counts as used. */
  async #use(issuer: Issuer, identity: Identity, purpose?: string): Promise<void> {
    const name = tokenKey(issuer.issuer, identity.token.id)
    if (name === undefined) throw new TokenRefusal('one_time', "the token has no `jti`, and its issuer's count once")
    const untilMs = Date.parse(identity.token.expires_at) + 2 * this.#skewSeconds * 1000
    const isFirst = await this.#useOnce?.(name, untilMs).catch(() => false)
    if (purpose !== undefined) {
      const forIt = `${name} for ${purpose}`
      const goesOn = isFirst === true ? this.#useOnce?.(forIt, untilMs) : this.#isUsed?.(forIt)
      if ((await goesOn?.catch(() => false)) === true) return
    }
    if (isFirst !== true || purpose !== undefined)
      throw new TokenRefusal('one_time', 'the token was used before, and counts once')
  }
}

class TokenRefusal extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** The header's `typ`: as the issuer's tokens have it, or none of the types that are no access token. */
function checkType({ types }: Issuer, typ: string | undefined): void {
  const known = types === undefined ? typesAllowed : new Set(types.map(shortType))
  if (typ === undefined ? types !== undefined : !known.has(shortType(typ)))
    throw new TokenRefusal('type', 'the token is not of a type that counts for its issuer')
}

/** A media type as headers write it: without `application/` (RFC 7515 4.1.9), and in any case. */
function shortType(type: string): string {
  const lower = type.toLowerCase()
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower
}

/** True when a claim has the value that a configuration writes as text. */
function isClaim(claim: unknown, wanted: string): boolean {
  return typeof claim === 'boolean' || typeof claim === 'number' ? String(claim) === wanted : claim === wanted
}

/** Only what a compact JWS is made of: a stray space or sign has revived old attacks before. */
function isBase64url(token: string): boolean {
  for (let at = 0; at < token.length; at++) {
    const code = token.charCodeAt(at)
    const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code >= 48 && code <= 57)
    if (!letter && code !== 45 && code !== 95 && code !== 46) return false
  }
  return true
}

function parseJson(part: string): { readonly [name: string]: unknown } {
  const value = readStrictJson(Buffer.from(part, 'base64url').toString('utf8'))
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value))
  throw new TokenRefusal('malformed', 'the token is not a JWT')
}

function boundCertificate(cnf: unknown): string | undefined {
  if (typeof cnf !== 'object' || cnf === null) return undefined
  const thumbprint: unknown = Reflect.get(cnf, 'x5t#S256')
  // A binding of a kind we do not know must not pass as none.
  return typeof thumbprint === 'string' ? thumbprint : 'unknown'
}

function refused(code: string, message: string): { readonly ok: false; readonly refusal: IdentityRefusal } {
  return { ok: false, refusal: { code, message } }
}

/** Errors as a client may hear them: what is wrong with its token, and nothing of ours. */
function refusalOf(error: unknown): IdentityRefusal {
  if (error instanceof TokenRefusal) return { code: error.code, message: error.message }
  if (error instanceof KeySourceError) return { code: 'keys', message: error.message }
  if (error instanceof ClaimError) return { code: 'claims', message: error.message }
  if (error instanceof errors.JWTExpired) return { code: 'expired', message: 'the token has expired' }
  if (error instanceof errors.JWTClaimValidationFailed)
    return { code: 'claim', message: `the token's \`${error.claim}\` is not acceptable` }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return { code: 'signature', message: 'the token is not signed by its issuer' }
  return { code: 'unverified', message: 'the token cannot be verified' }
}
