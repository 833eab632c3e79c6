// The coarse meaning of a request, over all protocols.
import type { Verb } from '../document.ts'
import type { KubeFacts } from './facts.ts'

/** Kinds whose objects change what the cluster itself accepts, runs or understands. */
const defining: ReadonlySet<string> = new Set([
  'customresourcedefinitions',
  'apiservices',
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'priorityclasses',
  'runtimeclasses',
  'storageclasses',
  'ingressclasses',
  'flowschemas',
  'prioritylevelconfigurations',
])

/** Reviews answer a question and keep nothing. */
const reviews: ReadonlySet<string> = new Set(['authorization.k8s.io', 'authentication.k8s.io'])

/** The verb of an action. */
export function coarseVerb(facts: KubeFacts): Verb {
  const { verb, group, resource, subresource, resource_request, proxy } = facts
  if (!resource_request) return verb === 'get' || verb === 'head' ? 'read' : 'admin'
  if (proxy !== undefined) return proxy.reads ? 'read' : 'execute'
  switch (subresource) {
    case 'exec':
    case 'attach':
    case 'ephemeralcontainers':
      return verb === 'get' ? 'read' : 'execute'
    case 'portforward':
      return 'transfer'
    case 'token':
      return verb === 'create' ? 'grant' : 'read'
    case 'approval':
      return verb === 'get' ? 'read' : 'grant'
    default:
  }
  if (verb === 'get' || verb === 'list' || verb === 'watch') return 'read'
  if (reviews.has(group)) return 'read'
  if (group === 'rbac.authorization.k8s.io' || group === 'certificates.k8s.io') return 'grant'
  if (defining.has(resource)) return 'define'
  if (resource === 'nodes' || (resource === 'namespaces' && verb !== 'create')) return 'admin'
  return 'write'
}
