// Times in documents are those of the clock, to the millisecond, whichever way it goes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TimeText } from '../../../proxy/gate/decide.ts'

test('a time is written as the platform writes it, whatever was written before', () => {
  const near = fc.integer({ min: Date.UTC(2026, 10, 21, 23, 59, 58), max: Date.UTC(2026, 10, 22, 0, 0, 2) })
  const far = fc.integer({ min: Date.UTC(1969, 0, 1), max: Date.UTC(12_000, 0, 1) })
  fc.assert(
    fc.property(fc.array(fc.oneof(near, far), { minLength: 1, maxLength: 20 }), (times) => {
      const written = new TimeText()
      for (const ms of times) assert.equal(written.at(ms), new Date(ms).toISOString())
    }),
    { numRuns: 500 },
  )
})

test('a clock that tells no time is an error each time', () => {
  const written = new TimeText()
  assert.equal(written.at(0), '1970-01-01T00:00:00.000Z')
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => written.at(ms), RangeError)
  assert.equal(written.at(999), '1970-01-01T00:00:00.999Z')
})
