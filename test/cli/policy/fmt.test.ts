import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { unifiedDiff } from '../../../cli/policy/line-diff.ts'
import { folderWith, policy } from './run-policy.ts'

const messy = 'package a\np  if   input.x==1\n'
const tidy = 'package a\n\np if input.x == 1\n'

test('fmt prints the canonical form and writes nothing unless asked', () => {
  const folder = folderWith({ 'a.rego': messy })
  const { status, out } = policy(folder, 'fmt', 'a.rego')
  assert.equal(out, tidy)
  assert.equal(status, 0)
  assert.equal(readFileSync(join(folder, 'a.rego'), 'utf8'), messy)
  assert.equal(policy(folder, 'fmt', '--write', '.').status, 0)
  assert.equal(readFileSync(join(folder, 'a.rego'), 'utf8'), tidy)
})

test('fmt --check names the files that differ and exits with 2, and with 0 when none does', () => {
  const folder = folderWith({ 'a.rego': messy, 'b.rego': tidy })
  const { status, out } = policy(folder, 'fmt', '--check', '.')
  assert.equal(out, 'a.rego\n')
  assert.equal(status, 2)
  writeFileSync(join(folder, 'a.rego'), tidy)
  assert.deepEqual(policy(folder, 'fmt', '--check', '.'), { status: 0, out: '', err: '' })
})

test('fmt --diff shows what would change', () => {
  const folder = folderWith({ 'a.rego': messy })
  assert.equal(
    policy(folder, 'fmt', '--diff', '.').out,
    '--- a.rego\n+++ a.rego (formatted)\n@@ -1,2 +1,3 @@\n package a\n-p  if   input.x==1\n+\n+p if input.x == 1\n',
  )
})

test('fmt writes nothing when one file does not parse', () => {
  const folder = folderWith({ 'a.rego': messy, 'b.rego': 'package b\n\np if {\n' })
  const { status, err } = policy(folder, 'fmt', '--write', '.')
  assert.equal(status, 1)
  assert.match(err, /b\.rego:4:1: rego_parse_error: /)
  assert.equal(readFileSync(join(folder, 'a.rego'), 'utf8'), messy)
})

test('a diff keeps apart what is far apart', () => {
  const before = Array.from({ length: 30 }, (_, index) => `line ${index}`)
  const after = before.map((line, index) => (index === 3 || index === 25 ? `${line} changed` : line))
  const diff = unifiedDiff('f', `${before.join('\n')}\n`, `${after.join('\n')}\n`)
  assert.equal(diff.match(/^@@ /gm)?.length, 2)
  assert.match(diff, /^-line 3\n\+line 3 changed$/m)
  assert.match(diff, /^-line 25\n\+line 25 changed$/m)
  assert.equal(unifiedDiff('f', 'same\n', 'same\n'), '')
})
