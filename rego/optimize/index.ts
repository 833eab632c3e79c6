// What the compiler finds out about a policy's IR.
export type { InputShape } from './input-shape.ts'
export { inputShapes } from './input-shape.ts'
export { liveLocals } from './live-locals.ts'
export { copiesOf, LocalUses } from './local-uses.ts'
export type { RegexDfa } from './regex-dfa.ts'
export { regexDfa } from './regex-dfa.ts'
export type { IndexedRun, PlainRun } from './rule-index.ts'
export { ruleIndex } from './rule-index.ts'
