// The IR: types, checking, plan.json, printing, walking.
export type * from './policy.ts'
export { DATA, FIRST_FREE, INPUT } from './policy.ts'
export type { Uses } from './walk.ts'
export { mapBlocks, mapNested, nestedBlocks, usesOf, walkBlocks, walkPolicy } from './walk.ts'
