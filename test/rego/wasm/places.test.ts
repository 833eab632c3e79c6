import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodePlaces, emitModule, meterModule, PLACES_SECTION, placeAt } from '../../../rego/wasm/index.ts'
import { encodePlaces, type PlacedFunction } from '../../../rego/wasm/places.ts'
import { policyOf } from '../../support/modules.ts'

const text = `package t
import rego.v1

allow if {
  some role in input.roles
  data.grants[role][_] == input.verb
}

names := {name |
  some user in input.users
  name := upper(user.name)
}
`
const policy = policyOf(text, ['t/allow', 't/names'])

function placesOf(bytes: Uint8Array): readonly PlacedFunction[] {
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(new Uint8Array(bytes)), PLACES_SECTION)
  assert.ok(section !== undefined)
  return decodePlaces(new Uint8Array(section))
}

test('the places of a module are lines that have a statement, and all of them', () => {
  const rows = new Set<number>()
  for (const { marks } of placesOf(emitModule(policy))) for (const { row } of marks) rows.add(row)
  assert.deepEqual(
    [4, 5, 6, 9, 10, 11].filter((row) => !rows.has(row)),
    [],
  )
  const lines = text.split('\n')
  for (const row of rows) assert.ok(row === 0 || (lines[row - 1] ?? '').trim() !== '', `row ${row}`)
})

test('the same policy gives the same places', () => {
  assert.deepEqual(placesOf(emitModule(policy)), placesOf(emitModule(policyOf(text, ['t/allow', 't/names']))))
})

test('in a metered module every place is at the instruction it was at', () => {
  const bytes = emitModule(policy)
  const { bytes: metered } = meterModule(bytes)
  const [before, after] = [placesOf(bytes), placesOf(metered)]
  assert.equal(after.length, before.length)
  for (const [i, { marks, start, end }] of before.entries()) {
    const moved = after[i]
    assert.equal(metered[(moved?.end ?? 0) - 1], bytes[end - 1])
    assert.ok((moved?.start ?? 0) > start)
    for (const [at, mark] of marks.entries()) {
      const now = moved?.marks[at]
      assert.deepEqual({ ...now, at: 0 }, { ...mark, at: 0 })
      assert.deepEqual(metered.subarray(now?.at ?? 0, (now?.at ?? 0) + 2), bytes.subarray(mark.at, mark.at + 2))
    }
  }
})

const small = fc.integer({ min: 0, max: 300 })
const placed: fc.Arbitrary<readonly PlacedFunction[]> = fc
  .array(
    fc.record({
      gap: small,
      marks: fc.array(fc.record({ step: fc.integer({ min: 1, max: 200 }), file: small, row: small, col: small })),
      tail: fc.integer({ min: 1, max: 100 }),
    }),
  )
  .map((functions) => {
    let last = 0
    return functions.map(({ gap, marks, tail }) => {
      const start = last + gap
      let at = start
      const placedMarks = marks.map(({ step, file, row, col }) => {
        at += step
        return { at, file, row, col }
      })
      last = at + tail
      return { start, end: last, marks: placedMarks }
    })
  })

test('places come back as they were written, and an offset finds the last one before it', () => {
  fc.assert(
    fc.property(placed, (functions) => {
      assert.deepEqual(decodePlaces(encodePlaces(functions)), functions)
      for (const { start, end, marks } of functions) {
        for (const mark of marks) assert.deepEqual(placeAt(functions, mark.at), mark)
        assert.deepEqual(placeAt(functions, start), marks[0])
        assert.deepEqual(placeAt(functions, end - 1), marks.at(-1))
      }
    }),
  )
})

test('an offset that is not of the policy has no place', () => {
  const places = placesOf(emitModule(policy))
  assert.equal(placeAt(places, (places[0]?.start ?? 0) - 1), undefined)
  assert.equal(placeAt(places, places.at(-1)?.end ?? 0), undefined)
  assert.equal(placeAt([], 5), undefined)
})

test('refuses places that are cut off, run on, or lie beyond their function', () => {
  const whole = encodePlaces([{ start: 10, end: 20, marks: [{ at: 12, file: 0, row: 3, col: 1 }] }])
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => decodePlaces(whole.subarray(0, length)), RangeError)
  }
  assert.throws(() => decodePlaces(Uint8Array.of(...whole, 0)), RangeError)
  const beyond = encodePlaces([{ start: 10, end: 20, marks: [{ at: 20, file: 0, row: 3, col: 1 }] }])
  assert.throws(() => decodePlaces(beyond), RangeError)
})
