// The contract of engine/decision: what a decision is, how a policy's result becomes one, how it reads in words.
export type * from './contract.ts'
export * from './duration.ts'
export * from './entrypoints.ts'
export * from './explain.ts'
export type { HeaderChange } from './header-changes.ts'
export * from './merge-module.ts'
export * from './read.ts'
export * from './strategies.ts'
