// RFC 7522: an assertion of a SAML identity provider is exchanged for a token of the gateway, once.
import { SignJWT } from 'jose'
import type { Identity, IdentityKind } from '../../../engine/action/index.ts'
import { issuedClaim, lineageClaim, rootClaim, tokenKey } from '../../../engine/principal/index.ts'
import type { ExchangeParts, TokenAnswer } from '../exchange.ts'
import { type AssertionClaims, readAssertion } from './assertion.ts'
import type { SamlProvider } from './metadata.ts'
import { SamlError, samlNamespace, signedAssertion } from './signature.ts'
import { parseXml, XmlError } from './xml.ts'

/** One provider as a configuration believes it. */
export interface SamlIssuer extends SamlProvider {
  readonly name: string
  /** What assertions must name as their audience. */
  readonly audience: string
  readonly kind: IdentityKind
  /** The attribute with the groups, and the one with the subject; absent: no groups, and the NameID. */
  readonly groups?: string
  readonly subject?: string
  readonly lifetimeMaxMs: number
}

/** What the grant needs beside what the exchange has. */
export interface SamlParts extends Omit<ExchangeParts, 'limits'> {
  readonly limits: { readonly lifetimeMaxMs: number }
  readonly providers: readonly SamlIssuer[]
  /** Where assertions are to be sent: their `Recipient`. */
  readonly recipient: string
  readonly clockSkewMs: number
  /** Takes a name that counts once, for all gateways of a storage; false when it was taken. */
  readonly useOnce: (name: string, untilMs: number) => Promise<boolean>
  /** Told of every identity whose assertion names its groups. */
  readonly learn?: (identity: Identity) => void
}

/** The grant type of RFC 7522 2.1. */
export const samlGrant = 'urn:ietf:params:oauth:grant-type:saml2-bearer'
const known: ReadonlySet<string> = new Set(['grant_type', 'assertion'])
const listMax = 256

/** Answers one request. Never rejects for what a client sent. */
export async function samlBearer(parts: SamlParts, form: URLSearchParams): Promise<TokenAnswer> {
  const unknown = [...form.keys()].find((name) => !known.has(name) || form.getAll(name).length > 1)
  if (unknown !== undefined)
    return failed('invalid_request', `\`${unknown.slice(0, 40)}\` is not a parameter of this grant, or comes twice`)
  const assertion = form.get('assertion') ?? ''
  const text = decodedText(assertion)
  if (text === undefined) return failed('invalid_request', '`assertion` is one assertion in base64url')
  try {
    const { issuer, claims } = verified(parts, text)
    const { subject, groups } = namedBy(issuer, claims)
    const isFirst = await parts.useOnce(`saml ${issuer.entityId} ${claims.id}`, claims.replayUntilMs)
    if (!isFirst) throw new SamlError('the assertion was used before, and counts once')
    const nowMs = parts.nowMs()
    const expiresAtMs = Math.min(claims.expiresAtMs, nowMs + parts.limits.lifetimeMaxMs)
    const token = await new SignJWT({
      kind: issuer.kind,
      groups,
      scope: '',
      [rootClaim]: { iss: issuer.entityId, scope: '' },
      // Who was revoked after the provider spoke gains nothing by coming later.
      [issuedClaim]: [claims.issuedAtMs / 1000],
      [lineageClaim]: [tokenKey(issuer.entityId, claims.id) ?? issuer.entityId],
    })
      .setProtectedHeader({ alg: parts.keys.algorithm, kid: parts.keys.kid, typ: 'at+jwt' })
      .setIssuer(parts.issuer)
      .setAudience(parts.issuer)
      .setSubject(subject)
      .setJti(parts.newId())
      .setIssuedAt(Math.floor(nowMs / 1000))
      .setExpirationTime(Math.floor(expiresAtMs / 1000))
      .sign(parts.keys.signing)
    const checked = await parts.authenticator.authenticate({ kind: 'token', token })
    if (!checked.ok) throw new SamlError(checked.refusal.message)
    const barred = parts.bars(checked.identity)
    if (barred !== undefined) throw new SamlError(barred)
    if (issuer.groups !== undefined && claims.attributes.has(issuer.groups))
      parts.learn?.(toldAt(checked.identity, claims.issuedAtMs))
    return {
      status: 200,
      body: { access_token: token, token_type: 'Bearer', expires_in: Math.floor((expiresAtMs - nowMs) / 1000) },
    }
  } catch (error) {
    if (error instanceof SamlError) return failed('invalid_grant', error.message)
    throw error
  }
}

/** An identity with groups as they were when the provider told of them, and not when somebody came with it. */
function toldAt(identity: Identity, atMs: number): Identity {
  return { ...identity, token: { ...identity.token, issued_at: new Date(atMs).toISOString() } }
}

/** The issuer is read before the signature is checked, and only to choose whose keys must have signed. */
function verified(parts: SamlParts, text: string): { readonly issuer: SamlIssuer; readonly claims: AssertionClaims } {
  const named = issuerNamed(text)
  const issuer = parts.providers.find(({ entityId }) => entityId === named)
  if (issuer === undefined) throw new SamlError('the issuer of the assertion is not known here')
  const { entityId, audience, keys, lifetimeMaxMs } = issuer
  const { recipient, clockSkewMs } = parts
  const expected = { entityId, audience, recipient, lifetimeMaxMs, clockSkewMs, nowMs: parts.nowMs() }
  return { issuer, claims: readAssertion(signedAssertion(text, keys), expected) }
}

function issuerNamed(text: string): string {
  try {
    const root = parseXml(text)
    if (root.local !== 'Assertion') throw new SamlError('the document is not one SAML 2.0 assertion')
    const issuer = root.children.find((one) => one.local === 'Issuer' && one.namespace === samlNamespace)
    return issuer?.text.trim() ?? ''
  } catch (error) {
    if (error instanceof XmlError) throw new SamlError(`the assertion is not read: ${error.message}`)
    throw error
  }
}

function namedBy(
  { subject, groups }: SamlIssuer,
  { nameId, attributes }: AssertionClaims,
): { readonly subject: string; readonly groups: readonly string[] } {
  const values = groups === undefined ? [] : (attributes.get(groups) ?? [])
  if (values.length > listMax) throw new SamlError(`the assertion names more than ${listMax} groups`)
  if (subject === undefined) return { subject: nameId, groups: [...new Set(values)].sort() }
  const [name, ...more] = attributes.get(subject) ?? []
  if (name === undefined || name === '' || more.length > 0)
    throw new SamlError(`the assertion has not exactly one \`${subject}\``)
  return { subject: name, groups: [...new Set(values)].sort() }
}

/** Base64url without line breaks (RFC 7522 2.1); padding is forgiven. */
function decodedText(assertion: string): string | undefined {
  const bare = assertion.replace(/={1,2}$/, '')
  const bytes = Buffer.from(bare, 'base64url')
  if (bare === '' || bytes.toString('base64url') !== bare) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function failed(error: string, message: string): TokenAnswer {
  return { status: 400, body: { error, error_description: message } }
}
