// The contract of engine/masking/json: documents masked by path while they go by.

export { EventMasker } from './events.ts'
export { JsonMaskError, JsonMasker, type JsonMaskerOptions, type JsonMaskFault } from './masker.ts'
export {
  compilePaths,
  compileSteps,
  type JsonPathRule,
  type JsonStep,
  type JsonStepsRule,
  type PathState,
} from './paths.ts'
