// A configured resource as the action document shows it.
import type { Resource } from '../../engine/action/index.ts'
import type { ResourceConfig } from '../../proxy/config/index.ts'
import { unreachable } from '../../rego/unreachable.ts'

/** The resource of an action that is none of its protocol's own. */
export function documentResource(resource: ResourceConfig): Resource {
  const { name, protocol, labels } = resource
  switch (resource.protocol) {
    case 'postgres': {
      const { host, port, database, user } = resource.upstream
      return { name, protocol, labels, target: { host, port, database, user } }
    }
    case 'ssh': {
      const { host, port, user } = resource.upstream
      return { name, protocol, labels, target: { host, port, user } }
    }
    case 'kubernetes':
      return { name, protocol, labels, target: { cluster: resource.upstream.cluster } }
    case 'http':
      return { name, protocol, labels, target: { host: new URL(resource.upstream.url).hostname } }
    default:
      return unreachable(resource)
  }
}
