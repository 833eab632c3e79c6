// Whatever is done to a recordings folder is found. Here with every thirteenth byte; test/system does it with every one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tamperMatrix } from '../../support/tamper.ts'

test('tamper matrix: flipped bytes and cuts, dropped, doubled and swapped frames and leaves are found', async (t) => {
  const { changes, missed, redundant } = await tamperMatrix(13)
  t.diagnostic(`${changes} changes, ${changes - missed.length} found, ${redundant} of them without loss`)
  assert.ok(changes > 400)
  assert.deepEqual(missed, [])
})
