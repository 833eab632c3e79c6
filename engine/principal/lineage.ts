// What binds a child's token to the tokens it came from, and to the resources it may reach. Read from verified claims.
import type { ChainLink, Identity, Json } from '../action/index.ts'

/** Keys of the tokens that this one was exchanged from, outermost first. */
export const lineageClaim = 'sallyport_lineage'
/** When each party of the chain, and then who acts now, had what it was let in by, in seconds, outermost first. */
export const issuedClaim = 'sallyport_issued'
/** Names of the resources that a token reaches; absent means whatever the policy says. */
export const resourcesClaim = 'sallyport_resources'

/** How a token is named where it can be revoked: its issuer and id. Undefined for tokens without an id. */
export function tokenKey(issuer: string, id: string): string | undefined {
  return id === '' ? undefined : `${issuer} ${id}`
}

/** How a party is named where it can be revoked. */
export function subjectKey(party: { readonly issuer: string; readonly subject: string }): string {
  return `${party.issuer} ${party.subject}`
}

/** Names whoever is answerable in the end: the outermost delegator, or the identity itself. */
export function delegationRoot(identity: Identity): string {
  const root = identity.chain[0] ?? identity
  return JSON.stringify([root.issuer, root.subject])
}

/** Every name under which a revocation ends this identity: its token and all before it, its subject and its chain. */
export function revocableKeys(identity: Identity): {
  readonly tokens: readonly string[]
  /** With when each party had what it was let in by: what it was given later a revocation of it does not end. */
  readonly subjects: readonly { readonly key: string; readonly issuedAtMs: number }[]
} {
  const issuer = text(identity.claims['iss']) ?? identity.issuer
  const own = tokenKey(issuer, identity.token.id)
  return {
    tokens: [...texts(identity.claims[lineageClaim]), ...(own === undefined ? [] : [own])],
    subjects: partiesOf(identity).map(({ party, issuedAtMs }) => ({ key: subjectKey(party), issuedAtMs })),
  }
}

/** When each party had what it was let in by, outermost first: of a chain, the token that it came with itself. */
export function issuedTimes(identity: Identity): readonly number[] {
  return partiesOf(identity).map(({ issuedAtMs }) => issuedAtMs)
}

function partiesOf(
  identity: Identity,
): readonly { readonly party: Identity | ChainLink; readonly issuedAtMs: number }[] {
  const parties = [...identity.chain, identity]
  const ownMs = Date.parse(identity.token.issued_at)
  const said = identity.claims[issuedClaim]
  const times = Array.isArray(said) && said.length === parties.length ? said : []
  return parties.map((party, at) => {
    const time = times[at]
    // Nobody came by anything later than the token that says so.
    return { party, issuedAtMs: typeof time === 'number' ? Math.min(time * 1000, ownMs) : ownMs }
  })
}

/** The resources a token reaches; undefined when it does not say. A claim that is no list of names reaches nothing. */
export function resourcesOf(identity: Identity): readonly string[] | undefined {
  const value = identity.claims[resourcesClaim]
  return value === undefined ? undefined : texts(value)
}

/** False when the identity's token was narrowed to other resources. */
export function mayReach(identity: Identity, resource: string): boolean {
  return resourcesOf(identity)?.includes(resource) ?? true
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}
