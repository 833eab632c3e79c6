// The shape of a checked `sallyport.yaml`. Every other part of the gateway is composed from this and from nothing else.
// In the file keys are snake_case and carry units in their values: `record_timeout: 5s` is `recordTimeoutMs: 5000`,
// `message: 64MiB` is `messageBytes: 67108864`. Paths come out absolute, resolved against the file's folder.

import type { ApprovalsConfig } from './approval-types.ts'
import type { IdentityConfig, TokenAlgorithm } from './identity-types.ts'
import type { RecordingConfig } from './recording-types.ts'

/** Where a secret is found; the secret itself never stands in the file. `CredentialSource` resolves it. */
export type SecretReference =
  `${'file' | 'env' | 'exec' | 'vault' | 'vault-ssh' | 'vault-otp' | 'rds' | 'projected'}:${string}`

/** A host and port to listen on; port 0 asks for a free one. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** TLS as a listener speaks it. */
export interface ServerTls {
  readonly certificate: string
  readonly key: SecretReference
  /** PEM file of authorities for client certificates; absent means that none are asked for. */
  readonly clientCa?: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
}

/** TLS as the gateway speaks it to an upstream. */
export interface ClientTls {
  readonly mode: 'verify-full' | 'require' | 'disable'
  readonly ca?: string
  readonly serverName?: string
  readonly certificate?: string
  readonly key?: SecretReference
}

/** What every listener for clients has. */
interface ListenerBase {
  readonly name: string
  readonly address: Address
  /** Names of the resources that can be reached here; empty means all of the listener's protocol. */
  readonly resources: readonly string[]
  readonly connectionsMax: number
  readonly handshakeMs: number
}

/** PostgreSQL clients. Without `tls` only loopback addresses are accepted, unless `cleartext` says otherwise. */
export interface PostgresListener extends ListenerBase {
  readonly protocol: 'postgres'
  readonly tls?: ServerTls
  readonly cleartext: boolean
  /** Tokens come by OAUTHBEARER; `issuer` is the name of the one that clients are sent to. */
  readonly oauth?: { readonly issuer: string; readonly scope: string }
}

/** SSH clients. */
export interface SshListener extends ListenerBase {
  readonly protocol: 'ssh'
  readonly hostKeys: readonly SecretReference[]
  /** Certificates (OpenSSH form, a file each) of host keys, which clients may know by their authority. */
  readonly hostCertificates: readonly string[]
  /** File of keys without which a token of their owners does not count. */
  readonly enrolledKeys?: string
  /** Public keys (OpenSSH form, a file each) of authorities for short-lived user certificates. */
  readonly userAuthorities: readonly string[]
}

/** kubectl and other Kubernetes clients. */
export interface KubernetesListener extends ListenerBase {
  readonly protocol: 'kubernetes'
  readonly tls?: ServerTls
  readonly cleartext: boolean
}

/** HTTP clients; the resource is found by the Host header or by a path prefix. */
export interface HttpListener extends ListenerBase {
  readonly protocol: 'http'
  readonly tls?: ServerTls
  readonly cleartext: boolean
  /** The header that carries a client's token; `authorization` takes it behind `Bearer`. */
  readonly tokenHeader: string
  /** Requests are not passed on here: Envoy asks about them (ext_authz over gRPC) and passes them itself. */
  readonly extAuthz: boolean
  /** Clients may use the gateway as their proxy, towards the hosts of its resources only. */
  readonly forwardProxy?: {
    /** The certificate by which the gateway answers for those hosts, from an authority that clients trust. */
    readonly certificate: string
    readonly key: SecretReference
  }
}

/** Health, metrics and the operators' API. */
export interface AdminListener {
  readonly protocol: 'admin'
  readonly name: string
  readonly address: Address
  readonly tls?: ServerTls
  /** Bearer token for all but /healthz and /readyz; without it only loopback addresses are accepted. */
  readonly token?: SecretReference
}

/** The gateway as an issuer for nested agents: token exchange, revocation, discovery, keys. */
export interface IdentityListener {
  readonly protocol: 'identity'
  readonly name: string
  readonly address: Address
  readonly tls?: ServerTls
  readonly cleartext: boolean
  readonly connectionsMax: number
}

/** One place that the gateway listens on. */
export type ListenerConfig =
  | PostgresListener
  | SshListener
  | KubernetesListener
  | HttpListener
  | AdminListener
  | IdentityListener

/** Totals that may be used; absent means no bound. */
export interface TotalsConfig {
  readonly rows?: number
  readonly bytes?: number
  readonly affected?: number
  readonly seconds?: number
  readonly actions?: number
}

