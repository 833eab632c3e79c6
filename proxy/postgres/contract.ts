// What a PostgreSQL listener is made of, and the databases that clients can name.
import type { SecureContext } from 'node:tls'
import type { Resource } from '../../engine/action/index.ts'
import type { SqlAnalyzer } from '../../engine/action/sql/index.ts'
import type { Gate } from '../gate/contract.ts'
import type { Authenticator } from '../identity/contract.ts'
import type { UpstreamTarget } from './upstream.ts'

/** One database that clients can name. */
export interface PostgresTarget {
  readonly resource: Resource
  readonly upstream: () => Promise<UpstreamTarget>
  readonly analyzer: () => Promise<SqlAnalyzer>
  /** Whether the bytes of both sides are recorded too, as the client sees them. */
  readonly recordWire: boolean
  /** Connections that wait for another client: how long, and all of the configuration that they were made by. */
  readonly warm?: { readonly ms: number; readonly place: string }
  /** Key of the `hash` strategy for this database; the listener's own where there is none. */
  readonly hashKey?: () => Promise<Uint8Array>
}

/** Where clients get the tokens that count here. */
export interface OAuthOffer {
  readonly issuer: string
  readonly scope: string
}

/** What the listener is made of. */
export interface PostgresListenerParts {
  readonly host: string
  readonly port: number
  /** Clients may encrypt when this is there. */
  readonly tls: SecureContext | undefined
  /** Asks for client certificates, as identity or as what a token is bound to. */
  readonly clientCertificates?: boolean
  /** Asks for tokens by OAUTHBEARER instead of as a password. */
  readonly oauth?: OAuthOffer
  /** Whether a token may come in clear; only for loopback. */
  readonly cleartext: boolean
  readonly gate: Gate
  readonly authenticator: Authenticator
  /** The database that a client's database name means. */
  readonly target: (name: string) => PostgresTarget | undefined
  readonly hashKey: Uint8Array
  readonly connectionsMax: number
  readonly handshakeMs: number
  readonly messageBytesMax: number
  readonly onError: (where: string, error: unknown) => void
  /** Other processes that serve the same clients: a request to cancel comes to any of them. */
  readonly cancels?: {
    readonly pass: (processId: number, secret: Uint8Array) => void
    readonly heard: (callback: (processId: number, secret: Uint8Array) => void) => void
  }
}
