// The contract of rego/plan: compiled rules and queries become IR.
export { EntrypointError, planEntrypoints, planQuery } from './policy.ts'
