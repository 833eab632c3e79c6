// OPA's evaluation cases through our own front end, run by the interpreter.
import { join } from 'node:path'
import { builtins } from '../../../rego/builtins/index.ts'
import { compileModules, compileQuery } from '../../../rego/compile/index.ts'
import { Program } from '../../../rego/interpret/index.ts'
import { planQuery } from '../../../rego/plan/index.ts'
import { opaText } from '../../../rego/syntax/index.ts'
import { type EvaluationCase, filesBelow, mismatch, readCases } from '../cases.ts'
import { caseOptions } from '../evaluate.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

function suite(name: 'rego-v1' | 'rego-v0', regoVersion: 0 | 1, gate: number): Suite {
  return {
    suite: name,
    engine: 'interpreter',
    gate,
    needs: name,
    run: async (dataDir, report) => {
      const root = join(dataDir, name)
      for (const path of filesBelow(root, '.yaml')) {
        for (const wanted of readCases(path, root)) report(runCase(wanted, regoVersion))
      }
    },
  }
}

/** rego-v1 and rego-v0 by front end and interpreter. */
export const suites: readonly Suite[] = [suite('rego-v1', 1, 0.99), suite('rego-v0', 0, 0.97)]

function runCase(wanted: EvaluationCase, regoVersion: 0 | 1): CaseOutcome {
  const common = { id: wanted.id, ...(wanted.experimental ? { experimental: true } : {}) }
  const failed = (reason: string): CaseOutcome => ({ ...common, passed: false, reason })
  try {
    const sources = wanted.modules.map((text, index) => ({ file: `test-${index}.rego`, text, regoVersion }))
    const { compilation, diagnostics } = compileModules(sources)
    if (compilation === undefined) return failed(diagnostics.map(opaText).join('; '))
    const compiled = compileQuery(wanted.query, compilation, { regoVersion })
    if (compiled.query === undefined) return failed(compiled.diagnostics.map(opaText).join('; '))
    const program = new Program(planQuery(compilation, compiled.query), builtins)
    const reason = mismatch(wanted, program.evaluate('eval', caseOptions(wanted)))
    return reason === undefined ? { ...common, passed: true } : failed(reason)
  } catch (error) {
    return failed(error instanceof Error ? (error.stack ?? '').split('\n').slice(0, 4).join(' | ') : String(error))
  }
}
