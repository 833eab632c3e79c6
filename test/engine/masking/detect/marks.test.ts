// Marks beside a plain list of values that does the same one by one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stricterStrategy } from '../../../../engine/decision/index.ts'
import { Marks, markKind, shownMark } from '../../../../engine/masking/detect/marks.ts'

const strategies = ['redact', 'last4', 'first4', 'fixed:x', 'fixed:y', 'null', 'partial']
const kinds = strategies.map((strategy, rule) => markKind([strategy], [rule]))

interface Value {
  readonly start: number
  readonly end: number
  readonly strategies: readonly string[]
  readonly rules: readonly number[]
}

/** A value becomes one with all that share a byte with it. */
function merged(list: readonly Value[], value: Value): readonly Value[] {
  const shares = list.filter(({ start, end }) => start < value.end && value.start < end)
  const whole = shares.reduceRight<Value>(
    (one, other) => ({
      start: Math.min(one.start, other.start),
      end: Math.max(one.end, other.end),
      strategies: [...new Set([...other.strategies, ...one.strategies])],
      rules: [...new Set([...other.rules, ...one.rules])],
    }),
    value,
  )
  const rest = list.filter((one) => !shares.includes(one))
  return [...rest, whole].sort((a, b) => a.start - b.start)
}

/** The strategy that is stricter than every other one; where none is, nothing is shown. */
function strictest(all: readonly string[]): string {
  const [one = 'redact'] = all.filter((each) => all.every((other) => stricterStrategy(other, each) === each))
  return all.every((other) => stricterStrategy(other, one) === one) ? one : 'redact'
}

test('what overlaps becomes one value, and what went out is counted once for every rule', () => {
  const step = fc.record({
    start: fc.nat(400),
    size: fc.integer({ min: 1, max: 30 }),
    kind: fc.nat(strategies.length - 1),
    gone: fc.nat(3),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const marks = new Marks(kinds)
      const counts = strategies.map(() => 0)
      let list: readonly Value[] = []
      let out = 0
      for (const { start: from, size, kind, gone } of steps) {
        const start = Math.max(out, from)
        const end = start + size
        const { rules } = kinds[kind] ?? { rules: [] }
        const at = marks.insert(start, end, kind)
        list = merged(list, { start, end, strategies: [strategies[kind] ?? ''], rules })
        assert.ok((marks.starts[at] ?? 0) <= start && (marks.ends[at] ?? 0) >= end)
        const seen = list.map((_, index) => {
          const { strategy: how = '', rules: own = [] } = marks.all[marks.kinds[index] ?? 0] ?? {}
          return { start: marks.starts[index], end: marks.ends[index], strategy: how, rules: [...own].sort() }
        })
        assert.equal(marks.size, list.length)
        assert.deepEqual(
          seen,
          list.map((one) => ({
            start: one.start,
            end: one.end,
            strategy: strictest(one.strategies),
            rules: [...one.rules].sort(),
          })),
        )
        if (gone > 0) continue
        const [first, ...others] = list
        for (const rule of first?.rules ?? []) counts[rule] = (counts[rule] ?? 0) + 1
        out = first?.end ?? out
        marks.remove(1)
        list = others
      }
      const counted = marks.counts()
      assert.deepEqual(
        counts.map((_, rule) => counted[rule] ?? 0),
        counts,
      )
    }),
    { numRuns: 300 },
  )
})

test('values in order are added as they are one after the other', () => {
  const value = fc.record({ gap: fc.nat(12), size: fc.integer({ min: 1, max: 30 }), kind: fc.nat(kinds.length - 1) })
  const values = fc.array(value, { maxLength: 40 })
  fc.assert(
    fc.property(values, values, fc.nat(60), fc.boolean(), (own, others, open, isEmpty) => {
      const [one, both] = [new Marks(kinds), new Marks(kinds)]
      for (const marks of [one, both]) {
        let at = 0
        for (const { gap, size, kind } of own) {
          at += gap
          marks.insert(at, at + size, kind)
          at += size
        }
        if (open < marks.size) marks.open = open
        // One that goes on may have no byte yet.
        if (open < marks.size && isEmpty) marks.ends[open] = marks.starts[open] ?? 0
      }
      // Runs of base64 overlap the next one at the most, and the same run is there for every kind that is in it.
      const list = new Marks([])
      let [start, end] = [0, 0]
      for (const { gap, size, kind } of others) {
        if (gap > 2) {
          start = Math.max(start + 1, end - 2) + gap - 3
          end = Math.max(end + 1, start + size)
        }
        if (end === 0) end = size
        const at = list.room(1)
        list.starts[at] = start
        list.ends[at] = end
        list.kinds[at] = kind
        one.insert(start, end, kind)
      }
      if (list.size > 0) both.insertInOrder(list)
      assert.deepEqual(shown(both), shown(one))
    }),
    { numRuns: 1_000 },
  )
})

/** Everything that can be seen of marks. */
function shown(marks: Marks): readonly unknown[] {
  const all = Array.from({ length: marks.size }, (_, at) => {
    const { strategy, rules } = marks.all[marks.kinds[at] ?? 0] ?? {}
    return [marks.starts[at], marks.ends[at], strategy, rules]
  })
  return [marks.open, ...all]
}

test('the open value is found again when others come before it or become one with it', () => {
  const marks = new Marks(kinds)
  marks.open = marks.insert(50, 60, 0)
  marks.kinds[marks.open] = shownMark
  marks.insert(10, 20, 1)
  assert.equal(marks.open, 1)
  marks.insert(30, 40, 1)
  assert.equal(marks.open, 2)
  marks.insert(15, 35, 1)
  assert.deepEqual([marks.open, marks.size, marks.starts[0], marks.ends[0]], [1, 2, 10, 40])
  marks.insert(39, 51, 2)
  assert.deepEqual([marks.open, marks.size, marks.starts[0], marks.ends[0]], [0, 1, 10, 60])
  assert.ok(((marks.kinds[0] ?? 0) & shownMark) !== 0)
})
