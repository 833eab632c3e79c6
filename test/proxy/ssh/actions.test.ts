import assert from 'node:assert/strict'
import { test } from 'node:test'
import { environmentAction, execAction } from '../../../proxy/ssh/actions.ts'

test('reads a command once, and another that differs in a letter for itself', () => {
  const first = execAction('cat /etc/hosts')
  assert.equal(execAction('cat /etc/hosts'), first)
  const other = execAction('cat /etc/host')
  assert.notEqual(other, first)
  assert.deepEqual(
    other.shell?.commands.map(({ argv }) => argv),
    [['cat', '/etc/host']],
  )
})

test('forgets commands that were not asked for in a long while, and keeps none that are long', () => {
  const first = execAction('true first')
  for (let index = 0; index < 600; index++) execAction(`true ${index}`)
  const again = execAction('true first')
  assert.notEqual(again, first)
  assert.deepEqual(again, first)
  const long = `echo ${'x'.repeat(2000)}`
  assert.notEqual(execAction(long), execAction(long))
})

test('a language in which shells read lines otherwise is a variable like others', () => {
  const isComplete = (name: string, value: string): boolean => environmentAction(name, value).complete
  for (const value of ['C', 'POSIX', '', 'C.utf8', 'de_DE.UTF-8', 'de_DE.UTF-8@euro'])
    assert.equal(isComplete('LC_ALL', value), true, value)
  // There the bytes of `\u00c3\\` end in a letter, and the backslash is none.
  for (const value of ['ja_JP.SJIS', 'zh_TW.BIG5', 'zh_CN.GBK', 'zh_TW', '/tmp/x.UTF-8/y'])
    assert.equal(isComplete('LC_ALL', value), false, value)
  assert.equal(isComplete('LANGUAGE', 'de:fr'), true)
})
