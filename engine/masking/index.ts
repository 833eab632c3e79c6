// The contract of engine/masking.
export { maskText } from './text.ts'
