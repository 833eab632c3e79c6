// The README and the pages that show a running demo: every command of them, with the real psql, ssh and curl.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { placeOfPage } from '../support/page-place.ts'
import { blocksOf, needsOf, runPage, withFreePorts } from '../support/pages.ts'
import { postgresMissing } from '../support/postgres-server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const missing = ['psql', 'ssh', 'curl'].find((client) => spawnSync('which', [client]).status !== 0)
const skip = missing === undefined ? (postgresMissing() ?? false) : `${missing} is not installed`
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((page) => `docs/${page}`)].filter((page) =>
  page.endsWith('.md'),
)

test('the README is among the pages that are run', () => {
  assert.equal(needsOf(blocksOf(readFileSync(join(root, 'README.md'), 'utf8'))), 'demo')
})

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8')
  if (needsOf(blocksOf(text)) !== 'demo') continue
  test(`${page} prints what it says, beside a demo`, { skip }, async (t) => {
    const place = placeOfPage()
    t.after(place.close)
    await runPage(blocksOf(await withFreePorts(text)), place)
  })
}
