// What sallyport.yaml says about recordings.
import type { SecretReference } from './types.ts'

/** Where recordings are kept. */
export type RecordingStore =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 's3'
      readonly spool: string
      readonly endpoint: string
      readonly region: string
      readonly bucket: string
      readonly prefix: string
      readonly accessKey: SecretReference
      readonly secretKey: SecretReference
      /** Bytes of closed segments that may wait for the store; past them nothing is recorded, and so nothing forwarded. */
      readonly backlogBytes: number
      /** How long a segment that grows slowly stays on this machine only. */
      readonly uploadMs: number
    }

/** Where signed tree heads are kept beside the log. */
export type AnchorConfig =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'http'; readonly url: string; readonly credential?: SecretReference }

/** Who wraps session keys, where it is no key at hand. */
export type KeyServiceConfig =
  | {
      readonly kind: 'vault_transit'
      readonly url: string
      readonly mount: string
      readonly key: string
      readonly credential: SecretReference
    }
  | {
      readonly kind: 'command'
      readonly wrap: readonly string[]
      /** Absent where this machine may not read. */
      readonly unwrap: readonly string[]
    }

/** How long recordings are kept. */
export interface RetentionConfig {
  /** Days where no rule fits; absent means for ever. */
  readonly days?: number
  /** The first whose labels the resource has, counts. */
  readonly rules: readonly { readonly labels: { readonly [name: string]: string }; readonly days: number }[]
}

/** Recordings. */
export interface RecordingConfig {
  readonly store: RecordingStore
  /** `each` waits for the disk at every entry, `group` for one flush of many, `os` leaves it to the system. */
  readonly sync: 'each' | 'group' | 'os'
  /** Ed25519 private key (PEM) that signs checkpoints. */
  readonly signingKey: SecretReference
  /** Key under which session keys are sealed; absent means that recordings are not encrypted at rest. */
  readonly encryptionKey?: SecretReference
  /** Wraps new session keys where it is there; `encryptionKey` then only opens older recordings. */
  readonly keyService?: KeyServiceConfig
  /** Size at which a segment is closed. */
  readonly segmentBytes: number
  /** Bytes of all sessions that may wait for the disk before clients are read no further. */
  readonly queueBytes: number
  readonly anchors: readonly AnchorConfig[]
  readonly retention: RetentionConfig
}
