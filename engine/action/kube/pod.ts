// What pod specifications in a body ask of their node and of others. They are found by their fields wherever they stand,
// so that templates of every workload kind, partial patches and applied fragments are all seen.
import type { KubeJson, KubePod } from './facts.ts'
import { at, isObject, list, text, texts, whole } from './json-access.ts'

const containerLists = ['containers', 'initContainers', 'ephemeralContainers']
const podFields: ReadonlySet<string> = new Set([
  ...containerLists,
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'hostPath',
  'hostPort',
  'hostProcess',
  'privileged',
  'allowPrivilegeEscalation',
  'capabilities',
  'runAsUser',
  'secretKeyRef',
  'secretRef',
  'serviceAccountName',
  'serviceAccount',
  'nodeName',
])

interface Gathered {
  podLike: boolean
  hostNetwork: boolean
  hostPid: boolean
  hostIpc: boolean
  privileged: boolean
  escalation: boolean
  root: boolean
  readonly images: Set<string>
  readonly hostPaths: Set<string>
  readonly hostPorts: Set<number>
  readonly capabilities: Set<string>
  readonly secretsEnv: Set<string>
  readonly secretsVolumes: Set<string>
  readonly volumeKinds: Set<string>
  readonly serviceAccounts: Set<string>
  readonly nodes: Set<string>
}

/** Gathers over a whole body; undefined when nothing in it belongs to a pod. */
export function podFacts(body: KubeJson): KubePod | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const found: Gathered = {
    podLike: false,
    hostNetwork: false,
    hostPid: false,
    hostIpc: false,
    privileged: false,
    escalation: false,
    root: false,
    images: new Set(),
    hostPaths: new Set(),
    hostPorts: new Set(),
    capabilities: new Set(),
    secretsEnv: new Set(),
    secretsVolumes: new Set(),
    volumeKinds: new Set(),
    serviceAccounts: new Set(),
    nodes: new Set(),
  }
  visit(body, found, '')
  if (!found.podLike) return undefined
  const sorted = (set: ReadonlySet<string>): string[] => [...set].sort()
  return {
    images: sorted(found.images),
    host_network: found.hostNetwork,
    host_pid: found.hostPid,
    host_ipc: found.hostIpc,
    host_paths: sorted(found.hostPaths),
    host_ports: [...found.hostPorts].sort((a, b) => a - b),
    privileged: found.privileged,
    privilege_escalation: found.escalation,
    capabilities: sorted(found.capabilities),
    run_as_root: found.root,
    secrets: { env: sorted(found.secretsEnv), volumes: sorted(found.secretsVolumes) },
    volume_kinds: sorted(found.volumeKinds),
    service_accounts: sorted(found.serviceAccounts),
    nodes: sorted(found.nodes),
  }
}

/** `below` is the key under which the value stands, of an array's elements the array's. */
function visit(value: KubeJson, found: Gathered, below: string): void {
  if (Array.isArray(value)) {
    for (const one of value) visit(one, found, below)
    return
  }
  if (!isObject(value)) return
  if (containerLists.includes(below)) found.images.add(text(at(value, 'image')))
  if (below === 'volumes') volume(value, found)
  for (const [key, member] of Object.entries(value)) {
    // Labels and annotations are texts under free names.
    if (key === 'labels' || key === 'annotations' || key === 'managedFields') continue
    if (podFields.has(key)) found.podLike = true
    field(key, member, found)
    visit(member, found, key)
  }
  found.images.delete('')
}

function field(key: string, value: KubeJson, found: Gathered): void {
  const on = value === true
  switch (key) {
    case 'hostNetwork':
      found.hostNetwork ||= on
      break
    case 'hostPID':
      found.hostPid ||= on
      break
    case 'hostIPC':
      found.hostIpc ||= on
      break
    case 'privileged':
    case 'hostProcess':
      found.privileged ||= on
      break
    case 'allowPrivilegeEscalation':
      found.escalation ||= on
      break
    case 'runAsUser':
      found.root ||= value === 0
      break
    case 'hostPath':
      if (isObject(value)) found.hostPaths.add(text(at(value, 'path')))
      break
    case 'local': {
      // A persistent volume whose pods see a folder of their node.
      const path = text(at(value, 'path'))
      if (path === '') break
      found.podLike = true
      found.hostPaths.add(path)
      break
    }
    case 'hostPort': {
      const port = whole(value)
      if (port !== null && port > 0) found.hostPorts.add(port)
      break
    }
    case 'capabilities':
      // Runtimes take them in any case, and some with their prefix.
      for (const name of texts(at(value, 'add'))) found.capabilities.add(name.toUpperCase().replace(/^CAP_/, ''))
      break
    case 'secretKeyRef':
    case 'secretRef':
      if (isObject(value)) found.secretsEnv.add(text(at(value, 'name')))
      break
    case 'serviceAccountName':
    case 'serviceAccount':
      if (text(value) !== '') found.serviceAccounts.add(text(value))
      break
    case 'nodeName':
      if (text(value) !== '') found.nodes.add(text(value))
      break
    default:
  }
}

function volume(value: { readonly [key: string]: KubeJson }, found: Gathered): void {
  found.podLike = true
  // Directives of strategic merge patches begin with `$`.
  for (const key of Object.keys(value)) if (key !== 'name' && !key.startsWith('$')) found.volumeKinds.add(key)
  const direct = at(value, 'secret', 'secretName')
  if (text(direct) !== '') found.secretsVolumes.add(text(direct))
  for (const source of list(at(value, 'projected', 'sources'))) {
    const name = text(at(source, 'secret', 'name'))
    if (name !== '') found.secretsVolumes.add(name)
  }
  found.images.add(text(at(value, 'image', 'reference')))
}
