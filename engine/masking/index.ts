// The contract of engine/masking.
export * from './detect/index.ts'
export * from './json/index.ts'
export { maskText } from './text.ts'
export { valueOfToken } from './token.ts'
