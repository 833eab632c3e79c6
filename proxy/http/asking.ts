// What of a request is for the gateway: who asks, and whether the client would rather not wait. Clients say the same of
// themselves in every request of a connection, so what was read of the very same fields is not read again.
import { type CanonicalRequest, shownFields } from '../../engine/action/http/index.ts'
import type { Field } from '../http1/index.ts'
import type { Credential } from '../identity/contract.ts'
import { presented } from './client-identity.ts'
import { type Waiting, waitingOf } from './parking.ts'

/** A request without what is for the gateway, and that. */
export interface Asked extends Waiting {
  readonly credential: Credential | undefined
}

/** The requests of one connection. */
export class Asking {
  readonly #tokenHeader: string
  readonly #chain: readonly Uint8Array[]
  /** Of the request before, where it asked for nothing unusual. */
  #last: { readonly of: readonly Field[]; readonly asked: Asked } | undefined

  constructor(tokenHeader: string, chain: readonly Uint8Array[]) {
    this.#tokenHeader = tokenHeader
    this.#chain = chain
  }

  /** Reads one. `proved` is what the client has shown to the gateway as its proxy. Throws Answer. */
  of(request: CanonicalRequest, proved: Credential | undefined): Asked {
    const last = this.#last
    if (proved === undefined && last !== undefined && last.of === request.fields) {
      const { method, scheme, authority, path, query, target, connection } = request
      const { fields, forwarded, shown } = last.asked.request
      const { prefersAsync, token, credential } = last.asked
      const left = { method, scheme, authority, path, query, target, fields, forwarded, connection, shown }
      return { request: left, prefersAsync, token, credential }
    }
    const { request: left, credential } = presented(request, this.#tokenHeader, this.#chain, proved)
    const { request: rest, prefersAsync, token } = waitingOf(left)
    const asked: Asked = { request: { ...rest, shown: shownFields(rest.fields) }, prefersAsync, token, credential }
    const isUsual = proved === undefined && !prefersAsync && token === undefined
    this.#last = isUsual ? { of: request.fields, asked } : undefined
    return asked
  }
}
