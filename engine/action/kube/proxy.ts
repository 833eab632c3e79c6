// The `proxy` subresource of nodes, services and pods: an HTTP request to somebody else under the API server's name.
// A node's own API runs commands (`/run`, `/exec`), so only its known reading paths count as reading.
import type { KubeFacts } from './facts.ts'
import type { RequestInfo } from './request-info.ts'
import type { Target } from './target.ts'

const nodeReads: readonly string[] = ['stats', 'metrics', 'healthz', 'pods', 'configz', 'spec']

/** What is asked of the other server. */
export function proxyFacts(
  { resource, name, rest }: RequestInfo,
  target: Target,
  method: string,
  upgrade: string,
): NonNullable<KubeFacts['proxy']> {
  const parts = name.split(':')
  const scheme = parts.length === 3 ? (parts[0] ?? '') : ''
  const port = parts.length === 1 ? '' : (parts.at(-1) ?? '')
  const path = `/${rest.join('/')}${target.trailingSlash && rest.length > 0 ? '/' : ''}`
  const reads =
    (resource === 'nodes' || resource === 'node') &&
    parts.length === 1 &&
    (method === 'GET' || method === 'HEAD') &&
    upgrade === '' &&
    nodeReads.includes(rest[0] ?? '')
  return { scheme, port, path, reads }
}
