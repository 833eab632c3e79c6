// The contract of engine/masking/json: documents masked by path while they go by.

export { addByPath, addCount } from './counts.ts'
export { EventMasker } from './events.ts'
export { JsonMaskError, type JsonMaskFault } from './fault.ts'
export { JsonMasker } from './masker.ts'
export type { JsonMaskerOptions } from './options.ts'
export { Joined } from './output.ts'
export {
  compilePaths,
  compileSteps,
  type JsonPathRule,
  type JsonStep,
  type JsonStepsRule,
  type PathState,
} from './paths.ts'
