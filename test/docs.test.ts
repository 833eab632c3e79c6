// Every command of the documentation is run, page by page in an empty folder, and prints what the page says. Pages beside a
// running demo are run by test/system/docs.test.ts.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { placeOfPage } from './support/page-place.ts'
import { blocksOf, needsOf, runPage, withFreePorts } from './support/pages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const docs = join(root, 'docs')
const pages = readdirSync(docs).filter((page) => page.endsWith('.md'))

test('the documentation has pages, and each is in its index', () => {
  const index = readFileSync(join(docs, 'README.md'), 'utf8')
  assert.ok(pages.length > 4)
  for (const page of pages.filter((one) => one !== 'README.md')) assert.ok(index.includes(`(${page})`), page)
})

test('every link of the documentation leads to a file', () => {
  for (const page of ['README.md', ...pages.map((one) => `docs/${one}`)]) {
    const text = readFileSync(join(root, page), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g))
      assert.ok(existsSync(join(root, dirname(page), target)), `${page} links to ${target}`)
  }
})

for (const page of pages) {
  const text = readFileSync(join(docs, page), 'utf8')
  if (needsOf(blocksOf(text)) !== 'commands') continue
  test(`docs/${page} prints what it says`, async (t) => {
    const place = placeOfPage()
    t.after(place.close)
    await runPage(blocksOf(await withFreePorts(text)), place)
  })
}
