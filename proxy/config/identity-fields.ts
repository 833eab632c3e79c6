// The keys below `identity`: who is believed.
import {
  choice,
  day,
  flag,
  integer,
  list,
  map,
  minute,
  named,
  object,
  optional,
  path,
  secret,
  text,
  time,
} from './field-kinds.ts'
import type * as types from './identity-types.ts'
import type { Fields } from './shape.ts'

const kinds = ['agent', 'ci', 'service', 'human']
const kind = (otherwise: string) =>
  choice('what kind of party these identities are, where no claim says it', kinds, { otherwise })
const claims: Fields<types.ClaimMapping> = {
  subject: text('claim with the subject; nested ones are joined by `.`', optional),
  groups: text('claim with the groups', optional),
  scopes: text('claim with the scopes', optional),
  kind: text('claim with the kind', optional),
}
/** Signature algorithms that are known. */
export const algorithms: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]
const issuer: Fields<types.IssuerConfig> = {
  name: named('name of the issuer'),
  preset: choice(
    'defaults for a known kind of issuer',
    ['oidc', 'github_actions', 'gitlab_ci', 'kubernetes', 'spiffe', 'okta', 'entra_id', 'google'],
    { otherwise: 'oidc' },
  ),
  issuer: text('the `iss` of its tokens; for SPIFFE the trust domain, `spiffe://domain`'),
  jwks: text('URL or file of its keys; absent means discovery', { form: 'path_or_url', ...optional }),
  audiences: list('accepted audiences', text('an audience'), { min: 1 }),
  algorithms: list("accepted signature algorithms; absent: the preset's", choice('an algorithm', algorithms), {
    min: 1,
    ...optional,
  }),
  types: list('accepted `typ` of the header, which must then be there, such as `at+jwt`', text('a type'), {
    min: 1,
    ...optional,
  }),
  lifetimeMaxMs: time("longest lifetime of a token; absent: the preset's", 7 * day, optional),
  kind: choice(
    "what kind of party these identities are, where no claim says it; absent: the preset's",
    kinds,
    optional,
  ),
  claims: object("which claims say who somebody is; absent: the preset's", claims, optional),
  required: map('claims that must have exactly this value', text('a value')),
  followGroups: flag('sessions lose the groups that a newer token of the same subject does not have', true),
  oneTime: flag('each token opens one session and no other', false),
  ca: path('PEM file of authorities for its TLS', optional),
}
const certificate: Fields<types.CertificateIdentity> = {
  name: named('name of the authority'),
  ca: path('PEM file of authorities'),
  subject: choice('where the subject stands', ['san_uri', 'san_dns', 'common_name'], { otherwise: 'san_uri' }),
  kind: kind('service'),
  groups: list('groups of these identities', text('a group')),
}
const exchange: Fields<types.ExchangeConfig> = {
  issuer: text('the `iss` of exchanged tokens'),
  key: secret('private key that signs them, PEM'),
  earlierKeys: list('public keys that signed before, whose tokens still count', path('a PEM file')),
  lifetimeMaxMs: time('longest lifetime of a child token', day, { otherwise: '15m' }),
  depthMax: integer('longest delegation chain', 1, 16, { otherwise: 4 }),
}
const saml: Fields<types.SamlConfig> = {
  name: named('name of the provider'),
  metadata: path('its SAML metadata, XML: who it is, and the keys that sign'),
  audience: text('what assertions must name as their audience'),
  kind: kind('human'),
  groups: text('attribute with the groups', optional),
  subject: text('attribute with the subject; absent: the NameID', optional),
  lifetimeMaxMs: time('longest lifetime of an assertion', day, { otherwise: '1h' }),
}
const userAuthority: Fields<types.UserAuthorityConfig> = {
  key: secret('private key that signs certificates: Ed25519, ECDSA or RSA, PEM'),
  lifetimeMaxMs: time('longest lifetime of a certificate', day, { otherwise: '15m' }),
}
/** Keys of `identity`. */
export const identity: Fields<types.IdentityConfig> = {
  issuers: list('issuers of tokens', object('an issuer', issuer)),
  certificates: list('identities by client certificate', object('an authority', certificate)),
  exchange: object('token exchange for nested agents', exchange, optional),
  saml: list('SAML providers whose assertions are exchanged for tokens', object('a provider', saml)),
  userAuthority: object('authority for short-lived SSH user certificates', userAuthority, optional),
  clockSkewMs: time('difference between clocks that is forgiven', 5 * minute, { otherwise: '30s' }),
}
