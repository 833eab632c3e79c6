// How many of OPA's plans our planner makes just so: tracked, and no gate. Names of locals, places and the order of
// constants are set aside; every statement, its blocks and the order of functions count.
import { join } from 'node:path'
import { compileModules, compileQuery } from '../../../rego/compile/index.ts'
import { printPolicy } from '../../../rego/ir/index.ts'
import { planQuery } from '../../../rego/plan/index.ts'
import { type EvaluationCase, filesBelow, readCases } from '../cases.ts'
import { casePolicy } from '../evaluate.ts'
import { type Sections, sectionsOf } from '../plan-text.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

function suite(engine: string, outcomes: (wanted: EvaluationCase) => readonly CaseOutcome[]): Suite {
  return {
    suite: 'plan-equality',
    engine,
    needs: 'plans-v1',
    shareOnly: true,
    run: async (dataDir, report) => {
      const root = join(dataDir, 'plans-v1')
      for (const path of filesBelow(root, '.json')) {
        for (const wanted of readCases(path, root)) for (const outcome of outcomes(wanted)) report(outcome)
      }
    },
  }
}

/** Whole plans, and the functions of them one by one. */
export const suites: readonly Suite[] = [suite('planner', wholePlan), suite('planner, by function', eachFunction)]

function wholePlan(wanted: EvaluationCase): readonly CaseOutcome[] {
  const { theirs, ours } = plansOf(wanted)
  const passed = theirs.size === ours.size && [...theirs].every(([name, text]) => ours.get(name) === text)
  return [{ id: wanted.id, passed }]
}

function eachFunction(wanted: EvaluationCase): readonly CaseOutcome[] {
  const { theirs, ours } = plansOf(wanted)
  return [...theirs].map(([name, text]) => ({ id: `${wanted.id} ${name}`, passed: ours.get(name) === text }))
}

function plansOf(wanted: EvaluationCase): { readonly theirs: Sections; readonly ours: Sections } {
  if (wanted.plan === undefined) throw new TypeError('a case without a plan')
  return { theirs: sectionsOf(printPolicy(casePolicy(wanted.plan))), ours: sectionsOf(ourPlan(wanted)) }
}

function ourPlan(wanted: EvaluationCase): string {
  const { compilation } = compileModules(wanted.modules.map((text, index) => ({ file: `test-${index}.rego`, text })))
  if (compilation === undefined) return ''
  const { query } = compileQuery(wanted.query, compilation)
  return query === undefined ? '' : printPolicy(planQuery(compilation, query))
}
