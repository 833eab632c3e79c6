// The contract of bundles/store.
export * from './compile-sources.ts'
export { CompilerThread } from './compiler-thread.ts'
export * from './compose.ts'
export * from './contract.ts'
export * from './freshness.ts'
export { Keeper } from './keeper.ts'
export * from './load-policy.ts'
export { type BundleConfig, PolicyStore, type StoreParts } from './store.ts'
