// What sallyport.yaml says about who is believed: issuers of tokens, certificates, assertions, and the gateway's own exchange.
import type { SecretReference } from './types.ts'

/** Which claims say who somebody is. Each is a claim's name, or names joined by `.` for nested ones. */
export interface ClaimMapping {
  readonly subject?: string
  readonly groups?: string
  readonly scopes?: string
  readonly kind?: string
}

/** One issuer of tokens; what is absent is its preset's. */
export interface IssuerConfig {
  readonly name: string
  readonly preset: 'oidc' | 'github_actions' | 'gitlab_ci' | 'kubernetes' | 'spiffe' | 'okta' | 'entra_id' | 'google'
  readonly issuer: string
  /** URL or file of the key set; absent means discovery. */
  readonly jwks?: string
  readonly audiences: readonly string[]
  readonly algorithms?: readonly TokenAlgorithm[]
  /** What `typ` in the header may be, and then it must be there. */
  readonly types?: readonly string[]
  readonly lifetimeMaxMs?: number
  readonly kind?: 'agent' | 'ci' | 'service' | 'human'
  readonly claims?: ClaimMapping
  /** Claims that must be there with exactly this value. */
  readonly required: { readonly [claim: string]: string }
  /** Each token opens one session. */
  /** Whether open sessions lose groups that a newer token of the same subject does not have. */
  readonly followGroups: boolean
  readonly oneTime: boolean
  /** PEM file of authorities for the issuer's TLS, where it is not a public one. */
  readonly ca?: string
}

/** Signature algorithms that a token may use; there is no `none` and no HMAC. */
export type TokenAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'

/** Identities proved by client certificates. */
export interface CertificateIdentity {
  readonly name: string
  readonly ca: string
  readonly subject: 'san_uri' | 'san_dns' | 'common_name'
  readonly kind: 'agent' | 'ci' | 'service' | 'human'
  readonly groups: readonly string[]
}

/** The gateway's own token exchange (RFC 8693) for agents that start agents. */
export interface ExchangeConfig {
  readonly issuer: string
  readonly key: SecretReference
  /** Public keys (PEM files) that signed before; their tokens still count. */
  readonly earlierKeys: readonly string[]
  readonly lifetimeMaxMs: number
  readonly depthMax: number
}

/** A SAML 2.0 identity provider whose assertions are exchanged for tokens (RFC 7522). */
export interface SamlConfig {
  readonly name: string
  /** Its metadata: who it is, and the keys that sign. */
  readonly metadata: string
  readonly audience: string
  readonly kind: 'agent' | 'ci' | 'service' | 'human'
  readonly groups?: string
  readonly subject?: string
  readonly lifetimeMaxMs: number
}

/** The gateway as an authority for SSH user certificates that last minutes. */
export interface UserAuthorityConfig {
  readonly key: SecretReference
  readonly lifetimeMaxMs: number
}

/** Who is believed. */
export interface IdentityConfig {
  readonly issuers: readonly IssuerConfig[]
  readonly certificates: readonly CertificateIdentity[]
  readonly exchange?: ExchangeConfig
  readonly userAuthority?: UserAuthorityConfig
  readonly saml: readonly SamlConfig[]
  readonly clockSkewMs: number
}
