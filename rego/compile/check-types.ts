// The type checker as a stage: all rules in the order of their dependencies, and what it found as diagnostics.
import type { Body } from '../syntax/index.ts'
import {
  type BodyContext,
  checkBody,
  checkRules,
  type Overrides,
  type TypeEnvironment,
  type TypeFault,
} from '../types/index.ts'
import type { Compilation } from './context.ts'
import { Dependents } from './dependents.ts'
import type { RuleGraph } from './graph.ts'
import { nearest } from './nearest.ts'

/** Mistakes that are told: each may tell all keys of a large object, and what was meant among them. */
const faultsToldMax = 500

/** Checks the types of all rules; what they define gets its type in the environment. */
export function checkTypes(
  graph: RuleGraph,
  env: TypeEnvironment,
  overrides: Overrides | undefined,
  compilation: Compilation,
): void {
  const dependents = new Dependents(graph, compilation)
  const context: BodyContext = {
    shown: (name) => compilation.shown(name),
    declared: (name) => compilation.declared(name),
    dependents: (target, read) => dependents.among(target, read),
  }
  const faults = checkRules(graph.order().rules, env, context, overrides)
  for (const fault of faults.slice(0, faultsToldMax)) reportType(fault, compilation)
  const untold = faults[faultsToldMax]
  if (untold === undefined) return
  const message = `more than ${faultsToldMax} mistakes in types`
  compilation.report('rego_type_error', message, untold.location, 'mend those that are told first')
}

/** Checks the types of a query against those of the rules, where they are known. */
export function checkQueryTypes(body: Body, compilation: Compilation): void {
  if (compilation.types === undefined) return
  const { faults } = checkBody(body, compilation.types, {
    shown: (name) => compilation.shown(name),
    declared: (name) => compilation.declared(name),
  })
  for (const fault of faults) reportType(fault, compilation)
}

/** Reports what the type checker found. */
export function reportType(fault: TypeFault, compilation: Compilation): void {
  compilation.report('rego_type_error', fault.message, fault.location, helpFor(fault), fault.details)
}

/** What to do about a mistake in types. */
function helpFor({ message, known, wrong }: TypeFault): string {
  if (wrong !== undefined && known !== undefined) {
    const names = known.flatMap((one) => (one.startsWith('"') ? [one.slice(1, -1)] : []))
    const near = nearest(wrong, names)
    if (near !== undefined) return `did you mean \`${near}\`?`
  }
  if (message === 'match error') return 'the two sides can never be equal: compare values of one type'
  if (message.startsWith('undefined ref')) return 'nothing can be there: use a key that is, or change what holds it'
  if (message.startsWith('undefined schema'))
    return 'give the schema with `--schema`, by the name that the metadata calls it'
  if (message.startsWith('schemas of metadata')) return 'give a schema to the whole document, or to the package'
  if (message.endsWith('used as reference, not called')) return 'call the function with its arguments'
  if (message.endsWith('arity mismatch')) return 'replace a function by one with as many arguments'
  return 'pass what the function takes: see `have` and `want`'
}
