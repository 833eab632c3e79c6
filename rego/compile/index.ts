// The contract of rego/compile: modules in, checked and rewritten rules out, then a plan.

export { type Visitor, visitBody, visitTerm } from '../syntax/walk.ts'
export { annotationFields } from './annotation-set.ts'
export { CompileCache } from './cache.ts'
export type { CapturedExpr } from './captures.ts'
export { compatibilityErrors } from './compatible.ts'
export { Compilation } from './context.ts'
export { type CompiledModules, type CompileOptions, compileModules, type SourceModule } from './modules.ts'
export { nearest } from './nearest.ts'
export { type CompiledQuery, compileQuery, type QueryOptions } from './query.ts'
export type { SchemaSet } from './schemas.ts'
export { strictErrors } from './strict.ts'
export { constantName } from './tree.ts'
