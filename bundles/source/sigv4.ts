// AWS Signature Version 4, as S3-compatible stores check it, and as other services do.
import { createHash, createHmac } from 'node:crypto'

/** Credentials and place of the signature. */
export interface SigV4Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly region: string
}

const emptyHash = createHash('sha256').update('').digest('hex')

/** A request that is to be signed. All of its headers are. */
export interface SignedRequest {
  readonly method: string
  readonly url: URL
  /** Beside host, date and body hash; names in lower case. */
  readonly headers?: { readonly [name: string]: string }
  /** SHA-256 of the body, hexadecimal; absent means an empty body. */
  readonly bodyHash?: string
  /** The path is escaped once, as S3 has it; every other service escapes what is on the wire once more. True if absent. */
  readonly once?: boolean
}

/** The headers that sign a GET of `url` at a moment in time. */
export function signGet(
  url: URL,
  credentials: SigV4Credentials,
  nowMs: number,
  service = 's3',
): { readonly [name: string]: string } {
  return signRequest({ method: 'GET', url }, credentials, nowMs, service)
}

/** The headers to send, with the signature over the request at a moment in time. */
export function signRequest(
  request: SignedRequest,
  credentials: SigV4Credentials,
  nowMs: number,
  service = 's3',
): { readonly [name: string]: string } {
  const { method, url, bodyHash = emptyHash } = request
  const stamp = `${new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
  const day = stamp.slice(0, 8)
  const headers: { [name: string]: string } = {
    ...request.headers,
    host: url.host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': stamp,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
  }
  const names = Object.keys(headers).sort()
  // By name and then by value, each as it is escaped.
  const query = [...url.searchParams]
    .map(([key, value]) => [encode(key), encode(value)] as const)
    .sort(([a, one], [b, other]) => order(a, b) || order(one, other))
    .map(([key, value]) => `${key}=${value}`)
  const canonical = [
    method,
    url.pathname
      .split('/')
      .map((segment) => encode(decodeURIComponent(segment)))
      .map((segment) => (request.once === false ? encode(segment) : segment))
      .join('/'),
    query.join('&'),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    bodyHash,
  ].join('\n')
  const scope = `${day}/${credentials.region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  let key: Buffer = Buffer.from(`AWS4${credentials.secretAccessKey}`)
  for (const part of [day, credentials.region, service, 'aws4_request'])
    key = createHmac('sha256', key).update(part).digest()
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  const { host: _, ...sent } = headers
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** RFC 3986 percent-encoding, which SigV4 asks for. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
