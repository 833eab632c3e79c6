// Function calls by the fast path: the function behind an oid, and the SELECT that means the same, by which it is judged.
import type { Catalog, SqlAnalysis } from '../../engine/action/sql/index.ts'
import type { Terms } from '../gate/contract.ts'
import type { MaskPlan } from './masks.ts'
import type { Protected } from './protect.ts'
import type { Report } from './reports.ts'
import type { FunctionCall } from './wire/index.ts'

/** What a call means as SQL; undefined for a function that the catalog does not know. */
export function callText(catalog: Catalog, { oid, values }: FunctionCall): string | undefined {
  const routine = catalog.routineByOid(oid)
  if (routine === undefined) return undefined
  const { schema, name } = routine
  return `SELECT ${quoted(schema)}.${quoted(name)}(${values.map((_, index) => `$${index + 1}`).join(', ')})`
}

/** The analysis of that SELECT, under the name of what runs. */
export function asCall(analysis: SqlAnalysis): SqlAnalysis {
  return {
    ...analysis,
    operation: 'function_call',
    statements: analysis.statements.map((statement) => ({ ...statement, kind: 'function_call' })),
  }
}

/** What is done to the call under its terms: nothing can be changed in it, or counted of what it changes. */
export function callPlan(analysis: SqlAnalysis, { plan, forward, detector }: Protected, terms: Terms): MaskPlan {
  if (plan.kind === 'refuse') return plan
  if (plan.kind !== 'none' || detector !== undefined || forward !== analysis.forward)
    return { kind: 'refuse', why: 'the result of a function call cannot be masked' }
  if (terms.limits.affected !== undefined && analysis.verb !== 'read')
    return { kind: 'refuse', why: 'rows changed by a function call cannot be limited' }
  return plan
}

/** The answer to a call of what is not known. */
export const unknownFunctionReport: Report = {
  severity: 'ERROR',
  sqlstate: '42501',
  message: 'the function that is called by its oid is not known',
  detail: 'rule sallyport.function_call',
  hint: 'call the function in a SELECT',
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
