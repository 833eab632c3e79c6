// The clusters that clients can reach, and how a request names one.
import type { Resource } from '../../engine/action/index.ts'
import type { AccountTokens } from './acting-as.ts'
import type { Impersonation } from './impersonation.ts'
import type { ShellMode } from './streams/shell-modes.ts'
import type { KubernetesUpstream } from './upstream.ts'

/** One cluster that clients can name. */
export interface KubernetesTarget {
  readonly resource: Resource
  readonly upstream: KubernetesUpstream
  readonly impersonation: Impersonation
  /** Tokens of service accounts that identities act as, instead of being impersonated. */
  readonly tokens?: AccountTokens
  /** Host names that mean this cluster. */
  readonly hosts: readonly string[]
  /** Whether requests and answers are recorded as the client sees them, and what flows in streams. */
  readonly recordWire: boolean
  readonly recordTerminal: boolean
  /** Ways to have a shell of a pod, tried in order; absent means that its opening alone is judged. */
  readonly shells?: readonly ShellMode[]
  /** The key of masks that have one; absent means the gateway's. */
  readonly hashKey?: Uint8Array
}

/** Path before the name of a cluster: `/clusters/NAME/api/v1/...`. */
const prefix = '/clusters/'

/** The cluster of a request and the target below it. By path prefix, then by host, then the only one there is. */
export function routeOf(
  targets: readonly KubernetesTarget[],
  host: string,
  target: string,
): { readonly target: KubernetesTarget; readonly below: string } | undefined {
  if (target.startsWith(prefix)) {
    const rest = target.slice(prefix.length)
    const end = rest.search(/[/?]/)
    const name = end < 0 ? rest : rest.slice(0, end)
    const found = targets.find(({ resource }) => resource.name === name)
    const after = end < 0 ? '' : rest.slice(end)
    return found === undefined ? undefined : { target: found, below: after.startsWith('/') ? after : `/${after}` }
  }
  const named = hostName(host)
  const found = targets.find(({ hosts }) => hosts.some((one) => one.toLowerCase() === named))
  const [only, ...more] = targets
  const chosen = found ?? (more.length === 0 ? only : undefined)
  return chosen === undefined ? undefined : { target: chosen, below: target }
}

/** A Host header without its port. */
function hostName(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  return (end <= 0 ? host : host.slice(0, end)).toLowerCase()
}
