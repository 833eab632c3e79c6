// Non-interference over random queries, half of them with masks in the text and half with provisioned views.
// `GENERATED=1000000 PROGRESS=FILE npm run test:system test/system/non-interference.test.ts` for a long run.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { postgresMissing } from '../support/postgres-server.ts'
import type { TwinRun } from '../support/twin-run.ts'

const count = Number(process.env['GENERATED'] ?? 10_000)
const seed = Number(process.env['SEED'] ?? 11)
const progress = process.env['PROGRESS']
const missing = postgresMissing()
const child = fileURLToPath(new URL('../support/twin-run-child.ts', import.meta.url))

/** Trees of statements live for one batch: with little room for what is young, half of them are moved for nothing. */
const youngMemory = '--max-semi-space-size=64'

/** One mode's queries, in a process of their own. */
async function run(mode: TwinRun['mode'], from: number, queries: number): Promise<TwinRun | undefined> {
  const args = [youngMemory, '--import', 'tsx', child, mode, String(from), String(queries)]
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(running, 'exit')
  let last: TwinRun | undefined
  try {
    for await (const line of createInterface({ input: running.stdout })) {
      last = JSON.parse(line) as TwinRun
      if (progress !== undefined) appendFileSync(progress, `${new Date().toISOString()} ${line}\n`)
    }
    const [code]: unknown[] = await exited
    assert.equal(code, 0, `the run of ${mode} failed`)
  } finally {
    running.kill()
  }
  return last
}

test(`${count} random queries do not tell the databases apart, and most of the harmless ones are answered`, {
  skip: missing ?? false,
}, async (context) => {
  const runs = await Promise.all([
    run('inline', seed, Math.ceil(count / 2)),
    run('views', seed + 1, Math.floor(count / 2)),
  ])
  for (const one of runs) {
    assert.ok(one !== undefined)
    const { mode, queries, leaks, telling, harmless, answered, failed, skipped, refusals } = one
    const most = Object.entries(refusals).sort((a, b) => b[1] - a[1])
    context.diagnostic(
      `${mode}: ${queries} queries; ${leaks.length} leaks; ${telling} tell without masks; ${harmless} harmless, ${answered} of them answered (${((100 * answered) / harmless).toFixed(1)}%); ${failed} fail on the server; ${skipped} not compared, for a statement took too long`,
    )
    context.diagnostic(
      most
        .slice(0, 8)
        .map(([why, times]) => `${times} x ${why}`)
        .join('; '),
    )
    assert.deepEqual(leaks, [])
    assert.ok(queries >= Math.floor(count / 2), `only ${queries} queries of ${mode}`)
    assert.ok(skipped <= queries / 20, `${skipped} of ${queries} were not compared`)
    assert.ok(answered / harmless >= 0.7, `${answered} of ${harmless}`)
    assert.ok(telling > queries / 20, `only ${telling} queries would tell without masks`)
  }
})
