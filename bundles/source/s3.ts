// A bundle as one object in an S3-compatible store: a signed GET, otherwise like the HTTP source.
import type { BundleSource } from './contract.ts'
import { type HttpSourceConfig, httpSource } from './http.ts'
import { type SigV4Credentials, signGet } from './sigv4.ts'

/** Where the object is and how to sign for it. */
export interface S3SourceConfig extends Omit<HttpSourceConfig, 'url' | 'headers'> {
  /** The store's address, such as `https://s3.eu-central-1.amazonaws.com`; objects are addressed by path. */
  readonly endpoint: string
  readonly bucket: string
  readonly key: string
  /** Called for each request, so that short-lived credentials can change. */
  readonly credentials: () => Promise<SigV4Credentials>
}

/** A source that reads one object. */
export function s3Source(config: S3SourceConfig): BundleSource {
  const base = config.endpoint.endsWith('/') ? config.endpoint.slice(0, -1) : config.endpoint
  const url = new URL(`${base}/${[config.bucket, ...config.key.split('/')].map(encodeURIComponent).join('/')}`)
  const nowMs = (): number => config.time?.nowMs() ?? Date.now()
  return httpSource({
    ...config,
    url: url.href,
    headers: async () => signGet(url, await config.credentials(), nowMs()),
  })
}
