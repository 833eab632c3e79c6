// The contract of engine/evaluate.
export * from './contract.ts'
