// The contract of proxy/admin: the admin listener and the supervision of all listeners.
export * from './server.ts'
export * from './supervisor.ts'
