// The contract of engine/evaluate.
export * from './contract.ts'
export * from './interpreter-host.ts'
export * from './wasm-host.ts'
export * from './wasm-program.ts'
export * from './witness.ts'
