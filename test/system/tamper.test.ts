// The tamper matrix with every single byte of a recording and of the log flipped, and every length cut.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tamperMatrix } from '../support/tamper.ts'

test('tamper matrix: every byte flipped and every length cut is found', async (t) => {
  const { changes, missed, redundant } = await tamperMatrix(1)
  t.diagnostic(`${changes} changes, ${changes - missed.length} found, ${redundant} of them without loss`)
  assert.deepEqual(missed, [])
})
