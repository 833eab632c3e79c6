// OPA's formatter golden files through the printer: the printed text, byte for byte, and the same again when printed twice.
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { compatibilityErrors } from '../../../rego/compile/index.ts'
import { opaText, parseModule } from '../../../rego/syntax/index.ts'
import { type PrintOptions, printModule } from '../../../rego/syntax/printer/index.ts'
import { filesBelow } from '../cases.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

/** The folder fmt by the printer. */
export const suites: readonly Suite[] = [
  {
    suite: 'fmt',
    engine: 'printer',
    gate: 0.97,
    needs: 'fmt',
    run: async (dataDir, report) => {
      const root = join(dataDir, 'fmt')
      for (const path of filesBelow(root, '.rego')) {
        const id = relative(root, path)
        report(runCase(id, path, '.formatted', {}))
        const plain = '.formatted_no_keywords_in_refs'
        if (existsSync(`${path}${plain}`)) report(runCase(`${id}${plain}`, path, plain, { keywordsInRefs: false }))
      }
    },
  },
]

function runCase(id: string, path: string, end: string, options: PrintOptions): CaseOutcome {
  const regoVersion = id.startsWith('v1/') ? 1 : 0
  const target = id.startsWith('v0_to_v1/') ? 'both' : 'same'
  const common = { id, ...(id.includes('test_logical') ? { experimental: true } : {}) }
  const failed = (reason: string): CaseOutcome => ({ ...common, passed: false, reason })
  const source = readFileSync(path, 'utf8')
  const file = `testfiles/${id}`
  const print = (text: string): string => {
    const { module, diagnostics } = parseModule(text, { file, regoVersion })
    if (module === undefined) return listed(diagnostics.map(opaText))
    const faults = target === 'both' ? compatibilityErrors(module) : []
    return faults.length > 0 ? listed(faults.map(opaText)) : printModule(module, { ...options, target })
  }
  if (!existsSync(`${path}${end}`)) {
    const wanted = readFileSync(`${path}.error`, 'utf8')
    const got = print(source)
    return got.trim() === wanted.trim() ? { ...common, passed: true } : failed(firstDifference(got, wanted))
  }
  const wanted = readFileSync(`${path}${end}`, 'utf8')
  const got = print(source)
  if (got !== wanted) return failed(firstDifference(got, wanted))
  const again = print(got)
  return again === got ? { ...common, passed: true } : failed(`printed twice: ${firstDifference(again, got)}`)
}

function listed(errors: readonly string[]): string {
  return errors.length === 1 ? errors.join('') : `${errors.length} errors occurred:\n${errors.join('\n')}`
}

function firstDifference(got: string, wanted: string): string {
  const lines = got.split('\n')
  const wantedLines = wanted.split('\n')
  const at = wantedLines.findIndex((line, index) => line !== lines[index])
  if (at < 0) return 'more lines than wanted'
  return `line ${at + 1}: wanted ${JSON.stringify(wantedLines[at])}, got ${JSON.stringify(lines[at])}`
}
