// The contract of engine/evaluate.
export * from './contract.ts'
export * from './interpreter-host.ts'
export * from './wasm-program.ts'
