// Which headers go on, both ways: by lists of what is known, so that nothing unknown is taken along.
import type { Headers } from '../../engine/action/kube/index.ts'

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

/** The upstream's headers that go to the client. */
export function answeredHeaders(raw: readonly string[]): [string, string][] {
  const headers: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    if (responseHeaders.has(name.toLowerCase())) headers.push([name, raw[at + 1] ?? ''])
  }
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
