// OPA's evaluation cases through our own front end, run by both engines.
import { join } from 'node:path'
import { compileModules, compileQuery } from '../../../rego/compile/index.ts'
import { planQuery } from '../../../rego/plan/index.ts'
import { opaText } from '../../../rego/syntax/index.ts'
import { type EvaluationCase, filesBelow, readCases } from '../cases.ts'
import { type Engine, runPolicy } from '../engines.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

function suite(name: 'rego-v1' | 'rego-v0', engine: Engine, regoVersion: 0 | 1, gate: number): Suite {
  return {
    suite: name,
    engine,
    gate,
    needs: name,
    run: async (dataDir, report) => {
      const root = join(dataDir, name)
      for (const path of filesBelow(root, '.yaml')) {
        for (const wanted of readCases(path, root)) report(runCase(wanted, engine, regoVersion))
      }
    },
  }
}

/** rego-v1 and rego-v0 by front end and either engine. */
export const suites: readonly Suite[] = [
  suite('rego-v1', 'interpreter', 1, 0.99),
  suite('rego-v1', 'wasm', 1, 0.985),
  suite('rego-v0', 'interpreter', 0, 0.97),
  suite('rego-v0', 'wasm', 0, 0.965),
]

function runCase(wanted: EvaluationCase, engine: Engine, regoVersion: 0 | 1): CaseOutcome {
  const common = { id: wanted.id, ...(wanted.experimental ? { experimental: true } : {}) }
  const failed = (reason: string): CaseOutcome => ({ ...common, passed: false, reason })
  try {
    const sources = wanted.modules.map((text, index) => ({ file: `test-${index}.rego`, text, regoVersion }))
    const { compilation, diagnostics } = compileModules(sources)
    if (compilation === undefined) return failed(diagnostics.map(opaText).join('; '))
    const compiled = compileQuery(wanted.query, compilation, { regoVersion })
    if (compiled.query === undefined) return failed(compiled.diagnostics.map(opaText).join('; '))
    return { ...common, ...runPolicy(engine, planQuery(compilation, compiled.query), wanted) }
  } catch (error) {
    return failed(firstLine(error))
  }
}

/** What went wrong, without the places in our source that only this machine has. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split('\n', 1)[0] ?? ''
}
