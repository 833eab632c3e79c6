// What the Kubernetes analyzer reports about one request.
import type { ShellFacts } from '../shell/facts.ts'

/** A JSON value as a parsed body holds it. */
export type KubeJson = null | boolean | number | string | readonly KubeJson[] | { readonly [key: string]: KubeJson }

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
  readonly complete: boolean
  readonly reasons: readonly string[]
}
