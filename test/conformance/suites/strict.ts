// OPA's tables of strict mode: the messages about what a module does not use.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { strictErrors } from '../../../rego/compile/index.ts'
import { type Module, parseModule } from '../../../rego/syntax/index.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

const funcs = [
  'TestCompilerCheckUnusedImports',
  'TestCheckUnusedFunctionArgVars',
  'TestCompilerCheckUnusedAssignedVar',
  'TestCompileUnusedAssignedVarsErrorLocations',
]

/** The strict checks by the compiler. */
export const suites: readonly Suite[] = [
  {
    suite: 'strict',
    engine: 'compiler',
    gate: 0.97,
    needs: 'go-tables/v1__ast__compile_test.json',
    run: (dataDir, report) => runAll(dataDir, report),
  },
]

function runAll(dataDir: string, report: (outcome: CaseOutcome) => void): Promise<void> {
  const table: unknown = JSON.parse(readFileSync(join(dataDir, 'go-tables/v1__ast__compile_test.json'), 'utf8'))
  const rows: readonly unknown[] = Object(table).entries
  rows.forEach((row, index) => {
    const { func, entry } = Object(row)
    if (!funcs.includes(func) || typeof entry?.module !== 'string') return
    const id = `${func}#${index} ${entry.note}`
    const module = parsed(entry.module)
    if (module === undefined) {
      report({ id, passed: false, skipped: true, reason: 'the module does not parse in either version' })
      return
    }
    const wanted: readonly string[] = (entry.expectedErrors?.$v ?? [])
      .map((one: { Message: string }) => one.Message)
      .sort()
    const got = strictErrors(module)
      .map((one) => one.message)
      .sort()
    const passed = JSON.stringify(wanted) === JSON.stringify(got)
    report(passed ? { id, passed } : { id, passed, reason: `wanted ${wanted.join('; ')}, got ${got.join('; ')}` })
  })
  return Promise.resolve()
}

function parsed(text: string): Module | undefined {
  return (
    parseModule(text, { file: 'm', regoVersion: 1 }).module ?? parseModule(text, { file: 'm', regoVersion: 0 }).module
  )
}
