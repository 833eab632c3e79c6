// The contract of engine/evaluate.
export * from './contract.ts'
export { DataImages } from './data-images.ts'
export * from './interpreter-host.ts'
export { isOwnModule } from './module-check.ts'
export * from './opa-host.ts'
export * from './wasm-host.ts'
export * from './wasm-program.ts'
export * from './witness.ts'
