// What a body says in confidence: values of Secrets and tokens under review. Policies, records and approvers see that
// they are there and under which keys, never what they are; the cluster gets the body as it came.
import type { KubeFacts, KubeJson } from './facts.ts'
import { isObject } from './json-access.ts'

const redacted = '[redacted]'
const annotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** Whether bodies of requests for this resource hold secrets. */
export function holdsSecrets({ group, resource }: Pick<KubeFacts, 'group' | 'resource'>): boolean {
  return (group === '' && resource === 'secrets') || (group === 'authentication.k8s.io' && resource === 'tokenreviews')
}

/** A body of such a request without its secrets. */
export function withoutSecrets(body: KubeJson, jsonPatch: boolean): KubeJson {
  if (jsonPatch && Array.isArray(body)) return body.map((operation) => replaced(operation, { value: hide }))
  return replaced(body, {
    data: hide,
    stringData: hide,
    spec: (spec) => replaced(spec, { token: hide }),
    metadata: (metadata) => replaced(metadata, { annotations: (all) => replaced(all, { [annotation]: hide }) }),
    items: (items) => (Array.isArray(items) ? items.map((one) => withoutSecrets(one, false)) : items),
  })
}

/** The object with some members changed; anything else as it is. */
function replaced(value: KubeJson, changes: { readonly [key: string]: (member: KubeJson) => KubeJson }): KubeJson {
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const change = Object.hasOwn(changes, key) ? changes[key] : undefined
      return [key, change === undefined ? member : change(member)]
    }),
  )
}

/** Keys stay, values go. */
function hide(value: KubeJson): KubeJson {
  if (Array.isArray(value)) return value.map(hide)
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, hide(member)]))
  return value === null ? null : redacted
}
