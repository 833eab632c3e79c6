// The contract of proxy/postgres.
export { listenPostgres, type PostgresListenerParts, type PostgresTarget, type RunningListener } from './listener.ts'
export { connectUpstream, type Upstream, UpstreamError, type UpstreamTarget } from './upstream.ts'
