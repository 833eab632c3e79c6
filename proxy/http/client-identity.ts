// How a client of HTTP says who it is: a token in the configured header, in a WebSocket's list of protocols (browsers can
// set nothing else), or a certificate. What proves it is taken out before anything else sees the request.
import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { CanonicalRequest } from '../../engine/action/http/index.ts'
import type { Field } from '../http1/index.ts'
import type { Credential } from '../identity/contract.ts'
import { Answer } from './answer.ts'

/** What stands before a token in `sec-websocket-protocol`. */
const protocolPrefix = 'sallyport.bearer.'
/** Certificates of a chain that are looked at. */
const chainMax = 8

/** A request without what proves its client, and what that was. */
export interface Presented {
  readonly request: CanonicalRequest
  readonly credential: Credential | undefined
}

/** The certificates that a client showed on this connection, leaf first. */
export function clientChain(socket: Duplex): readonly Uint8Array[] {
  const chain: Uint8Array[] = []
  if (!(socket instanceof TLSSocket)) return chain
  let certificate = socket.getPeerCertificate(true)
  while (certificate?.raw !== undefined && chain.length < chainMax) {
    chain.push(certificate.raw)
    if (certificate.issuerCertificate === certificate) break
    certificate = certificate.issuerCertificate
  }
  return chain
}

/**
 * Takes the credential out of a request. Throws Answer when there are two of them. Where the client has shown `proved` to
 * the gateway as its proxy, a token of the request is meant for the API, and goes nowhere.
 */
export function presented(
  request: CanonicalRequest,
  tokenHeader: string,
  chain: readonly Uint8Array[],
  proved?: Credential,
): Presented {
  const tokens: string[] = []
  const without = (fields: readonly Field[], found: string[]): readonly Field[] =>
    fields.flatMap((field) => {
      const [name, value] = field
      if (name === tokenHeader) {
        found.push(name === 'authorization' ? bearer(value) : value)
        return []
      }
      if (name !== 'sec-websocket-protocol' || !value.includes(protocolPrefix)) return [field]
      const all = value.split(',').map((one) => one.trim())
      const kept = all.filter((one) => !one.startsWith(protocolPrefix))
      for (const one of all) if (one.startsWith(protocolPrefix)) found.push(one.slice(protocolPrefix.length))
      return kept.length === 0 ? [] : [[name, kept.join(', ')]]
    })
  const fields = without(request.fields, tokens)
  const forwarded = without(request.forwarded, [])
  if (proved !== undefined) return { request: { ...request, fields, forwarded }, credential: proved }
  const [token, ...more] = tokens
  if (more.length > 0) throw new Answer(400, 'two_tokens', 'the client presents two tokens')
  return { request: { ...request, fields, forwarded }, credential: credentialOf(token, chain) }
}

function credentialOf(token: string | undefined, chain: readonly Uint8Array[]): Credential | undefined {
  const [leaf] = chain
  if (token === undefined) return leaf === undefined ? undefined : { kind: 'certificate', chain }
  // Something that is no token was meant to prove something else; a certificate does not stand in for it.
  if (token === '') return undefined
  return leaf === undefined
    ? { kind: 'token', token }
    : { kind: 'token', token, certificateSha256: createHash('sha256').update(leaf).digest('base64url') }
}

/**
 * What a client of a proxy shows in Proxy-Authorization: a token behind `Bearer`, or as the password of `Basic`, which is
 * what `http://agent:TOKEN@gateway` in `HTTPS_PROXY` becomes; else its certificate.
 */
export function proxyCredential(fields: readonly Field[], chain: readonly Uint8Array[]): Credential | undefined {
  const value = fields.find(([name]) => name === 'proxy-authorization')?.[1]
  if (value === undefined) return credentialOf(undefined, chain)
  const basic = /^[Bb]asic ([A-Za-z0-9+/]+={0,2})$/.exec(value)?.[1]
  if (basic === undefined) return credentialOf(bearer(value), chain)
  const pair = Buffer.from(basic, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return credentialOf(colon < 0 ? '' : pair.slice(colon + 1), chain)
}

/** The token of an Authorization field; empty when it is of another scheme. */
function bearer(value: string): string {
  return /^[Bb]earer ([^ ]+)$/.exec(value)?.[1] ?? ''
}
