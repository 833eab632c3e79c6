// The contract of proxy/storage: shared state, embedded or in PostgreSQL.
export * from './contract.ts'
export { openEmbeddedStorage } from './embedded.ts'
export { type TakenFile, takeFile } from './exclusive.ts'
export { openPostgresStorage, type PostgresStorageOptions } from './postgres.ts'
