// The contract of proxy/postgres.
export type { Listening as RunningListener } from '../listening/index.ts'
export type { PostgresListenerParts, PostgresTarget } from './contract.ts'
export { listenPostgres } from './listener.ts'
export { connectUpstream, type Upstream, UpstreamError, type UpstreamTarget } from './upstream.ts'
