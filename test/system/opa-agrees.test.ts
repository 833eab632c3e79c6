// The real opa and our commands over the same policies: answers in every format of `eval`, and outcomes of tests.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { folderWith, policies } from '../cli/policy/run-policy.ts'

const found = [process.env['OPA'] ?? 'opa', join(homedir(), 'go/bin/opa')].find(
  (path) => spawnSync(path, ['version']).status === 0,
)
const opa = found ?? 'opa'
const skip = found === undefined ? 'there is no `opa` on this machine' : false

const module = `package a

p := 1

q := {"a": [1, 2]}

s contains x if some x in [1, 2, 3]

f(x) := x + 1

bad := 1 / 0

c := 1

c := 2
`

const queries: readonly string[] = [
  '1 == 2',
  'x := 1; y := 2',
  '1 == 2; 3',
  '1; data.a.p; x = data.a.q',
  'not false',
  'data.a.s[x]',
  'some x in [1, 2]; x > 1',
  'x := [1, 2][_]; x > 1',
  '[1, 2, 3][i] > 1',
  '[1, 1][_]',
  'data.a.nope',
  'data.a.bad',
  'every x in [1] { x > 0 }',
  'data.a.p with input as 3',
  'data.a.f(2)',
  'data.a.f(2, x)',
  'x = [y, 1]; y = 2',
  '{1, 2}',
  '{1: 2}',
  '"<&>"',
  'x := "日本"',
  '"日本"; 2',
  'x := 1; true',
  'true; 1',
  'x := null; y := [1, "a"]; z := {"q": 1.5}',
  'data.a.q.a[i]',
  '1 2',
]
const formats = ['json', 'pretty', 'values', 'bindings', 'raw', 'discard'] as const

test('eval answers as opa does, in every format', { skip }, () => {
  const folder = folderWith({ 'a.rego': module })
  const runs = formats.flatMap((format) => queries.map((query) => ['eval', '-d', 'a.rego', '-f', format, query]))
  const ours = policies(runs.map((args) => ({ cwd: folder, args })))
  for (const [index, args] of runs.entries()) {
    const theirs = spawnSync(opa, args, { cwd: folder, encoding: 'utf8' })
    const one = ours[index]
    assert.ok(one !== undefined)
    const name = args.slice(3).join(' ')
    assert.equal(one.status, theirs.status, name)
    if (args[4] === 'json' || args[4] === 'discard')
      assert.deepEqual(JSON.parse(one.out), JSON.parse(theirs.stdout), name)
    else assert.equal(one.out, theirs.stdout, name)
  }
})

test('errors of eval have the code, message and place that opa gives them', { skip }, () => {
  const folder = folderWith({ 'a.rego': module })
  const queriesWithErrors = ['data.a.c', 'f(2)', '1 +', 'x := 1; x := 2', 'to_number("x")']
  const runs = queriesWithErrors.map((query) => ['eval', '-d', 'a.rego', '--strict-builtin-errors', query])
  const ours = policies(runs.map((args) => ({ cwd: folder, args })))
  for (const [index, args] of runs.entries()) {
    const theirs = spawnSync(opa, args, { cwd: folder, encoding: 'utf8' })
    assert.deepEqual(plainErrors(ours[index]?.out ?? ''), plainErrors(theirs.stdout), args.join(' '))
  }
})

/** Errors without what is said of them beyond code, message and place. */
function plainErrors(text: string): readonly object[] {
  const { errors } = Object(JSON.parse(text))
  assert.ok(Array.isArray(errors), text)
  return errors.map(({ code, message, location }) => ({ code, message, location }))
}

test('the tests of the library come out as with opa', { skip }, () => {
  const library = fileURLToPath(new URL('../../bundles/library', import.meta.url))
  const folders = readdirSync(library, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !['sallyport', 'fixtures'].includes(entry.name),
  )
  const runs = folders.map(({ name }) => ['test', '-f', 'json', join(library, name)])
  const ours = policies(runs.map((args) => ({ cwd: '.', args })))
  for (const [index, args] of runs.entries()) {
    const theirs = spawnSync(opa, args, { encoding: 'utf8' })
    assert.deepEqual(outcomes(ours[index]?.out ?? '[]'), outcomes(theirs.stdout), args.join(' '))
  }
})

/** The outcome of each test rule by its name. */
function outcomes(text: string): { readonly [name: string]: string } {
  const list: unknown = JSON.parse(text)
  assert.ok(Array.isArray(list) && list.length > 0, text)
  return Object.fromEntries(
    list
      .filter((one: unknown) => Object(one).package?.startsWith('data.'))
      .map((one: unknown) => {
        const { package: pack, name, fail, error, skip: skipped } = Object(one)
        const outcome = skipped === true ? 'skip' : error !== undefined ? 'error' : fail === true ? 'fail' : 'pass'
        return [`${String(pack)}.${String(name)}`, outcome]
      })
      .sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1)),
  )
}
