// Broken configurations and what is said of each. Golden files change only under BLESS=1.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { printProblems } from '../../../cli/config/config.ts'
import { loadConfig } from '../../../proxy/config/index.ts'

const folder = fileURLToPath(new URL('../../../fixtures/config/broken/', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
// Git keeps no more of a mode than whether a file can be executed.
chmodSync(`${folder}readable.key`, 0o644)

test('there are at least twelve broken files', () => assert.ok(files.length >= 12))

for (const file of files) {
  test(`says what is wrong in ${file}`, () => {
    const loaded = loadConfig(folder + file, {})
    assert.ok(!loaded.ok)
    const said = printProblems(file, loaded.problems, 'pretty').replaceAll(folder, '')
    const golden = `${folder}${file.replace('.yaml', '.txt')}`
    if (process.env['BLESS'] !== undefined) writeFileSync(golden, said)
    assert.ok(existsSync(golden), 'no golden file; run with BLESS=1 and read it')
    assert.equal(said, readFileSync(golden, 'utf8'))
    assert.ok(!said.includes('hunter2'), 'a secret is never repeated')
  })
}
