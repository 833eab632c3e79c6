// The search path as SHOW prints it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitPath } from '../../../proxy/postgres/probe.ts'

const read: readonly (readonly [string, readonly string[]])[] = [
  ['"$user", public', ['$user', 'public']],
  ['public', ['public']],
  ['a,b , "C d"', ['a', 'b', 'C d']],
  ['"with ""quotes"""', ['with "quotes"']],
  ['Folded', ['folded']],
  ['', []],
  ['""', []],
]
for (const [text, wanted] of read) test(`${text} is read`, () => assert.deepEqual(splitPath(text), wanted))

for (const text of ['a,', ',a', '"open', 'a b', 'a,,b'])
  test(`${text} is no path`, () => assert.equal(splitPath(text), undefined))
