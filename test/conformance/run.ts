// Runs the conformance suites over a data folder:
// `tsx test/conformance/run.ts [--data DIR] [--json FILE] [--only SUITE[/ENGINE]] [--failures N] [--floor FILE]`.
// With BLESS=1 it writes rego/CONFORMANCE.md. It fails when a suite falls below its gate.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { known } from './known.ts'
import {
  belowFloor,
  conformancePage,
  count,
  emptyScore,
  entries,
  isShareOnly,
  meetsGate,
  percent,
  type Scores,
} from './report.ts'
import type { Suite } from './suite.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '../shared/conformance') },
    json: { type: 'string' },
    only: { type: 'string', multiple: true },
    failures: { type: 'string', default: '10' },
    floor: { type: 'string' },
  },
})
const dataDir = resolve(values.data)

function isSuite(value: unknown): value is Suite {
  return typeof value === 'object' && value !== null && 'suite' in value && 'run' in value && 'needs' in value
}

async function loadSuites(): Promise<Suite[]> {
  const folder = fileURLToPath(new URL('suites', import.meta.url))
  const suites: Suite[] = []
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.ts')) continue
    const loaded: unknown = await import(pathToFileURL(join(folder, name)).href)
    const exported: unknown = typeof loaded === 'object' && loaded !== null && 'suites' in loaded ? loaded.suites : []
    if (!Array.isArray(exported) || !exported.every(isSuite)) throw new TypeError(`${name} exports no suites`)
    suites.push(...exported)
  }
  return suites
}

function wanted(suite: Suite): boolean {
  return (
    values.only === undefined ||
    values.only.some((name) => name === suite.suite || name === `${suite.suite}/${suite.engine}`)
  )
}

if (!existsSync(dataDir)) {
  process.stdout.write(`ran nothing: there is no data folder ${relative(process.cwd(), dataDir)}\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ suites: {} })}\n`)
  process.stdout.write('0 passed, 0 failed, 1 skipped\n')
} else {
  const suites = (await loadSuites()).filter(wanted)
  const scores: Scores = {}
  const below: string[] = []
  let passed = 0
  let failed = 0
  let skipped = 0
  for (const suite of suites) {
    const name = `${suite.suite}/${suite.engine}`
    if (!existsSync(join(dataDir, suite.needs))) {
      process.stdout.write(`${name}: not run, the data has no ${suite.needs}\n`)
      skipped++
      continue
    }
    const score = emptyScore()
    if (suite.engine === 'wasm') score.disagreements = 0
    const started = performance.now()
    await suite.run(dataDir, (outcome) => count(score, outcome))
    score.seconds = Math.round(performance.now() - started) / 1000
    scores[suite.suite] = { ...scores[suite.suite], [suite.engine]: score }
    if (suite.shareOnly === true) continue
    passed += score.passed + score.experimental.passed
    failed += score.failures.length + score.experimental.failures.length
    skipped += Object.values(score.skipped).reduce((sum, cases) => sum + cases, 0)
    if (!meetsGate(score, suite)) below.push(name)
  }
  for (const [suite, engine, score] of entries(scores)) {
    const share = percent(score.passed, score.total)
    process.stdout.write(`${suite}/${engine}: ${score.passed} of ${score.total} (${share}) in ${score.seconds} s\n`)
    const { experimental } = score
    if (experimental.total > 0)
      process.stdout.write(`  experimental: ${experimental.passed} of ${experimental.total}\n`)
    for (const { id, reason } of (score.differences ?? []).slice(0, Number(values.failures)))
      process.stdout.write(`  differs from the interpreter, ${id}: ${reason}\n`)
    for (const [reason, cases] of Object.entries(score.skipped))
      process.stdout.write(`  not run, ${cases}: ${reason}\n`)
    const failures = isShareOnly(suites, suite, engine) ? [] : [...score.failures, ...experimental.failures]
    for (const { id, reason } of failures.slice(0, Number(values.failures)))
      process.stdout.write(`  ${id}: ${reason}\n`)
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ suites: scores }, undefined, 1)}\n`)
  if (process.env['BLESS'] === '1' && values.only === undefined) {
    writeFileSync(join(root, 'rego/CONFORMANCE.md'), conformancePage(scores, suites, known))
  }
  for (const name of below) process.stdout.write(`below its gate: ${name}\n`)
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  // With --floor, the run fails only when a suite passes fewer cases than it did before; gates are then goals.
  const fallen = typeof values.floor === 'string' ? belowFloor(scores, readFileSync(values.floor, 'utf8')) : undefined
  for (const line of fallen ?? []) process.stdout.write(`below its floor: ${line}\n`)
  if ((fallen ?? below).length > 0) process.exitCode = 1
}
