// The type checker as a stage: all rules in the order of their dependencies, and what it found as diagnostics.
import type { Body } from '../syntax/index.ts'
import { type BodyContext, checkBody, checkRules, type TypeEnvironment, type TypeFault } from '../types/index.ts'
import type { Compilation } from './context.ts'
import type { RuleGraph } from './graph.ts'

/** Checks the types of all rules; what they define gets its type in the environment. */
export function checkTypes(graph: RuleGraph, env: TypeEnvironment, compilation: Compilation): void {
  const context: BodyContext = { shown: (name) => compilation.shown(name) }
  for (const fault of checkRules(graph.order(), env, context)) reportType(fault, compilation)
}

/** Checks the types of a query against those of the rules, where they are known. */
export function checkQueryTypes(body: Body, compilation: Compilation): void {
  if (compilation.types === undefined) return
  const { faults } = checkBody(body, compilation.types, { shown: (name) => compilation.shown(name) })
  for (const fault of faults) reportType(fault, compilation)
}

/** Reports what the type checker found. */
function reportType(fault: TypeFault, compilation: Compilation): void {
  compilation.report('rego_type_error', fault.message, fault.location, undefined, fault.details)
}
