// Marks beside a plain list of values that does the same one by one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stricterStrategy } from '../../../../engine/decision/index.ts'
import { Marks, markKind, shownMark } from '../../../../engine/masking/detect/marks.ts'

const strategies = ['redact', 'last4', 'first4', 'fixed:x']
const kinds = strategies.map((strategy, rule) => markKind(strategy, [rule]))

interface Value {
  readonly start: number
  readonly end: number
  readonly strategy: string
  readonly rules: readonly number[]
}

/** A value becomes one with all that share a byte with it. */
function merged(list: readonly Value[], value: Value): readonly Value[] {
  const shares = list.filter(({ start, end }) => start < value.end && value.start < end)
  const whole = shares.reduceRight<Value>(
    (one, other) => ({
      start: Math.min(one.start, other.start),
      end: Math.max(one.end, other.end),
      strategy: stricterStrategy(other.strategy, one.strategy),
      rules: [...new Set([...other.rules, ...one.rules])],
    }),
    value,
  )
  const rest = list.filter((one) => !shares.includes(one))
  return [...rest, whole].sort((a, b) => a.start - b.start)
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
        const { strategy, rules } = kinds[kind] ?? { strategy: '', rules: [] }
        const at = marks.insert(start, end, kind)
        list = merged(list, { start, end, strategy, rules })
        assert.ok((marks.starts[at] ?? 0) <= start && (marks.ends[at] ?? 0) >= end)
        const seen = list.map((_, index) => {
          const { strategy: how = '', rules: own = [] } = marks.all[marks.kinds[index] ?? 0] ?? {}
          return { start: marks.starts[index], end: marks.ends[index], strategy: how, rules: [...own].sort() }
        })
        assert.equal(marks.size, list.length)
        assert.deepEqual(
          seen,
          list.map((one) => ({ ...one, rules: [...one.rules].sort() })),
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
