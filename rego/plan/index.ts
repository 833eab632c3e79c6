// The contract of rego/plan: compiled rules and queries become IR.
export { PlanLimitError } from './limit.ts'
export { EntrypointError, planEntrypoints, planQuery } from './policy.ts'
