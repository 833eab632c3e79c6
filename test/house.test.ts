// The import arrow is checked: each kind of upward or sideways import is found, and the house as it stands has none.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { brokenImports } from './house.ts'

const wrong: readonly (readonly [file: string, target: string, why: RegExp])[] = [
  ['rego/plan/a.ts', '../../engine/action/index.ts', /rego\/ may not import engine\//],
  ['engine/action/a.ts', '../../proxy/gate/index.ts', /engine\/ may not import proxy\//],
  ['bundles/store/a.ts', '../../cli/main.ts', /bundles\/ may not import cli\//],
  ['proxy/ssh/a.ts', '../http/index.ts', /protocols never import one another/],
  ['proxy/ssh/wire/a.ts', '../../gate/index.ts', /wire\/ imports nothing of ours/],
  ['proxy/http1/a.ts', '../gate/index.ts', /http1\/ imports nothing of ours/],
  ['proxy/gate/a.ts', '../../test/support/gate.ts', /test\/ is not part of the product/],
]
for (const [file, target, why] of wrong) {
  test(`${file} may not import ${target}`, () => {
    const root = mkdtempSync(join(tmpdir(), 'house-'))
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), `import { x } from '${target}'\nexport const y = x\n`)
    const [found, ...more] = brokenImports(root)
    assert.match(found ?? '', why)
    assert.deepEqual(more, [])
  })
}

test('the house as it stands breaks no rule, and a downward import is none', () => {
  assert.deepEqual(brokenImports(fileURLToPath(new URL('..', import.meta.url))), [])
})
