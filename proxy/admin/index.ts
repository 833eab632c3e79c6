// The contract of proxy/admin: the admin listener and the supervision of all listeners.
export * from './data-api.ts'
export * from './server.ts'
export * from './supervisor.ts'
