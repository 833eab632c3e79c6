// The keys of an issuer: fetched once for all who wait, kept while they are fresh, and through an outage of the issuer
// for a stated time. What the network gives is bounded and never followed elsewhere.
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { jwtSvidKeys } from './spiffe.ts'

/** Where an issuer's keys are. */
export interface KeySource {
  readonly issuer: string
  /** The key set itself, or where it is; absent asks the issuer's discovery document. */
  readonly jwks?: JSONWebKeySet | URL
  /** Authorities for the issuer's TLS, where it is not a public one. */
  readonly ca?: string
  /** The set is a SPIFFE bundle. */
  readonly spiffe?: boolean
}

/** Why an issuer's keys cannot be had, in words that a client may hear. */
export class KeySourceError extends Error {}

/** An answer may take this long in all. */
const fetchMs = 3000
/** Fetching again for a key that is not known waits this long. */
const cooldownMs = 30_000
/** Keys older than this are fetched anew, behind the answers that they still give. */
const freshMs = 600_000
/** Keys older than this give no answer before the issuer was asked: it may have withdrawn one while nobody came. */
const askedFirstMs: number = 2 * freshMs
/** Through an outage of the issuer its last keys count this long. */
export const keptMs: number = 12 * 3_600_000
const documentBytesMax = 256 * 1024
const keysMax = 100

/** The keys of one issuer. */
export class IssuerKeys {
  readonly #source: KeySource
  readonly #nowMs: () => number
  /** `atMs`: when they were fetched; undefined where they are configured, and no age counts. */
  #set: { readonly keys: JWTVerifyGetKey; readonly atMs: number | undefined } | undefined
  #triedMs = Number.NEGATIVE_INFINITY
  #fetching: Promise<void> | undefined

  constructor(source: KeySource, nowMs: () => number) {
    this.#source = source
    this.#nowMs = nowMs
    const { jwks } = source
    if (jwks !== undefined && !(jwks instanceof URL)) {
      this.#set = { keys: createLocalJWKSet(checkedKeys(jwks, source.spiffe)), atMs: undefined }
    }
  }

  /** The key for a token's header, as jose asks for it. */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    if (!this.#isYounger(keptMs)) await this.#refresh()
    else if (!this.#isYounger(askedFirstMs)) await this.#refresh().catch(() => undefined)
    else if (!this.#isYounger(freshMs)) this.#refresh().catch(() => undefined)
    const set = this.#set
    // A refresh that was not due yet brought nothing.
    if (set === undefined || !this.#isYounger(keptMs))
      throw new KeySourceError('the issuer cannot be asked for its keys')
    try {
      return await set.keys(header, token)
    } catch (error) {
      const unknown = error instanceof errors.JWKSNoMatchingKey && set.atMs !== undefined
      if (!unknown || this.#isSince(this.#triedMs, cooldownMs)) throw error
      await this.#refresh()
      return (this.#set ?? set).keys(header, token)
    }
  }

  /** The keys as they are now, where they can be used without asking the issuer again: another set is another object. */
  fresh(): object | undefined {
    return this.#isYounger(freshMs) ? this.#set : undefined
  }

  #isYounger(ageMs: number): boolean {
    if (this.#set === undefined) return false
    const { atMs } = this.#set
    return atMs === undefined || this.#isSince(atMs, ageMs)
  }

  /** A time that the clock says is to come was told by a clock that went back since: nothing is known of it. */
  #isSince(atMs: number, lengthMs: number): boolean {
    const agoMs = this.#nowMs() - atMs
    return agoMs >= 0 && agoMs <= lengthMs
  }

  /** One fetch for all who wait. Rejects when it fails, and then the last keys stay. */
  #refresh(): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching
    if (this.#set !== undefined && this.#isSince(this.#triedMs, cooldownMs)) return Promise.resolve()
    this.#triedMs = this.#nowMs()
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #fetch(): Promise<void> {
    const { jwks, ca, spiffe } = this.#source
    const url = jwks instanceof URL ? jwks : await this.#discover()
    const keys = createLocalJWKSet(checkedKeys(await fetchJson(url, ca), spiffe))
    this.#set = { keys, atMs: this.#nowMs() }
  }

  /** The key set's address by OIDC discovery. A document that names another issuer is refused. */
  async #discover(): Promise<URL> {
    const { issuer, ca } = this.#source
    const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer
    const document = await fetchJson(new URL(`${base}/.well-known/openid-configuration`), ca)
    if (
      typeof document !== 'object' ||
      document === null ||
      !('issuer' in document) ||
      document.issuer !== issuer ||
      !('jwks_uri' in document) ||
      typeof document.jwks_uri !== 'string'
    ) {
      throw new KeySourceError("the issuer's discovery document is not its own")
    }
    const url = new URL(document.jwks_uri)
    // Keys fetched in clear would be anybody's keys.
    if (base.startsWith('https:') && url.protocol !== 'https:')
      throw new KeySourceError("the issuer's keys are not served over TLS")
    return url
  }
}

/** The set, if it is one of a size that can be believed. */
function checkedKeys(value: unknown, spiffe: boolean | undefined): JSONWebKeySet {
  if (typeof value !== 'object' || value === null || !('keys' in value) || !Array.isArray(value.keys))
    throw new KeySourceError("the issuer's key set is not one")
  if (value.keys.length > keysMax) throw new KeySourceError(`the issuer has more than ${keysMax} keys`)
  const keys: readonly unknown[] = value.keys
  const usable = keys.filter((key) => isPublicKey(key))
  return { keys: spiffe === true ? jwtSvidKeys(usable) : usable }
}

/** A secret never counts as a public key, whatever the set says. */
function isPublicKey(key: unknown): key is JSONWebKeySet['keys'][number] {
  return typeof key === 'object' && key !== null && 'kty' in key && key.kty !== 'oct' && !('d' in key)
}

/** A JSON document of the network: bounded in size and time, and from where it was asked for. */
async function fetchJson(url: URL, ca: string | undefined): Promise<unknown> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new KeySourceError('the issuer cannot be asked for its keys')
  const text = await new Promise<string>((resolve, reject) => {
    const failed = (): void => reject(new KeySourceError('the issuer cannot be asked for its keys'))
    const options = { signal: AbortSignal.timeout(fetchMs), headers: { accept: 'application/json' }, agent: false }
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...(ca === undefined ? {} : { ca }) })
        : httpRequest(url, options)
    request.on('error', failed)
    request.on('response', (response) => {
      if (response.statusCode !== 200) {
        response.destroy()
        failed()
        return
      }
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('error', failed)
      response.on('aborted', failed)
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > documentBytesMax) {
          response.destroy()
          failed()
        } else chunks.push(chunk)
      })
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    })
    request.end()
  })
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    throw new KeySourceError('the issuer answers with something that is not JSON')
  }
}
