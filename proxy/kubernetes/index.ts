// The contract of proxy/kubernetes.

export type { Listening as RunningListener } from '../listening/index.ts'
export { AccountTokens } from './acting-as.ts'
export type { Impersonation } from './impersonation.ts'
export { type KubernetesListenerParts, listenKubernetes } from './listener.ts'
export type { KubernetesTarget } from './target.ts'
export { KubernetesUpstream, type UpstreamSettings } from './upstream.ts'
export { UpstreamError } from './upstream-answer.ts'
