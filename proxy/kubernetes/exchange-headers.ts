// Which headers go on, both ways: by lists of what is known, so that nothing unknown is taken along.
import type { Headers } from '../../engine/action/kube/index.ts'
import type { ActingHeaders } from './acting-as.ts'
import type { UpstreamAnswer } from './upstream-answer.ts'

/** Headers of a request that the upstream gets as the client sent them. */
const requestHeaders: ReadonlySet<string> = new Set([
  'accept',
  'content-type',
  'user-agent',
  'if-none-match',
  'if-modified-since',
  'kubectl-command',
  'kubectl-session',
])

/** Headers of an upgrade beside those. */
const upgradeHeaders: ReadonlySet<string> = new Set(['x-stream-protocol-version'])

/** Headers of an answer that the client gets as the upstream sent them. */
const responseHeaders: ReadonlySet<string> = new Set([
  'audit-id',
  'cache-control',
  'content-encoding',
  'content-type',
  'date',
  'etag',
  'last-modified',
  'retry-after',
  'vary',
  'warning',
  'x-kubernetes-pf-flowschema-uid',
  'x-kubernetes-pf-prioritylevel-uid',
])

/** The client's headers that go to the upstream. */
export function forwardedHeaders(headers: Headers, upgrade: boolean): Headers {
  return headers.filter(([raw]) => {
    const name = raw.toLowerCase()
    return requestHeaders.has(name) || (upgrade && upgradeHeaders.has(name))
  })
}

/** Fields of a request as they are sent. */
export type Sent = readonly (readonly [string, string | string[]])[]

/** What the requests of one session are sent with: where they say the same as the one before, the very same. */
export class SentFields {
  #last:
    | {
        readonly headers: Headers
        readonly accept: string
        readonly zipped: boolean
        readonly isRead: boolean
        readonly acting: ActingHeaders
        readonly sent: Sent
      }
    | undefined

  /**
   * The fields of a request: the client's, what is asked for, and as whom. Of an answer that `isRead` here nobody may ask
   * whether its entity tag is one that was guessed.
   */
  of(headers: Headers, accept: string, zipped: boolean, isRead: boolean, acting: ActingHeaders): Sent {
    const last = this.#last
    const isSame = last?.headers === headers && last.accept === accept && last.acting === acting
    if (isSame && last.zipped === zipped && last.isRead === isRead) return last.sent
    const own = forwardedHeaders(headers, false).filter(([raw]) => {
      const name = raw.toLowerCase()
      return name !== 'accept' && !(isRead && name === 'if-none-match')
    })
    const sent: Sent = [
      ...own,
      ...(accept === '' ? [] : [['Accept', accept] as const]),
      ['Accept-Encoding', zipped ? 'gzip' : 'identity'],
      ...acting,
    ]
    this.#last = { headers, accept, zipped, isRead, acting, sent }
    return sent
  }
}

/** The upstream's headers that go to the client; of an answer that `isRead` here without the digest of what it was. */
export function answeredHeaders(fields: UpstreamAnswer['fields'], isRead: boolean): [string, string][] {
  const headers: [string, string][] = []
  for (const [name, value] of fields)
    if (responseHeaders.has(name) && !(isRead && name === 'etag')) headers.push([name, value])
  return headers
}

/** Whether the client takes gzip. */
export function takesGzip(acceptEncoding: string): boolean {
  return acceptEncoding.split(',').some((one) => {
    const [name = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase())
    return name === 'gzip' && !parameters.some((part) => part === 'q=0' || part === 'q=0.0')
  })
}

/**
 * What the client would take, of that only JSON, because that is what can be masked; undefined when it takes no JSON.
 * `table` says whether tables may stay, `partial` whether objects of metadata alone may.
 */
export function acceptJson(accept: string, table: boolean, partial: boolean): string | undefined {
  if (accept.trim() === '') return 'application/json'
  const kept = accept.split(',').filter((one) => {
    const [type = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase())
    if (type !== 'application/json') return false
    return parameters.every((one) =>
      one.startsWith('as=partialobjectmetadata') ? partial : one !== 'as=table' || table,
    )
  })
  if (kept.length > 0) return kept.map((one) => one.trim()).join(',')
  const any = accept
    .split(',')
    .some((one) =>
      ['*/*', 'application/*', 'application/json'].includes((one.split(';')[0] ?? '').trim().toLowerCase()),
    )
  return any ? 'application/json' : undefined
}
