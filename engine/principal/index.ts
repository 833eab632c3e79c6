// The contract of engine/principal.
export * from './claims.ts'
