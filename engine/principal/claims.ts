// Claims of a verified token become an identity: names by mapping, nested ones by dots, everything bounded.
import type { ChainLink, Identity, IdentityKind, Json } from '../action/index.ts'

/** Which claims say who somebody is. */
export interface ClaimNames {
  readonly subject: string
  readonly groups?: string
  readonly scopes?: string
  readonly kind?: string
}

/** Why claims do not make an identity. The message is safe for the client. */
export class ClaimError extends Error {}

/** Groups, scopes or links that an identity may have. */
export const listMax = 256
/** Hops of delegation that are read at all; policies may allow fewer. */
export const chainMax = 16
const textMax = 1024
const claimsDepthMax = 8
const claimsBytesMax = 32 * 1024

/** Who signed the claims. `gateway` is set for the gateway's own exchange, whose word about other issuers counts. */
export interface ClaimIssuer {
  readonly id: string
  readonly kind: IdentityKind
  readonly gateway?: boolean
  /** The longest life of its tokens: one that does not say when it was issued counts as that old. */
  readonly lifetimeMaxSeconds?: number
}

/** The identity of verified claims: who acts now, and on whose behalf. Throws ClaimError. */
export function identityOf(
  claims: { readonly [name: string]: unknown },
  names: ClaimNames,
  issuer: ClaimIssuer,
  binding: Identity['token']['binding'] = 'none',
): Identity {
  const subject = claimAt(claims, names.subject)
  if (typeof subject !== 'string' || subject === '' || subject.length > textMax)
    throw new ClaimError(`the token has no usable \`${names.subject}\``)
  const { iat, exp, jti } = claims
  if (typeof exp !== 'number') throw new ClaimError('the token has no expiry')
  const issuedAt = typeof iat === 'number' ? iat : exp - (issuer.lifetimeMaxSeconds ?? exp)
  if (names.groups !== undefined && isElsewhere(claims, names.groups))
    throw new ClaimError('the token leaves out its groups because they are too many')
  const scopes = list(names.scopes === undefined ? undefined : claimAt(claims, names.scopes), 'scopes')
  const root = issuer.gateway === true ? rootOf(claims[rootClaim]) : undefined
  const named: ChainLink = {
    subject,
    issuer: root?.issuer ?? issuer.id,
    kind: kindOf(names.kind === undefined ? undefined : claimAt(claims, names.kind)) ?? issuer.kind,
    scopes: root?.scopes ?? scopes,
  }
  const actors = actorsOf(claims['act'], issuer)
  const acting = actors.at(-1) ?? named
  return {
    subject: acting.subject,
    issuer: acting.issuer,
    kind: acting.kind,
    groups: list(names.groups === undefined ? undefined : claimAt(claims, names.groups), 'groups'),
    scopes,
    claims: plainClaims(claims),
    chain: actors.length === 0 ? [] : [named, ...actors.slice(0, -1)],
    token: {
      id: typeof jti === 'string' ? jti.slice(0, textMax) : '',
      issued_at: time(issuedAt),
      expires_at: time(exp),
      binding,
    },
  }
}

/** Distributed claims (OpenID Connect Core 5.6.2): Entra ID moves long lists of groups away. Who has them is unknown. */
function isElsewhere(claims: { readonly [name: string]: unknown }, name: string): boolean {
  const names = claims['_claim_names']
  return typeof names === 'object' && names !== null && Object.hasOwn(names, name)
}

/** The claim in which the gateway's exchange keeps what the outermost delegator's own token said: `iss` and `scope`. */
export const rootClaim = 'sallyport_root'

function rootOf(root: unknown): { readonly issuer: string; readonly scopes: readonly string[] } | undefined {
  if (typeof root !== 'object' || root === null) return undefined
  const issuer: unknown = Reflect.get(root, 'iss')
  return typeof issuer === 'string' ? { issuer, scopes: list(Reflect.get(root, 'scope'), 'scopes') } : undefined
}

/** The claim at a dotted name; a claim whose own name has dots comes first. */
export function claimAt(claims: { readonly [name: string]: unknown }, name: string): unknown {
  return valueAt(claims, name)
}

function valueAt(at: unknown, name: string): unknown {
  if (typeof at !== 'object' || at === null) return undefined
  if (Object.hasOwn(at, name)) return Reflect.get(at, name)
  // `kubernetes.io.namespace` is `namespace` in `kubernetes.io`: the longest name that is there comes first.
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1))
    if (Object.hasOwn(at, name.slice(0, dot))) return valueAt(Reflect.get(at, name.slice(0, dot)), name.slice(dot + 1))
  return undefined
}

/** A list of texts, or one text with spaces between, as `scope` has it. */
function list(value: unknown, what: string): readonly string[] {
  if (value === undefined || value === null) return []
  const items: readonly unknown[] =
    typeof value === 'string'
      ? value.split(' ').filter((item) => item !== '')
      : Array.isArray(value)
        ? value
        : [undefined]
  if (items.length > listMax) throw new ClaimError(`the token names more than ${listMax} ${what}`)
  const texts = items.filter((item): item is string => typeof item === 'string' && item.length <= textMax)
  if (texts.length !== items.length) throw new ClaimError(`the token's ${what} are not a list of texts`)
  return [...new Set(texts)].sort()
}

/**
 * The `act` claim of RFC 8693 4.1: `sub` of the token is who delegated first, `act` who acts now, and actors inside it
 * who acted before; the answer has the one who acts now last. Only the gateway's own tokens may name other issuers.
 */
function actorsOf(act: unknown, issuer: ClaimIssuer): readonly ChainLink[] {
  const actors: ChainLink[] = []
  for (let at: unknown = act; at !== undefined; ) {
    if (actors.length >= chainMax) throw new ClaimError(`the token is delegated more than ${chainMax} times`)
    if (typeof at !== 'object' || at === null) throw new ClaimError('the token has a malformed `act` claim')
    const fields = new Map(Object.entries(at))
    const subject = fields.get('sub')
    if (typeof subject !== 'string' || subject === '' || subject.length > textMax)
      throw new ClaimError('the token has an `act` claim without a subject')
    const theirs = fields.get('iss')
    actors.push({
      subject,
      issuer: issuer.gateway === true && typeof theirs === 'string' ? theirs : issuer.id,
      kind: kindOf(fields.get('kind')) ?? 'agent',
      scopes: list(fields.get('scope'), 'scopes'),
    })
    at = fields.get('act')
  }
  return actors.reverse()
}

function kindOf(value: unknown): IdentityKind | undefined {
  return value === 'agent' || value === 'ci' || value === 'service' || value === 'human' ? value : undefined
}

/** Claims as policy input; what nests too deep or is too large is refused rather than cut. */
function plainClaims(claims: { readonly [name: string]: unknown }): { readonly [name: string]: Json } {
  const text = JSON.stringify(claims)
  if (text.length > claimsBytesMax) throw new ClaimError('the claims of the token are too large')
  if (depth(claims) > claimsDepthMax) throw new ClaimError('the claims of the token nest too deep')
  const copy: { readonly [name: string]: Json } = JSON.parse(text)
  return copy
}

function depth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let deepest = 0
  for (const inner of Object.values(value)) {
    deepest = Math.max(deepest, depth(inner))
    if (deepest > claimsDepthMax) break
  }
  return deepest + 1
}

function time(seconds: number): string {
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) throw new ClaimError('the token has a time that is none')
  return date.toISOString().replace('.000Z', 'Z')
}
