import assert from 'node:assert/strict'
import { test } from 'node:test'
import { execAction } from '../../../proxy/ssh/actions.ts'

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
