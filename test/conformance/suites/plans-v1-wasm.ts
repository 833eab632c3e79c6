// The plans that OPA's planner made, as wasm modules, each compared with what the interpreter says of it.
import { join } from 'node:path'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { type Evaluation, Program } from '../../../rego/interpret/index.ts'
import { compare, RegoSet } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { type EvaluationCase, filesBelow, mismatch, readCases } from '../cases.ts'
import { caseOptions, casePolicy } from '../evaluate.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

const GATE = 0.985

/** plans-v1 by our wasm. */
export const suites: readonly Suite[] = [
  {
    suite: 'plans-v1',
    engine: 'wasm',
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
    const policy = casePolicy(wanted.plan)
    const options = caseOptions(wanted)
    const program = new WasmProgram(new WebAssembly.Module(emitModule(policy)), builtins)
    program.setData(wanted.data)
    const got = program.evaluate('eval', options)
    const difference = differs(got, new Program(policy, builtins).evaluate('eval', options))
    const reason = mismatch(wanted, got)
    return {
      id: wanted.id,
      passed: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      ...(difference === undefined ? {} : { disagreement: difference }),
    }
  } catch (error) {
    return { id: wanted.id, passed: false, reason: String(error) }
  }
}

/** How two engines' evaluations differ; undefined when they do not. */
export function differs(wasm: Evaluation, interpreter: Evaluation): string | undefined {
  const [a, b] = [wasm.error?.message, interpreter.error?.message]
  if (a !== b) return `wasm ${a ?? 'has no error'}, interpreter ${b ?? 'has no error'}`
  const same = compare(new RegoSet(wasm.results), new RegoSet(interpreter.results)) === 0
  return same ? undefined : 'the results differ'
}
