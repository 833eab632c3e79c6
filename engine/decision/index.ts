// The contract of engine/decision.
export type * from './contract.ts'
