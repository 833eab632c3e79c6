// The contract of rego/types.
export { arityDetails, type BodyContext, checkBody } from './bodies.ts'
export { typeOfBuiltin } from './builtin-types.ts'
export { TypeEnvironment } from './environment.ts'
export type { TypeFault } from './faults.ts'
export { checkRules, type Overrides, type PlacedRule } from './rules.ts'
export { termKey } from './terms.ts'
export { typeText } from './type.ts'
