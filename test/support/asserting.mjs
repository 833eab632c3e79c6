// Loaded before every test file: a test that ran and asserted nothing fails, whatever was deleted from it.
import assert from 'node:assert/strict'
import { afterEach, beforeEach } from 'node:test'
import fc from 'fast-check'

let made = 0

for (const name of Object.keys(assert)) {
  const original = assert[name]
  if (typeof original !== 'function' || /^[A-Z]/.test(name)) continue
  assert[name] = (...args) => {
    made++
    return original.apply(assert, args)
  }
}
// A property that ran is an assertion too.
fc.configureGlobal({
  reporter: (details) => {
    made++
    if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance })
  },
})

let before = 0
beforeEach(() => {
  before = made
})
afterEach((context) => {
  if (made === before && !context.signal.aborted) throw new Error(`the test asserts nothing: ${context.name}`)
})
