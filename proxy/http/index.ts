// The contract of proxy/http.

export { type ExtAuthzParts, listenExtAuthz } from './ext-authz/listener.ts'
export { listenHttp, type RunningHttpListener } from './listener.ts'
export type { HttpTarget } from './parts.ts'
export type { UpstreamCredential } from './upstream-credential.ts'
