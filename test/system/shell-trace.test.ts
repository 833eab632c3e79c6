// The shell corpus against real shells: every line is run again with stubs for programs, and what ran is what the file
// says. `BLESS=1` writes what ran into the file anew.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { analyzeLine } from '../../engine/action/shell/index.ts'
import { createTracer, programsOf, tracingMissing, unsaid } from '../support/shell-trace.ts'

const stubs = [
  'date',
  'touch',
  'ls',
  'cat',
  'awk',
  'sed',
  'sort',
  'split',
  'tar',
  'git',
  'vim',
  'python3',
  'perl',
  'busybox',
  'ssh',
  'su',
  'sudo',
  'doas',
  'watch',
  'script',
  'strace',
  'parallel',
  'chroot',
  'unshare',
  'systemd-run',
]

for (const name of ['lines', 'hostile']) {
  const file = new URL(`../../fixtures/shell/${name}.jsonl`, import.meta.url)
  test(`what shells run is what ${name}.jsonl says, and nothing of it is hidden from a complete analysis`, {
    skip: tracingMissing() ?? false,
  }, () => {
    const corpus: readonly { readonly line: string; readonly runs: readonly string[] }[] = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    const tracer = createTracer(stubs)
    const hidden: string[] = []
    const traced = corpus.map(({ line }) => {
      const traces = tracer.trace(line)
      const facts = analyzeLine(line)
      for (const what of facts.complete ? unsaid(facts, traces) : []) hidden.push(`${line}: ${what}`)
      return { line, runs: programsOf(traces) }
    })
    tracer.close()
    assert.deepEqual(hidden, [])
    const text = traced.map((one) => `${JSON.stringify(one)}\n`).join('')
    if (process.env['BLESS'] === '1') writeFileSync(file, text)
    // Shells of other versions may read a rare line differently; what counts is that nothing is hidden.
    const known = new Map(corpus.map((one): [string, readonly string[]] => [one.line, one.runs]))
    const differs = traced.filter(({ line, runs }) => JSON.stringify(known.get(line)) !== JSON.stringify(runs))
    assert.ok(
      differs.length <= traced.length / 50,
      `${differs.length} lines run other commands here: ${JSON.stringify(differs.slice(0, 5))}`,
    )
  })
}
