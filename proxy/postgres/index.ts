// The contract of proxy/postgres.
export type { PostgresListenerParts, PostgresTarget, RunningListener } from './contract.ts'
export { listenPostgres } from './listener.ts'
export { connectUpstream, type Upstream, UpstreamError, type UpstreamTarget } from './upstream.ts'
