// The contract of proxy/kubernetes.

export { AccountTokens } from './acting-as.ts'
export type { Impersonation } from './impersonation.ts'
export { type KubernetesListenerParts, listenKubernetes, type RunningListener } from './listener.ts'
export type { KubernetesTarget } from './target.ts'
export { KubernetesUpstream, UpstreamError, type UpstreamSettings } from './upstream.ts'
