// The contract of engine/masking/json: documents masked by path while they go by.

export { EventMasker } from './events.ts'
export { JsonMaskError, JsonMasker, type JsonMaskerOptions, type JsonMaskFault } from './masker.ts'
export { compilePaths, type JsonPathRule, type PathState } from './paths.ts'
