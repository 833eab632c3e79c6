// The action document: everything a policy can know about one thing an identity is about to do.
// Field names are the policy's (`input.identity.subject`), so they are snake_case and never change within a schema.
import type { HttpFacts } from './http/facts.ts'
import type { KubeFacts } from './kube/facts.ts'
import type { ShellFacts } from './shell/facts.ts'
import type { SqlFacts } from './sql/facts.ts'

/** A JSON value as it stands in an action document. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The version of the document; a new one comes only with a change that old policies would misread. */
export const actionSchema = 1 as const

/**
 * What of a document differs between actions that are alike otherwise: by these a policy mostly refuses what is rare, so
 * that its decision on the rest holds.
 */
export const changingParts: readonly (readonly string[])[] = [
  ['session', 'usage'],
  ['context', 'time'],
  ['action', 'text'],
  ['action', 'sql', 'parameters'],
]

/** What kind of party an identity is. */
export type IdentityKind = 'agent' | 'ci' | 'service' | 'human'

/** One link of a delegation chain, as the token's issuer signed it. */
export interface ChainLink {
  readonly subject: string
  readonly issuer: string
  readonly kind: IdentityKind
  readonly scopes: readonly string[]
}

/** Who acts, on whose behalf, for how long. */
export interface Identity {
  readonly subject: string
  readonly issuer: string
  readonly kind: IdentityKind
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly claims: { readonly [name: string]: Json }
  /** Outermost delegator first; empty when nobody delegated. */
  readonly chain: readonly ChainLink[]
  readonly token: {
    readonly id: string
    /** RFC 3339, UTC. */
    readonly issued_at: string
    readonly expires_at: string
    readonly binding: 'none' | 'mtls' | 'dpop'
  }
}

/** The protocols that a resource can speak. */
export type Protocol = 'postgres' | 'ssh' | 'kubernetes' | 'http'

/** What is acted on. */
export interface Resource {
  readonly name: string
  readonly protocol: Protocol
  readonly labels: { readonly [name: string]: string }
  readonly target: {
    readonly host?: string
    readonly port?: number
    readonly database?: string
    readonly cluster?: string
    readonly user?: string
  }
}

/** Running totals of a session and its delegation root. */
export interface Usage {
  readonly actions: number
  readonly rows: number
  readonly bytes: number
  readonly affected: number
  readonly denied: number
}

/** The session in which the action happens. `state` holds what earlier actions changed. */
export interface Session {
  readonly id: string
  readonly started_at: string
  readonly client: { readonly address: string; readonly application: string }
  readonly usage: Usage
  readonly state: { readonly [name: string]: Json }
}

/** When in the exchange the action is judged. */
export type Stage = 'connect' | 'request' | 'response'

/** The coarse meaning of an action, over all protocols. */
export type Verb = 'connect' | 'read' | 'write' | 'define' | 'grant' | 'execute' | 'transfer' | 'admin'

/** What is done. Exactly one of `sql`, `shell`, `kube`, `http` stands for its protocol; a connect has none. */
export interface Action {
  readonly stage: Stage
  readonly verb: Verb
  /** The protocol's own name for it: `query`, `exec`, `pods/exec`, `GET`. */
  readonly operation: string
  /** The text that a person would read: the statement, the command line, the request line. */
  readonly text: string
  /** SHA-256 (hex) of the canonical form of this document with this field empty; set by `withDigest`. */
  readonly digest: string
  /** False when the analyzer cannot prove that it saw everything the action does. */
  readonly complete: boolean
  readonly sql?: SqlFacts
  readonly shell?: ShellFacts
  readonly kube?: KubeFacts
  readonly http?: HttpFacts
}

/** A standing grant of an approver that stood in for an answer. */
export interface UsedGrant {
  readonly id: string
  /** Who granted. */
  readonly issuer: string
  readonly subject: string
  /** RFC 3339, UTC. */
  readonly expires_at: string
  readonly actions_max: number
}

/** The surroundings of a decision. */
export interface Context {
  /** RFC 3339, UTC. */
  readonly time: string
  readonly gateway: { readonly id: string; readonly version: string }
  readonly bundle: { readonly revision: string }
  /** Only when a held action is decided again because standing grants cover it: those grants. */
  readonly grants?: readonly UsedGrant[]
}

/** The whole policy input. */
export interface ActionDocument {
  readonly schema: typeof actionSchema
  readonly identity: Identity
  readonly resource: Resource
  readonly session: Session
  readonly action: Action
  readonly context: Context
}