/** How a resource's results are masked where the policy cannot say it. */
export interface MaskingConfig {
  /** Key of the strategies `hash` and `tokenize`, so that joins still work; absent means a key of the process's own. */
  readonly hashKey?: SecretReference
  /** The scope of identities that may have tokens turned back, if the policy lets them. */
  readonly unmaskScope?: string
}

/** What of a resource's sessions is recorded beside actions and decisions. */
export interface ResourceRecording {
  readonly wire: boolean
  readonly terminal: boolean
}

/** What every resource has. */
interface ResourceBase {
  readonly name: string
  readonly labels: { readonly [name: string]: string }
  readonly masking: MaskingConfig
  readonly recording: ResourceRecording
  readonly limits: TotalsConfig
}

/** A PostgreSQL database. */
export interface PostgresResource extends ResourceBase {
  readonly protocol: 'postgres'
  readonly upstream: {
    readonly host: string
    readonly port: number
    readonly database: string
    readonly user: string
    readonly credential?: SecretReference
    readonly tls: ClientTls
    readonly connectMs: number
    readonly protection: 'inline' | 'views'
    readonly catalogRefreshMs: number
    /** What is held is planned (EXPLAIN), so that approvers see what it comes to. */
    readonly rowEstimates: boolean
    /** How long a connection waits for the next client of the same identity; 0 keeps none. */
    readonly warmMs: number
  }
}

/** A host reached by SSH. */
export interface SshResource extends ResourceBase {
  readonly protocol: 'ssh'
  /** Ways to have a shell, tried in order until policy allows one. */
  readonly shells: readonly ('record' | 'lines' | 'wrapper')[]
  readonly upstream: {
    readonly host: string
    readonly port: number
    readonly user: string
    /** A private key in OpenSSH or PEM form, or a password. */
    readonly credential: SecretReference
    readonly credentialKind: 'key' | 'password'
    /** File of known hosts in OpenSSH form; `@revoked` and `@cert-authority` lines count. */
    readonly knownHosts: string
    readonly connectMs: number
    /** How long a connection waits for the next client of the same identity. */
    readonly warmMs: number
  }
}

/** A Kubernetes API server. */
export interface KubernetesResource extends ResourceBase {
  readonly protocol: 'kubernetes'
  /** Ways to have a shell of a pod (`kubectl exec -it POD -- sh`), tried in order until policy allows one. */
  readonly shells: readonly ('record' | 'lines' | 'wrapper')[]
  readonly upstream: {
    readonly server: string
    readonly cluster: string
    /** Host names by which clients mean this cluster; it is always reached under `/clusters/NAME` too. */
    readonly hosts: readonly string[]
    readonly credential?: SecretReference
    readonly impersonate: KubernetesImpersonation
    /**
     * Service accounts that identities act as, instead of being impersonated: the first whose group is theirs. The
     * gateway asks for tokens of these (TokenRequest); whoever is in none of the groups is refused.
     */
    readonly serviceAccounts: readonly { readonly group: string; readonly namespace: string; readonly name: string }[]
    readonly tokenSeconds: number
    readonly tls: ClientTls
    readonly connectMs: number
  }
}

/** Whom a cluster is told that requests are made as; the gateway's own account needs the right to impersonate. */
export interface KubernetesImpersonation {
  /** False sends everything as the gateway's own account. */
  readonly on: boolean
  readonly userPrefix: string
  readonly groupPrefix: string
  /** Groups that every identity is put into, as they stand. */
  readonly groups: readonly string[]
  /** Also tell session and delegation chain, as extra fields. */
  readonly extra: boolean
}

/** An HTTP API. */
export interface HttpResource extends ResourceBase {
  readonly protocol: 'http'
  readonly upstream: {
    readonly url: string
    readonly hosts: readonly string[]
    readonly pathPrefix: string
    readonly credential?: SecretReference
    /** The header that carries the credential, and what stands before it. */
    readonly credentialHeader: string
    readonly credentialPrefix: string
    /** The user of Basic authentication, of which the credential is the password. */
    readonly credentialUser?: string
    /** The parameter of the query that carries the credential, instead of a header. */
    readonly credentialQuery?: string
    /** Requests are signed for AWS (Signature Version 4). */
    readonly aws?: {
      readonly region: string
      readonly service: string
      readonly accessKey: SecretReference
      readonly secretKey: SecretReference
      readonly sessionToken?: SecretReference
    }
    readonly tls: ClientTls
    readonly connectMs: number
    /** The API may be at a link-local or metadata address. */
    readonly linkLocal: boolean
    /** Requests go there in HTTP/2: agreed on over TLS, as known before in clear. Servers of gRPC need it. */
    readonly http2: boolean
    /** OpenAPI 3 document, JSON or YAML: its routes and operations become facts. */
    readonly openapi?: string
  }
}

