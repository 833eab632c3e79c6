// Prints failures whole, skips with their reason, and closes with `N passed, N failed, N skipped`.
import { sourceOf, withSources } from './source-places.mjs'

const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)

/** How many files are named that took longest, and from when on one is slow. */
const slowestShown = 10
const slowMs = 5000

/** The reporter that node:test calls with its stream of events. */
export default async function* reporter(source) {
  let passed = 0
  let failed = 0
  let skipped = 0
  const perFile = new Map()
  const tookMs = new Map()
  for await (const event of source) {
    const data = event.data
    if (event.type === 'test:stdout' || event.type === 'test:stderr') {
      if (process.env.TEST_OUTPUT !== undefined || event.type === 'test:stderr') yield withSources(data.message)
      continue
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const file = data.file ? sourceOf(data.file, data.line ?? 1, data.column ?? 1) : ''
    if (data.nesting === 0) tookMs.set(file, (tookMs.get(file) ?? 0) + (data.details?.duration_ms ?? 0))
    if (data.details?.type === 'suite') continue
    if (event.type === 'test:fail') {
      failed++
      const error = data.details?.error
      const cause = error?.cause ?? error
      const text =
        cause instanceof Error || (cause && typeof cause === 'object' && 'stack' in cause) ? cause.stack : String(cause)
      yield `${paint(31, 'FAIL')} ${file}: ${withSources(data.name)}\n${withSources(String(text)).replace(/^/gm, '    ')}\n`
    } else if (data.skip !== undefined || data.todo !== undefined) {
      skipped++
      yield `${paint(33, 'SKIP')} ${file}: ${data.name}: ${data.skip ?? data.todo}\n`
    } else {
      passed++
      perFile.set(file, (perFile.get(file) ?? 0) + 1)
    }
  }
  for (const [file, count] of perFile) yield `${paint(32, 'ok')}   ${file} (${count})\n`
  const slowest = [...tookMs].sort((a, b) => b[1] - a[1]).slice(0, slowestShown)
  for (const [file, ms] of slowest) if (ms > slowMs) yield `${(ms / 1000).toFixed(1)} s in ${file}\n`
  if (passed + failed === 0) {
    failed = 1
    process.exitCode = 1
    yield 'no test ran\n'
  }
  yield `${passed} passed, ${failed} failed, ${skipped} skipped\n`
}
