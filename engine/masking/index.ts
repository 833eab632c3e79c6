// The contract of engine/masking.
export * from './detect/index.ts'
export { maskText } from './text.ts'
