// The contract of engine/principal.
export * from './attenuation.ts'
export * from './claims.ts'
export * from './lineage.ts'
