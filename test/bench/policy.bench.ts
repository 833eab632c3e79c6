// The workbench as a person and a pipeline meet it: one cold process for each figure.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseModule } from '../../rego/syntax/index.ts'
import { printModule } from '../../rego/syntax/printer/index.ts'

/** The bench's name. */
export const name = 'policy'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const rounds = 5
const rules = 1000

/** Milliseconds of the commands that have a goal, medians. */
export function run(): Promise<{ rows: { name: string; value: number; unit: string; goal?: string }[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'policy-bench-'))
  try {
    const policies = Array.from(
      { length: rules },
      (_, index) => `r${index} if {\n\tinput.x == ${index}\n\tsome item in input.items\n\titem.id == "${index}"\n}\n`,
    )
    const tests = Array.from(
      { length: rules },
      (_, index) => `test_r${index} if big.r${index} with input as {"x": ${index}, "items": [{"id": "${index}"}]}\n`,
    )
    const text = `package big\n\n${policies.join('\n')}`
    writeFileSync(join(folder, 'big.rego'), text)
    writeFileSync(join(folder, 'big_test.rego'), `package big_test\n\nimport data.big\n\n${tests.join('\n')}`)
    const long = Array.from(
      { length: 10_000 / 6 },
      (_, index) =>
        `r${index} if {\n\tinput.action.verb == "v${index}"\n\tsome g in input.identity.groups\n\tg == "${index}"\n}\n`,
    )
    const longText = `package policy.long\n\n${long.join('\n')}`
    writeFileSync(join(folder, 'long.rego'), longText)
    const { module } = parseModule(longText, { file: 'long.rego' })
    if (module === undefined) throw new Error('the long policy does not parse')
    // The first run brings the compiled program up to date, outside what is measured.
    cold('--version')
    return Promise.resolve({
      rows: [
        { name: 'sallyport --version', value: cold('--version'), unit: 'ms', goal: '< 150' },
        {
          name: 'policy test, 1,000 rules and 1,000 tests, cold, both engines',
          value: cold('policy', 'test', join(folder, 'big.rego'), join(folder, 'big_test.rego')),
          unit: 'ms',
          goal: '< 2000',
        },
        {
          name: 'policy check, 10,000 lines, cold',
          value: cold('policy', 'check', join(folder, 'long.rego')),
          unit: 'ms',
          goal: '< 1000',
        },
        { name: 'printing 10,000 lines', value: median(() => printModule(module)), unit: 'ms' },
      ],
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function cold(...args: readonly string[]): number {
  return median(() => {
    const ran = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' })
    if (ran.status !== 0) throw new Error(`${args.join(' ')}: ${ran.stdout.slice(0, 300)}${ran.stderr}`)
  })
}

function median(once: () => unknown): number {
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now()
    once()
    return performance.now() - started
  }).sort((a, b) => a - b)
  return times[rounds >> 1] ?? Number.NaN
}
