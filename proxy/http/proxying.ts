// A gateway that its clients take for their proxy.
import type { SecureContextOptions } from 'node:tls'
import type { Authority } from '../../engine/action/http/index.ts'
import type { Credential } from '../identity/contract.ts'

/** How the gateway is a proxy. */
export interface Proxying {
  /** The certificate of the destinations, by which the gateway answers for them. */
  readonly secure: SecureContextOptions
  /** Whether a host and port are of an API of the configuration. */
  readonly reaches: (authority: Authority) => boolean
  readonly handshakeMs: number
}

/** What a tunnel was opened for: its requests are to this place, and by whoever opened it. */
export interface Tunnel {
  readonly authority: Authority
  readonly credential: Credential
}
