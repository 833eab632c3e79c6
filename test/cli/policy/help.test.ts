// Every command says what its options do, and a failed test says where and on which values.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, policy } from './run-policy.ts'

const commands = [
  'check',
  'fmt',
  'test',
  'eval',
  'build',
  'sign',
  'verify',
  'inspect',
  'bench',
  'capabilities',
  'parse',
  'diff',
  'replay',
  'new',
]
for (const command of commands) {
  test(`policy ${command} --help lists each option with what it does`, () => {
    const { status, out } = policy('.', command, '--help')
    assert.equal(status, 0)
    const lines = out.split('\n').filter((line) => line.startsWith('  '))
    assert.ok(lines.length > 1, out)
    for (const line of lines) assert.match(line, /^ {2}(?:-\w, | {4})--[\w-]+(?: VALUE)? {2,}\S/)
  })
}

const failures: readonly (readonly [string, string, string])[] = [
  [
    'a comment and a line break in the body',
    'test_a if {\n\tx := {"a": 1} # one\n\n\t# about\n\tx.a > 1\n}',
    '  a_test.rego:7:\n    \tx.a > 1\n    \t|\n    \tx.a: 1\n    \tx: {"a": 1}\n',
  ],
  [
    'the last of several solutions',
    'test_a if {\n\tsome x in [1, 2]\n\tx > 2\n}',
    '  a_test.rego:5:\n    \tx > 2\n    \t|\n    \t2\n',
  ],
  [
    'the element of `every` that fails',
    'test_a if {\n\tevery k, v in {"a": 1, "b": 5} {\n\t\tk != ""\n\t\tv < 3\n\t}\n}',
    '  a_test.rego:6:\n    \t\tv < 3\n    \t\t|\n    \t\t5\n',
  ],
  ['a body on the line of its head', 'test_a if 1 == 2', '  a_test.rego:3:\n    1 == 2\n'],
  [
    'a function that has no value',
    'f(x) := 1 if x > 5\n\ntest_a if f(3) == 1',
    '  a_test.rego:5:\n    f(3) == 1\n    |\n    undefined\n',
  ],
]
for (const [what, text, shown] of failures) {
  test(`a failed test shows ${what}`, () => {
    const folder = folderWith({ 'a_test.rego': `package a_test\n\n${text}\n` })
    const { status, out } = policy(folder, 'test', '.')
    assert.equal(status, 2)
    assert.ok(out.includes(`\n\n${shown}`), out)
  })
}
