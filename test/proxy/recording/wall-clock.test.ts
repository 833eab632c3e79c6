import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wallClock } from '../../../proxy/recording/wall-clock.ts'

test('the time of day is asked for once a millisecond, and anew where the other clock goes back', () => {
  let wallMs = 5000
  let asked = 0
  const at = wallClock(() => {
    asked++
    return wallMs
  })
  assert.equal(at(10), 5000)
  wallMs = 5001
  assert.deepEqual([at(10.2), at(10.9), asked], [5000, 5000, 1])
  assert.deepEqual([at(11), asked], [5001, 2])
  wallMs = 1000
  assert.deepEqual([at(12.5), asked], [1000, 3])
  wallMs = 7000
  assert.deepEqual([at(3), asked], [7000, 4])
})
