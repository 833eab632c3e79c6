// Data-driven tests: a case that is begun and does not hold fails, wherever its keys get their values. Outcomes as of `opa test`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, policies } from './run-policy.ts'

interface Wanted {
  readonly [name: string]: boolean | Wanted
}

/** A rule, and whether each of its cases fails. */
const tests: readonly (readonly [string, string, Wanted])[] = [
  ['declared by some', 'test_c[n] if {\n\tsome n, c in {"one": 1, "two": 2}\n\tc == 1\n}', { one: false, two: true }],
  ['bound by an equation', 'test_c[n] if {\n\tn = ["a", "b"][_]\n\tn == "a"\n}', { a: false, b: true }],
  ['bound by an index', 'c := {"a": 1, "b": 2}\n\ntest_c[n] if {\n\tx := c[n]\n\tx == 1\n}', { a: false, b: true }],
  [
    'a reference, above what does not hold',
    'test_c[tc.n] if {\n\tsome tc in [{"n": "a", "x": 1}, {"n": "b", "x": 2}]\n\ttc.x == 1\n}',
    { a: false, b: true },
  ],
  [
    'assigned behind what does not hold: never begun',
    'test_c[n] if {\n\tsome tc in [{"n": "a", "x": 1}, {"n": "b", "x": 2}]\n\ttc.x == 1\n\tn := tc.n\n}',
    { a: false },
  ],
  [
    'within each other',
    'test_c[a][b] if {\n\tsome a in ["x", "y"]\n\tsome b in ["1", "2"]\n\ta == "x"\n}',
    { x: { 1: false, 2: false }, y: { 1: true, 2: true } },
  ],
  [
    'a call',
    'test_c[concat("-", [a, "z"])] if {\n\tsome a in ["x", "y"]\n\ta == "x"\n}',
    { 'x-z': false, 'y-z': true },
  ],
  ['below another name', 'x.test_c[a] if {\n\tsome a in ["x", "y"]\n\ta == "x"\n}', { x: false, y: true }],
]

const ran = policies(
  tests.map(([, rule]) => ({
    cwd: folderWith({ 'a_test.rego': `package a_test\n\n${rule}\n` }),
    args: ['test', '-f', 'json', '.'],
  })),
)

for (const [index, [what, , wanted]] of tests.entries())
  test(`a case that does not hold fails, its key ${what}`, () => {
    const [found] = JSON.parse(ran[index]?.out ?? '[]')
    assert.deepEqual(failures(found.sub_results), wanted)
    assert.equal(ran[index]?.status, JSON.stringify(wanted).includes('true') ? 2 : 0)
  })

function failures(results: unknown): Wanted {
  return Object.fromEntries(
    Object.entries(Object(results)).map(([key, one]) => {
      const { fail, sub_results: inner } = Object(one)
      return [key, inner === undefined ? fail === true : failures(inner)]
    }),
  )
}

test('two data-driven tests of one name are two tests, and a key that is constant makes no cases', () => {
  const twice = (key: string): string => `test_c[a] if {\n\tsome a in ["y", "${key}"]\n\ta == "${key}"\n}\n`
  const [two, constant] = policies([
    {
      cwd: folderWith({ 'a_test.rego': `package a_test\n\n${twice('x')}\n${twice('z')}` }),
      args: ['test', '-f', 'json', '.'],
    },
    { cwd: folderWith({ 'a_test.rego': 'package a_test\n\ntest_c.foo if true\n' }), args: ['test', '-f', 'json', '.'] },
  ])
  const names = JSON.parse(two?.out ?? '[]').map((one: { name: string }) => one.name)
  assert.deepEqual(names.sort(), ['test_c', 'test_c#01'])
  assert.equal(constant?.status, 2)
})