/** One thing that can be acted on. */
export type ResourceConfig = PostgresResource | SshResource | KubernetesResource | HttpResource

/** Where a bundle comes from. */
export type BundleSourceConfig =
  | { readonly kind: 'folder'; readonly name: string; readonly path: string }
  | { readonly kind: 'file'; readonly name: string; readonly path: string }
  | {
      readonly kind: 'http'
      readonly name: string
      readonly url: string
      readonly credential?: SecretReference
      readonly pollMs: number
      readonly longPoll: boolean
      readonly ca?: string
    }
  | {
      readonly kind: 'oci'
      readonly name: string
      readonly image: string
      readonly credential?: SecretReference
      readonly pollMs: number
      readonly ca?: string
    }
  | {
      readonly kind: 's3'
      readonly name: string
      readonly endpoint: string
      readonly region: string
      readonly bucket: string
      readonly key: string
      readonly accessKey: SecretReference
      readonly secretKey: SecretReference
      readonly pollMs: number
    }

/** A key that bundles may be signed with. */
export interface BundleKey {
  readonly id: string
  readonly algorithm: TokenAlgorithm | 'HS256' | 'HS384' | 'HS512'
  /** A PEM file with the public key, or for HMAC a reference. */
  readonly publicKey?: string
  readonly secret?: SecretReference
  readonly scope?: string
}

/** Policies: from where, trusted by what, how fresh. */
export interface BundlesConfig {
  readonly sources: readonly BundleSourceConfig[]
  readonly keys: readonly BundleKey[]
  /** False accepts unsigned bundles; only for folders on a developer's machine. */
  readonly signed: boolean
  readonly minimumRevision?: string
  /** Name of the source whose bundle judges live traffic without effect. */
  readonly shadow?: string
  /** Folder for the last known good bundle. */
  readonly cache: string
  /** The share of decisions that the interpreter makes once more, to compare. */
  readonly witness: number
}

/** Where shared state is kept. */
export type StorageConfig =
  | { readonly kind: 'embedded'; readonly path: string }
  | {
      readonly kind: 'postgres'
      readonly host: string
      readonly port: number
      readonly database: string
      readonly user: string
      readonly credential: SecretReference
      readonly tls: ClientTls
      readonly connectionsMax: number
    }

/** Bounds of the whole gateway; each may be set below its default's ceiling, never above. */
export interface LimitsConfig {
  readonly sessionsMax: number
  readonly holdsMax: number
  readonly holdsPerSessionMax: number
  readonly recordMs: number
  readonly messageBytes: number
  readonly drainMs: number
  readonly idleMs: number
  readonly session: TotalsConfig
  /** Totals of everything that one outermost delegator's agents do within `rootWindowMs`. */
  readonly root: TotalsConfig
  readonly rootWindowMs: number
}

/** Logs, metrics, traces and the decision log. */
export interface TelemetryConfig {
  readonly logs: {
    readonly level: 'debug' | 'info' | 'warn' | 'error'
    readonly file?: string
  }
  readonly traces?: {
    readonly endpoint: string
    readonly credential?: SecretReference
    readonly ratio: number
    readonly queueMax: number
  }
  readonly decisionLog: {
    readonly console: boolean
    readonly file?: string
    readonly http?: {
      readonly url: string
      readonly credential?: SecretReference
      readonly queueMax: number
      readonly uploadBytes: number
      readonly intervalMs: number
    }
    /** JSON pointers below /input and /result that are erased before anything is written. */
    readonly erase: readonly string[]
    readonly labels: { readonly [name: string]: string }
  }
}

/** The whole configuration, checked and with every default in place. */
export interface Config {
  readonly version: 1
  readonly gateway: { readonly id: string; readonly processes: number | 'auto' }
  readonly listeners: readonly ListenerConfig[]
  readonly identity: IdentityConfig
  readonly resources: readonly ResourceConfig[]
  readonly bundles: BundlesConfig
  readonly storage: StorageConfig
  readonly recording: RecordingConfig
  readonly approvals: ApprovalsConfig
  readonly limits: LimitsConfig
  readonly telemetry: TelemetryConfig
}
