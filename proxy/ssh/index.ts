// The contract of proxy/ssh.
export type { Listening as RunningSshListener } from '../listening/index.ts'
export type { SshTarget } from './connection.ts'
export { parseEnrolledKeys } from './enrolled-keys.ts'
export { parseKnownHosts } from './known-hosts.ts'
export { listenSsh } from './listener.ts'
export { connectSsh } from './upstream.ts'
