// The plans that OPA's planner made, run by both engines.
import { join } from 'node:path'
import { type EvaluationCase, filesBelow, readCases } from '../cases.ts'
import { type Engine, runPolicy } from '../engines.ts'
import { casePolicy } from '../evaluate.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

function suite(engine: Engine, gate: number): Suite {
  return {
    suite: 'plans-v1',
    engine,
    gate,
    needs: 'plans-v1',
    run: async (dataDir, report) => {
      const root = join(dataDir, 'plans-v1')
      for (const path of filesBelow(root, '.json')) {
        for (const wanted of readCases(path, root)) report(runCase(wanted, engine))
      }
    },
  }
}

/** plans-v1 by the interpreter and as wasm modules. */
export const suites: readonly Suite[] = [suite('interpreter', 0.99), suite('wasm', 0.985)]

function runCase(wanted: EvaluationCase, engine: Engine): CaseOutcome {
  try {
    if (wanted.plan === undefined) throw new TypeError('a case without a plan')
    return { id: wanted.id, ...runPolicy(engine, casePolicy(wanted.plan), wanted) }
  } catch (error) {
    return { id: wanted.id, passed: false, reason: String(error) }
  }
}
