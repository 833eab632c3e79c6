// What listeners ask of identity: a presented credential becomes an identity, or a refusal in plain words.
import type { Identity } from '../../engine/action/index.ts'

/** Something a client presented to prove who it is. */
export type Credential =
  | {
      readonly kind: 'token'
      readonly token: string
      readonly certificateSha256?: string
      /** Only looked at: a token that counts once is not used up. */
      readonly peek?: boolean
      /** What it is used for, where that takes several requests: a token that counts once goes on to count for this alone. */
      readonly purpose?: string
    }
  | { readonly kind: 'certificate'; readonly chain: readonly Uint8Array[] }
  /** An OpenSSH user certificate whose key the client has proved to hold; `resource` is what it logs in to. */
  | {
      readonly kind: 'ssh_certificate'
      readonly certificate: Uint8Array
      readonly resource: string
      readonly clientAddress?: string
    }

/** Why a credential was not accepted. The message is safe to show to the client. */
export interface IdentityRefusal {
  readonly code: string
  readonly message: string
}

/** Verifies credentials. One call a session, never one an action. */
export interface Authenticator {
  authenticate(
    credential: Credential,
  ): Promise<
    { readonly ok: true; readonly identity: Identity } | { readonly ok: false; readonly refusal: IdentityRefusal }
  >
}

/** A secret used towards an upstream. `toString` and JSON give a placeholder; `reveal` gives the bytes. */
export interface UpstreamSecret {
  reveal(): string
  readonly expiresAtMs: number | undefined
}

/** Resolves references (`file:`, `env:`, `exec:`, `vault:` ...) to secrets, with caching and refresh. */
export interface CredentialSource {
  resolve(reference: string): Promise<UpstreamSecret>
}
