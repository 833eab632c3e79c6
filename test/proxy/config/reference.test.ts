// The configuration reference: up to date, every example in it read as it is written, every link to a table that is there.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkConfigText, configExampleText, configReferenceText } from '../../../proxy/config/index.ts'

const page = fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sallyport-reference-'))
after(() => rmSync(folder, { recursive: true }))

test('docs/configuration.md is what the fields give', () => {
  if (process.env['BLESS'] !== undefined) writeFileSync(page, configReferenceText())
  assert.equal(readFileSync(page, 'utf8'), configReferenceText(), 'run this test with BLESS=1 and read the difference')
})

test('every example is read without a mistake', () => {
  const text = configExampleText()
  for (const [, path = ''] of text.matchAll(/[:-] file:(\S+)$/gm)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, 'x', { mode: 0o600 })
  }
  const loaded = checkConfigText(text, folder, {})
  assert.deepEqual(loaded.ok ? [] : loaded.problems, [])
})

test('every key has a meaning, a type and a default, and links lead to tables', () => {
  const text = configReferenceText()
  const rows = text.split('\n').filter((line) => line.startsWith('| `'))
  assert.ok(rows.length > 150, `${rows.length} keys`)
  for (const row of rows) {
    const cells = row.split(/(?<!\\) \| /)
    assert.equal(cells.length, 5, row)
    for (const at of [0, 1, 2, 4]) assert.match(cells[at] ?? '', /[^|` ]/, row)
  }
  const anchors = [...text.matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-'),
  )
  assert.equal(new Set(anchors).size, anchors.length, 'two tables have one anchor')
  for (const [, anchor = ''] of text.matchAll(/\]\(#([^)]*)\)/g)) assert.ok(anchors.includes(anchor), anchor)
})

test('every key is read by some part of the gateway', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const texts: string[] = []
  for (const folder of ['cli', 'proxy']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.ts') && !(folder === 'proxy' && name.startsWith('config')))
        texts.push(readFileSync(join(root, folder, name), 'utf8'))
  }
  const words = new Set(texts.join('\n').match(/[A-Za-z]\w*/g))
  const types = ['types', 'recording-types', 'approval-types'].map((name) =>
    readFileSync(join(root, `proxy/config/${name}.ts`), 'utf8'),
  )
  const properties = [...types.join('\n').matchAll(/readonly (\w+)\??: /g)].map(([, property = '']) => property)
  assert.ok(properties.length > 100, `${properties.length} properties`)
  assert.deepEqual(
    [...new Set(properties)].filter((property) => !words.has(property)),
    [],
  )
})
