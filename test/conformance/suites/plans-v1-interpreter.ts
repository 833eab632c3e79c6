// The plans that OPA's planner made, run by the interpreter.
import { join } from 'node:path'
import { builtins } from '../../../rego/builtins/index.ts'
import { Program } from '../../../rego/interpret/index.ts'
import { type EvaluationCase, filesBelow, mismatch, readCases } from '../cases.ts'
import { caseOptions, casePolicy } from '../evaluate.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

const GATE = 0.99

/** plans-v1 by the interpreter. */
export const suites: readonly Suite[] = [
  {
    suite: 'plans-v1',
    engine: 'interpreter',
    gate: GATE,
    needs: 'plans-v1',
    run: async (dataDir, report) => {
      const root = join(dataDir, 'plans-v1')
      for (const path of filesBelow(root, '.json')) {
        for (const wanted of readCases(path, root)) report(runCase(wanted))
      }
    },
  },
]

function runCase(wanted: EvaluationCase): CaseOutcome {
  try {
    if (wanted.plan === undefined) throw new TypeError('a case without a plan')
    const program = new Program(casePolicy(wanted.plan), builtins)
    const reason = mismatch(wanted, program.evaluate('eval', caseOptions(wanted)))
    return { id: wanted.id, passed: reason === undefined, ...(reason === undefined ? {} : { reason }) }
  } catch (error) {
    return { id: wanted.id, passed: false, reason: String(error) }
  }
}
