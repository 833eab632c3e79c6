// AWS Signature Version 4 for a GET without a body, as S3-compatible stores check it.
import { createHash, createHmac } from 'node:crypto'

/** Credentials and place of the signature. */
export interface SigV4Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly region: string
}

const emptyHash = createHash('sha256').update('').digest('hex')

/** The headers that sign a GET of `url` at a moment in time. */
export function signGet(
  url: URL,
  credentials: SigV4Credentials,
  nowMs: number,
  service = 's3',
): { readonly [name: string]: string } {
  const stamp = `${new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
  const day = stamp.slice(0, 8)
  const headers: { [name: string]: string } = {
    host: url.host,
    'x-amz-content-sha256': emptyHash,
    'x-amz-date': stamp,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
  }
  const names = Object.keys(headers).sort()
  const query = [...url.searchParams].map(([key, value]) => `${encode(key)}=${encode(value)}`).sort()
  const canonical = [
    'GET',
    url.pathname
      .split('/')
      .map((segment) => encode(decodeURIComponent(segment)))
      .join('/'),
    query.join('&'),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    emptyHash,
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

/** RFC 3986 percent-encoding, which SigV4 asks for. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
