import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SettledTime } from '../../../proxy/recording/index.ts'

const hourMs = 3_600_000

test('a clock that was set far forward is not believed for a day, and one that is set back is', () => {
  let passedMs = 0
  let setMs = 1_000_000
  const told: number[] = []
  const time = new SettledTime(
    () => setMs + passedMs,
    () => passedMs,
    (byMs) => told.push(byMs),
  )
  const after = (hours: number): boolean => {
    passedMs += hours * hourMs
    return time.isSettled()
  }
  assert.equal(time.isSettled(), true)
  assert.equal(after(500), true)
  setMs += hourMs / 2
  assert.equal(after(1), true)
  setMs += 30 * 24 * hourMs
  assert.equal(after(1), false)
  assert.equal(after(23), false)
  assert.equal(after(1), true)
  setMs += 2 * hourMs
  assert.equal(after(1), false)
  setMs -= 2 * hourMs
  assert.equal(after(1), true)
  assert.deepEqual(told, [30 * 24 * hourMs, 2 * hourMs])
})
