// OPA's cases of modules that must not compile, each with its mistakes: code, row, column and message, and no others.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parse } from 'yaml'
import { compileModules } from '../../../rego/compile/index.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

/** The cases, by the compiler. */
export const suites: readonly Suite[] = [
  {
    suite: 'compile-errors',
    engine: 'compiler',
    gate: 1,
    needs: 'compile-errors',
    run: (dir, report) => runAll(dir, report),
  },
]

interface Case {
  readonly note: string
  readonly modules: readonly string[]
  readonly rego_version?: string
  readonly want_errors: readonly { code: string; row: number; col: number; message: string }[]
  readonly exhaustive?: boolean
}

function runAll(dataDir: string, report: (outcome: CaseOutcome) => void): Promise<void> {
  const folder = join(dataDir, 'compile-errors')
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!path.endsWith('.yaml')) continue
    const { cases }: { readonly cases: readonly Case[] } = parse(readFileSync(join(folder, path), 'utf8'))
    cases.forEach((one, index) => {
      const id = `${relative('.', path)}#${index} ${one.note}`
      const reason = runCase(one)
      report(reason === undefined ? { id, passed: true } : { id, passed: false, reason })
    })
  }
  return Promise.resolve()
}

function runCase({ modules, rego_version: version, want_errors: wanted, exhaustive }: Case): string | undefined {
  const regoVersion = version === 'v0' ? 0 : 1
  const { diagnostics } = compileModules(
    modules.map((text, index) => ({ file: `test-${index}.rego`, text, regoVersion })),
    { print: 'keep' },
  )
  const got = diagnostics.map(({ code, message, location: { row, col } }) => `${row}:${col} ${code}: ${message}`)
  const want = wanted.map(({ code, row, col, message }) => `${row}:${col} ${code}: ${message}`)
  const missing = want.filter((one) => !got.includes(one))
  const others = exhaustive === true ? got.filter((one) => !want.includes(one)) : []
  return missing.length + others.length === 0 ? undefined : `wanted ${want.join(' | ')}, got ${got.join(' | ')}`
}
