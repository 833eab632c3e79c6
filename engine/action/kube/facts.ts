// What the Kubernetes analyzer reports about one request.
import type { ShellFacts } from '../shell/facts.ts'

/** A JSON value as a parsed body holds it. */
export type KubeJson = null | boolean | number | string | readonly KubeJson[] | { readonly [key: string]: KubeJson }

/** What a pod may do to its node and to others, gathered over every container and every pod of a body. */
export interface KubePod {
  /** Sorted; images of image volumes are among them. */
  readonly images: readonly string[]
  readonly host_network: boolean
  readonly host_pid: boolean
  readonly host_ipc: boolean
  /** Of volumes, and of persistent volumes on a disk of their node (`local`). */
  readonly host_paths: readonly string[]
  readonly host_ports: readonly number[]
  /** Host processes of Windows are among them. */
  readonly privileged: boolean
  readonly privilege_escalation: boolean
  /** Capabilities that are added. */
  readonly capabilities: readonly string[]
  /** True when some user id is 0. */
  readonly run_as_root: boolean
  /** Names of Secrets that become environment variables, and of those that become files. */
  readonly secrets: { readonly env: readonly string[]; readonly volumes: readonly string[] }
  /** What volumes are: `configMap`, `csi`, `hostPath`, ...; sorted. */
  readonly volume_kinds: readonly string[]
  readonly service_accounts: readonly string[]
  /** Nodes that are named, past the scheduler. */
  readonly nodes: readonly string[]
}

/** The `action.kube` part of an action document. */
export interface KubeFacts {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, `proxy`, `impersonate`, ...; HTTP verb for non-resource URLs. */
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
  readonly resource_request: boolean
  readonly dry_run: boolean
  readonly field_manager: string
  readonly selectors: { readonly label: string; readonly field: string }
  readonly propagation: string
  readonly patch_type: string
  readonly impersonate: { readonly user: string; readonly groups: readonly string[] }
  readonly body: {
    readonly kind: 'none' | 'json' | 'yaml' | 'protobuf' | 'unknown'
    /** As JSON, whatever it came as; of a protobuf body that is not read, kind and version alone. */
    readonly object: KubeJson
    readonly complete: boolean
  }
  /** For exec, attach, port-forward, cp and ephemeral containers. */
  readonly exec?: {
    readonly container: string
    readonly command: readonly string[]
    readonly tty: boolean
    readonly stdin: boolean
    readonly shell: ShellFacts
  }
  readonly ports?: readonly number[]
  /** What pod specifications and pod templates in the body ask for; absent when the body holds none. */
  readonly pod?: KubePod
  /** For the `proxy` subresource of nodes, services and pods: what is asked of the other server. */
  readonly proxy?: {
    readonly scheme: string
    readonly port: string
    readonly path: string
    /** True when it is known to read and nothing else. */
    readonly reads: boolean
  }
  /** For the `scale` subresource: how many are asked for, null when the body does not say. */
  readonly scale?: { readonly replicas: number | null }
  /** For `serviceaccounts/token`: for whom and how long, null where the body leaves it to the server. */
  readonly token?: { readonly audiences: readonly string[]; readonly seconds: number | null }
  /** For `certificatesigningrequests/approval`: the conditions that the body sets. */
  readonly approval?: { readonly conditions: readonly string[] }
  /** For `delete`, `deletecollection` and evictions: how long the server waits, null when it is left to the object. */
  readonly grace_seconds?: number | null
  /** The protocol that the client asks to switch to: `spdy/3.1`, `websocket`, empty for none. */
  readonly upgrade?: string
  readonly complete: boolean
  readonly reasons: readonly string[]
}
