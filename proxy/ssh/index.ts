// The contract of proxy/ssh.
export type { SshTarget } from './connection.ts'
export { parseEnrolledKeys } from './enrolled-keys.ts'
export { parseKnownHosts } from './known-hosts.ts'
export { listenSsh, type RunningSshListener } from './listener.ts'
