// What is known of common issuers: how their tokens name who acts, how they are signed, how long they live, and what
// tells their access tokens from others. A configuration names a preset and says over it what differs.
import type { IdentityKind } from '../../engine/action/index.ts'
import type { ClaimNames } from '../../engine/principal/index.ts'
import type { Issuer } from './tokens.ts'

/** Defaults for one kind of issuer. */
export interface Preset {
  readonly kind: IdentityKind
  readonly algorithms: readonly string[]
  readonly claims: ClaimNames
  readonly lifetimeMaxMs: number
  /** Claims of which each token must have one of each list: what the issuer's other tokens lack. */
  readonly present: readonly (readonly string[])[]
  readonly required: { readonly [claim: string]: string }
  /** Everybody in the world can have tokens of this issuer, so a configuration must say whose count. */
  readonly isPublic: boolean
  /** Tokens are JWT-SVIDs: named by trust domain, perhaps without `iss` and `iat`. */
  readonly spiffe: boolean
}

/** Names of presets. */
export type PresetName =
  | 'oidc'
  | 'github_actions'
  | 'gitlab_ci'
  | 'kubernetes'
  | 'spiffe'
  | 'okta'
  | 'entra_id'
  | 'google'

const minute = 60_000
const hour = 3_600_000
const generic: Preset = {
  kind: 'agent',
  algorithms: ['RS256', 'ES256', 'EdDSA'],
  claims: { subject: 'sub' },
  lifetimeMaxMs: hour,
  present: [],
  required: {},
  isPublic: false,
  spiffe: false,
}

/** Every preset. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  oidc: generic,
  // Jobs of GitHub Actions: five minutes from when they are asked for, and `nbf` ten minutes before.
  github_actions: {
    ...generic,
    kind: 'ci',
    algorithms: ['RS256'],
    claims: { subject: 'sub', groups: 'repository' },
    lifetimeMaxMs: 20 * minute,
    present: [['repository'], ['run_id']],
    isPublic: true,
  },
  // ID tokens of GitLab jobs last as long as the job may.
  gitlab_ci: {
    ...generic,
    kind: 'ci',
    algorithms: ['RS256'],
    claims: { subject: 'sub', groups: 'project_path' },
    present: [['project_path'], ['job_id']],
    isPublic: true,
  },
  // Bound tokens of service accounts only: the legacy ones have no such claim, and no expiry.
  kubernetes: {
    ...generic,
    kind: 'service',
    algorithms: ['RS256', 'ES256'],
    claims: { subject: 'sub', groups: 'kubernetes.io.namespace' },
    lifetimeMaxMs: 2 * hour,
    present: [['kubernetes.io.serviceaccount.uid'], ['kubernetes.io.namespace']],
  },
  spiffe: {
    ...generic,
    kind: 'service',
    algorithms: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'],
    spiffe: true,
  },
  // Access tokens of an authorization server say which client they are for; ID tokens do not.
  okta: {
    ...generic,
    algorithms: ['RS256'],
    claims: { subject: 'sub', groups: 'groups', scopes: 'scp' },
    present: [['cid']],
  },
  // `sub` differs for each application; `oid` is the same for all. Lifetimes are drawn between 60 and 90 minutes.
  entra_id: {
    ...generic,
    algorithms: ['RS256'],
    claims: { subject: 'oid', groups: 'groups', scopes: 'scp' },
    lifetimeMaxMs: 2 * hour,
    present: [['azp', 'appid'], ['tid']],
  },
  // Identity tokens of service accounts: Google's access tokens are opaque, and those of people carry `at_hash`.
  google: {
    ...generic,
    kind: 'service',
    algorithms: ['RS256'],
    claims: { subject: 'email' },
    present: [['azp']],
    required: { email_verified: 'true' },
    isPublic: true,
  },
}

/** What a configuration says of an issuer; what it leaves out is its preset's. */
export interface IssuerSettings {
  readonly name: string
  readonly preset: PresetName
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly algorithms?: readonly string[]
  readonly kind?: IdentityKind
  readonly claims?: Partial<ClaimNames>
  readonly lifetimeMaxMs?: number
  readonly required: { readonly [claim: string]: string }
  readonly types?: readonly string[]
  readonly followGroups: boolean
  readonly oneTime: boolean
}

/** The issuer of a configuration, but for its keys. */
export function issuerOf(settings: IssuerSettings): Omit<Issuer, 'jwks' | 'ca'> {
  const { name, issuer, audiences, required, types, oneTime, followGroups } = settings
  const preset = presets[settings.preset]
  return {
    name,
    issuer,
    audiences,
    algorithms: settings.algorithms ?? preset.algorithms,
    kind: settings.kind ?? preset.kind,
    claims: { ...preset.claims, ...settings.claims },
    lifetimeMaxMs: settings.lifetimeMaxMs ?? preset.lifetimeMaxMs,
    required: { ...preset.required, ...required },
    present: preset.present,
    spiffe: preset.spiffe,
    oneTime,
    followGroups,
    ...(types === undefined ? {} : { types }),
  }
}
