// The contract of proxy/http.

export type { Listening as RunningHttpListener } from '../listening/index.ts'
export { type ExtAuthzParts, listenExtAuthz } from './ext-authz/listener.ts'
export { listenHttp } from './listener.ts'
export type { ToolNews } from './mcp-tools.ts'
export type { HttpTarget } from './parts.ts'
export type { UpstreamCredential } from './upstream-credential.ts'
